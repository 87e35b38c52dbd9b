"""The book refreshed as of a day: facts, what is decided again, proposals and batches."""
