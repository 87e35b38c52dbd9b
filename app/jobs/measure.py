"""From stored cubes to finished tiles: series, maps and pictures, each a stage of its own."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

import geopandas as gpd
import pystac
from odc.geo.geobox import GeoBox

from app.jobs.blocks import BLOCK_PX, DATES, LAYERS, picture_block, series_part
from app.jobs.contents import Contents
from app.jobs.crew import Crew
from app.jobs.maps import Network, Stores, chunk_file, chunks_of, encode_chunk, map_block
from app.jobs.plan import ALIGN_PX, HALO_PX, TilePlan, ZonePlan
from app.jobs.progress import Reporter
from app.jobs.stages import Stage, Workshop
from geo.coverage import cached_coverage, full_pixels
from geo.files import fingerprint
from geo.season import Season
from tiles.clear import Masking
from tiles.cube import days_of
from tiles.guard import ReflectanceRule
from tiles.plan import touching
from tiles.radar.scenes import KIND_PROPERTY
from tiles.reader import Window
from tiles.store import open_cube

#: Raised by hand when what a stage writes changes in meaning.
_VERSION: Final = {"cube": 2, "series": 2, "map": 4, "picture": 2, "radar": 1, "radarseries": 1}

#: Folder in a stage's own, for what later parts of it need; gone when the stage is finished.
_SCRATCH: Final = "scratch"

#: Parcels with at least this many whole pixels, this far off the border, are named from their inner part.
_INNER_PX: Final = 8
_INWARD_M: Final = 5.0


@dataclass(frozen=True, slots=True)
class TileWork:
    """Everything that is made of one tile.

    Attributes:
        plan: the tile.
        shapes: outlines of its parcels, in the order of plan.parcels.
        items: scenes that touch it.
        scenes: their content hashes by id; one that cannot be used has none.
        keys: fingerprint of each stage: cube, series, map, picture; radar and radarseries where a radar scene touches
            it.
        rules: their reflectance rules by id, where more is known than their metadata say.
        masking: how clear pixels are told from others.
        radar: radar scenes that touch it, where the network shall see them.
        radar_scenes: their content hashes by id; one that cannot be used has none.
    """

    plan: TilePlan
    shapes: gpd.GeoSeries
    items: tuple[pystac.Item, ...]
    scenes: dict[str, str]
    keys: dict[str, str]
    rules: dict[str, ReflectanceRule] = field(default_factory=dict)
    masking: Masking = field(default_factory=Masking)
    radar: tuple[pystac.Item, ...] = ()
    radar_scenes: dict[str, str] = field(default_factory=dict)

    def stage_name(self, what: str) -> str:
        """Name of a stage of this tile."""
        return f"{what}/{self.plan.key.name}"

    @property
    def core(self) -> Window:
        """The core on the cube's grid."""
        row, column = self.plan.offset
        height, width = self.plan.core.shape
        return Window(row, row + height, column, column + width)

    def blocks(self) -> Iterator[Window]:
        """Blocks of the core, of about equal size, on the network's grid."""
        height, width = self.plan.core.shape
        rows, columns = _even_step(height), _even_step(width)
        for top in range(0, height, rows):
            for left in range(0, width, columns):
                yield Window(top, min(top + rows, height), left, min(left + columns, width))


def _even_step(size_px: int) -> int:
    """Side of blocks that cut a length evenly: a sliver at the end would cost a whole halo."""
    count = math.ceil(size_px / BLOCK_PX)
    return math.ceil(size_px / count / ALIGN_PX) * ALIGN_PX


