"""Core loan files taken into the book, positions, and reconciliation."""
