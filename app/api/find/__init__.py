"""Finding one's way on the map of a book: places by what people type, what lies in view, and what filters leave."""
