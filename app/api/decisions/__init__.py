"""Limit changes that wait for a second person, and what was decided."""
