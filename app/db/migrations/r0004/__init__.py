"""Tables of alerts. Frozen."""
