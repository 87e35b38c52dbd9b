"""Abrupt losses: of grass against itself, of annual crops against neighbours, and how well they agree with events."""
