"""People of the bank, what they may decide, and what was decided."""
