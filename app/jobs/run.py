"""One season of one parcel book: scenes and parcels in, crop map, vigour, limits with reasons out."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from app.db.engine import open_engine
from app.db.loading import load_run
from app.db.migrate import upgrade
from app.jobs.identity import RunKeys, run_id, run_keys
from app.jobs.limits import write_limits
from app.jobs.lock import sole_user
from app.jobs.observation import Inputs, observe, read_inputs
from app.jobs.progress import Reporter
from app.jobs.publish import archive_previous, commit, committed_run, gather, results, write_json
from app.jobs.request import RunRequest
from app.jobs.stages import Stage, Workshop
from app.jobs.summary import RunSummary, summarise
from geo.files import sha256_of
from geo.observations import LIMITS, PARCELS, SEASONS, read_table
from geo.parcels import ParcelBook
from geo.runrecord import RunRecord, Scene
from scoring.policy import Pack, load_pack
from tiles.guard import baseline_of
from tiles.sources.opening import name_of


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
    pack = load_pack(request.policy, packs_dir=request.packs)
    inputs = read_inputs(request)
    report.end("Inputs", f"{len(inputs.book.frame)} parcels, {len(inputs.items)} scenes, {len(inputs.works)} tiles")
    shop = Workshop(request.out.absolute())  # workers may stand in other folders
    with sole_user(request.out):
        record = committed_run(request.out)
        unchanged = record is not None and record.inputs.get("all") == _keys(inputs, pack).inputs
        if record is None or not unchanged:
            inputs, stages = _make_stages(shop, request, inputs, pack, report)
            if record is None or record.inputs.get("all") != _keys(inputs, pack).inputs:
                record = _publish(request, inputs, pack, stages, now(), report)
        erased = _load_database(request.out, record, inputs.book, database_url, now())
        if erased:
            report.begin("Erased", 1)
            report.end("Erased", f"{erased} farmers whose data were erased came in under random names")
        return summarise(
            request.out, record, shop.log, len(inputs.book.repairs), time.monotonic() - started, unchanged=unchanged
        )


def _keys(inputs: Inputs, pack: Pack) -> RunKeys:
    return run_keys(inputs.keys, (pack.id, pack.content_hash))


def _make_stages(
    shop: Workshop, request: RunRequest, inputs: Inputs, pack: Pack, report: Reporter
) -> tuple[Inputs, list[Stage]]:
    """Finished run-wide stages, and what of the inputs they rest on: tiles whose imagery failed are left out."""
    inputs, rasters, tables = observe(shop, request, inputs, report)
    limits = shop.stage(
        "limits",
        _keys(inputs, pack).limits,
        lambda folder: write_limits(folder, tables.folder, inputs.book, pack, request.season),
    )
    report.end("Tables")
    return inputs, [rasters, tables, limits]


def _publish(
    request: RunRequest, inputs: Inputs, pack: Pack, stages: Sequence[Stage], created_at: datetime, report: Reporter
) -> RunRecord:
    report.begin("Commit", 1)
    archive_previous(request.out)
    gather(request.out, [stage.folder for stage in stages])
    repairs = [{"parcel_id": repair.parcel_id, "what": repair.what} for repair in inputs.book.repairs]
    write_json(request.out / "repairs.json", repairs)
    record = _record(request, inputs, pack, created_at)
    commit(request.out, record)
    report.end("Commit", f"run {record.run_id}")
    return record


def _record(request: RunRequest, inputs: Inputs, pack: Pack, created_at: datetime) -> RunRecord:
    hashes = {name: said for work in inputs.works for name, said in (work.scenes | work.radar_scenes).items()}
    read = [item for item in (*inputs.items, *inputs.radar.items) if item.id in hashes]
    outputs = {path.name: sha256_of(path) for path in results(request.out)}
    keys = _keys(inputs, pack)
    return RunRecord(
        run_id=run_id(keys, outputs),
        created_at=created_at,
        code_version=version("acreline"),
        parameters={
            "season": request.season.id,
            "policy": request.policy,
            "policy_in_force": pack.in_force(pack.local_day(created_at)),
            "catalog": name_of(request.catalog),
            "parcels": request.parcels.name,
            "datum": inputs.book.datum,
            "tiles": [work.plan.key.name for work in inputs.works],
            "masking": asdict(request.masking),
            "reflectance": inputs.assessed.record(),
            "radar": inputs.radar.record() | {"kind": request.radar_kind},
        },
        inputs={"parcels": inputs.book.source_hash, "all": keys.inputs},
        scenes=tuple(Scene(item.id, baseline_of(item), hashes[item.id]) for item in read),
        model_hash=inputs.release.hash,
        policy_id=pack.id,
        policy_hash=pack.content_hash,
        outputs=outputs,
        failures=inputs.failures,
        simulated=inputs.simulated,
    )


def _load_database(out: Path, record: RunRecord, book: ParcelBook, database_url: str, now: datetime) -> int:
    """Load the run; how many of its farmers had been erased from the database."""
    upgrade(database_url)
    engine = open_engine(database_url)
    try:
        counts = load_run(
            engine,
            record,
            book.frame[book.frame.valid],
            read_table(out / "parcels.parquet", PARCELS),
            read_table(out / "seasons.parquet", SEASONS),
            read_table(out / "limits.parquet", LIMITS),
            now=now,
        )
    finally:
        engine.dispose()
    return counts.erased
