"""The season of a parcel as a curve, beside what its neighbours lead to expect."""
