"""A finished run made by hand: wheat fields in Flanders, one of which is lost in May and one of which never grew."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from app.jobs.limits import INPUTS_FILE
from app.jobs.publish import commit, committed_run, write_json
from app.jobs.tables import write_outlines
from geo.bands import BANDS
from geo.manifest import MANIFEST_NAME
from geo.observations import LIMITS, PARCELS, PIXELS, SEASONS, SERIES, read_table, write_table
from geo.runrecord import RunRecord
from tests.app.db.made_up import made_up_run

DAYS = tuple(date(2018, 10, 5) + timedelta(days=8 * number) for number in range(46))
LOST, BARE = "p003", "p007"
LOST_ON = date(2019, 5, 20)
CALENDAR = "be-flanders"


@dataclass(frozen=True)
class Late:
    """Looks that became known only after some of the others."""

    days: tuple[date, ...]
    known_on: date
    ndvi: float


def make_run(
    folder: Path, *, n: int = 24, known: timedelta = timedelta(hours=20), late: Late | None = None
) -> RunRecord:
    """A run folder without cubes; the last parcel has no outline.

    Args:
        folder: of the run.
        n: parcels.
        known: how long after it was taken a look became known.
        late: further rows; a run with them has another id.
    """
    folder.mkdir(parents=True)
    made = made_up_run("run-late" if late else "run-1", n=n)
    looks = [_row(name, day, _ndvi(name, day), known) for name in made.parcels.parcel_id[:-1] for day in DAYS]
    if late is not None:
        at = datetime(late.known_on.year, late.known_on.month, late.known_on.day, 9, tzinfo=UTC)
        looks += [
            _row(f"p{row:03d}", day, late.ndvi, known) | {"known_at": at} for row in range(n - 1) for day in late.days
        ]
    parcels = made.parcels.assign(declared_crop="wheat")
    frame = made.parcels_geo.assign(valid=made.parcels_geo.geometry.notna())
    write_table(pd.DataFrame(looks), SERIES, folder / "series.parquet")
    for name, table, schema in (
        ("parcels", parcels, PARCELS), ("seasons", made.seasons, SEASONS), ("limits", made.limits, LIMITS),
    ):  # fmt: skip
        write_table(table, schema, folder / f"{name}.parquet")
    write_table(pd.DataFrame(columns=PIXELS.names), PIXELS, folder / "pixels.parquet")
    parcels.assign(district="")[["parcel_id", "district"]].to_parquet(folder / INPUTS_FILE)
    write_outlines(frame, folder / "parcels.geojson")
    write_json(folder / "repairs.json", [])
    record = replace(made.record, parameters={**made.record.parameters, "tiles": [], "radar": {"use": "left out"}})
    commit(folder, record)
    return record


def make_earlier(run: Path, count: int) -> tuple[Path, ...]:
    """Runs beside a run, of the seasons before it: the same curves, 0.02 lower with each year back."""
    record = committed_run(run)
    assert record is not None
    made = []
    for years in range(1, count + 1):
        folder = run.parent / f"earlier-{years}"
        shutil.copytree(run, folder)
        (folder / MANIFEST_NAME).unlink()
        _move_back(folder / "series.parquet", years)
        parameters = {**record.parameters, "season": f"{2018 - years}-10-01/{2019 - years}-10-31"}
        commit(folder, replace(record, run_id=f"run-{years}-back", parameters=parameters))
        made.append(folder)
    return tuple(made)


def _move_back(path: Path, years: int) -> None:
    series = read_table(path, SERIES)
    by = timedelta(days=365 * years)
    moved = series.assign(
        date=[day - by for day in series.date],
        sensed_at=series.sensed_at - by,
        known_at=series.known_at - by,
        ndvi=series.ndvi - 0.02 * years,
    )
    write_table(moved, SERIES, path)


def _ndvi(name: str, day: date) -> float:
    """Winter wheat: green in April and May, ripe in July."""
    number = (day - date(2019, 1, 1)).days + 3 * (int(name[1:]) % 4)
    green = 0.2 + 0.65 / (1 + np.exp(-(number - 75) / 10)) / (1 + np.exp((number - 190) / 7))
    if name == BARE:
        return 0.15
    if name == LOST and day >= LOST_ON:
        return 0.2
    return float(green)


def _row(name: str, day: date, ndvi: float, known: timedelta) -> dict[str, Any]:
    taken = datetime(day.year, day.month, day.day, 10, 50, tzinfo=UTC)
    bands = {f"{band}_{what}": 0.1 for band in BANDS for what in ("mean", "std")}
    return {
        "parcel_id": name,
        "geometry_version": f"{int(name[1:]):012x}",
        "date": day,
        "sensed_at": taken,
        "known_at": taken + known,
        "level": "L2A",
        "clear_share": 1.0,
        "n_px": 80.0,
        "ndvi": ndvi,
        "ndvi_std": 0.02,
        "ndwi": -0.4,
        **bands,
        "source_hash": "00" * 32,
    }
