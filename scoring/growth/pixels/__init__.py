"""What the pixels within a parcel show: two crops, and building."""
