"""Sentinel-2 L2A products in the SAFE format, converted once into COGs."""

from tiles.sources.safe.folder import SafeFolder

__all__ = ["SafeFolder"]
