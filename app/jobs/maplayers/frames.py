"""What a cube shows of one day, as bytes, on the squares of a map."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from odc.geo.geobox import GeoBox
from rasterio.enums import Resampling
from rasterio.transform import Affine
from rasterio.warp import reproject
from rasterio.windows import Window
from rasterio.windows import transform as window_transform

from app.jobs.maplayers.squares import MERCATOR, Squares
from app.maplayers.colours import NDVI_MOST, NDVI_STEPS
from geo.bands import band_index
from tiles.clear import Mask
from tiles.cube import NODATA, STEPS_PER_UNIT, days_of, geobox_of
from tiles.mosaic import true_colour
from tiles.store import open_cube
from tiles.windows import read_window

Image = npt.NDArray[np.uint8]

_RED, _NIR = band_index("B04"), band_index("B08")
_OPAQUE: Final = 255


@dataclass(frozen=True, slots=True)
class Cube:
    """A cube of a run.

    Attributes:
        tile: name of its processing tile.
        place: where it lies.
        grid: its pixels.
        days: its solar days, in the order of its layers.
        scenes: ids of the scenes of each day, apart by blanks.
        hashes: of the scenes of each day.
    """

    tile: str
    place: Path
    grid: GeoBox
    days: tuple[date, ...]
    scenes: tuple[str, ...]
    hashes: tuple[str, ...]


def open_frames(tile: str, place: Path) -> Cube:
    """A finished cube; DataError where it is damaged."""
    opened = open_cube(place, verify=False, unpack=False)
    scenes, hashes = (tuple(map(str, opened[name].to_numpy())) for name in ("items", "source_hash"))
    return Cube(tile, place, geobox_of(opened), days_of(opened), scenes, hashes)


@dataclass(frozen=True, slots=True)
class Frame:
    """A day of a cube on a window of the squares.

    Attributes:
        window: of the squares.
        colour: (4, y, x) red, green, blue and alpha, 0 or 255; clouds as they are.
        ndvi: (1, y, x) bytes of app.maplayers.colours, 0 where the ground is not seen.
    """

    window: Window
    colour: Image
    ndvi: Image


def frame_of(cube: Cube, day: date, squares: Squares) -> Frame:
    """A day of a cube, warped; memory holds the day of one processing tile.

    Colours are interpolated linearly, NDVI is that of the nearest pixel: what is shown of it was measured.

    Raises:
        DataError: the cube is damaged.
    """
    at = cube.days.index(day)
    stored = read_window(cube.place, ("reflectance", "mask"), {"time": slice(at, at + 1)})
    colour, ndvi = _pictures(stored["reflectance"], stored["mask"])
    window = squares.window(cube.grid)
    where = window_transform(window, squares.profile["transform"])
    seen = _warped(colour, cube.grid, where, window, Resampling.bilinear)
    alpha = np.where(seen.all(axis=0), _OPAQUE, 0).astype(np.uint8)
    shown = np.concatenate([np.where(alpha, seen, 0).astype(np.uint8), alpha[None]])
    return Frame(window, shown, _warped(ndvi, cube.grid, where, window, Resampling.nearest))


def _pictures(stored: npt.NDArray[np.int16], mask: npt.NDArray[np.uint8]) -> tuple[Image, Image]:
    """Colours (3, y, x) and NDVI (1, y, x) as bytes, 0 no data, of one day (1, band, y, x)."""
    there = (stored != NODATA).all(axis=1)
    values = np.where(there[:, None], stored, 0).astype(np.float32) / np.float32(STEPS_PER_UNIT)
    red, nir = values[0, _RED], values[0, _NIR]
    clear = there[0] & (mask[0] == Mask.CLEAR) & (red + nir > 0)
    ndvi = np.where(clear, nir - red, 0.0) / np.where(clear, nir + red, 1.0)
    byte = np.clip(np.rint((ndvi + 1) * NDVI_STEPS) + 1, 1, NDVI_MOST)
    return true_colour(values, there), np.where(clear, byte, 0).astype(np.uint8)[None]


def _warped(image: Image, grid: GeoBox, where: Affine, window: Window, how: Resampling) -> Image:
    out = np.zeros((len(image), window.height, window.width), dtype=np.uint8)
    reproject(
        image,
        out,
        src_transform=grid.affine,
        src_crs=str(grid.crs),
        src_nodata=0,
        dst_transform=where,
        dst_crs=MERCATOR,
        dst_nodata=0,
        resampling=how,
        num_threads=1,
    )
    return out
