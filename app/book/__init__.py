"""The book: proposals, decisions, people, chain."""
