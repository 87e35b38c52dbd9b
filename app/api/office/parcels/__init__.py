"""One parcel: its file, as the book and the newest run know it."""
