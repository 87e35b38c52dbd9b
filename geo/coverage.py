"""Coverage weights: which share of every pixel lies inside every parcel, computed once per grid and kept.

The exact fractions are those of exactextract (operations `cell_id` and `coverage`; github.com/isciences/exactextract).
"""

from __future__ import annotations

import logging
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from exactextract import exact_extract
from exactextract.feature import Feature, FeatureSource
from exactextract.raster import NumPyRasterSource
from exactextract.writer import Writer
from odc.geo.geobox import GeoBox
from pyproj import CRS
from scipy.sparse import csr_array

from geo.errors import DataError
from geo.files import whole_file

#: A pixel counts as wholly inside from this share on: exactextract works in single precision.
_WHOLE: Final = 1.0 - 1e-5
_CACHE_FORMAT: Final = "1"


@dataclass(frozen=True, slots=True)
class Coverage:
    """Weights of the pixels of one grid in each of n parcels.

    Attributes:
        matrix: shape (n, y * x), float64 shares of a pixel, 0 to 1; columns count row by row from the top left.
        shape: (y, x) of the grid.
    """

    matrix: csr_array
    shape: tuple[int, int]


def coverage_of(shapes: gpd.GeoSeries, geobox: GeoBox) -> Coverage:
    """Exact coverage fractions of polygons on a grid.

    Args:
        shapes: n valid polygons in the grid's CRS; missing or empty geometry, and what lies off the grid, gives an
            empty row.
        geobox: north-up grid.

    Returns:
        Weights; a row adds up to the parcel's area within the grid, in pixels.

    Raises:
        ValueError: the CRS differ, or the grid is rotated.
        DataError: an outline cannot be measured.
    """
    _check_grid(shapes, geobox)
    outlines = np.asarray(shapes.array, dtype=object)
    rows = _rows_on_grid(outlines, geobox)
    cells = _covered_cells(shapely.to_wkb(outlines[rows]), geobox)
    counts = np.zeros(len(outlines), dtype=np.int64)
    counts[rows] = [len(cell_ids) for cell_ids, _ in cells]
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    columns = np.concatenate([np.empty(0, np.int32), *(cell_ids for cell_ids, _ in cells)]).astype(np.int32)
    shares = np.concatenate([np.empty(0), *(fractions for _, fractions in cells)])
    y, x = geobox.shape
    matrix = csr_array((shares, columns, indptr), shape=(len(outlines), y * x))
    return Coverage(matrix, (y, x))


def full_pixels(shapes: gpd.GeoSeries, geobox: GeoBox, inward_m: float = 5.0) -> npt.NDArray[np.int64]:
    """Pixels wholly inside each parcel after an inward buffer.

    Args:
        shapes: n valid polygons in the grid's CRS (metres); missing or empty geometry has none.
        geobox: north-up grid.
        inward_m: distance from the outline within which land does not count.

    Returns:
        Shape (n,), counts. A parcel that crosses grids adds its counts.
    """
    matrix = coverage_of(shapes.buffer(-inward_m), geobox).matrix
    whole = csr_array((matrix.data >= _WHOLE, matrix.indices, matrix.indptr), shape=matrix.shape)
    return np.asarray(whole.sum(axis=1, dtype=np.int64))


def cached_coverage(shapes: gpd.GeoSeries, geobox: GeoBox, folder: Path) -> Coverage:
    """`coverage_of`, kept in a folder under the hash of outlines and grid.

    A damaged entry is made anew, with a warning in the log.

    Args:
        shapes: as for `coverage_of`.
        geobox: as for `coverage_of`.
        folder: where entries lie; made where it is missing.
    """
    path = folder / f"coverage-{_cache_key(shapes, geobox)}.npz"
    if path.exists():
        try:
            return _load(path)
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            logging.getLogger(__name__).warning("%s is damaged (%s): computed again", path, error)
    coverage = coverage_of(shapes, geobox)
    _save(coverage, path)
    return coverage


def _check_grid(shapes: gpd.GeoSeries, geobox: GeoBox) -> None:
    if geobox.crs is None or shapes.crs is None or CRS(geobox.crs.to_wkt()) != shapes.crs:
        raise ValueError(f"Outlines in {shapes.crs} on a grid in {geobox.crs}.")
    affine = geobox.affine
    if affine.b or affine.d or affine.a <= 0 or affine.e >= 0:
        raise ValueError("The grid must be north-up.")


