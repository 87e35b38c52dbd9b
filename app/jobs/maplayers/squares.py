"""The squares of Web Mercator that a run's imagery lies on.

Rasters begin and end on squares that are borders at their coarsest level too: then every block of every level is a
square of the map, and a server hands it out as it lies.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from odc.geo.geobox import GeoBox
from rasterio.transform import from_origin
from rasterio.warp import transform_bounds
from rasterio.windows import Window

from app.maplayers.dated import BLOCK_PX, DATED_ZOOM
from geo.grid import Bounds

MERCATOR: Final = "EPSG:3857"
#: Half of the earth's girth in Web Mercator, m.
_HALF_M: Final = math.pi * 6_378_137.0
_SQUARE_M: Final = 2 * _HALF_M / 2**DATED_ZOOM
_PIXEL_M: Final = _SQUARE_M / BLOCK_PX
#: Levels that are kept at most besides the full one; from farther away a square is drawn.
_MOST_LEVELS: Final = 3
_DENSIFY: Final = 21


@dataclass(frozen=True, slots=True)
class Squares:
    """A rectangle of squares.

    Attributes:
        column: westernmost square at DATED_ZOOM.
        row: northernmost square.
        columns: how many from west to east.
        rows: how many from north to south.
        levels: coarser levels, each of half the resolution, whose blocks are squares too.
    """

    column: int
    row: int
    columns: int
    rows: int
    levels: int

    @property
    def profile(self) -> dict[str, object]:
        """Size and place for a raster."""
        left, top = self.column * _SQUARE_M - _HALF_M, _HALF_M - self.row * _SQUARE_M
        return {
            "height": self.rows * BLOCK_PX,
            "width": self.columns * BLOCK_PX,
            "crs": MERCATOR,
            "transform": from_origin(left, top, _PIXEL_M, _PIXEL_M),
        }

    def window(self, grid: GeoBox) -> Window:
        """Whole pixels that another grid touches."""
        left, bottom, right, top = _in_mercator(grid)
        west, north = self.column * _SQUARE_M - _HALF_M, _HALF_M - self.row * _SQUARE_M
        first, last = math.floor((left - west) / _PIXEL_M), math.ceil((right - west) / _PIXEL_M)
        upper, lower = math.floor((north - top) / _PIXEL_M), math.ceil((north - bottom) / _PIXEL_M)
        return Window(first, upper, last - first, lower - upper)


def squares_over(grids: Iterable[GeoBox]) -> Squares:
    """The squares that grids of any zone touch, filled up to borders of the coarsest level."""
    boxes = [_in_mercator(grid) for grid in grids]
    first = math.floor((min(box[0] for box in boxes) + _HALF_M) / _SQUARE_M)
    last = math.ceil((max(box[2] for box in boxes) + _HALF_M) / _SQUARE_M)
    upper = math.floor((_HALF_M - max(box[3] for box in boxes)) / _SQUARE_M)
    lower = math.ceil((_HALF_M - min(box[1] for box in boxes)) / _SQUARE_M)
    levels = min(_MOST_LEVELS, math.ceil(math.log2(max(last - first, lower - upper))))
    step = 2**levels
    column, row = first // step * step, upper // step * step
    return Squares(column, row, -(-last // step) * step - column, -(-lower // step) * step - row, levels)


def _in_mercator(grid: GeoBox) -> Bounds:
    left, bottom, right, top = transform_bounds(str(grid.crs), MERCATOR, *grid.boundingbox.bbox, densify_pts=_DENSIFY)
    return left, bottom, right, top
