"""Map layers from a run's rasters: an allow-list of names, drawn with the legend's colours."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Final, TypeAlias

from morecantile import Tile
from rasterio.errors import RasterioError
from rasterio.transform import from_bounds
from rio_tiler.constants import WGS84_CRS
from rio_tiler.errors import TileOutsideBounds
from rio_tiler.io import Reader

from geo.errors import DataError, InputError
from geo.legend import load_legend

Bounds: TypeAlias = tuple[float, float, float, float]
Colours: TypeAlias = dict[int, tuple[int, int, int, int]]

#: Deepest zoom worth asking for: a square of 512 px has pixels below 2.5 m there; the map stretches from then on.
MAX_ZOOM: Final = 15

_OPAQUE = 255
_PERCENT = 100

#: Colour-blind-safe ramps from 0 to 100 %: vigour (as the page colours parcels) and probability (pale to blue).
_VIGOUR_STOPS = ("#f3ecd2", "#cfd99b", "#8fbd7e", "#3f9169", "#0d5148")
_PROB_STOPS = ("#f4f1ec", "#c9d7e8", "#86a9d1", "#3f74b0", "#143f75")


class TilePx(IntEnum):
    """Edge of an answer in pixels."""

    NORMAL = 256
    DOUBLE = 512


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


def crop_colours() -> Colours:
    """Legend colours by raster value."""
    return {crop.value: _rgba(crop.colour) for crop in load_legend()}


def vigour_colours() -> Colours:
    """Ramp of vigour, 0 to 100."""
    return _ramp(_VIGOUR_STOPS)


def prob_colours() -> Colours:
    """Ramp of crop probability, 0 to 100."""
    return _ramp(_PROB_STOPS)


#: The only files that map addresses can reach.
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


def draw(folder: Path, layer: Layer, square: tuple[int, int, int], px: TilePx) -> bytes | None:
    """One square (column, row, zoom) of a layer in Web Mercator.

    Returns:
        PNG bytes (RGBA, transparent where there is no data), None where the square lies outside the raster.

    Raises:
        DataError: the raster is missing or damaged.
    """
    try:
        with _opened(folder / layer.filename) as source:
            far = _from_afar(source, square, int(px)) if square[2] < source.minzoom else None
            image = source.tile(*square, tilesize=int(px), resampling_method=layer.resampling, vrt_options=far)
    except TileOutsideBounds:
        return None
    colours = layer.colours() if layer.colours else None
    png: bytes = image.render(img_format="PNG", colormap=colours)
    return png


def bounds_of(path: Path) -> Bounds:
    """West, south, east, north of a raster in degrees; DataError when it is missing or damaged."""
    with _opened(path) as source:
        west, south, east, north = map(float, source.get_geographic_bounds(WGS84_CRS))
    return west, south, east, north


def _from_afar(source: Reader, square: tuple[int, int, int], px: int) -> dict[str, object]:
    """Warp straight to the square's own pixels: by default all of it, up to the world, is warped at 10 m first."""
    bounds = source.tms.xy_bounds(Tile(*square))
    return {"transform": from_bounds(*bounds, px, px), "width": px, "height": px}


@contextmanager
def _opened(path: Path) -> Iterator[Reader]:
    try:
        with Reader(str(path)) as source:
            yield source
    except RasterioError as error:
        raise DataError("LAYER_UNREADABLE", f"{path.name} cannot be read.", "Run the season again.") from error


def _rgba(colour: str) -> tuple[int, int, int, int]:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue, _OPAQUE


def _ramp(stops: tuple[str, ...]) -> Colours:
    """Straight lines between evenly spaced stops, one colour for every whole percent."""
    anchors = [_rgba(stop) for stop in stops]
    colours: Colours = {}
    for percent in range(_PERCENT + 1):
        place = percent / _PERCENT * (len(anchors) - 1)
        lower = min(int(place), len(anchors) - 2)
        share = place - lower
        mixed = [round(a + (b - a) * share) for a, b in zip(anchors[lower], anchors[lower + 1], strict=True)]
        colours[percent] = (mixed[0], mixed[1], mixed[2], _OPAQUE)
    return colours
