"""Pixels of many parcels as one list: sums by parcel, and which pixels lie beside each other. No loop over pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pixels:
    """Interior pixels of n parcels on one grid.

    Attributes:
        parcel: (p,) parcel of each pixel, 0 to n-1, ascending.
        row: (p,) on the grid.
        column: (p,) on the grid.
        membership: (n, p) ones where a pixel is a parcel's.
        pairs: (2, e) positions of pixels of one parcel that share an edge, each pair once.
    """

    parcel: Ints
    row: Ints
    column: Ints
    membership: csr_array
    pairs: Ints

    @classmethod
    def of(cls, parcel: Ints, row: Ints, column: Ints, n: int) -> Self:
        """Pixels in any order, brought into the order of parcels, rows and columns.

        Args:
            parcel: (p,) 0 to n-1.
            row: (p,).
            column: (p,).
            n: how many parcels.
        """
        order = np.lexsort((column, row, parcel))
        parcel, row, column = parcel[order], row[order], column[order]
        bounds = np.concatenate([[0], np.cumsum(np.bincount(parcel, minlength=n))])
        membership = csr_array((np.ones(len(parcel)), np.arange(len(parcel)), bounds), shape=(n, len(parcel)))
        return cls(parcel, row, column, membership, _pairs(parcel, row, column))

    @property
    def count(self) -> Floats:
        """(n,) pixels of each parcel."""
        return np.asarray(self.membership.sum(axis=1), dtype=np.float64)

    def total(self, values: npt.NDArray[np.generic]) -> Floats:
        """(n, ...) sums by parcel of (p, ...) finite values."""
        total: Floats = np.asarray(self.membership @ values.astype(np.float64), dtype=np.float64)
        return total

    def mean(self, values: npt.NDArray[np.generic], among: Flags) -> Floats:
        """(n, ...) means by parcel of the values (p, ...) that count; NaN where none does."""
        total = self.total(np.where(among, values, 0.0))
        count = self.total(among)
        mean: Floats = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
        return mean

    def pairs_of(self, counted: Flags) -> Floats:
        """(n,) pairs of each parcel that count; counted (e,)."""
        found: Floats = np.bincount(self.parcel[self.pairs[0]], counted, len(self.count)).astype(np.float64)
        return found


def _pairs(parcel: Ints, row: Ints, column: Ints) -> Ints:
    if not len(parcel):
        return np.zeros((2, 0), dtype=np.int64)
    wide, tall = int(column.max()) + 2, int(row.max()) + 2
    key = (parcel * tall + row) * wide + column
    found = []
    for step in (1, wide):  # the pixel to the right, the pixel below
        at = np.minimum(np.searchsorted(key, key + step), len(key) - 1)
        there = np.flatnonzero(key[at] == key + step)
        found.append(np.stack([there, at[there]]))
    return np.concatenate(found, axis=1)
