"""The season's picture of a run, warped from its zones onto the squares of the map."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import rasterio
from odc.geo.geobox import GeoBox
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window
from rasterio.windows import transform as window_transform

from app.jobs.maplayers.frames import Image
from app.jobs.maplayers.squares import MERCATOR, Squares, squares_over
from app.maplayers.dated import MOSAIC
from geo.errors import DataError
from geo.manifest import read_manifest

_FILE: Final = re.compile(rf"{MOSAIC}(_32[67]\d\d)?\.tif")
_OPAQUE: Final = 255
#: Edge of what is warped at a time, pixels.
_PART_PX: Final = 2048


def season_files(run: Path) -> dict[str, str]:
    """SHA-256 by name of the pictures of the season in a run folder, one a zone; the main zone's last, so above."""
    hashes = {name: entry.sha256 for name, entry in read_manifest(run).items() if _FILE.fullmatch(name)}
    return {name: hashes[name] for name in sorted(hashes, reverse=True)}


def season_squares(paths: Sequence[Path]) -> Squares:
    """The squares that the pictures lie on; DataError where one cannot be read."""
    return squares_over(_grid(path) for path in paths)


def season_windows(paths: Sequence[Path], squares: Squares) -> Iterator[tuple[Window, Image]]:
    """Windows of squares with what pictures show there: (4, y, x) red, green, blue and alpha, interpolated linearly.

    Memory holds one window, 2048 pixels wide and high at most.

    Raises:
        DataError: a picture cannot be read.
    """
    for path in paths:
        whole = squares.window(_grid(path))
        for window in _parts(whole):
            image = _warped(path, window, squares)
            if image[3].any():
                yield window, image


def _warped(path: Path, window: Window, squares: Squares) -> Image:
    options = {
        "crs": MERCATOR,
        "transform": window_transform(window, squares.profile["transform"]),
        "width": window.width,
        "height": window.height,
        "resampling": Resampling.bilinear,
        "src_nodata": 0,
        "nodata": 0,
    }
    try:
        with rasterio.open(path) as source, WarpedVRT(source, **options) as warped:
            seen: Image = warped.read()
    except RasterioError as error:
        raise _unreadable(path) from error
    alpha = np.where(seen.all(axis=0), _OPAQUE, 0).astype(np.uint8)
    return np.concatenate([np.where(alpha, seen, 0).astype(np.uint8), alpha[None]])


def _parts(whole: Window) -> Iterator[Window]:
    """Parts of a window."""
    for top in range(0, whole.height, _PART_PX):
        for left in range(0, whole.width, _PART_PX):
            width, height = min(_PART_PX, whole.width - left), min(_PART_PX, whole.height - top)
            yield Window(whole.col_off + left, whole.row_off + top, width, height)


def _grid(path: Path) -> GeoBox:
    try:
        with rasterio.open(path) as source:
            return GeoBox(source.shape, source.transform, str(source.crs))
    except RasterioError as error:
        raise _unreadable(path) from error


def _unreadable(path: Path) -> DataError:
    return DataError("LAYER_UNREADABLE", f"{path.name} cannot be read.", "Run the season again.")
