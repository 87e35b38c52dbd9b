"""Sentinel-1 backscatter: which scenes are usable, speckle, cubes on the optical grid, ten-day steps."""
