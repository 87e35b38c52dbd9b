"""What one more clear image, a visit or a paper would change of a limit, and by how much."""
