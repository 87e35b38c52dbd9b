"""Visits: the week's list to take along, and what two officers saw, sent from a phone."""
