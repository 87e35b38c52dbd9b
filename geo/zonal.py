"""The zonal engine: weights once, then a matrix product per date and band.

Sums are kept, not means: a parcel that crosses grids adds its sums, and only then divides.

Parcels are worked on in blocks of neighbours, all dates of a block in turn, so that weights and pixels stay in the
processor's cache: the product is bound by memory otherwise, and slower by half.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from geo.coverage import Coverage

Floats: TypeAlias = npt.NDArray[np.float64]

#: Weights per block, below 1 MB: fewer cost more in calls, more fall out of the cache.
_BLOCK_WEIGHTS: Final = 1 << 16
#: Below this share of covered pixels in a block's window it pays to gather them first.
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
        values: shape (t, b, y, x); NaN means no data. Contiguous arrays are not copied.
        clear: shape (t, y, x).
        squares: also sum squares, for `ZonalSums.std`; without them a third of the work falls away.
        threads: blocks of parcels worked on at a time.

    Raises:
        ValueError: the shapes do not fit each other.
    """
    _check(coverage, values, clear)
    dates, bands = values.shape[:2]
    parcels = coverage.matrix.shape[0]
    sums = ZonalSums(
        area=np.asarray(coverage.matrix.sum(axis=1)),
        clear=np.zeros((dates, parcels)),
        total=np.zeros((dates, bands, parcels)),
        squares=np.full((dates, bands, parcels), 0.0 if squares else np.nan),
    )
    flat_values, flat_clear = values.reshape(dates, bands, -1), clear.reshape(dates, -1)
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda block: block.fill(sums, flat_values, flat_clear, squares=squares), _blocks(coverage)))
    return sums


def _check(coverage: Coverage, values: npt.NDArray[Any], clear: npt.NDArray[np.bool_]) -> None:
    if values.shape[2:] != coverage.shape or clear.shape != (values.shape[0], *coverage.shape):
        raise ValueError(f"Values {values.shape}, mask {clear.shape} and weights {coverage.shape} do not fit.")


@dataclass(frozen=True, slots=True)
class _Block:
    """Some parcels close to each other.

    Attributes:
        parcels: (n,) their row numbers.
        matrix: (n, p) their weights.
        pixels: the p pixels of the flat grid, as a slice or as numbers.
    """

    parcels: npt.NDArray[np.intp]
    matrix: csr_array
    pixels: slice | npt.NDArray[np.intp]

    def fill(self, sums: ZonalSums, values: npt.NDArray[Any], clear: npt.NDArray[np.bool_], *, squares: bool) -> None:
        """Write the sums of these parcels: values (t, b, pixels of the grid), clear (t, pixels of the grid)."""
        layer = np.empty(self.matrix.shape[1])
        for date in range(len(values)):
            bands, usable = values[date][:, self.pixels], clear[date, self.pixels]
            # Missing values are rare where the mask says clear, and show in the sums: only then are pixels searched.
            if not self._fill_date(sums, date, bands, usable, layer, squares=squares):
                finite = np.isfinite(bands).all(axis=0)
                self._fill_date(sums, date, bands, usable & finite, layer, squares=squares)

    def _fill_date(
        self,
        sums: ZonalSums,
        date: int,
        bands: npt.NDArray[Any],
        usable: npt.NDArray[np.bool_],
        layer: Floats,
        *,
        squares: bool,
    ) -> bool:
        """Write the sums of one date over usable pixels; whether they are finite."""
        unusable = np.flatnonzero(~usable)
        layer[:] = usable
        sums.clear[date, self.parcels] = self.matrix @ layer if unusable.size else sums.area[self.parcels]
        for band, pixels in enumerate(bands):
            layer[:] = pixels
            layer[unusable] = 0.0
            sums.total[date, band, self.parcels] = self.matrix @ layer
            if squares:
                np.multiply(layer, layer, out=layer)
                sums.squares[date, band, self.parcels] = self.matrix @ layer
        return bool(np.isfinite(sums.total[date][:, self.parcels]).all())


def _blocks(coverage: Coverage) -> Iterator[_Block]:
    matrix = coverage.matrix
    filled = np.flatnonzero(np.diff(matrix.indptr))
    by_place = filled[np.argsort(matrix.indices[matrix.indptr[filled]], kind="stable")]
    sorted_rows = matrix[by_place]
    first = 0
    while first < len(by_place):
        until = np.searchsorted(sorted_rows.indptr, sorted_rows.indptr[first] + _BLOCK_WEIGHTS, side="left")
        last = max(int(until), first + 1)
        yield _block(by_place[first:last], sorted_rows[first:last])
        first = last


def _block(parcels: npt.NDArray[np.intp], matrix: csr_array) -> _Block:
    start, stop = int(matrix.indices.min()), int(matrix.indices.max()) + 1
    covered = np.zeros(stop - start, dtype=np.bool_)
    covered[matrix.indices - start] = True
    pixels: slice | npt.NDArray[np.intp] = slice(start, stop)
    position = np.arange(stop - start)
    if covered.sum() < _DENSE * len(covered):
        pixels = np.flatnonzero(covered) + start
        position = np.cumsum(covered) - 1
    local = position[matrix.indices - start].astype(matrix.indices.dtype)
    shape = (len(parcels), int(position[-1]) + 1)
    return _Block(parcels, csr_array((matrix.data, local, matrix.indptr), shape=shape), pixels)
