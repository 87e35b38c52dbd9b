"""Reading of one raster onto a window of a grid by nearest neighbour, with errors that name the file.

Which source pixel a grid pixel shows is worked out from the centre of that grid pixel alone, so the result does not
depend on the window it is read in.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeAlias

import numpy as np
import rasterio
import rasterio.windows
from affine import Affine
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj import Transformer
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from geo.errors import DataError
from tiles.access import explain, gdal_options, opened

_Indices: TypeAlias = NDArray[np.intp]

#: Part of a pixel by which a centre may miss the edge of a source pixel and still count as inside the next one: ties
#: are decided alike whatever the last bit of a coordinate.
_TIE: Final = 1e-6

#: GDAL's block cache, bytes: a window is read once, so caching more only takes memory.
_CACHE_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Window:
    """Rows and columns of a grid, end excluded."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.bottom - self.top, self.right - self.left

    @property
    def slices(self) -> tuple[slice, slice]:
        """Index of an array on the grid."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def shifted(self, rows: int, columns: int) -> Window:
        """The same pixels on a grid whose origin lies `rows` above and `columns` left of this one's."""
        return Window(self.top + rows, self.bottom + rows, self.left + columns, self.right + columns)

    def grown(self, margin: int, shape: tuple[int, int]) -> Window:
        """With a margin, cut at the edges of the grid."""
        return Window(
            max(self.top - margin, 0),
            min(self.bottom + margin, shape[0]),
            max(self.left - margin, 0),
            min(self.right + margin, shape[1]),
        )


@dataclass(frozen=True, slots=True)
class Part:
    """What one raster shows of a window.

    Attributes:
        rows: rows of the window that it reaches.
        columns: columns of the window that it reaches.
        values: (y, x) pixels of that part.
    """

    rows: slice
    columns: slice
    values: NDArray[Any]


@dataclass(frozen=True, slots=True)
class _Placement:
    """Which source pixels a window shows.

    Attributes:
        source: window of the source that holds them.
        rows, columns: part of the grid's window that they fill.
        take: row and column within `source` for each pixel, as 1-D axes, or 2-D where the grids are turned or bent
            against each other (-1 where a pixel lies outside).
        straight: whether source pixels are grid pixels, one to one.
    """

    source: rasterio.windows.Window
    rows: slice
    columns: slice
    take: tuple[_Indices, _Indices]
    straight: bool

    def spread(self, numbers: NDArray[Any], table: NDArray[Any] | None) -> NDArray[Any]:
        """What the table says of the source's numbers, laid out on the grid; no data where the source has no pixel."""
        values = numbers if table is None else table.take(numbers)
        if self.straight:
            return values
        rows, columns = self.take
        if rows.ndim == 1:
            return values.take(columns, axis=1).take(rows, axis=0)
        return np.where(rows >= 0, values[rows, columns], _empty(values.dtype) if table is None else table[0])


def read_nearest(
    href: str, geobox: GeoBox, window: Window, kind: str, table: NDArray[Any] | None = None
) -> Part | None:
    """First band of a raster on a window of a grid, None where it does not reach it.

    Args:
        href: local path or address.
        geobox: the grid; a source on the same CRS is read directly, any other by transforming pixel centres.
        window: part of the grid.
        kind: "uint16" or "uint8", where numbers outside it are held at its ends and 0 stands for no data; or "float32",
            which takes any raster and has NaN for no data.
        table: what to return for each number; without it, the number itself.

    Raises:
        DataError: the file is missing (MISSING_ASSET), cannot be read or has no place on earth (UNREADABLE_RASTER), or
            holds other than whole numbers (RASTER_TYPE).
        InputError, TransientError: its server refuses or does not answer; see `tiles.access.explain`.
    """
    with rasterio.Env(GDAL_CACHEMAX=_CACHE_BYTES, **gdal_options(href)):
        try:
            with rasterio.open(opened(href)) as file:
                _require_usable(file, href, kind)
                placement = _placement(file, geobox, window)
                if placement is None:
                    return None
                values, nodata = file.read(1, window=placement.source, out_dtype=kind), file.nodata
        except RasterioError as error:
            fault = explain(error.__cause__ or error, href)  # "Read failed" alone says nothing
        else:
            if nodata:
                values[values == nodata] = _empty(values.dtype)
            return Part(placement.rows, placement.columns, placement.spread(values, table))
    # Raised out here, without rasterio's error as its cause: that one does not survive the way from a worker.
    raise fault


