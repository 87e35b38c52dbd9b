"""Parcels that people give: drawn on the map, walked with a phone, or imported from a file."""
