"""Sentinel-2 bands and Sentinel-1 channels used throughout, each in one fixed order."""

from __future__ import annotations

from typing import Final

#: The ten 10 m and 20 m bands, in the order of every array axis called "band".
BANDS: Final = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12")

#: Polarisations of Sentinel-1, in the order of every array axis of radar channels.
RADAR_CHANNELS: Final = ("VV", "VH")

#: Scene classification layer of Sen2Cor (uint8 classes 0 to 11).
SCL: Final = "SCL"

#: Resolution of the processing grid.
RESOLUTION_M: Final = 10


def band_index(name: str) -> int:
    """Position of a band on the band axis; ValueError for an unknown name."""
    return BANDS.index(name)
