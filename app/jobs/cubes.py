"""Which cubes are asked for: whole tiles of an area, each with a season a unit under its own folder or prefix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pystac

from app.jobs.area import lonlat_bounds, tiles_of_box, tiles_of_parcels
from app.jobs.imagery import CubeWork, WantedSteps
from app.jobs.radar import RadarWork
from app.jobs.request import WORKER_MEMORY_MIB
from geo.grid import Bounds, TileKey, snapped_geobox
from geo.parcels import read_parcels
from geo.season import Season
from tiles.clear import Masking
from tiles.plan import touching
from tiles.sources.base import RadarKind, RadarSource, Source
from tiles.steps import Statistic


@dataclass(frozen=True, slots=True)
class CubeRequest:
    """Which cubes are asked for.

    Attributes:
        catalog: where the scenes come from, as the user named it.
        season: first and last day.
        out: folder, or address such as s3://bucket/prefix, that holds the cubes.
        parcels: parcel file whose tiles are wanted; None where a box is given.
        bbox: box in degrees whose tiles are wanted; None where parcels are given.
        parcels_crs: CRS of a parcel file that states none.
        scheduler: address of an existing Dask scheduler.
        workers: local worker processes; None means one for each core.
        memory_mib: memory of each worker process, MiB.
        steps: statistic of ten-day steps that are wanted beside each cube; None for none.
        masking: how clear pixels are told from others.
        radar: where radar scenes come from, as the user named it; None for none.
        radar_kind: what the user declares radar scenes to be that do not say that they are terrain-corrected.
    """

    catalog: str
    season: Season
    out: str
    parcels: Path | None = None
    bbox: Bounds | None = None
    parcels_crs: str | None = None
    scheduler: str | None = None
    workers: int | None = None
    memory_mib: int = WORKER_MEMORY_MIB
    steps: Statistic | None = None
    masking: Masking = field(default_factory=Masking)
    radar: str | None = None
    radar_kind: RadarKind | None = None

    def place(self, tile: str) -> str:
        """Where the cube of a tile goes."""
        return f"{self.out.rstrip('/')}/{unit_name(tile, self.season)}"

    def names(self, tile: str) -> tuple[str, ...]:
        """Units of a tile: its cube, its steps where they are wanted, and the same of radar."""
        cube = unit_name(tile, self.season)
        optical = (cube,) if self.steps is None else (cube, f"{cube}_{self.steps}")
        return optical if self.radar is None else (*optical, *self.radar_names(tile))

    def radar_names(self, tile: str) -> tuple[str, ...]:
        """Units of a tile's radar: its passes, and ten-day means of each track where steps are wanted."""
        passes = f"{unit_name(tile, self.season)}_radar"
        return (passes,) if self.steps is None else (passes, f"{passes}_mean")

    def wanted_steps(self, tile: str) -> WantedSteps | None:
        """The ten-day steps of a tile, where they are wanted."""
        if self.steps is None:
            return None
        return WantedSteps(f"{self.place(tile)}_{self.steps}", self.season, self.steps)


@dataclass(frozen=True, slots=True)
class Area:
    """What a request comes to.

    Attributes:
        bounds: box around it, degrees.
        items: scenes of the season over the area.
        works: cubes of the tiles that scenes touch.
        empty: names of tiles that none touches.
    """

    bounds: Bounds
    items: tuple[pystac.Item, ...]
    works: tuple[CubeWork, ...]
    empty: tuple[str, ...]


def unit_name(tile: str, season: Season) -> str:
    """Path of a unit below the request's place: "32631_56_549/2018-10-01_2019-10-31"."""
    return f"{tile}/{season.start}_{season.end}"


def find_area(request: CubeRequest, source: Source) -> Area:
    """Tiles of a request and the scenes that touch them.

    Raises:
        InputError: the parcels or the box cannot be used, or the source holds no scene of the area and season.
    """
    bounds, keys = _wanted(request)
    items = tuple(source.search(bounds, request.season))
    works, empty = [], []
    for key in keys:
        grid = snapped_geobox(key.bounds, key.epsg)
        near = tuple(touching(items, grid))
        if near:
            place, steps = request.place(key.name), request.wanted_steps(key.name)
            works.append(CubeWork(key.name, near, grid, place, masking=request.masking, steps=steps))
        else:
            empty.append(key.name)
    return Area(bounds, items, tuple(works), tuple(empty))


def find_radar(
    request: CubeRequest, source: RadarSource, area: Area
) -> tuple[tuple[pystac.Item, ...], tuple[RadarWork, ...]]:
    """Radar scenes of a request's area, and the cubes of the tiles that they touch.

    Raises:
        InputError: the source holds no such scene, or one is not terrain-corrected.
    """
    items = tuple(source.search_radar(area.bounds, request.season, request.radar_kind))
    return items, tuple(_radar_works(request, area.works, items))


def _radar_works(request: CubeRequest, cubes: Sequence[CubeWork], items: Sequence[pystac.Item]) -> Iterator[RadarWork]:
    for cube in cubes:
        near = tuple(touching(items, cube.geobox))
        if near:
            passes, *steps = (f"{request.out.rstrip('/')}/{name}" for name in request.radar_names(cube.name))
            yield RadarWork(cube.name, near, cube.geobox, passes, request.season, steps[0] if steps else None)


def _wanted(request: CubeRequest) -> tuple[Bounds, tuple[TileKey, ...]]:
    if request.bbox is not None:
        return request.bbox, tiles_of_box(request.bbox)
    if request.parcels is None:
        raise ValueError("neither parcels nor a box")
    frame = read_parcels(request.parcels, crs=request.parcels_crs).frame
    return lonlat_bounds(frame), tiles_of_parcels(frame)
