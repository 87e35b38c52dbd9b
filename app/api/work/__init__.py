"""Work that was handed to the queue, as who asked for it sees it."""
