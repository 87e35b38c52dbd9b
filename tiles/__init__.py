"""Imagery in: sources, reflectance, clear pixels, season cubes and their store.

"Tiles" are processing tiles of imagery (1024 px at 10 m), never map tiles.
"""
