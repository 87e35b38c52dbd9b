"""Coordinates of Chinese web maps (GCJ-02, BD-09) brought back to WGS 84, where somebody says that they are shifted.

No file states these datums, and no pixel tells them: they are used only where the user says so. The published
approximation of the shift (as in eviltransform and coordtransform) is inverted by iteration; it agrees with itself to
well below a metre. Outside China the maps are not shifted, and nothing is changed.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from geo.errors import InputError

Degrees = npt.NDArray[np.float64]

#: Krasovsky 1940, which the shift is written in.
_A_M: Final = 6_378_245.0
_E2: Final = 0.00669342162296594323
#: Where maps are shifted: west, south, east, north.
_CHINA: Final = (72.004, 0.8293, 137.8347, 55.8271)
_ROUNDS: Final = 8
_BD_TURN: Final = np.pi * 3000.0 / 180.0


class Shifted(StrEnum):
    """A shifted datum."""

    GCJ02 = "gcj02"
    BD09 = "bd09"


def to_wgs84(frame: gpd.GeoDataFrame, datum: Shifted) -> gpd.GeoDataFrame:
    """Features whose coordinates are of a shifted datum, in EPSG:4326.

    Args:
        frame: with a geographic reference system, since the shift is one of degrees.
        datum: what the user states.

    Raises:
        InputError: the coordinates are metres of a projection.
    """
    if frame.crs is None or not frame.crs.is_geographic:
        said = "Coordinates of a web map are degrees; the file is projected."
        raise InputError("DATUM_PROJECTED", said, "State the datum of the file itself.")

    def back(xy: Degrees) -> Degrees:
        lon, lat = unshifted(xy[:, 0], xy[:, 1], datum)
        return np.column_stack([lon, lat])

    shapes = shapely.transform(np.asarray(frame.geometry.array, dtype=object), back)
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=4326))


def unshifted(lon: Degrees, lat: Degrees, datum: Shifted) -> tuple[Degrees, Degrees]:
    """WGS 84 of shifted positions, degrees of shape (n,)."""
    if datum is Shifted.BD09:
        lon, lat = _gcj_of_bd(lon, lat)
    at_lon, at_lat = lon.copy(), lat.copy()
    for _ in range(_ROUNDS):
        said_lon, said_lat = shifted(at_lon, at_lat)
        at_lon, at_lat = at_lon - (said_lon - lon), at_lat - (said_lat - lat)
    return at_lon, at_lat


def shifted(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """GCJ-02 of WGS 84 positions, degrees of shape (n,); outside China the same."""
    east, north = _offsets_m(lon - 105.0, lat - 35.0)
    phi = np.radians(lat)
    magic = 1 - _E2 * np.sin(phi) ** 2
    by_lat = north * 180 / (_A_M * (1 - _E2) / (magic * np.sqrt(magic)) * np.pi)
    by_lon = east * 180 / (_A_M / np.sqrt(magic) * np.cos(phi) * np.pi)
    west, south, east_end, north_end = _CHINA
    inside = (lon >= west) & (lon <= east_end) & (lat >= south) & (lat <= north_end)
    return np.where(inside, lon + by_lon, lon), np.where(inside, lat + by_lat, lat)


def _offsets_m(x: Degrees, y: Degrees) -> tuple[Degrees, Degrees]:
    waves = (20 * np.sin(6 * x * np.pi) + 20 * np.sin(2 * x * np.pi)) * 2 / 3
    root = np.sqrt(np.abs(x))
    north = -100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * root + waves
    north += (20 * np.sin(y * np.pi) + 40 * np.sin(y / 3 * np.pi)) * 2 / 3
    north += (160 * np.sin(y / 12 * np.pi) + 320 * np.sin(y * np.pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * root + waves
    east += (20 * np.sin(x * np.pi) + 40 * np.sin(x / 3 * np.pi)) * 2 / 3
    east += (150 * np.sin(x / 12 * np.pi) + 300 * np.sin(x / 30 * np.pi)) * 2 / 3
    return east, north


def _gcj_of_bd(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    x, y = lon - 0.0065, lat - 0.006
    z = np.hypot(x, y) - 0.00002 * np.sin(y * _BD_TURN)
    theta = np.arctan2(y, x) - 0.000003 * np.cos(x * _BD_TURN)
    return z * np.cos(theta), z * np.sin(theta)
