"""Pictures of a parcel before and after what an alert is about, from the cubes of its run: for looking at."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
import xarray as xr
from affine import Affine
from pyproj import Transformer
from rasterio.features import rasterize
from rio_tiler.utils import render
from shapely.geometry.base import BaseGeometry

from geo.bands import RESOLUTION_M
from geo.errors import DataError
from geo.files import whole_file
from geo.grid import TILE_M, Bounds, TileKey
from geo.manifest import MANIFEST_NAME
from geo.utm import utm_epsg
from tiles.cube import days_of
from tiles.mosaic import true_colour
from tiles.store import is_complete, open_cube

Rgb = npt.NDArray[np.uint8]

#: Around the outline: at least so many metres, and this share of the parcel's longer side.
_MARGIN_M: Final = 60.0
_MARGIN_SHARE: Final = 0.25
#: Side that a picture is scaled up to, about, and the most by which a pixel is.
_SIDE_PX: Final = 320
_MOST_SCALE: Final = 16
_OUTLINE: Final = (255, 220, 0)
_NAME_DIGITS: Final = 16
_CUBES: Final = 8


@dataclass(frozen=True, slots=True)
class Subject:
    """What is to be shown.

    Attributes:
        key: of the alert.
        outline: of the parcel, degrees on WGS 84.
        days: day by name of the picture ("before", "after").
    """

    key: str
    outline: BaseGeometry
    days: Mapping[str, date]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Pictures by alert: name of the picture -> day and file; and how many could not be made for want of a cube."""

    chips: dict[str, dict[str, dict[str, str]]]
    without_cube: int


def draw_chips(run: Path, folder: Path, subjects: Sequence[Subject], done: Callable[[], None]) -> Drawn:
    """Draw all pictures into a folder, as PNG files named by the hash of their content.

    Args:
        run: folder of the run, with its cubes under work/cube.
        folder: where "chips" goes; the names in the result are relative to it.
        subjects: what is to be shown.
        done: told after each subject.
    """
    cubes = _Cubes(run / "work" / "cube")
    chips: dict[str, dict[str, dict[str, str]]] = {}
    missing = 0
    for subject in subjects:
        made = {}
        for name, day in subject.days.items():
            picture = _picture(cubes, subject.outline, day)
            if picture is None:
                missing += 1
            else:
                made[name] = {"day": day.isoformat(), "file": _keep(folder, picture)}
        chips[subject.key] = made
        done()
    return Drawn(chips, missing)


class _Cubes:
    """Stored cubes of a run, opened once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.of_tile = lru_cache(maxsize=_CUBES)(self._of_tile)

    def _of_tile(self, tile: str) -> tuple[xr.Dataset, ...]:
        """Cubes of a tile, the newest first: a folder may still hold that of an earlier run."""
        places = [path.parent for path in (self._root / tile).glob(f"*/{MANIFEST_NAME}")]
        places.sort(key=lambda place: (place / MANIFEST_NAME).stat().st_mtime, reverse=True)
        return tuple(open_cube(place, verify=False) for place in places if is_complete(place))

    def with_day(self, tile: str, day: date) -> tuple[xr.Dataset, int] | None:
        for cube in self.of_tile(tile):
            days = days_of(cube)
            if day in days:
                return cube, days.index(day)
        return None


def _picture(cubes: _Cubes, outline: BaseGeometry, day: date) -> bytes | None:
    """PNG of a parcel on a day; None where no cube holds it."""
    shape, tile = _on_grid(outline)
    found = cubes.with_day(tile.name, day)
    if found is None:
        return None
    cube, time = found
    left, bottom, right, top = _around(shape.bounds)
    seen = cube.reflectance.isel(time=time).sel(x=slice(left, right), y=slice(top, bottom))
    if not seen.size:
        return None
    values = seen.to_numpy()[None]
    colours = true_colour(values, np.isfinite(values).all(axis=1))
    corner = float(seen.x[0]) - RESOLUTION_M / 2, float(seen.y[0]) + RESOLUTION_M / 2
    return _png(colours, shape, corner)


def _on_grid(outline: BaseGeometry) -> tuple[BaseGeometry, TileKey]:
    """The outline in metres of its zone, and the processing tile that holds its middle."""
    middle = outline.representative_point()
    epsg = utm_epsg(middle.x, middle.y)
    zone = _to_zone(epsg)
    shape = shapely.transform(outline, lambda points: np.column_stack(zone.transform(points[:, 0], points[:, 1])))
    at = shape.representative_point()
    return shape, TileKey(epsg, math.floor(at.x / TILE_M), math.floor(at.y / TILE_M))


@lru_cache(maxsize=4)
def _to_zone(epsg: int) -> Transformer:
    return Transformer.from_crs(4326, epsg, always_xy=True)


def _around(bounds: Bounds) -> Bounds:
    left, bottom, right, top = bounds
    margin = max(_MARGIN_M, _MARGIN_SHARE * max(right - left, top - bottom))
    return left - margin, bottom - margin, right + margin, top + margin


def _png(colours: Rgb, shape: BaseGeometry, corner: tuple[float, float]) -> bytes:
    """Scaled up without smoothing, so that a pixel stays a pixel, with the outline over it."""
    scale = min(_MOST_SCALE, max(1, round(_SIDE_PX / max(colours.shape[1:]))))
    large = colours.repeat(scale, axis=1).repeat(scale, axis=2)
    step = RESOLUTION_M / scale
    at = Affine(step, 0, corner[0], 0, -step, corner[1])
    line = rasterize([shape.boundary.buffer(step)], out_shape=large.shape[1:], transform=at).astype(bool)
    for band, value in enumerate(_OUTLINE):
        large[band][line] = value
    seen = np.where(large.any(axis=0), 255, 0).astype(np.uint8)
    png: bytes = render(large, seen, img_format="PNG")
    return png


def _keep(folder: Path, picture: bytes) -> str:
    """Write a picture and give its name; DataError where the folder cannot be written to."""
    name = f"chips/{hashlib.sha256(picture).hexdigest()[:_NAME_DIGITS]}.png"
    try:
        with whole_file(folder / name) as part:
            part.write_bytes(picture)
    except OSError as error:
        raise DataError("OUT_UNWRITABLE", f"{folder / name} cannot be written ({error.strerror}).") from error
    return name
