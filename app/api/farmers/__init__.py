"""Farmers and facilities as the office shows them: what the book knows, and what it does not."""
