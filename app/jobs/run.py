"""One season of one parcel book: scenes and parcels in, crop map, vigour, limits with reasons out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

import pystac

from app.db.engine import open_engine
from app.db.loading import load_run
from app.db.migrate import upgrade
from app.jobs.area import lonlat_bounds
from app.jobs.contents import Contents, judged, look_into
from app.jobs.crew import Crew
from app.jobs.failures import failures_of, first_of
from app.jobs.identity import RunKeys, run_id, run_keys
from app.jobs.limits import write_limits
from app.jobs.lock import sole_user
from app.jobs.measure import TileWork, make_cubes, make_maps, make_pictures, make_series, tile_works
from app.jobs.plan import HALO_PX, ZonePlan, plan_zones
from app.jobs.progress import Reporter
from app.jobs.publish import archive_previous, commit, committed_run, gather, results, write_json
from app.jobs.rasters import picture_count, write_rasters
from app.jobs.request import RunRequest
from app.jobs.stages import Stage, Workshop
from app.jobs.summary import RunSummary, summarise
from app.jobs.tables import write_tables
from geo.errors import AcrelineError, DataError
from geo.files import sha256_of
from geo.observations import LIMITS, PARCELS, SEASONS, read_table
from geo.parcels import ParcelBook, read_parcels
from geo.runrecord import Failure, RunRecord, Scene
from geo.season import Season
from models.release import Release, load_release
from scoring.policy import Pack, load_pack
from tiles.guard import baseline_of
from tiles.guard.verdicts import Assessment
from tiles.sources.opening import name_of, open_source


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything a run reads, checked before any work starts.

    Attributes:
        book: the parcels.
        pack: the policy.
        release: the network.
        items: scenes of the season over the parcels.
        zones: UTM zones and tiles.
        works: what is to be made of each tile.
        contents: what is known of the scenes.
        assessed: what the guard says of their reflectance.
        keys: fingerprints of the run-wide stages.
        simulated: whether any scene is simulated.
        failures: tiles whose imagery failed, once that is known.
    """

    book: ParcelBook
    pack: Pack
    release: Release
    items: Sequence[pystac.Item]
    zones: Sequence[ZonePlan]
    works: Sequence[TileWork]
    contents: Contents
    assessed: Assessment
    keys: RunKeys
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
        keys = run_keys(
            works, self.book, season, (self.pack.id, self.pack.content_hash), failures, simulated=self.simulated
        )
        return replace(self, works=works, zones=zones, keys=keys, failures=failures)


def run_season(request: RunRequest, database_url: str, report: Reporter, now: Callable[[], datetime]) -> RunSummary:
    """Run a season, doing only what is missing.

    Args:
        request: what was asked.
        database_url: where decisions and history live.
        report: told of progress.
        now: the clock.

    Raises:
        InputError: an argument or input file cannot be used.
        DataError: imagery or a stored file is damaged, or nothing was clear.
    """
    started = time.monotonic()
    report.begin("Inputs", 1)
    inputs = read_inputs(request)
    report.end("Inputs", f"{len(inputs.book.frame)} parcels, {len(inputs.items)} scenes, {len(inputs.works)} tiles")
    shop = Workshop(request.out.absolute())  # workers may stand in other folders
    with sole_user(request.out):
        record = committed_run(request.out)
        unchanged = record is not None and record.inputs.get("all") == inputs.keys.inputs
        if record is None or not unchanged:
            inputs, stages = _make_stages(shop, request, inputs, report)
            if record is None or record.inputs.get("all") != inputs.keys.inputs:
                record = _publish(request, inputs, stages, now(), report)
        _load_database(request.out, record, inputs.book, database_url)
        return summarise(
            request.out, record, shop.log, len(inputs.book.repairs), time.monotonic() - started, unchanged=unchanged
        )


def read_inputs(request: RunRequest) -> Inputs:
    """Read and check all inputs; nothing is written."""
    pack = load_pack(request.policy, packs_dir=request.packs)
    book = read_parcels(request.parcels, crs=request.parcels_crs, id_column=request.id_column)
    area = lonlat_bounds(book.frame)
    items = open_source(request.catalog, request.access).search(area, request.season)
    release = _release_for_blocks()
    zones = plan_zones(book.frame, items)
    contents = look_into(items)
    assessed = judged(items, contents, area)
    works = tile_works(zones, items, contents, assessed.rules, request.masking, request.season, release.hash)
    simulated = any(item.properties.get("acreline:simulated") for item in items)
    keys = run_keys(works, book, request.season, (pack.id, pack.content_hash), simulated=simulated)
    return Inputs(book, pack, release, items, zones, works, contents, assessed, keys, simulated)


