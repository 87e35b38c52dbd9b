"""A few pixels of some scenes, thinned out on reading, for the guard to look at."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

import numpy as np
import pystac
import rasterio
from numpy.typing import NDArray
from rasterio.errors import RasterioError
from rasterio.windows import Window, from_bounds

from geo.bands import BANDS, SCL
from geo.errors import AcrelineError
from geo.grid import Bounds
from geo.lonlat import metres_of
from tiles.access import explain, gdal_options, opened
from tiles.access.statuses import unreadable
from tiles.guard.evidence import Sample, classified
from tiles.guard.groups import grouped
from tiles.reader import quieten_placeless
from tiles.sources.base import acquired_at

#: Scenes looked at in each group.
SCENES: Final = 24

#: Part of a scene that is looked at, pixels of its 10 m bands, and the points taken along each side of it.
_REACH_PX: Final = 2048
_SIDE: Final = 256
#: The least of it: verdicts are about a group's processing, not a place, and a single field holds too few targets.
_LEAST_PX: Final = 2 * _SIDE

_THREADS: Final = 8
_UNKNOWN_COVER: Final = 50.0

Read: TypeAlias = Callable[[pystac.Item, Bounds | None], Sample | None]


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a scene is sampled: a box in its own CRS, and rows and columns of points."""

    bounds: Bounds
    shape: tuple[int, int]
    crs: str

    @property
    def name(self) -> str:
        return f"{self.crs} {self.bounds} {self.shape}"


def take_samples(
    items: Iterable[pystac.Item], area: Bounds | None = None, *, scenes: int = SCENES, read: Read | None = None
) -> tuple[dict[str, Sample], dict[str, str]]:
    """Pixels of some scenes of each group: spread over its time, the least cloudy of each stretch.

    Args:
        items: Sentinel-2 L2A items from a `Source`, local or remote.
        area: (west, south, east, north) in degrees to keep to, west > east across 180 degrees; None: whole scenes. Of
            a scene that reaches a small one its surroundings are looked at too, 5.12 km wide and high.
        scenes: most scenes of a group to look at.
        read: gives the sample of one scene, None where it does not reach the area; by default `read_sample`.

    Returns:
        Samples by item id, and by item id the message of those that could not be read.

    Raises:
        TransientError: a source did not answer for a scene.
        AcrelineError: not one scene could be read; the first error.
    """
    chosen = [item for group in grouped(items).values() for item in spread(group, scenes)]
    quieten_placeless()
    look = partial(_tried, read or read_sample, area)
    with ThreadPoolExecutor(_THREADS) as pool:
        seen = list(pool.map(look, chosen))
    faults = {item.id: found for item, found in zip(chosen, seen, strict=True) if isinstance(found, AcrelineError)}
    if faults and len(faults) == len(chosen):
        raise next(iter(faults.values()))
    samples = {found.scene: found for found in seen if isinstance(found, Sample)}
    return samples, {scene: str(fault) for scene, fault in faults.items()}


def spread(items: Sequence[pystac.Item], count: int) -> list[pystac.Item]:
    """At most `count` items: the stretch of time cut into as many parts, the least cloudy item of each."""
    timed = sorted(items, key=lambda item: (acquired_at(item), item.id))
    parts = [part.tolist() for part in np.array_split(np.arange(len(timed)), min(count, len(timed)))]
    return [min((timed[i] for i in part), key=_cover) for part in parts]


def read_sample(item: pystac.Item, area: Bounds | None = None) -> Sample | None:
    """Thinned-out pixels of one scene; None where it does not reach the area.

    Raises:
        AcrelineError: a file cannot be read; see `tiles.access.explain`.
    """
    spot = _with_file(item, BANDS[0], partial(_spot, href=item.assets[BANDS[0]].href, area=area))
    if spot is None:
        return None
    bands = [_with_file(item, band, partial(_thinned, spot=spot)) for band in BANDS]
    scl = _with_file(item, SCL, partial(_thinned, spot=spot), OVERVIEW_LEVEL="NONE")  # averaged classes mean nothing
    return classified(item.id, acquired_at(item).date(), spot.name, np.stack(bands), scl.astype(np.uint8))


def _tried(read: Read, area: Bounds | None, item: pystac.Item) -> Sample | AcrelineError | None:
    try:
        return read(item, area)
    except AcrelineError as error:
        if error.retryable:  # to be tried again: verdicts must not hang on how the network fares
            raise
        return error


def _cover(item: pystac.Item) -> float:
    said = item.properties.get("eo:cloud_cover")
    return float(said) if isinstance(said, int | float) else _UNKNOWN_COVER


def _with_file(item: pystac.Item, band: str, use: Callable[[Any], Any], **options: str) -> Any:
    """What `use` makes of the opened file of a band."""
    href = item.assets[band].href
    try:
        with rasterio.Env(**gdal_options(href)), rasterio.open(opened(href), **options) as file:
            return use(file)
    except RasterioError as error:
        fault = explain(error, href)
    raise fault


def _spot(file: Any, href: str, area: Bounds | None) -> _Spot | None:
    """The middle of what a scene shows of the area or around it, on even pixels so that 20 m bands fit."""
    if file.crs is None or file.transform.is_identity:
        raise unreadable(href, "it has no CRS or no geotransform")
    wanted = Window(0, 0, file.width, file.height)
    code = file.crs.to_epsg()
    if area is not None and code is not None:
        wanted = from_bounds(*metres_of(area, code), file.transform)
    rows = _stretch(wanted.row_off, wanted.height, file.height)
    columns = _stretch(wanted.col_off, wanted.width, file.width)
    if rows is None or columns is None:
        return None
    (top, height), (left, width) = rows, columns
    bounds = rasterio.windows.bounds(Window(left, top, width, height), file.transform)
    return _Spot(bounds, (_points(height), _points(width)), str(file.crs))


def _stretch(start: float, length: float, size: int) -> tuple[int, int] | None:
    """First pixel and length of the middle of a stretch on a raster's axis, with its surroundings where it is short.

    None where they do not meet.
    """
    low, high = max(math.floor(start), 0), min(math.ceil(start + length), size)
    if high <= low:
        return None
    if high - low < _LEAST_PX:
        wanted = min(_LEAST_PX, size)
        low = min(max((low + high - wanted) // 2, 0), size - wanted) // 2 * 2
        high = low + wanted
    spare = max(high - low - _REACH_PX, 0) // 2
    low, high = low + spare, high - spare
    low -= low % 2
    return low, min(high + high % 2, size) - low


def _points(length: int) -> int:
    """Points along a stretch of 10 m pixels: one in two or fewer."""
    step = 2 * math.ceil(length / 2 / _SIDE)
    return max(length // step, 1)


def _thinned(file: Any, spot: _Spot) -> NDArray[np.float32]:
    """Numbers of a band at a spot's points, flat; 0 where there is none."""
    window = from_bounds(*spot.bounds, file.transform)
    numbers = file.read(1, window=window, out_shape=spot.shape, boundless=False).astype(np.float32)
    flat: NDArray[np.float32] = np.where(numbers == file.nodata, 0, numbers).ravel()
    return flat