def tile_works(
    zones: Sequence[ZonePlan],
    items: Sequence[pystac.Item],
    contents: Contents,
    rules: Mapping[str, ReflectanceRule],
    masking: Masking,
    season: Season,
    model_hash: str,
    radar: Sequence[pystac.Item] = (),
) -> list[TileWork]:
    """The work on every tile, with what each part of it depends on."""
    works = []
    for zone in zones:
        for plan in zone.tiles:
            shapes = zone.shapes.iloc[plan.parcels]
            over, beside = tuple(touching(items, plan.cube)), tuple(touching(radar, plan.cube))
            scenes, passes = _hashes(over, contents), _hashes(beside, contents)
            judged = {item.id: rules[item.id] for item in over if item.id in rules}
            kinds = sorted({str(item.properties[KIND_PROPERTY]) for item in beside})
            seen: list[object] = [passes, kinds] if beside else []
            keys = _keys(plan, shapes, [scenes, judged, masking], seen, season, model_hash)
            works.append(TileWork(plan, shapes, over, scenes, keys, judged, masking, beside, passes))
    return works


def _hashes(items: Sequence[pystac.Item], contents: Contents) -> dict[str, str]:
    return {item.id: contents.hashes[item.id] for item in items if item.id in contents.hashes}


def _keys(
    plan: TilePlan, shapes: gpd.GeoSeries, imagery: list[object], radar: list[object], season: Season, model_hash: str
) -> dict[str, str]:
    outlines = fingerprint(*(shape.wkb_hex for shape in shapes))
    cube = fingerprint("cube", _VERSION["cube"], _grid(plan.cube), season.id, imagery)
    core = _grid(plan.core)
    beside, means = {}, {}
    if radar:
        beside["radar"] = fingerprint("radar", _VERSION["radar"], _grid(plan.cube), season.id, radar)
        means["radarseries"] = fingerprint("radarseries", _VERSION["radarseries"], beside["radar"], core, outlines)
    return {
        "cube": cube,
        "series": fingerprint("series", _VERSION["series"], cube, core, outlines, list(LAYERS)),
        "map": fingerprint(
            "map", _VERSION["map"], cube, core, outlines, model_hash, BLOCK_PX, HALO_PX, *beside.values()
        ),
        "picture": fingerprint("picture", _VERSION["picture"], cube, core, BLOCK_PX),
        **beside,
        **means,
    }


def _grid(geobox: GeoBox) -> list[object]:
    return [str(geobox.crs), list(geobox.shape), [float(value) for value in geobox.affine[:6]]]


#: What a worker does for one part, and the arguments of every part.
Parts: TypeAlias = tuple[Callable[..., Path], list[tuple[object, ...]]]


@dataclass(frozen=True, slots=True)
class TileKind:
    """How one kind of stage is cut into parts.

    Attributes:
        label: name on the progress bar.
        what: name of the stage.
        passes: of the work, one after the other, given the tile, its cube and the stage's folder.
    """

    label: str
    what: str
    passes: Callable[[TileWork, Path, Path], list[Parts]]


def make_series(
    shop: Workshop, works: Sequence[TileWork], cubes: dict[str, Stage], crew: Crew, report: Reporter
) -> dict[str, Stage]:
    """Zonal sums of every tile: one part for every span of dates."""

    def passes(work: TileWork, cube: Path, folder: Path) -> list[Parts]:
        coverage = cached_coverage(work.shapes, work.plan.core, shop.root / "work" / "coverage")
        dates = open_cube(cube).sizes["time"]
        jobs: list[tuple[object, ...]] = [
            (cube, work.core, slice(first, first + DATES), coverage, folder / f"part-{first:04d}.npz")
            for first in range(0, dates, DATES)
        ]
        return [(series_part, jobs)]

    return make_stages(TileKind("Series", "series", passes), shop, works, cubes, crew, report)


