"""Squares of map layers from rasters: an allow-list of names, drawn with the legend's colours."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import rasterio
from morecantile import Tile
from rasterio.errors import RasterioError
from rasterio.io import MemoryFile
from rasterio.transform import from_bounds
from rio_tiler.constants import WGS84_CRS
from rio_tiler.errors import TileOutsideBounds
from rio_tiler.io import Reader
from rio_tiler.models import ImageData

from app.maplayers.colours import Colours, crop_colours, prob_colours, vigour_colours
from geo.errors import DataError, InputError

Bounds: TypeAlias = tuple[float, float, float, float]
Square: TypeAlias = tuple[int, int, int]

#: Deepest zoom worth asking for: a square of 512 px has pixels below 2.5 m there; the map stretches from then on.
MAX_ZOOM: Final = 15

#: No sidecar files belong to a layer: its folder is not searched for any.
_OPENING: Final = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR"}
#: Effort of WebP, 0 to 6: from 4 to 2 halves the time of a square for a tenth more bytes.
_WEBP_METHOD: Final = "2"
_BYTES: Final = 256


class TilePx(IntEnum):
    """Edge of an answer in pixels."""

    NORMAL = 256
    DOUBLE = 512


class Form(StrEnum):
    """Form of a drawn square."""

    PNG = "png"
    WEBP = "webp"


@dataclass(frozen=True, slots=True)
class Layer:
    """One raster that may be shown.

    Attributes:
        name: what clients say.
        filename: file of the run folder.
        colours: makes the colour of each pixel value; None for true colour.
        resampling: how pixels are stretched; classes must not be mixed.
    """

    name: str
    filename: str
    colours: Callable[[], Colours] | None
    resampling: str


#: The only files of a run folder that map addresses can reach.
LAYERS: Final[Mapping[str, Layer]] = {
    layer.name: layer
    for layer in (
        Layer("mosaic", "mosaic.tif", None, "bilinear"),
        Layer("crop", "crop.tif", crop_colours, "nearest"),
        Layer("crop_prob", "crop_prob.tif", prob_colours, "nearest"),
        Layer("vigour", "vigour.tif", vigour_colours, "nearest"),
    )
}


def layer_named(name: str) -> Layer:
    """Layer by name; InputError LAYER_UNKNOWN for any other text."""
    if name not in LAYERS:
        raise InputError("LAYER_UNKNOWN", "There is no such map layer.", f"Layers are {', '.join(LAYERS)}.")
    return LAYERS[name]


def draw(folder: Path, layer: Layer, square: Square, px: TilePx) -> bytes | None:
    """One square (column, row, zoom) of a layer in Web Mercator.

    Returns:
        PNG bytes (transparent where there is no data), None where the square lies outside the raster.

    Raises:
        DataError: the raster is missing or damaged.
    """
    with opened(folder / layer.filename) as source:
        image = seen(source, square, int(px), layer.resampling)
    return None if image is None else encoded(image, layer.colours() if layer.colours else None, Form.PNG)


def seen(source: Reader, square: Square, px: int, resampling: str) -> ImageData | None:
    """Values of one square (column, row, zoom) in Web Mercator; None where it lies outside the raster."""
    far = _from_afar(source, square, px) if square[2] < source.minzoom else None
    try:
        return source.tile(*square, tilesize=px, resampling_method=resampling, vrt_options=far)
    except TileOutsideBounds:
        return None


def encoded(image: ImageData, colours: Colours | None, form: Form) -> bytes:
    """An image as a file, transparent where there is no data; one of a single band in the colours of its values."""
    if colours is not None:
        return palette_png(np.where(image.mask > 0, image.data[0], _spare(colours)).astype(np.uint8), colours)
    effort: dict[str, Any] = {"METHOD": _WEBP_METHOD} if form is Form.WEBP else {}
    return bytes(image.render(img_format=form.upper(), **effort))


def palette_png(values: npt.NDArray[np.uint8], colours: Colours) -> bytes:
    """Values (y, x) as PNG of one byte a pixel, those without a colour transparent.

    A quarter of the time of the same picture in RGBA, and half of its bytes.
    """
    clear = dict.fromkeys(range(_BYTES), (0, 0, 0, 0))
    height, width = values.shape
    with MemoryFile() as memory:
        with memory.open(driver="PNG", dtype="uint8", count=1, height=height, width=width) as sink:
            sink.write(values, 1)
            sink.write_colormap(1, clear | colours)
        return bytes(memory.read())


def bounds_of(path: Path) -> Bounds:
    """West, south, east, north of a raster in degrees; DataError when it is missing or damaged."""
    with opened(path) as source:
        west, south, east, north = map(float, source.get_geographic_bounds(WGS84_CRS))
    return west, south, east, north


@contextmanager
def opened(path: Path) -> Iterator[Reader]:
    """A raster for the time of a block; DataError where it is missing or damaged, also while it is read."""
    with readable(path), open_raster(path) as source:
        yield source


def open_raster(path: Path) -> Reader:
    """A raster that the caller closes."""
    with rasterio.Env(**_OPENING):
        return Reader(str(path))


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Failures of reading a raster become DataError LAYER_UNREADABLE, which names the file."""
    try:
        yield
    except RasterioError as error:
        raise DataError("LAYER_UNREADABLE", f"{path.name} cannot be read.", "Run the season again.") from error


def _spare(colours: Colours) -> int:
    """A value that has no colour."""
    return next(value for value in range(_BYTES) if value not in colours)


def _from_afar(source: Reader, square: Square, px: int) -> dict[str, Any]:
    """Warp straight to the square's own pixels: by default all of it, up to the world, is warped at 10 m first."""
    bounds = source.tms.xy_bounds(Tile(*square))
    return {"transform": from_bounds(*bounds, px, px), "width": px, "height": px}
