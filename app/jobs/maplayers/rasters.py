"""Frames of a day or of a season become cloud-optimised GeoTIFFs whose blocks are squares of the map."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import rasterio
from rasterio.enums import ColorInterp
from rasterio.io import DatasetWriter
from rasterio.shutil import copy as copy_raster
from rasterio.windows import Window

from app.jobs.maplayers.frames import Frame, Image
from app.jobs.maplayers.squares import Squares
from app.maplayers.colours import NDVI_STEPS
from app.maplayers.dated import BLOCK_PX, MOSAIC, DatedLayer
from geo.files import whole_file

_DRAFT: Final[dict[str, Any]] = {
    "driver": "GTiff",
    "dtype": "uint8",
    "tiled": True,
    "blockxsize": BLOCK_PX,
    "blockysize": BLOCK_PX,
    "compress": "DEFLATE",
    "zlevel": 1,
    "sparse_ok": True,
    "bigtiff": "IF_SAFER",
}
_COG: Final[dict[str, Any]] = {"BLOCKSIZE": BLOCK_PX, "SPARSE_OK": "YES", "NUM_THREADS": 1}
#: WebP holds alpha besides lossy colours, so that one block is one picture; browsers and GDAL read it.
_COLOUR_COG: Final = _COG | {"COMPRESS": "WEBP", "QUALITY": 80, "RESAMPLING": "AVERAGE"}
_NDVI_COG: Final = _COG | {"COMPRESS": "DEFLATE", "RESAMPLING": "AVERAGE"}


def write_day(folder: Path, frames: Iterable[Frame], squares: Squares, scratch: Path) -> None:
    """Write the rasters of a day, frame by frame; where frames overlap the later one is seen.

    Args:
        folder: where they go.
        frames: what the cubes show.
        squares: of both rasters.
        scratch: folder for drafts, on a disk with room for both uncompressed at the worst.
    """
    colour, ndvi = scratch / "draft-colour.tif", scratch / "draft-ndvi.tif"
    with (
        _colour_draft(colour, squares) as colours,
        rasterio.open(ndvi, "w+", count=1, nodata=0, **_DRAFT, **squares.profile) as greens,
    ):
        greens.scales, greens.offsets = (1 / NDVI_STEPS,), (-1 - 1 / NDVI_STEPS,)
        for frame in frames:
            _lay(colours, frame.window, frame.colour, frame.colour[3] > 0)
            _lay(greens, frame.window, frame.ndvi, frame.ndvi[0] > 0)
    _convert(colour, raster_path(folder, DatedLayer.TRUE_COLOUR), _COLOUR_COG, squares.levels)
    _convert(ndvi, raster_path(folder, DatedLayer.NDVI), _NDVI_COG, squares.levels)


def write_season(folder: Path, windows: Iterable[tuple[Window, Image]], squares: Squares, scratch: Path) -> None:
    """Write the picture of a season from windows of it (4, y, x); where they overlap the later one is seen.

    Args:
        folder: where it goes.
        windows: red, green, blue and alpha, 0 or 255.
        squares: of the raster.
        scratch: folder for a draft.
    """
    draft = scratch / "draft-season.tif"
    with _colour_draft(draft, squares) as colours:
        for window, image in windows:
            _lay(colours, window, image, image[3] > 0)
    _convert(draft, raster_path(folder, MOSAIC), _COLOUR_COG, squares.levels)


def raster_path(folder: Path, layer: str) -> Path:
    """Where a raster of a day or season is put."""
    return folder / f"{layer}.tif"


@contextmanager
def _colour_draft(path: Path, squares: Squares) -> Iterator[DatasetWriter]:
    with rasterio.open(path, "w+", count=4, photometric="RGB", alpha="YES", **_DRAFT, **squares.profile) as draft:
        draft.colorinterp = (ColorInterp.red, ColorInterp.green, ColorInterp.blue, ColorInterp.alpha)
        yield draft


def _lay(target: DatasetWriter, window: Window, image: Image, seen: Image) -> None:
    """Put what is seen of an image over what is there."""
    target.write(np.where(seen, image, target.read(window=window)), window=window)


def _convert(draft: Path, path: Path, options: dict[str, Any], levels: int) -> None:
    coarser = {"OVERVIEW_COUNT": levels} if levels else {"OVERVIEWS": "NONE"}
    with whole_file(path) as part, rasterio.open(draft) as source:
        copy_raster(source, str(part), driver="COG", **options, **coarser)
    draft.unlink()