def _release_for_blocks() -> Release:
    release = load_release()
    if release.card.tiling.halo_px > HALO_PX:
        raise DataError(
            "MODEL_HALO",
            f"The network sees {release.card.tiling.halo_px} px around a pixel, blocks are read with {HALO_PX} px.",
            "Raise HALO_PX in app/jobs/plan.py to the model card's halo.",
        )
    return release


def _make_stages(shop: Workshop, request: RunRequest, inputs: Inputs, report: Reporter) -> tuple[Inputs, list[Stage]]:
    """Finished run-wide stages, and what of the inputs they rest on: tiles whose imagery failed are left out."""
    season = request.season
    with Crew(request.scheduler, request.workers, request.memory_mib) as crew:
        cubes, failed = make_cubes(shop, inputs.works, inputs.contents, crew, report)
        if failed:
            inputs = inputs.without(failed, season)
        works = inputs.works
        tiles = {
            "cube": cubes,
            "series": make_series(shop, works, cubes, crew, report),
            "map": make_maps(shop, works, cubes, season, inputs.release.hash, crew, report),
            "picture": make_pictures(shop, works, cubes, crew, report),
        }
    report.begin("Tables", 2 + picture_count(inputs.zones))
    rasters = shop.stage("rasters", inputs.keys.rasters, partial(_rasters, inputs, tiles, report))
    tables = shop.stage("tables", inputs.keys.tables, partial(_tables, inputs, request, tiles))
    report.advance("Tables")
    limits = shop.stage(
        "limits",
        inputs.keys.limits,
        lambda folder: write_limits(folder, tables.folder, inputs.book, inputs.pack, season),
    )
    report.end("Tables")
    return inputs, [rasters, tables, limits]


def _rasters(inputs: Inputs, tiles: dict[str, dict[str, Stage]], report: Reporter, folder: Path) -> None:
    tags = {"ACRELINE_SIMULATED": "YES" if inputs.simulated else "NO", "ACRELINE_MODEL": inputs.release.hash}
    write_rasters(folder, inputs.zones, inputs.works, tiles, tags, lambda: report.advance("Tables"))


def _tables(inputs: Inputs, request: RunRequest, tiles: dict[str, dict[str, Stage]], folder: Path) -> None:
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


def _publish(
    request: RunRequest, inputs: Inputs, stages: Sequence[Stage], created_at: datetime, report: Reporter
) -> RunRecord:
    report.begin("Commit", 1)
    archive_previous(request.out)
    gather(request.out, [stage.folder for stage in stages])
    repairs = [{"parcel_id": repair.parcel_id, "what": repair.what} for repair in inputs.book.repairs]
    write_json(request.out / "repairs.json", repairs)
    record = _record(request, inputs, created_at)
    commit(request.out, record)
    report.end("Commit", f"run {record.run_id}")
    return record


def _record(request: RunRequest, inputs: Inputs, created_at: datetime) -> RunRecord:
    hashes = {item_id: value for work in inputs.works for item_id, value in work.scenes.items()}
    outputs = {path.name: sha256_of(path) for path in results(request.out)}
    return RunRecord(
        run_id=run_id(inputs.keys, outputs),
        created_at=created_at,
        code_version=version("acreline"),
        parameters={
            "season": request.season.id,
            "policy": request.policy,
            "catalog": name_of(request.catalog),
            "parcels": request.parcels.name,
            "datum": inputs.book.datum,
            "tiles": [work.plan.key.name for work in inputs.works],
            "masking": asdict(request.masking),
            "reflectance": inputs.assessed.record(),
        },
        inputs={"parcels": inputs.book.source_hash, "all": inputs.keys.inputs},
        scenes=tuple(Scene(item.id, baseline_of(item), hashes[item.id]) for item in inputs.items if item.id in hashes),
        model_hash=inputs.release.hash,
        policy_id=inputs.pack.id,
        policy_hash=inputs.pack.content_hash,
        outputs=outputs,
        failures=inputs.failures,
        simulated=inputs.simulated,
    )


def _load_database(out: Path, record: RunRecord, book: ParcelBook, database_url: str) -> None:
    upgrade(database_url)
    engine = open_engine(database_url)
    try:
        load_run(
            engine,
            record,
            book.frame[book.frame.valid],
            read_table(out / "parcels.parquet", PARCELS),
            read_table(out / "seasons.parquet", SEASONS),
            read_table(out / "limits.parquet", LIMITS),
        )
    finally:
        engine.dispose()
