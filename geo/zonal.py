"""The zonal engine: weights once, then a matrix product per date and band.

Sums are kept, not means: a parcel that crosses grids adds its sums, and only then divides.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from geo.coverage import Coverage

Floats: TypeAlias = npt.NDArray[np.float64]

#: Below this share of covered pixels it pays to gather them before each product.
_DENSE: Final = 0.5


@dataclass(frozen=True, slots=True)
class ZonalSums:
    """Weighted sums of n parcels over t dates and b bands, on one grid or several. Sums of disjoint grids add up.

    Attributes:
        area: shape (n,), pixels.
        clear: shape (t, n), clear pixels.
        total: shape (t, b, n), sum of weight x value over clear pixels.
        squares: shape (t, b, n), sum of weight x value squared over clear pixels; NaN where not asked for.
    """

    area: Floats
    clear: Floats
    total: Floats
    squares: Floats

    def __add__(self, other: ZonalSums) -> ZonalSums:
        return ZonalSums(
            self.area + other.area,
            self.clear + other.clear,
            self.total + other.total,
            self.squares + other.squares,
        )

    def mean(self) -> Floats:
        """Shape (t, b, n), weighted means; NaN where nothing was clear."""
        return self.total / self._clear_or_nan()

    def std(self) -> Floats:
        """Shape (t, b, n), weighted population standard deviations; NaN where nothing was clear."""
        mean = self.mean()
        # Rounding may leave a constant parcel a hair below zero.
        return np.sqrt(np.maximum(self.squares / self._clear_or_nan() - mean * mean, 0.0))

    def clear_share(self) -> Floats:
        """Shape (t, n), share of the parcel's area that was clear, 0 to 1; NaN where a parcel has no area."""
        return np.clip(self.clear / np.where(self.area > 0, self.area, np.nan), 0.0, 1.0)

    def _clear_or_nan(self) -> Floats:
        return np.where(self.clear > 0, self.clear, np.nan)[:, np.newaxis, :]


def zonal_sums(
    coverage: Coverage,
    values: npt.NDArray[np.floating[Any]],
    clear: npt.NDArray[np.bool_],
    *,
    squares: bool = True,
    threads: int = 1,
) -> ZonalSums:
    """Weighted sums of every parcel, date and band, in double precision.

    A pixel counts on a date only where it is clear and all its bands are finite. The result does not depend on the
    number of threads.

    Args:
        coverage: weights of n parcels.
        values: shape (t, b, y, x); NaN means no data.
        clear: shape (t, y, x).
        squares: also sum squares, for `ZonalSums.std`; without them the work halves.
        threads: dates worked on at a time.

    Raises:
        ValueError: the shapes do not fit each other.
    """
    dates, bands = _check(coverage, values, clear)
    parcels = coverage.matrix.shape[0]
    matrix, columns = _needed_columns(coverage.matrix)
    sums = ZonalSums(
        area=np.asarray(matrix.sum(axis=1)),
        clear=np.empty((dates, parcels)),
        total=np.empty((dates, bands, parcels)),
        squares=np.full((dates, bands, parcels), np.nan),
    )

    def work(chunk: Iterable[int]) -> None:
        product = _Product(matrix, columns, squares)
        for date in chunk:
            product.fill(sums, date, values[date], clear[date])

    with ThreadPoolExecutor(max(1, threads)) as pool:
        list(pool.map(work, (range(first, dates, threads) for first in range(threads))))
    return sums


def _check(coverage: Coverage, values: npt.NDArray[np.floating[Any]], clear: npt.NDArray[np.bool_]) -> tuple[int, int]:
    dates, bands, *grid = values.shape
    if tuple(grid) != coverage.shape or clear.shape != (dates, *coverage.shape):
        raise ValueError(f"Values {values.shape}, mask {clear.shape} and weights {coverage.shape} do not fit.")
    return dates, bands


def _needed_columns(matrix: csr_array) -> tuple[csr_array, npt.NDArray[np.intp] | None]:
    covered = np.zeros(matrix.shape[1], dtype=np.bool_)
    covered[matrix.indices] = True
    columns = np.flatnonzero(covered)
    if len(columns) > _DENSE * matrix.shape[1]:
        return matrix, None
    position = np.zeros(matrix.shape[1], dtype=matrix.indices.dtype)
    position[columns] = np.arange(len(columns))
    shape = (matrix.shape[0], len(columns))
    return csr_array((matrix.data, position[matrix.indices], matrix.indptr), shape=shape), columns


class _Product:
    """Products of one thread; its two buffers live as long as it does, since fresh pages cost more than the product."""

    def __init__(self, matrix: csr_array, columns: npt.NDArray[np.intp] | None, squares: bool) -> None:
        self._matrix = matrix
        self._columns = columns
        self._squares = squares
        self._area = np.asarray(matrix.sum(axis=1))
        self._layer = np.empty(matrix.shape[1])
        self._square = np.empty(matrix.shape[1])

    def fill(
        self, sums: ZonalSums, date: int, bands: npt.NDArray[np.floating[Any]], clear: npt.NDArray[np.bool_]
    ) -> None:
        """Sums of one date: bands (b, y, x), clear (y, x)."""
        layers = [self._gather(band) for band in bands]
        usable = self._gather(clear) & np.logical_and.reduce([np.isfinite(layer) for layer in layers])
        unusable = np.flatnonzero(~usable)
        sums.clear[date] = self._matrix @ usable.astype(np.float64) if unusable.size else self._area
        for band, layer in enumerate(layers):
            self._layer[:] = layer
            self._layer[unusable] = 0.0
            sums.total[date, band] = self._matrix @ self._layer
            if self._squares:
                np.multiply(self._layer, self._layer, out=self._square)
                sums.squares[date, band] = self._matrix @ self._square

    def _gather(self, layer: npt.NDArray[Any]) -> npt.NDArray[Any]:
        flat = layer.reshape(-1)
        return flat if self._columns is None else flat[self._columns]
