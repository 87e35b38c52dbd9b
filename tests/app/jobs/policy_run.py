"""A small run folder whose limits a shipped policy gave, for comparing policies on it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from app.jobs.limits import INPUTS_FILE, record_limits
from geo.manifest import write_manifest
from geo.observations import PARCELS, SEASONS, write_table
from geo.runrecord import RunRecord
from geo.season import parse_season
from scoring.inputs import inputs_of
from scoring.policy import Pack, load_pack

#: Farmer, crop, hectares, status, district, land right of each parcel.
BOOK = [
    ("F1", "wheat", 2.0, "OK", "East", "certificate"),
    ("F1", "maize", 1.0, "OK", "East", "lease"),
    ("F2", "maize", 3.0, "OK", "West", "certificate"),
    ("F3", "grass", 1.0, "OK", "West", "certificate"),
    (None, "rice", 0.5, "OK", "West", "certificate"),
    ("F4", "wheat", 1.0, "CLOUDY", "East", "certificate"),
]


def write_policy_run(folder: Path, *, season: str = "2025-10-01/2026-09-30", facts: bool = True) -> Path:
    """Write the folder; its limits are those of cn-planting-generic with the facts."""
    folder.mkdir(parents=True)
    names = ("farmer_id", "crop", "area_ha", "status", "district", "land_right")
    book = pd.DataFrame(BOOK, columns=list(names)).assign(
        parcel_id=[f"P{number}" for number in range(1, len(BOOK) + 1)],
        geometry_version="v1",
        season_id=season,
        clear_dates=12,
        other_debt_minor=0,
        household_capacity_minor=5_000_000,
    )
    book["crop_set"] = [[crop] for crop in book.crop]
    cycles = book.iloc[:0].assign(cycle=1)
    write_table(book, PARCELS, folder / "parcels.parquet")
    write_table(cycles, SEASONS, folder / "seasons.parquet")
    pack = load_pack("cn-planting-generic")
    days = parse_season(season)
    record_limits(folder, inputs_of(book, cycles, pack, days), pack, days)
    if not facts:
        (folder / INPUTS_FILE).unlink()
    (folder / "run.json").write_text(_record(season, pack).to_json(), encoding="utf-8")
    write_manifest(folder, [path for path in folder.iterdir() if path.name != "manifest.json"])
    return folder


def _record(season: str, pack: Pack) -> RunRecord:
    return RunRecord(
        run_id=f"run-{season[:4]}",
        created_at=datetime(2026, 11, 22, 12, tzinfo=UTC),
        code_version="0",
        parameters={"season": season, "policy": pack.id},
        inputs={"parcels": "0" * 64},
        policy_id=pack.id,
        policy_hash=pack.content_hash,
    )
