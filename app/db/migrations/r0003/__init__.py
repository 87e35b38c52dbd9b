"""Tables of privacy. Frozen."""
