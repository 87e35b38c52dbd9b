"""A whole book from afar: a small grid of cells, each coloured by the parcels whose middle lies in it.

From afar a parcel is less than a pixel, and its outline costs as much as near by. Tiles that drop the smallest parcels
would hide what befell them; a cell shows the highest alert of all its parcels, or what most of them are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from app.maplayers.facts import MOST, NEW_LIMIT, UNKNOWN, Bytes, Fact
from app.maplayers.parcelset import ParcelSet

Numbers: TypeAlias = npt.NDArray[np.int64]

#: Most cells along a side: 64 KiB at most, before it is compressed.
SIDE: Final = 256
#: Smaller cells show nothing that outlines do not show better (76 m at the equator).
_DEEPEST: Final = 19
_VALUES: Final = 256
#: Latitude where the square of Web Mercator ends, degrees.
_EDGE: Final = 85.05112878


@dataclass(frozen=True, slots=True)
class Overview:
    """Cells over a set: squares of the Web Mercator grid at one zoom.

    Attributes:
        zoom: of the grid.
        column: of the westernmost cells.
        row: of the northernmost cells.
        width: cells from west to east.
        height: cells from north to south.
        cell_of: cell of every parcel, row by row from the north-west; -1 for parcels without an outline.
    """

    zoom: int
    column: int
    row: int
    width: int
    height: int
    cell_of: Numbers

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of all cells, degrees (WGS 84)."""
        west, north = _degrees(self.column, self.row, self.zoom)
        east, south = _degrees(self.column + self.width, self.row + self.height, self.zoom)
        return west, south, east, north

    def cells(self, fact: Fact, column: Bytes) -> Bytes:
        """A fact by cell, shape (height, width), UNKNOWN where no parcel of a cell is known.

        Args:
            fact: alerts give their highest level, numbers their mean, others what is most frequent.
            column: the fact by parcel (app.maplayers.facts).
        """
        known = (self.cell_of >= 0) & (column != UNKNOWN)
        cells = np.full(self.height * self.width, UNKNOWN, dtype=np.uint8)
        _FOLDS[fact](cells, self.cell_of[known], column[known])
        return cells.reshape(self.height, self.width)


def overview_of(parcels: ParcelSet) -> Overview | None:
    """Cells as small as SIDE allows; None where no parcel has an outline."""
    if not parcels.drawn.any():
        return None
    middles = (parcels.boxes[:, :2] + parcels.boxes[:, 2:]) / 2
    east, south = _mercator(middles[parcels.drawn])
    zoom = _zoom(east, south)
    columns, rows = (np.floor(place * 2**zoom).astype(np.int64) for place in (east, south))
    column, row = int(columns.min()), int(rows.min())
    width, height = int(columns.max()) - column + 1, int(rows.max()) - row + 1
    cell_of = np.full(len(parcels), -1, dtype=np.int64)
    cell_of[parcels.drawn] = (rows - row) * width + (columns - column)
    return Overview(zoom, column, row, width, height, cell_of)


def _mercator(points: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Longitude and latitude as shares of the Web Mercator square from its north-west corner."""
    latitude = np.radians(np.clip(points[:, 1], -_EDGE, _EDGE))
    return (points[:, 0] + 180) / 360, (1 - np.arcsinh(np.tan(latitude)) / np.pi) / 2


def _degrees(column: int, row: int, zoom: int) -> tuple[float, float]:
    """Longitude and latitude of a cell's north-west corner."""
    east, south = column / 2**zoom, row / 2**zoom
    return east * 360 - 180, math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * south))))


def _zoom(east: npt.NDArray[np.float64], south: npt.NDArray[np.float64]) -> int:
    for zoom in range(_DEEPEST, 0, -1):
        spans = (np.ptp(np.floor(place * 2**zoom)) for place in (east, south))
        if max(spans) < SIDE:
            return zoom
    return 0


def _highest(cells: Bytes, cell_of: Numbers, values: Bytes) -> None:
    order = np.argsort(values, kind="stable")
    cells[cell_of[order]] = values[order]


def _mean(cells: Bytes, cell_of: Numbers, values: Bytes) -> None:
    counts = np.bincount(cell_of, minlength=len(cells))
    sums = np.bincount(cell_of, weights=values, minlength=len(cells))
    met = counts > 0
    cells[met] = np.rint(sums[met] / counts[met]).astype(np.uint8)


def _mean_change(cells: Bytes, cell_of: Numbers, values: Bytes) -> None:
    """New limits are no percentage: a cell shows one only where it has nothing else."""
    cells[cell_of] = NEW_LIMIT
    changed = values <= MOST
    _mean(cells, cell_of[changed], values[changed])


def _most_frequent(cells: Bytes, cell_of: Numbers, values: Bytes) -> None:
    """Of equally frequent values the lowest."""
    pairs, counts = np.unique(cell_of * _VALUES + values, return_counts=True)
    order = np.lexsort((-pairs, counts))
    cells[pairs[order] // _VALUES] = (pairs[order] % _VALUES).astype(np.uint8)


_FOLDS: Final[Mapping[Fact, Callable[[Bytes, Numbers, Bytes], None]]] = {
    Fact.ALERT: _highest,
    Fact.CROP: _most_frequent,
    Fact.STATUS: _most_frequent,
    Fact.VIGOUR: _mean,
    Fact.LIMIT: _mean_change,
}