def quieten_placeless() -> None:
    """Silence GDAL's warning about a file without a place: `read_nearest` refuses such a file.

    Set for good, since `warnings.catch_warnings` is not safe in threads.
    """
    warnings.filterwarnings("ignore", "Dataset has no geotransform", NotGeoreferencedWarning)


def _empty(kind: np.dtype[Any]) -> Any:
    """No data in an array of this type."""
    return kind.type(np.nan if kind.kind == "f" else 0)


def _require_usable(file: Any, href: str, wanted: str) -> None:
    """Refuse a file without a place on earth, or whose values would change when read as digital numbers.

    GDAL only warns about damaged georeferencing and goes on with the identity, which would put the scene elsewhere.
    """
    if file.crs is None or file.transform.is_identity:
        raise _unreadable(href, "it has no CRS or no geotransform")
    kind = np.dtype(file.dtypes[0])
    if kind.kind not in "iu" and np.dtype(wanted).kind != "f":
        raise DataError(
            "RASTER_TYPE",
            f"{href} holds {kind.name} values, not whole digital numbers.",
            "Use the L2A product's own digital numbers.",
        )


def _placement(file: Any, geobox: GeoBox, window: Window) -> _Placement | None:
    code = file.crs.to_epsg()
    if code is not None and code == _epsg(geobox) and file.transform.is_rectilinear and geobox.affine.is_rectilinear:
        return _along_axes(file.transform, file.shape, geobox.affine, window)
    return _by_point(file.crs.to_wkt(), file.transform, file.shape, geobox, window)


def _epsg(geobox: GeoBox) -> int | None:
    return geobox.crs.epsg if geobox.crs is not None else None


def _along_axes(source: Affine, shape: tuple[int, int], grid: Affine, window: Window) -> _Placement | None:
    """Placement where rows of the grid run along rows of the source."""
    rows = _index(grid.f + grid.e * (np.arange(window.top, window.bottom) + 0.5), source.f, source.e)
    columns = _index(grid.c + grid.a * (np.arange(window.left, window.right) + 0.5), source.c, source.a)
    down, across = _reached(rows, shape[0]), _reached(columns, shape[1])
    if down is None or across is None:
        return None
    rows, columns = rows[down], columns[across]
    straight = bool((np.diff(rows) == 1).all() and (np.diff(columns) == 1).all())
    return _Placement(_box(rows, columns), down, across, (rows - rows.min(), columns - columns.min()), straight)


def _index(places: NDArray[np.floating[Any]], origin: float, step: float) -> _Indices:
    return np.asarray(np.floor((places - origin) / step + _TIE), dtype=np.intp)


def _reached(indices: _Indices, size: int) -> slice | None:
    """Run of indices that lie inside an axis of the source."""
    inside = np.flatnonzero((indices >= 0) & (indices < size))
    return slice(int(inside[0]), int(inside[-1]) + 1) if inside.size else None


def _box(rows: _Indices, columns: _Indices) -> rasterio.windows.Window:
    top, left = int(rows.min()), int(columns.min())
    return rasterio.windows.Window(left, top, int(columns.max()) - left + 1, int(rows.max()) - top + 1)


@lru_cache(maxsize=8)
def _by_point(crs: str, source: Affine, shape: tuple[int, int], geobox: GeoBox, window: Window) -> _Placement | None:
    """Placement between two projections; kept for a few sources, since the bands of many scenes share their grid."""
    down, across = np.mgrid[window.top : window.bottom, window.left : window.right] + 0.5
    x, y = Transformer.from_crs(str(geobox.crs), crs, always_xy=True).transform(*(geobox.affine * (across, down)))
    there = np.isfinite(x) & np.isfinite(y)
    column, row = ~source * (np.where(there, x, 0.0), np.where(there, y, 0.0))
    rows, columns = np.floor(row + _TIE).astype(np.intp), np.floor(column + _TIE).astype(np.intp)
    inside = there & (rows >= 0) & (rows < shape[0]) & (columns >= 0) & (columns < shape[1])
    if not inside.any():
        return None
    box = _box(rows[inside], columns[inside])
    take = np.where(inside, rows - box.row_off, -1), np.where(inside, columns - box.col_off, -1)
    return _Placement(box, slice(0, window.shape[0]), slice(0, window.shape[1]), take, straight=False)


def _unreadable(href: str, why: str) -> DataError:
    return DataError(
        "UNREADABLE_RASTER",
        f"{href} cannot be read: {why}.",
        "Fetch the file again, or take its scene out of the catalogue.",
    )
