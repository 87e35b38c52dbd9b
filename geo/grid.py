"""The processing grid: UTM zones, cut into tiles of 1024 x 1024 px at 10 m snapped to the zone's origin."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from affine import Affine
from odc.geo.geobox import GeoBox

from geo.bands import RESOLUTION_M
from geo.errors import InputError

TILE_PX: Final = 1024
TILE_M: Final = TILE_PX * RESOLUTION_M

_NAME = re.compile(r"^(32[67]\d{2})_(-?\d+)_(-?\d+)$")

Bounds: TypeAlias = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, order=True)
class TileKey:
    """One processing tile.

    Attributes:
        epsg: UTM zone.
        x: column counted from easting 0.
        y: row counted from northing 0, upwards.
    """

    epsg: int
    x: int
    y: int

    @property
    def name(self) -> str:
        """Text form, "32631_56_549"."""
        return f"{self.epsg}_{self.x}_{self.y}"

    @property
    def bounds(self) -> Bounds:
        """(left, bottom, right, top), metres in the tile's zone."""
        return (
            float(self.x * TILE_M),
            float(self.y * TILE_M),
            float((self.x + 1) * TILE_M),
            float((self.y + 1) * TILE_M),
        )


def parse_tile(name: str) -> TileKey:
    """Tile from its name; InputError when it is not zone_x_y."""
    match = _NAME.match(name)
    if match is None:
        raise InputError("TILE_NAME", f"{name!r} is not a tile.", "A tile is named 32631_56_549.")
    return TileKey(int(match[1]), int(match[2]), int(match[3]))


def tiles_over(bounds: Bounds, epsg: int) -> Iterator[TileKey]:
    """Tiles that share some area with a box given in metres of the zone, row by row from the south."""
    left, bottom, right, top = bounds
    for y in range(math.floor(bottom / TILE_M), math.ceil(top / TILE_M)):
        for x in range(math.floor(left / TILE_M), math.ceil(right / TILE_M)):
            yield TileKey(epsg, x, y)


def snapped_geobox(bounds: Bounds, epsg: int, step_px: int = 1) -> GeoBox:
    """Smallest 10 m grid that covers a box given in metres of the zone.

    Its edges lie on multiples of `step_px` pixels from the zone's origin.
    """
    step_m = step_px * RESOLUTION_M
    left = math.floor(bounds[0] / step_m) * step_px
    bottom = math.floor(bounds[1] / step_m) * step_px
    right = math.ceil(bounds[2] / step_m) * step_px
    top = math.ceil(bounds[3] / step_m) * step_px
    affine = Affine(RESOLUTION_M, 0, left * RESOLUTION_M, 0, -RESOLUTION_M, top * RESOLUTION_M)
    return GeoBox((top - bottom, right - left), affine, f"EPSG:{epsg}")


def intersect(a: Bounds, b: Bounds) -> Bounds | None:
    """Common part of two boxes, None when they share no area."""
    left, bottom = max(a[0], b[0]), max(a[1], b[1])
    right, top = min(a[2], b[2]), min(a[3], b[3])
    return (left, bottom, right, top) if left < right and bottom < top else None


def grow(bounds: Bounds, margin_m: float) -> Bounds:
    """A box with a margin on every side."""
    return (bounds[0] - margin_m, bounds[1] - margin_m, bounds[2] + margin_m, bounds[3] + margin_m)


def union(a: Bounds, b: Bounds) -> Bounds:
    """Smallest box that holds two boxes."""
    return (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3]))
