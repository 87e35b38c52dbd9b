"""Blocks of a run that can be judged one by one: parcels of one crop that lie together, and their neighbours around.

What a rule says of a parcel rests on its neighbours, and how many of them show the same on theirs. A block carries both
rings, so that every finding of its own parcels is the one that the whole run at once would give.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]

#: Rings of neighbours: what is said of a block's neighbours rests on theirs.
RINGS: Final = 2

#: Bits of a coordinate on the curve that orders parcels: some metres in a country.
_BITS: Final = 16


@dataclass(frozen=True, slots=True)
class Surrounded:
    """A block and the rings around it.

    Attributes:
        rows: (m,) positions in the run: the block's own parcels first.
        own: how many are the block's own.
        neighbours: (m, k) positions within `rows`, -1 for none or for one outside the last ring.
    """

    rows: Ints
    own: int
    neighbours: Ints

    @classmethod
    def around(cls, block: Ints, neighbours: Places) -> Surrounded:
        """A block with its rings.

        Args:
            block: (b,) positions in the run.
            neighbours: (n, k) of the whole run, -1 for none.
        """
        within = np.full(len(neighbours) + 1, -1, dtype=np.int64)
        within[block] = np.arange(len(block))
        rows, ring = block, block
        for _ in range(RINGS):
            near = np.unique(neighbours[ring])
            ring = near[(near >= 0) & (within[near] < 0)].astype(np.int64)
            within[ring] = len(rows) + np.arange(len(ring))
            rows = np.concatenate([rows, ring])
        return cls(rows, len(block), within[neighbours[rows]])


def blocks_of(points: Floats, kind: Ints, most: int) -> tuple[Ints, ...]:
    """Positions of all parcels in blocks of `most` at most; parcels of one kind that lie together share one.

    Args:
        points: (n, 2) metres; NaN where unknown.
        kind: (n,) crop, -1 for none.
        most: parcels in a block.
    """
    order = np.lexsort((_along_curve(points), kind)).astype(np.int64)
    count = max(1, -(-len(order) // most))
    return tuple(np.sort(part) for part in np.array_split(order, count) if len(part))


def _along_curve(points: Floats) -> npt.NDArray[np.uint64]:
    """(n,) place on a Z-shaped curve (Morton 1966), on which near places mostly are near in the plane."""
    known: npt.NDArray[np.bool_] = np.asarray(np.isfinite(points).all(axis=1))
    if not known.any():
        return np.zeros(len(points), dtype=np.uint64)
    low, high = points[known].min(axis=0), points[known].max(axis=0)
    span = max(float((high - low).max()), 1.0)
    cell = np.where(known[:, None], (points - low) / span, 0.0) * (2**_BITS - 1)
    east, north = (_spread(cell[:, axis].astype(np.uint64)) for axis in (0, 1))
    return east | (north << np.uint64(1))


def _spread(number: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Bits of a number with a gap after each."""
    for shift, mask in ((16, 0x0000FFFF0000FFFF), (8, 0x00FF00FF00FF00FF), (4, 0x0F0F0F0F0F0F0F0F)):
        number = (number | (number << np.uint64(shift))) & np.uint64(mask)
    for shift, mask in ((2, 0x3333333333333333), (1, 0x5555555555555555)):
        number = (number | (number << np.uint64(shift))) & np.uint64(mask)
    return number
