"""Raster files: cloud-optimised GeoTIFFs written whole or not at all, and read with errors that name the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import rasterio
from odc.geo.geobox import GeoBox
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader
from rasterio.shutil import copy as copy_raster
from rasterio.windows import Window, from_bounds

from geo.errors import DataError
from geo.files import whole_file
from geo.grid import Bounds, intersect

Rgba: TypeAlias = tuple[int, int, int, int]
#: First row, first column and array (band, y, x) of a part of a raster.
Block: TypeAlias = tuple[int, int, npt.NDArray[Any]]

_BLOCK_PX: Final = 256
_FLOAT_PREDICTOR: Final = 3
_INTEGER_PREDICTOR: Final = 2


@dataclass(frozen=True, slots=True)
class Raster:
    """What a file holds.

    Attributes:
        array: shape (band, y, x), in the file's type.
        geobox: grid of the array, with its CRS.
        nodata: value that means no data; None where there is none.
        descriptions: one text per band, empty where there is none.
        tags: the file's own key-value texts.
        colormap: red, green, blue, alpha (0 to 255) by value of band 1; empty where there is none.
    """

    array: npt.NDArray[Any]
    geobox: GeoBox
    nodata: float | None
    descriptions: tuple[str, ...]
    tags: Mapping[str, str]
    colormap: Mapping[int, Rgba]


def write_cog(  # the keywords are the parts of one file
    path: Path,
    array: npt.NDArray[Any],
    geobox: GeoBox,
    *,
    nodata: float | None,
    descriptions: Sequence[str] = (),
    tags: Mapping[str, str] | None = None,
    colormap: Mapping[int, Rgba] | None = None,
    overviews: Literal["nearest", "average", "mode"] = "nearest",
) -> None:
    """Write a cloud-optimised GeoTIFF (DEFLATE, 256 px blocks, overviews), whole or not at all.

    The same arguments give the same bytes.

    Args:
        path: file to write; its folder is made where it is missing.
        array: shape (y, x) or (band, y, x), of a type that GeoTIFF knows (uint8, int16, uint16, int32, float32, ...).
        geobox: grid of the array, with its CRS.
        nodata: value that means no data; None for none.
        descriptions: one text per band.
        tags: key-value texts about the file.
        colormap: red, green, blue, alpha (0 to 255) by value; one uint8 band only.
        overviews: how overviews are made; classes need "nearest" or "mode".

    Raises:
        ValueError: the array does not fit the grid, its descriptions or a colour table.
    """
    bands = array[np.newaxis] if array.ndim == len(geobox.shape) else array
    if bands.shape[1:] != tuple(geobox.shape):
        raise ValueError(f"An array of {bands.shape[1:]} px does not fit a grid of {tuple(geobox.shape)} px.")
    write_cog_blocks(
        path,
        [(0, 0, bands)],
        geobox,
        count=len(bands),
        dtype=bands.dtype,
        nodata=nodata,
        descriptions=descriptions,
        tags=tags,
        colormap=colormap,
        overviews=overviews,
    )


def write_cog_blocks(  # the keywords are the parts of one file
    path: Path,
    blocks: Iterable[Block],
    geobox: GeoBox,
    *,
    count: int,
    dtype: npt.DTypeLike,
    nodata: float | None,
    descriptions: Sequence[str] = (),
    tags: Mapping[str, str] | None = None,
    colormap: Mapping[int, Rgba] | None = None,
    overviews: Literal["nearest", "average", "mode"] = "nearest",
) -> None:
    """Write a cloud-optimised GeoTIFF from blocks that come one at a time; see write_cog.

    Memory holds one block. What no block covers has no data (0 where nodata is None).

    Args:
        path: file to write.
        blocks: first row, first column and array (band, y, x) of each block.
        geobox: grid of the whole file.
        count: bands of the file.
        dtype: type of the file.
        nodata: value that means no data; None for none.
        descriptions: one text per band.
        tags: key-value texts about the file.
        colormap: red, green, blue, alpha (0 to 255) by value; one uint8 band only.
        overviews: how overviews are made.

    Raises:
        ValueError: descriptions or a colour table do not fit.
    """
    kind = np.dtype(dtype)
    _check(count, kind, descriptions, colormap)
    with TemporaryDirectory(prefix="acreline-") as scratch:
        draft = Path(scratch) / "blocks.tif"
        with rasterio.open(draft, "w", **_profile(geobox, count, kind, nodata)) as target:
            target.update_tags(**(tags or {}))
            for number, text in enumerate(descriptions, start=1):
                target.set_band_description(number, text)
            if colormap is not None:
                target.write_colormap(1, dict(colormap))
            for row, column, block in blocks:
                target.write(block, window=Window(column, row, block.shape[2], block.shape[1]))
        with whole_file(path) as part, rasterio.open(draft) as source:
            copy_raster(source, str(part), driver="COG", **_cog_options(kind, overviews))


def _check(count: int, kind: np.dtype[Any], descriptions: Sequence[str], colormap: Mapping[int, Rgba] | None) -> None:
    if descriptions and len(descriptions) != count:
        raise ValueError(f"{len(descriptions)} descriptions for {count} bands.")
    if colormap is not None and (count != 1 or kind != np.uint8):
        raise ValueError("A colour table needs exactly one uint8 band.")


def _profile(geobox: GeoBox, count: int, kind: np.dtype[Any], nodata: float | None) -> dict[str, object]:
    height, width = geobox.shape
    return {
        "driver": "GTiff",
        "dtype": kind.name,
        "count": count,
        "height": height,
        "width": width,
        "transform": geobox.affine,
        "crs": str(geobox.crs),
        "nodata": nodata,
        "tiled": True,
        "blockxsize": _BLOCK_PX,
        "blockysize": _BLOCK_PX,
        "compress": "DEFLATE",
        "sparse_ok": True,
        "bigtiff": "IF_SAFER",
    }


def _cog_options(kind: np.dtype[Any], overviews: str) -> dict[str, object]:
    predictor = _FLOAT_PREDICTOR if kind.kind == "f" else _INTEGER_PREDICTOR
    return {
        "COMPRESS": "DEFLATE",
        "PREDICTOR": predictor,
        "BLOCKSIZE": _BLOCK_PX,
        "RESAMPLING": overviews.upper(),
        "NUM_THREADS": 1,
    }


def read_raster(path: Path) -> Raster:
    """Whole raster.

    Raises:
        DataError: the file is missing, no raster, or damaged.
    """
    with _opened(path) as source:
        return _read(source, Window(0, 0, source.width, source.height))


def read_window(path: Path, bounds: Bounds) -> Raster:
    """Part of a raster: the whole pixels that a box touches, cut at the raster's edge.

    Args:
        path: file to read.
        bounds: (left, bottom, right, top) in the raster's CRS.

    Raises:
        DataError: the file is missing, no raster, or damaged; or the box lies outside it.
    """
    with _opened(path) as source:
        inside = intersect(bounds, tuple(source.bounds))
        if inside is None:
            raise DataError("OUTSIDE_RASTER", f"The box {bounds} lies outside {path.name}.")
        return _read(source, _pixel_window(source, inside))


def _pixel_window(source: DatasetReader, bounds: Bounds) -> Window:
    # A box on pixel edges must not gain a row through rounding: coordinates are good to a thousandth of a pixel.
    exact = from_bounds(*bounds, transform=source.transform)
    top, left = int(np.floor(exact.row_off + 1e-3)), int(np.floor(exact.col_off + 1e-3))
    bottom = int(np.ceil(exact.row_off + exact.height - 1e-3))
    right = int(np.ceil(exact.col_off + exact.width - 1e-3))
    return Window(left, top, max(right - left, 1), max(bottom - top, 1))


def _read(source: DatasetReader, window: Window) -> Raster:
    array = source.read(window=window)
    crs = None if source.crs is None else source.crs.to_string()
    palette = source.colormap(1) if source.colorinterp[0].name == "palette" else {}
    return Raster(
        array=array,
        geobox=GeoBox(array.shape[1:], source.window_transform(window), crs),
        nodata=source.nodata,
        descriptions=tuple(text or "" for text in source.descriptions),
        tags=source.tags(),
        colormap=palette,
    )


@contextmanager
def _opened(path: Path) -> Iterator[DatasetReader]:
    if not path.exists():
        raise DataError("RASTER_MISSING", f"{path} does not exist.", "Fetch it again or mend the catalogue.")
    try:
        with rasterio.open(path) as source:
            yield source
    except RasterioError as error:
        raise DataError(
            "RASTER_DAMAGED", f"{path} cannot be read as a raster: {error}.", "Fetch it again or take it out."
        ) from error
