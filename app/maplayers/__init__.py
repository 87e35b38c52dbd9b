"""Parcels for a map of the whole book: outlines as vector tiles made once, and small columns that colour them."""
