"""Squares of imagery as they lie in the file: a block of a true-colour raster is a picture in itself."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from rasterio.io import DatasetReader
from rasterio.windows import Window
from rio_tiler.io import Reader

from app.maplayers.colours import ndvi_colours
from app.maplayers.dated import BLOCK_PX, DATED_ZOOM, MOSAIC, DatedLayer
from app.maplayers.rasters import Form, Square, encoded, palette_png, seen
from geo.errors import DataError

#: Form in which each layer is handed out.
FORMS: Final = {DatedLayer.TRUE_COLOUR.value: Form.WEBP, DatedLayer.NDVI.value: Form.PNG, MOSAIC: Form.WEBP}
#: Half of the girth of the earth in Web Mercator, m.
_HALF_M: Final = 20_037_508.342789244


@dataclass(frozen=True, slots=True)
class Block:
    """Where a square lies in a raster.

    Attributes:
        column: of the block.
        row: of the block.
        level: 0 the full resolution, 1 half of it, and so on.
    """

    column: int
    row: int
    level: int


def stored_square(source: Reader, path: Path, layer: str, square: Square) -> bytes | None:
    """One square (column, row, zoom) of 512 px of a raster on the map's squares; None where nothing is seen.

    A true-colour square that is a block of the file is not decoded at all.

    Args:
        source: the raster, open.
        path: of it.
        layer: what it shows, of FORMS.
        square: in Web Mercator.

    Raises:
        DataError: the raster is damaged.
    """
    dataset: DatasetReader = source.dataset
    block = block_of(dataset, square)
    if block is None:
        image = seen(source, square, BLOCK_PX, "nearest" if layer == DatedLayer.NDVI else "bilinear")
        colours = ndvi_colours() if layer == DatedLayer.NDVI else None
        return None if image is None else encoded(image, colours, FORMS[layer])
    if layer != DatedLayer.NDVI:
        return _picture(dataset, path, block)
    edge = BLOCK_PX << block.level
    window = Window(block.column * edge, block.row * edge, edge, edge)
    values = dataset.read(1, window=window, out_shape=(BLOCK_PX, BLOCK_PX))
    return palette_png(values, ndvi_colours()) if np.any(values) else None


def block_of(dataset: DatasetReader, square: Square) -> Block | None:
    """The block that is a square; None where the square is none of the file's blocks, at any of its levels."""
    column, row, zoom = square
    level = DATED_ZOOM - zoom
    if not 0 <= level <= len(dataset.overviews(1)):
        return None
    west, north = dataset.transform.c, dataset.transform.f
    edge_m = 2 * _HALF_M / 2**zoom
    first, upper = round((west + _HALF_M) / edge_m), round((_HALF_M - north) / edge_m)
    found = Block(column - first, row - upper, level)
    inside = 0 <= found.column < dataset.width / (BLOCK_PX << level) and (
        0 <= found.row < dataset.height / (BLOCK_PX << level)
    )
    return found if inside else None


def _picture(dataset: DatasetReader, path: Path, block: Block) -> bytes | None:
    level = {"ovr": block.level - 1} if block.level else {}
    at, size = (
        dataset.get_tag_item(f"BLOCK_{what}_{block.column}_{block.row}", "TIFF", bidx=1, **level)
        for what in ("OFFSET", "SIZE")
    )
    if at is None or size is None:  # a block without anything in it is not stored
        return None
    file = os.open(path, os.O_RDONLY)
    try:
        picture = os.pread(file, int(size), int(at))
    finally:
        os.close(file)
    if len(picture) != int(size):
        raise DataError(
            "LAYER_UNREADABLE", f"{path.name} ends too early.", "Make it again with `acreline layers make`."
        )
    return picture
