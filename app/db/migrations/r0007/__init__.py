"""Tables of energy sites. Frozen."""
