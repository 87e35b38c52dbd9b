"""Run folders of site watches, as sites' looking leaves them, with small pictures."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from PIL import Image

from geo.files import fingerprint
from geo.manifest import write_manifest
from geo.observations import SITE_LOOKS, write_table
from geo.runrecord import Failure, RunRecord
from geo.sites import SiteType
from tests.app.sites.made_up_sites import COLUMNS, ROWS, MadeUpSite


def write_site_run(runs: Path, site: MadeUpSite, as_of: date) -> RunRecord:
    """Write the folder of a watch of one site as of a day; its record."""
    record = _record(site, as_of)
    folder = runs / folder_of(record)
    folder.mkdir(parents=True)
    write_table(site.looks(as_of), SITE_LOOKS, folder / "site_looks.parquet")
    site.built(as_of).to_file(folder / "footprints.geojson", driver="GeoJSON")
    _places(site, as_of).to_parquet(folder / "site_places.parquet", index=False)
    days = [day for day in site.days if day <= as_of]
    told: dict[str, Any] = {"looks": len(days), "first": None, "last": None, "failure": None}
    if days:
        told |= {"first": days[0].isoformat(), "last": days[-1].isoformat()}
    else:
        told["failure"] = {"code": record.failures[0].code, "message": record.failures[0].message}
    _write_json(folder / "sites.json", {site.name: told})
    _write_json(folder / "pictures.json", {site.name: _pictures(folder, site, days)} if days else {})
    (folder / "run.json").write_text(record.to_json(), encoding="utf-8")
    write_manifest(folder, [path for path in folder.rglob("*") if path.is_file()])
    return record


def folder_of(record: RunRecord) -> str:
    """Name of a run's folder."""
    return f"sites-{record.parameters['as_of']}-{record.run_id[:12]}"


def _record(site: MadeUpSite, as_of: date) -> RunRecord:
    scenes = tuple(site.scenes(as_of))
    return RunRecord(
        run_id=fingerprint(site.name, as_of.isoformat(), [scene.hash for scene in scenes]),
        created_at=datetime(as_of.year, as_of.month, as_of.day, 8, tzinfo=UTC),
        code_version="0.1.0",
        parameters={"kind": "sites", "as_of": as_of.isoformat()},
        inputs={"plans": "ab" * 32},
        scenes=scenes,
        model_hash="cd" * 32,
        failures=() if site.failure is None else (Failure(site.name, **site.failure),),
        simulated=site.simulated,
    )


def _places(site: MadeUpSite, as_of: date) -> pd.DataFrame:
    rows: list[tuple[Any, ...]] = []
    if site.kind is SiteType.WIND:
        for day in (day for day in site.days if day <= as_of):
            share = site.true_share(day)
            rows += [(site.name, place, day, min(0.95, 1.4 * share), 0.8 * share) for place in range(len(site.places))]
    return pd.DataFrame(rows, columns=["site_id", "place", "date", "pad", "tower"])


def _pictures(folder: Path, site: MadeUpSite, days: list[date]) -> dict[str, Any]:
    """One picture a month and the last; the answer is the site's entry of pictures.json."""
    name = fingerprint(site.name)[:16]
    (folder / "pictures" / name).mkdir(parents=True)
    first = {(day.year, day.month): day for day in reversed(days)}
    shown = sorted({*first.values(), days[0], days[-1]})
    for day in shown:
        Image.fromarray(site.picture(day)).save(folder / "pictures" / name / f"{day}.png")
    corners = [site.lonlat(*corner) for corner in ((0, 0), (COLUMNS, 0), (COLUMNS, ROWS), (0, ROWS))]
    lons, lats = zip(*corners, strict=True)
    return {
        "folder": name,
        "bounds": [min(lons), min(lats), max(lons), max(lats)],
        "corners": [list(corner) for corner in corners],
        "width": COLUMNS,
        "height": ROWS,
        "pictures": [
            {"day": day.isoformat(), "file": f"{day}.png", "clear_share": 1.0, "items": [site.scenes(day)[-1].id]}
            for day in shown
        ],
    }


def _write_json(path: Path, said: dict[str, Any]) -> None:
    path.write_text(json.dumps(said, indent=1, sort_keys=True, ensure_ascii=False), encoding="utf-8")
