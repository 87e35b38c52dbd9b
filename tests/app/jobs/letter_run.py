"""A small run folder with pixels, dates and scenes behind its limits."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd

from geo.manifest import MANIFEST_NAME, write_manifest
from geo.observations import PIXELS, SERIES, write_table
from geo.runrecord import RunRecord, Scene
from tests.app.jobs.policy_run import BOOK, write_policy_run
from tiles.facts import joint_hash

#: Scenes of three days; those of the second day share it.
SCENES = [
    Scene("S2A_T50SLB_20251101T030541_L2A", "05.11", "a" * 64),
    Scene("S2A_T50SLB_20260310T030541_L2A", "05.11", "b" * 64),
    Scene("S2A_T50SLC_20260310T030541_L2A", "05.11", "c" * 64),
    Scene("S2B_T50SLB_20260520T030541_L2A", "", "d" * 64),
]
DAYS = {date(2025, 11, 1): SCENES[:1], date(2026, 3, 10): SCENES[1:3], date(2026, 5, 20): SCENES[3:]}


def write_letter_run(folder: Path, *, simulated: bool = False) -> Path:
    """A run of six parcels whose limits cn-planting-generic gave; each was seen on three days, the last one cloudy."""
    write_policy_run(folder)
    names = [f"P{number}" for number in range(1, len(BOOK) + 1)]
    write_table(pd.DataFrame([row for name in names for row in _series(name)]), SERIES, folder / "series.parquet")
    pixels = [
        {"parcel_id": name, "tile": tile, "row": 1, "column": column, "weight": weight}
        for name in names
        for tile, column, weight in (("32650_1_1", 0, 1.0), ("32650_1_1", 1, 0.5), ("32650_1_2", 0, 0.25))
    ]
    write_table(pd.DataFrame(pixels), PIXELS, folder / "pixels.parquet")
    record = RunRecord.from_json((folder / "run.json").read_bytes())
    parameters = {**record.parameters, "masking": {"dilate_px": 4, "method": "scl", "outliers": True}}
    changed = replace(record, scenes=tuple(SCENES), simulated=simulated, parameters=parameters, model_hash="e" * 64)
    (folder / "run.json").write_text(changed.to_json(), encoding="utf-8")
    (folder / MANIFEST_NAME).unlink()
    write_manifest(folder, list(folder.iterdir()))
    return folder


def change_policy(folder: Path, **tables: object) -> None:
    """Put other tables into the recorded policy; its hash is then no longer the limits' own."""
    path = folder / "limit_policy.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | tables), encoding="utf-8")


def _series(name: str) -> list[dict[str, object]]:
    noon = datetime(2025, 11, 1, 12, tzinfo=UTC)
    rows = [
        _look(name, day, noon, 0.2 if day == max(DAYS) else 1.0, joint_hash(scene.hash for scene in scenes))
        for day, scenes in DAYS.items()
    ]
    # the first day became known anew, with less of it clear
    return [*rows, rows[0] | {"known_at": noon + timedelta(days=1), "clear_share": 0.75}]


def _look(name: str, day: date, known_at: datetime, clear_share: float, source_hash: str) -> dict[str, object]:
    return {
        "parcel_id": name,
        "geometry_version": "v1",
        "date": day,
        "known_at": known_at,
        "level": "L2A",
        "clear_share": clear_share,
        "n_px": 10.0,
        "source_hash": source_hash,
    }
