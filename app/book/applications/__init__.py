"""What farmers apply for: drafted, submitted, looked at by another person, granted and drawn."""
