"""The area of a request: the box around a parcel book or a box in degrees, and the whole tiles that it needs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product
from typing import Final

import geopandas as gpd
import numpy as np
from shapely import box

from geo.errors import InputError
from geo.grid import Bounds, TileKey, tiles_over
from geo.lonlat import around_points, pieces
from geo.utm import utm_epsg

_ZONE_DEGREES: Final = 6
_STEP_DEGREES: Final = 0.05
_HALF_TURN: Final = 180
_UTM_LATITUDES: Final = (-80.0, 84.0)
_LATITUDES: Final = (-90.0, 90.0)


def require_one_area(parcels: object | None, bbox: object | None) -> None:
    """InputError unless exactly one of the two is given."""
    if (parcels is None) == (bbox is None):
        raise InputError("AREA", "An area is named by --parcels or by --bbox.", "Give one of the two.")


def require_box(bounds: Bounds, latitudes: tuple[float, float] = _LATITUDES) -> None:
    """InputError unless (west, south, east, north) is a box within latitudes; west > east crosses the antimeridian."""
    west, south, east, north = bounds
    lowest, highest = latitudes
    if not (lowest <= south < north <= highest and max(abs(west), abs(east)) <= _HALF_TURN and west != east):
        raise InputError(
            "BOX", f"{','.join(f'{edge:g}' for edge in bounds)} is not a box.", "Give --bbox WEST,SOUTH,EAST,NORTH."
        )


def lonlat_bounds(frame: gpd.GeoDataFrame) -> Bounds:
    """Smallest box around all valid parcels, degrees, west > east across 180; InputError when there is none."""
    _require_outline(frame)
    edges = frame.geometry[frame.valid].explode().bounds  # parts: an outline cut at 180 degrees is no strip
    return around_points([*edges.minx, *edges.maxx], [*edges.miny, *edges.maxy])


def tiles_of_parcels(frame: gpd.GeoDataFrame) -> tuple[TileKey, ...]:
    """Tiles that valid parcels touch, each parcel in the zone of its centre, sorted; InputError when there is none.

    Args:
        frame: geo.parcels.ParcelBook.frame.
    """
    _require_outline(frame)
    found: set[TileKey] = set()
    for epsg in sorted(set(frame.epsg[frame.valid])):
        shapes = frame.geometry[frame.valid & (frame.epsg == epsg)].to_crs(int(epsg))
        found.update(_touched(shapes, int(epsg)))
    return tuple(sorted(found))


def tiles_of_box(bounds: Bounds) -> tuple[TileKey, ...]:
    """Tiles that share some area with a box, in every zone that it reaches, sorted.

    Args:
        bounds: (west, south, east, north), degrees on WGS 84; west > east crosses the antimeridian.

    Raises:
        InputError: the box is empty or reaches beyond the UTM zones.
    """
    require_box(bounds, _UTM_LATITUDES)
    found: set[TileKey] = set()
    for strip, epsg in _strips(bounds):
        outline = gpd.GeoSeries([box(*strip)], crs=4326).segmentize(_STEP_DEGREES).to_crs(epsg)
        found.update(_touched(outline, epsg))
    return tuple(sorted(found))


def _require_outline(frame: gpd.GeoDataFrame) -> None:
    if not frame.valid.any():
        raise InputError(
            "NO_VALID_PARCEL", "No parcel has a usable outline.", "See the repair report, mend the file, run again."
        )


def _strips(bounds: Bounds) -> Iterator[tuple[Bounds, int]]:
    """A box cut along the borders of zones and at the equator, each part with its zone."""
    for west, south, east, north in pieces(bounds):
        cuts = np.arange(-_HALF_TURN, _HALF_TURN + 1, _ZONE_DEGREES)
        lons = [west, *cuts[(cuts > west) & (cuts < east)].tolist(), east]
        lats = [south, 0.0, north] if south < 0 < north else [south, north]
        for (left, right), (bottom, top) in product(pairwise(lons), pairwise(lats)):
            yield (left, bottom, right, top), utm_epsg((left + right) / 2, (bottom + top) / 2)


def _touched(shapes: gpd.GeoSeries, epsg: int) -> Iterator[TileKey]:
    left, bottom, right, top = shapes.total_bounds
    for key in tiles_over((left, bottom, right, top), epsg):
        if shapes.sindex.query(box(*key.bounds), predicate="intersects").size:
            yield key
