"""Files that the office answers from, reached by name only: runs, the book, papers and uploads."""
