"""What a build of cubes will take, before it is begun."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import pystac

from app.jobs.cubes import Area, CubeRequest
from app.jobs.imagery import CubeWork
from geo.bands import BANDS, RESOLUTION_M
from geo.grid import Bounds, intersect, parse_tile
from geo.lonlat import lonlat_of, meet, metres_of, pieces
from tiles.access.hrefs import is_remote
from tiles.build import blocks_of
from tiles.cube import read_block
from tiles.plan import CubePlan
from tiles.reader import Window
from tiles.sources.base import box_of
from tiles.store import is_complete

#: Pixels times dates that one worker reads, masks and writes in a second of one core: 2.6 million were measured on the
#: simulated county of the demo (512 x 512 px, 45 dates, ten bands, local files). `measured_rate` tells it for a place.
USUAL_RATE: Final = 2_500_000.0

#: Stored size of a cube as part of its size in memory, measured on the same county.
_STORED_SHARE: Final = 0.38
#: Size of a scene's files as part of their pixels, where nobody states it.
_FILE_SHARE: Final = 0.7
_BYTES: Final = 2
_CUBE_BYTES: Final = 2 * len(BANDS) + 2  # bands, classes, mask
#: 10 m pixels that the assets of a scene hold for each pixel of the grid: four bands at 10 m, six and classes at 20 m.
_ASSET_PIXELS: Final = 4 + 7 / 4
_SAMPLE_PX: Final = 256
_MIB: Final = 2**20


@dataclass(frozen=True, slots=True)
class TileForecast:
    """One tile of a forecast.

    Attributes:
        tile: its name.
        scenes: scenes that touch it.
        dates: solar days among them.
        blocks: tasks that its cube is cut into.
        complete: whether a cube of it is there already.
    """

    tile: str
    scenes: int
    dates: int
    blocks: int
    complete: bool


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a build will take.

    Attributes:
        season_id: the season.
        tiles: every tile that scenes touch.
        empty: names of tiles that none touches.
        scenes: scenes over the area.
        bytes_to_read: of the scenes' files, for tiles that are not complete.
        sizes_known: share of the scenes whose files' sizes are known, 0 to 1; the others are estimated.
        bytes_to_write: stored size of the cubes that are not complete.
        memory_mib: what each worker may take.
        workers: they work at the same time.
        rate: pixels times dates that a worker does in a second.
        rate_from: where that figure comes from.
        seconds: expected time, the network not counted.
    """

    season_id: str
    tiles: tuple[TileForecast, ...]
    empty: tuple[str, ...]
    scenes: int
    bytes_to_read: int
    sizes_known: float
    bytes_to_write: int
    memory_mib: int
    workers: int
    rate: float
    rate_from: str
    seconds: float

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return asdict(self)


def forecast(request: CubeRequest, area: Area, workers: int, rate: float | None = None) -> Forecast:
    """What building an area will take; opens no raster.

    Args:
        request: what was asked.
        area: its tiles and scenes.
        workers: processes at work.
        rate: from `measured_rate`; None takes `USUAL_RATE`.

    Raises:
        InputError: the memory of a worker does not hold one block.
    """
    tiles = [_tile(work, request.memory_mib) for work in area.works]
    missing = [work for work, tile in zip(area.works, tiles, strict=True) if not tile.complete]
    layers = sum(tile.dates * work.geobox.shape[0] * work.geobox.shape[1] for work, tile in _left(area, tiles))
    sizes = {item.id: _stated_bytes(item) for item in area.items}
    known = sum(size is not None for size in sizes.values())
    speed = rate or USUAL_RATE
    return Forecast(
        season_id=request.season.id,
        tiles=tuple(tiles),
        empty=area.empty,
        scenes=len(area.items),
        bytes_to_read=round(sum(_bytes_of(item, work, sizes[item.id]) for work in missing for item in work.items)),
        sizes_known=round(known / max(1, len(sizes)), 3),
        bytes_to_write=round(layers * _CUBE_BYTES * _STORED_SHARE),
        memory_mib=request.memory_mib,
        workers=workers,
        rate=round(speed),
        rate_from="measured here" if rate else "as measured on the demo, local files, a core for each worker",
        seconds=round(layers / speed / workers, 1),
    )


def measured_rate(area: Area) -> float:
    """Pixels times dates in a second that this machine reads and masks: a square that scenes fill, read twice.

    The second reading counts, so that neither start-up nor a cold disk does.

    Raises:
        AcrelineError: the square cannot be read.
    """
    plan = _planned(area.works[0])
    window = _sample(area.works[0])
    read_block(plan, window)
    started = time.perf_counter()
    read_block(plan, window)
    return len(plan.days) * _SAMPLE_PX**2 / (time.perf_counter() - started)


def _sample(work: CubeWork) -> Window:
    """Square in the middle of what a tile and its first scene share."""
    key = parse_tile(work.name)
    left, bottom, right, top = intersect(key.bounds, metres_of(box_of(work.items[0]), key.epsg)) or key.bounds
    rows, columns = work.geobox.shape
    row = (key.bounds[3] - (bottom + top) / 2) / RESOLUTION_M - _SAMPLE_PX / 2
    column = ((left + right) / 2 - key.bounds[0]) / RESOLUTION_M - _SAMPLE_PX / 2
    first_row, first_column = (
        max(0, min(round(at), size - _SAMPLE_PX)) for at, size in ((row, rows), (column, columns))
    )
    return Window(first_row, first_row + _SAMPLE_PX, first_column, first_column + _SAMPLE_PX)


def _left(area: Area, tiles: Sequence[TileForecast]) -> list[tuple[CubeWork, TileForecast]]:
    return [(work, tile) for work, tile in zip(area.works, tiles, strict=True) if not tile.complete]


def _planned(work: CubeWork) -> CubePlan:
    """The plan without content hashes, which would read every file."""
    return work.plan({item.id: "" for item in work.items})


def _tile(work: CubeWork, memory_mib: int) -> TileForecast:
    plan = _planned(work)
    return TileForecast(
        tile=work.name,
        scenes=len(work.items),
        dates=len(plan.days),
        blocks=len(blocks_of(plan, memory_mib * _MIB)),
        complete=is_complete(work.place),
    )


def _stated_bytes(item: pystac.Item) -> int | None:
    """Size of all files of a scene: stated by the catalogue or told by the disk, None where neither does."""
    total = 0
    for asset in item.assets.values():
        size = asset.extra_fields.get("file:size")
        if size is None and not is_remote(asset.href):
            path = Path(asset.href)
            size = path.stat().st_size if path.is_file() else None
        if size is None:
            return None
        total += int(size)
    return total


def _bytes_of(item: pystac.Item, work: CubeWork, size: int | None) -> float:
    """Bytes of a scene's files that a tile needs."""
    share = _share_of(box_of(item), _lonlat(work))
    if size is not None:
        return share * size
    height, width = work.geobox.shape
    return height * width * _ASSET_PIXELS * _BYTES * _FILE_SHARE


def _lonlat(work: CubeWork) -> Bounds:
    left, bottom, right, top = work.geobox.boundingbox.bbox
    return lonlat_of((left, bottom, right, top), parse_tile(work.name).epsg)


def _share_of(scene: Bounds, tile: Bounds) -> float:
    """Part of a scene's box that lies in a tile's."""
    whole = sum(_area(piece) for piece in pieces(scene))
    common = sum(_overlap(one, other) for one in pieces(scene) for other in pieces(tile) if meet(one, other))
    return common / whole if whole else 0.0


def _area(box: Bounds) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _overlap(one: Bounds, other: Bounds) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(width, 0.0) * max(height, 0.0)
