"""Parcels of everything that a person reaches: outlines as vector tiles, and columns of bytes that colour them."""