def _rows_on_grid(outlines: npt.NDArray[np.object_], geobox: GeoBox) -> npt.NDArray[np.intp]:
    bounds = shapely.bounds(outlines)  # NaN for missing and empty geometry, which compares as not touching
    box = geobox.boundingbox
    touching = (
        (bounds[:, 0] < box.right) & (bounds[:, 2] > box.left) & (bounds[:, 1] < box.top) & (bounds[:, 3] > box.bottom)
    )
    return np.flatnonzero(touching)


def _covered_cells(
    outlines: npt.NDArray[Any], geobox: GeoBox
) -> list[tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]]:
    if not len(outlines):
        return []
    box = geobox.boundingbox
    grid = NumPyRasterSource(np.zeros(geobox.shape, np.uint8), box.left, box.bottom, box.right, box.top)
    cells = _CellWriter()
    try:
        exact_extract(grid, _WkbSource(outlines), ["cell_id", "coverage"], output=cells)
    except RuntimeError as error:
        raise DataError("COVERAGE", f"An outline cannot be measured: {error}.", "Repair the parcel file.") from error
    return cells.features()


class _WkbFeature(Feature):  # type: ignore[misc] # exactextract is untyped
    """A polygon as WKB, with room for the two results: no GeoJSON to write and parse."""

    def __init__(self, outline: bytes = b"") -> None:
        super().__init__()
        self._outline = outline
        self.results: dict[str, npt.NDArray[Any]] = {}

    def geometry(self) -> bytes:
        return self._outline

    def fields(self) -> list[str]:
        return list(self.results)

    def get(self, name: str) -> npt.NDArray[Any]:
        return self.results[name]

    def set(self, name: str, value: npt.NDArray[Any]) -> None:
        self.results[name] = value

    def set_geometry(self, outline: bytes) -> None:
        """Nothing: results carry no outline."""

    def set_geometry_format(self) -> str:
        return "wkb"


class _WkbSource(FeatureSource):  # type: ignore[misc] # exactextract is untyped
    def __init__(self, outlines: npt.NDArray[Any]) -> None:
        super().__init__()
        self._outlines = outlines

    def count(self) -> int:
        return len(self._outlines)

    def __iter__(self) -> Iterator[_WkbFeature]:
        return map(_WkbFeature, self._outlines)

    def srs_wkt(self) -> None:
        """Nothing: the CRS were compared before."""


class _CellWriter(Writer):  # type: ignore[misc] # exactextract is untyped
    def __init__(self) -> None:
        super().__init__()
        self._cells: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]] = []

    def add_operation(self, operation: object) -> None:
        """Nothing: the two operations are known."""

    def write(self, feature: Feature) -> None:
        results = _WkbFeature()
        feature.copy_to(results)
        self._cells.append((results.get("cell_id"), results.get("coverage")))

    def finish(self) -> None:
        """Nothing is open."""

    def features(self) -> list[tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]]:
        return self._cells


def _cache_key(shapes: gpd.GeoSeries, geobox: GeoBox) -> str:
    outlines = np.asarray(shapes.array, dtype=object)
    key = sha256(f"{_CACHE_FORMAT} {version('exactextract')} {geobox.crs} {geobox.affine} {geobox.shape}".encode())
    for outline in shapely.to_wkb(outlines, byte_order=1):
        key.update(b"-" if outline is None else outline)
    return key.hexdigest()[:32]


def _save(coverage: Coverage, path: Path) -> None:
    matrix = coverage.matrix
    with whole_file(path) as part, part.open("wb") as file:
        np.savez(
            file,
            data=matrix.data.astype(np.float32),  # loses nothing: the fractions come in single precision
            indices=matrix.indices,
            indptr=matrix.indptr,
            shape=np.asarray(coverage.shape),
        )


def _load(path: Path) -> Coverage:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        y, x = map(int, arrays["shape"])
        parts = (arrays["data"].astype(np.float64), arrays["indices"], arrays["indptr"])
    return Coverage(csr_array(parts, shape=(len(parts[2]) - 1, y * x)), (y, x))
