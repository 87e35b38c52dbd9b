"""The run folder of sites, written whole: tables, footprints, pictures, record, and the manifest last."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from app.jobs.progress import Reporter
from app.jobs.publish import committed_run, link, write_json
from app.jobs.sitewatch.asking import SiteWatchRequest
from app.jobs.sitewatch.cubes import SiteCubes
from app.jobs.sitewatch.files import (
    FOOTPRINTS_FILE,
    KIND,
    KNOWN_FILE,
    LOOKS_FILE,
    PICTURES_FILE,
    PICTURES_FOLDER,
    PLACES_FILE,
    RECORD,
    SITE_PLACES,
    SITES_FILE,
    SitesLooked,
    collection,
    folder_name,
    read_looked,
)
from app.jobs.sitewatch.scenes import FoundScenes
from app.sites.plans import PlannedSite
from app.sites.registering import plan_hash
from geo.files import fingerprint, sha256_of, whole_file
from geo.manifest import write_manifest
from geo.observations import SITE_LOOKS, read_table, write_table
from geo.runrecord import Failure, RunRecord, Scene
from models.sites.panels import weights_hash
from tiles.guard import baseline_of
from tiles.sources.opening import name_of

#: Raised by hand when what the folder holds changes in meaning.
_VERSION: Final = 1
_ID_LENGTH: Final = 16
#: Run folders of dry runs, below the work of sites: no shelf of runs looks there.
_DRY: Final = "dry"


@dataclass(frozen=True, slots=True)
class Seen:
    """A site that was measured: its plan, its cubes, and the folder of its measures."""

    site: PlannedSite
    cubes: SiteCubes
    folder: Path


def publish(
    request: SiteWatchRequest,
    asked: Sequence[PlannedSite],
    seen: Sequence[Seen],
    found: FoundScenes,
    failures: tuple[Failure, ...],
    report: Reporter,
    clock: Callable[[], datetime],
) -> SitesLooked:
    """The run folder, written where it is not there; what was seen, as it reads.

    Args:
        request: what was asked.
        asked: all sites of the request.
        seen: those that were measured.
        found: their scenes.
        failures: why others were not.
        report: told of the commit.
        clock: the clock.
    """
    report.begin("Commit", 1)
    inputs = _inputs(request, asked, seen)
    run_id = fingerprint("sites", _VERSION, version("acreline"), inputs, [[one.subject, one.code] for one in failures])
    run_id = run_id[:_ID_LENGTH]
    folder = (request.work / _DRY if request.dry_run else request.runs) / folder_name(request.as_of, run_id)
    if committed_run(folder) is None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _write_tables(folder, seen)
        _write_pictures(folder, seen)
        _write_sites(folder, asked, seen, failures)
        _commit(folder, _record(run_id, request, inputs, seen, found, failures, clock()))
    report.end("Commit", f"run {run_id}")
    return read_looked(folder)


def _inputs(request: SiteWatchRequest, asked: Sequence[PlannedSite], seen: Sequence[Seen]) -> dict[str, str]:
    """Hashes of all that a run rests on; beside the code."""
    plans = [[one.plan.site_id, str(one.plan.kind), plan_hash(one.plan), one.geometry_version] for one in asked]
    quarters = [quarter.key for one in seen for quarter in (*one.cubes.optical, *one.cubes.radar)]
    measures = [[one.site.plan.site_id, one.folder.name] for one in seen]
    return {
        "plans": fingerprint(plans),
        "scenes": fingerprint(quarters),
        "measures": fingerprint(measures),
        "panels": weights_hash(),
        "as_of": fingerprint(request.as_of, request.known_by, request.known_after, request.past_days),
    }


def _write_tables(folder: Path, seen: Sequence[Seen]) -> None:
    for name in (LOOKS_FILE, KNOWN_FILE):
        frames = [read_table(one.folder / name, SITE_LOOKS) for one in seen]
        whole = pd.concat([SITE_LOOKS.empty_table().to_pandas(date_as_object=True), *frames]) if frames else None
        with whole_file(folder / name) as part:
            write_table(SITE_LOOKS.empty_table().to_pandas() if whole is None else whole, SITE_LOOKS, part)
    places = pa.concat_tables([SITE_PLACES.empty_table(), *(pq.read_table(one.folder / PLACES_FILE) for one in seen)])
    with whole_file(folder / PLACES_FILE) as part:
        pq.write_table(places, part, compression="zstd", version="2.6")
    features = [one for each in seen for one in json.loads((each.folder / FOOTPRINTS_FILE).read_bytes())["features"]]
    write_json(folder / FOOTPRINTS_FILE, collection(features))


def _write_pictures(folder: Path, seen: Sequence[Seen]) -> None:
    shown: dict[str, Any] = {}
    for one in seen:
        name = one.cubes.place.folder
        said = json.loads((one.folder / PICTURES_FILE).read_bytes())
        for picture in said["pictures"]:
            link(one.folder / PICTURES_FOLDER / picture["file"], folder / PICTURES_FOLDER / name / picture["file"])
        shown[one.site.plan.site_id] = {"folder": name, **said}
    write_json(folder / PICTURES_FILE, shown)


def _write_sites(folder: Path, asked: Sequence[PlannedSite], seen: Sequence[Seen], failures: Sequence[Failure]) -> None:
    looks = {one.site.plan.site_id: read_table(one.folder / LOOKS_FILE, SITE_LOOKS) for one in seen}
    why = {one.subject: {"code": one.code, "message": one.message} for one in failures}
    said = {name: _told(looks.get(name), why.get(name)) for name in (site.plan.site_id for site in asked)}
    write_json(folder / SITES_FILE, said)


def _told(looks: pd.DataFrame | None, failure: Mapping[str, str] | None) -> dict[str, Any]:
    days = sorted(set()) if looks is None else sorted(set(looks.date))
    first, last = (days[0].isoformat(), days[-1].isoformat()) if days else (None, None)
    return {"looks": len(days), "first": first, "last": last, "failure": failure}


def _record(
    run_id: str,
    request: SiteWatchRequest,
    inputs: Mapping[str, str],
    seen: Sequence[Seen],
    found: FoundScenes,
    failures: tuple[Failure, ...],
    created_at: datetime,
) -> RunRecord:
    items = {
        item.id: item for one in seen for quarter in (*one.cubes.optical, *one.cubes.radar) for item in quarter.items
    }
    hashes = found.contents.hashes
    return RunRecord(
        run_id=run_id,
        created_at=created_at,
        code_version=version("acreline"),
        parameters={
            "kind": KIND,
            "as_of": request.as_of.isoformat(),
            "catalog": name_of(request.catalog),
            "radar": None if request.radar is None else name_of(request.radar),
            "radar_kind": request.radar_kind,
            "past_days": request.past_days,
            "known_by": request.known_by,
            "known_after": request.known_after,
            "masking": asdict(request.masking),
            "reflectance": dict(found.verdicts),
            "sites": [one.site.plan.site_id for one in seen],
        },
        inputs=dict(inputs),
        scenes=tuple(Scene(name, baseline_of(item), hashes[name]) for name, item in sorted(items.items())),
        model_hash=weights_hash(),
        failures=failures,
        simulated=any(item.properties.get("acreline:simulated") for item in items.values()),
    )


def _commit(folder: Path, record: RunRecord) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    outputs = {path.relative_to(folder).as_posix(): sha256_of(path) for path in files}
    with whole_file(folder / RECORD) as part:
        part.write_text(replace(record, outputs=outputs).to_json(), encoding="utf-8")
    write_manifest(folder, [*files, folder / RECORD])
