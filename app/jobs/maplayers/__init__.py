"""Imagery of a finished run by date, as rasters that a map draws from."""
