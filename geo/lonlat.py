"""Boxes in degrees on WGS 84: (west, south, east, north), where west > east says that the box crosses 180 degrees."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import numpy as np
from pyproj import Transformer

if TYPE_CHECKING:
    from geo.grid import Bounds


_TURN: Final = 360.0
_HALF: Final = 180.0


def pieces(bounds: Bounds) -> tuple[Bounds, ...]:
    """The same area as one box, or as two where it crosses 180 degrees; each with west <= east."""
    west, south, east, north = bounds
    if west <= east:
        return (bounds,)
    return (west, south, _HALF, north), (-_HALF, south, east, north)


def meet(one: Bounds, other: Bounds) -> bool:
    """Whether two boxes share a point; the meridians 180 and -180 are the same one."""
    if one[1] > other[3] or other[1] > one[3]:
        return False
    return _within(one[0], other) or _within(other[0], one)


def _within(lon: float, box: Bounds) -> bool:
    return (lon - box[0]) % _TURN <= width(box)


def width(bounds: Bounds) -> float:
    """Degrees from west to east, 0 to 360."""
    west, _, east, _ = bounds
    return east - west if west <= east else east - west + _TURN


def middle_lon(bounds: Bounds) -> float:
    """Longitude half-way from west to east, -180 to 180."""
    return wrapped(bounds[0] + width(bounds) / 2)


def wrapped(lon: float) -> float:
    """A longitude within -180 to 180; both ends stay as they are."""
    return lon if -_HALF <= lon <= _HALF else (lon + _HALF) % _TURN - _HALF


def around_points(lons: Iterable[float], lats: Iterable[float]) -> Bounds:
    """Smallest box that holds points: it leaves out the widest gap between neighbouring longitudes.

    Args:
        lons: degrees, at least one, finite; 181 is the same as -179.
        lats: degrees, at least one, finite.
    """
    north_south = np.fromiter(lats, dtype=np.float64)
    given = np.fromiter(lons, dtype=np.float64)
    order = np.argsort(given % _TURN, kind="stable")
    turned = (given % _TURN)[order]
    gaps = np.diff(turned, append=turned[0] + _TURN)
    last = int(np.argmax(gaps))
    first = (last + 1) % len(order)
    west, east = given[order[first]], given[order[last]]
    east = west if turned[first] == turned[last] else east  # one meridian, be it written 180 or -180
    return wrapped(float(west)), float(north_south.min()), wrapped(float(east)), float(north_south.max())


def lonlat_of(bounds_m: Bounds, epsg: int) -> Bounds:
    """Box in degrees around a box in metres of a UTM zone, curved edges included."""
    west, south, east, north = _transformer(epsg, 4326).transform_bounds(*bounds_m)
    return west, south, east, north


def metres_of(bounds: Bounds, epsg: int) -> Bounds:
    """Box in metres of a UTM zone around a box in degrees near that zone, curved edges included."""
    west, south, _, north = bounds
    left, bottom, right, top = _transformer(4326, epsg).transform_bounds(west, south, west + width(bounds), north)
    return left, bottom, right, top


def _transformer(source: int, target: int) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)
