"""Parcels that people draw, walk or import."""
