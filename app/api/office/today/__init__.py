"""Today: what is overdue, what ends soon, what waits for a second person, and where to go."""
