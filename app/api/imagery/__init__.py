"""Imagery of the runs that a person may see: pictures of a season, and of each clear date."""
