"""Tables of the office. Frozen."""
