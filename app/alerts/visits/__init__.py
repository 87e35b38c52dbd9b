"""Visits: the draw of a week, what two officers saw, photos, and what visits tell of the rules."""
