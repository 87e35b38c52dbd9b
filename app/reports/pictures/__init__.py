"""Pictures of letters: the ground from above and the curve of its greenness, as SVG."""
