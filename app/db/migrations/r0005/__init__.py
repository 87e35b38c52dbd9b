"""Tables of access. Frozen."""