def make_maps(
    shop: Workshop,
    works: Sequence[TileWork],
    cubes: dict[str, Stage],
    radars: dict[str, Stage],
    season: Season,
    network: Network,
    crew: Crew,
    report: Reporter,
) -> dict[str, Stage]:
    """Crop, probability and vigour of every tile: one part for every chunk of its cube, then one for every block.

    Tiles that have a radar cube are seen with it.
    """

    def passes(work: TileWork, cube: Path, folder: Path) -> list[Parts]:
        coverage = cached_coverage(_inner(work), work.plan.core, shop.root / "work" / "coverage")
        shape, scratch = work.plan.cube.shape.yx, folder / _SCRATCH
        blocks: list[tuple[object, ...]] = [
            (scratch, shape, work.core, block, coverage, network, folder / block_name(block))
            for block in work.blocks()
            if not (folder / block_name(block)).exists()
        ]
        stores = _stores(cube, radars.get(work.plan.key.name))
        chunks: list[tuple[object, ...]] = [
            (stores, chunk, season, network, chunk_file(scratch, chunk)) for chunk in chunks_of(shape) if blocks
        ]
        return [(encode_chunk, chunks), (map_block, blocks)]

    return make_stages(TileKind("Crop map", "map", passes), shop, works, cubes, crew, report)


def _stores(cube: Path, radar: Stage | None) -> Stores:
    """Stores of a tile; the optical cube's files were compared with their hashes when its series were made."""
    days = days_of(open_cube(cube, verify=False, unpack=False))
    if radar is None:
        return Stores(cube, days)
    passes = open_cube(radar.folder, unpack=False)
    return Stores(cube, days, radar.folder, tuple(passes.day.values.astype("datetime64[D]").tolist()))


def make_pictures(
    shop: Workshop, works: Sequence[TileWork], cubes: dict[str, Stage], crew: Crew, report: Reporter
) -> dict[str, Stage]:
    """True-colour picture of every tile: one part for every block."""

    def passes(work: TileWork, cube: Path, folder: Path) -> list[Parts]:
        return [(picture_block, [(cube, work.core, block, folder / block_name(block)) for block in work.blocks()])]

    return make_stages(TileKind("Picture", "picture", passes), shop, works, cubes, crew, report)


def block_name(block: Window) -> str:
    """File of a block."""
    return f"block-{block.top:05d}-{block.left:05d}.npz"


def _inner(work: TileWork) -> gpd.GeoSeries:
    """Outlines drawn inwards, off the mixed border, where enough of the parcel is left; whole outlines elsewhere."""
    inner = work.shapes.buffer(-_INWARD_M)
    enough = full_pixels(work.shapes, work.plan.core, inward_m=_INWARD_M) >= _INNER_PX
    return inner.where(enough, work.shapes)


def make_stages(
    kind: TileKind,
    shop: Workshop,
    works: Sequence[TileWork],
    cubes: dict[str, Stage],
    crew: Crew,
    report: Reporter,
) -> dict[str, Stage]:
    """One stage of every tile by name, from its finished cube; parts that lie there already are kept."""
    waiting = {
        work.plan.key.name: kind.passes(
            work,
            cubes[work.plan.key.name].folder,
            shop.folder(work.stage_name(kind.what), work.keys[kind.what]),
        )
        for work in works
        if not shop.finished(work.stage_name(kind.what), work.keys[kind.what])
    }
    report.begin(kind.label, sum(len(jobs) for passes in waiting.values() for _, jobs in passes))

    def build(name: str, folder: Path) -> None:
        for part, jobs in waiting[name]:
            crew.each(part, jobs, lambda: report.advance(kind.label))
        shutil.rmtree(folder / _SCRATCH, ignore_errors=True)

    stages = {
        work.plan.key.name: shop.stage(
            work.stage_name(kind.what), work.keys[kind.what], partial(build, work.plan.key.name)
        )
        for work in works
    }
    report.end(kind.label, note(list(stages.values())))
    return stages


def note(stages: Sequence[Stage]) -> str:
    """How many of some stages were made now, for the progress bar."""
    fresh = sum(not stage.reused for stage in stages)
    return f"{fresh} of {len(stages)} tiles made" if fresh else "kept from an earlier run"
