"""What is seen of one season of one parcel book: scenes and parcels in, crop map, vigour and tables out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pystac

from app.jobs.area import lonlat_bounds
from app.jobs.contents import Contents, judged, look_into
from app.jobs.crew import Crew
from app.jobs.failures import failures_of, first_of
from app.jobs.identity import ObservationKeys, observation_keys
from app.jobs.measure import TileWork, make_maps, make_pictures, make_series, tile_works
from app.jobs.plan import HALO_PX, ZonePlan, plan_zones
from app.jobs.progress import Reporter
from app.jobs.radar import RadarScenes, radar_of
from app.jobs.radarseries import make_radar_series, write_radar
from app.jobs.rasters import picture_count, write_rasters
from app.jobs.request import ObservationRequest
from app.jobs.stages import Stage, Workshop
from app.jobs.tables import write_tables
from app.jobs.tilecubes import make_cubes, make_radars
from geo.errors import AcrelineError, DataError
from geo.parcels import ParcelBook, read_parcels
from geo.runrecord import Failure
from geo.season import Season
from models.release import Release, load_release
from tiles.guard.verdicts import Assessment
from tiles.sources.opening import open_source


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything a run reads, checked before any work starts.

    Attributes:
        book: the parcels.
        release: the network.
        items: optical scenes of the season over the parcels.
        radar: radar scenes beside them.
        zones: UTM zones and tiles.
        works: what is to be made of each tile.
        contents: what is known of the scenes.
        assessed: what the guard says of their reflectance.
        keys: fingerprints of the stages over all tiles.
        simulated: whether any scene is simulated.
        failures: tiles whose imagery failed, once that is known.
    """

    book: ParcelBook
    release: Release
    items: Sequence[pystac.Item]
    radar: RadarScenes
    zones: Sequence[ZonePlan]
    works: Sequence[TileWork]
    contents: Contents
    assessed: Assessment
    keys: ObservationKeys
    simulated: bool
    failures: tuple[Failure, ...] = ()

    def without(self, failed: Mapping[str, AcrelineError], season: Season) -> Inputs:
        """What is left when the imagery of some tiles, by name, failed: their parcels count as outside it.

        Raises:
            AcrelineError: the first failure, where nothing is left.
        """
        works = [work for work in self.works if work.plan.key.name not in failed]
        if not works:
            raise first_of(failed)
        zones = [
            replace(zone, tiles=tuple(tile for tile in zone.tiles if tile.key.name not in failed))
            for zone in self.zones
        ]
        failures = failures_of(failed)
        keys = observation_keys(works, self.book, season, failures, simulated=self.simulated)
        return replace(self, works=works, zones=zones, keys=keys, failures=failures)


def read_inputs(request: ObservationRequest) -> Inputs:
    """Read and check all inputs; nothing is written."""
    book = read_parcels(request.parcels, crs=request.parcels_crs, id_column=request.id_column)
    area = lonlat_bounds(book.frame)
    source = open_source(request.catalog, request.access)
    items = source.search(area, request.season)
    release = _release_for_blocks(request.model)
    radar = radar_of(request, release.card, source, area)
    zones = plan_zones(book.frame, items)
    contents = look_into((*items, *radar.items))
    assessed = judged(items, contents, area)
    works = tile_works(
        zones, items, contents, assessed.rules, request.masking, request.season, release.hash, radar.items
    )
    simulated = any(item.properties.get("acreline:simulated") for item in items)
    keys = observation_keys(works, book, request.season, simulated=simulated)
    return Inputs(book, release, items, radar, zones, works, contents, assessed, keys, simulated)


def _release_for_blocks(folder: Path | None) -> Release:
    release = load_release(folder)
    if release.card.tiling.halo_px > HALO_PX:
        raise DataError(
            "MODEL_HALO",
            f"The network sees {release.card.tiling.halo_px} px around a pixel, blocks are read with {HALO_PX} px.",
            "Raise HALO_PX in app/jobs/plan.py to the model card's halo.",
        )
    return release


def observe(
    shop: Workshop, request: ObservationRequest, inputs: Inputs, report: Reporter
) -> tuple[Inputs, Stage, Stage]:
    """See all parcels, doing only what is missing.

    Args:
        shop: keeps the stages.
        request: what was asked.
        inputs: read by `read_inputs`.
        report: told of progress; its stage "Tables" is left open for what follows.

    Returns:
        What of the inputs the results rest on (tiles whose imagery failed are left out), and two stages: the rasters
        (crop.tif, crop_prob.tif, ...) and the tables (parcels.parquet, ...).

    Raises:
        DataError: imagery or a stored file is damaged, or nothing was clear.
    """
    with Crew(request.scheduler, request.workers, request.memory_mib) as crew:
        inputs, tiles = _make_tiles(shop, request, inputs, crew, report)
    report.begin("Tables", 2 + picture_count(inputs.zones))
    rasters = shop.stage("rasters", inputs.keys.rasters, partial(_rasters, inputs, tiles, report))
    tables = shop.stage("tables", inputs.keys.tables, partial(_tables, inputs, request, tiles))
    report.advance("Tables")
    return inputs, rasters, tables


def _make_tiles(
    shop: Workshop, request: ObservationRequest, inputs: Inputs, crew: Crew, report: Reporter
) -> tuple[Inputs, dict[str, dict[str, Stage]]]:
    cubes, failed = make_cubes(shop, inputs.works, inputs.contents, crew, report)
    whole = [work for work in inputs.works if work.plan.key.name not in failed]
    radars, failed_radars = make_radars(shop, whole, inputs.contents, crew, report)
    if failed or failed_radars:
        inputs = inputs.without({**failed, **failed_radars}, request.season)
    works, network = inputs.works, (inputs.release.hash, request.model)
    return inputs, {
        "cube": cubes,
        "radar": radars,
        "radarseries": make_radar_series(shop, works, radars, crew, report),
        "series": make_series(shop, works, cubes, crew, report),
        "map": make_maps(shop, works, cubes, radars, request.season, network, crew, report),
        "picture": make_pictures(shop, works, cubes, crew, report),
    }


def _rasters(inputs: Inputs, tiles: dict[str, dict[str, Stage]], report: Reporter, folder: Path) -> None:
    tags = {"ACRELINE_SIMULATED": "YES" if inputs.simulated else "NO", "ACRELINE_MODEL": inputs.release.hash}
    write_rasters(folder, inputs.zones, inputs.works, tiles, tags, lambda: report.advance("Tables"))


def _tables(inputs: Inputs, request: ObservationRequest, tiles: dict[str, dict[str, Stage]], folder: Path) -> None:
    write_tables(
        folder,
        inputs.book,
        request.season,
        inputs.release,
        inputs.zones,
        inputs.works,
        tiles,
        simulated=inputs.simulated,
    )
    write_radar(folder, inputs.book, inputs.zones, inputs.works, tiles["radar"], tiles["radarseries"])
