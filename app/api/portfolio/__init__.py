"""The portfolio over the service: sums of the book, and files of them and of the rows behind."""
