"""The folder of watches: what each told, and the parts of one that was not finished.

ID/           transitions.parquet, alerts.parquet, condition.parquet, unjudged.parquet, chips/, summary.json; the
              manifest comes last
work/ID/      parts of an unfinished watch: kept by a killed process, gone when its files are written
pixels/       what the pixels of the run's tiles come to, for all watches of it
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from app.jobs.publish import write_json
from geo.errors import DataError
from geo.files import whole_file
from geo.manifest import verify_manifest, write_manifest
from scoring.alerts.state import STATE
from scoring.alerts.transitions import TRANSITIONS, alert_key
from scoring.growth.condition import CONDITION

TRANSITIONS_FILE: Final = "transitions.parquet"
ALERTS_FILE: Final = "alerts.parquet"
CONDITION_FILE: Final = "condition.parquet"
SUMMARY_FILE: Final = "summary.json"
CHIPS_FILE: Final = "chips.json"
UNJUDGED_FILE: Final = "unjudged.parquet"
PIXELS_FOLDER: Final = "pixels"

#: Open alerts as of the day: the key of each, and its last change.
OPEN_ALERTS: Final = pa.schema([pa.field("alert_key", pa.string(), nullable=False), *STATE])


@dataclass(frozen=True, slots=True)
class Told:
    """What the files of a watch say.

    Attributes:
        transitions: of TRANSITIONS.
        unjudged: parcels of the run that could not be judged.
        summary: JSON.
        chips: pictures by alert.
    """

    transitions: pa.Table
    unjudged: tuple[str, ...]
    summary: Mapping[str, Any]
    chips: Mapping[str, Mapping[str, Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class WatchFolder:
    """Where watches lie."""

    root: Path

    def watch(self, watch_id: str) -> Path:
        """Files of a watch."""
        return self.root / watch_id

    def work(self, watch_id: str, size: int | None) -> Path:
        """Parts of an unfinished watch that was cut into parts of some size."""
        return self.root / "work" / (watch_id if size is None else f"{watch_id}-{size}")

    def told(self, watch_id: str) -> Told | None:
        """A watch that is whole; None where it is not there, damaged, or without the condition of its parcels."""
        folder = self.watch(watch_id)
        try:
            if CONDITION_FILE not in verify_manifest(folder):
                return None
        except DataError:
            return None
        said = (json.loads((folder / name).read_bytes()) for name in (SUMMARY_FILE, CHIPS_FILE))
        unjudged = pq.read_table(folder / UNJUDGED_FILE)["parcel_id"].to_pylist()
        return Told(pq.read_table(folder / TRANSITIONS_FILE).cast(TRANSITIONS), tuple(unjudged), *said)

    def start(self, watch_id: str) -> Path:
        """An empty folder for the files of a watch: what a killed process left of them goes."""
        shutil.rmtree(self.watch(watch_id), ignore_errors=True)
        self.watch(watch_id).mkdir(parents=True)
        return self.watch(watch_id)

    def finish(self) -> None:
        """Give up the parts, and those of other watches: what their inputs were has changed since."""
        shutil.rmtree(self.root / "work", ignore_errors=True)


def write_watch(folder: Path, told: Told, alerts: pa.Table) -> None:
    """Write what a watch told beside its pictures and the condition of its parcels; the manifest comes last.

    Args:
        folder: of the watch.
        told: what it told.
        alerts: open ones, of STATE.
    """
    _write(told.transitions, folder / TRANSITIONS_FILE)
    _write(with_keys(alerts), folder / ALERTS_FILE)
    _write(pa.table({"parcel_id": pa.array(told.unjudged, pa.string())}), folder / UNJUDGED_FILE)
    write_json(folder / CHIPS_FILE, told.chips)
    write_json(folder / SUMMARY_FILE, told.summary)
    pictures = sorted(path.relative_to(folder) for path in (folder / "chips").glob("*.png"))
    condition = [CONDITION_FILE] if (folder / CONDITION_FILE).is_file() else []
    own = [TRANSITIONS_FILE, ALERTS_FILE, UNJUDGED_FILE, CHIPS_FILE, SUMMARY_FILE]
    write_manifest(folder, [*own, *condition, *pictures])


def write_condition(folder: Path, tables: Iterable[pa.Table]) -> None:
    """Write how the parcels of a watch stand, table by table: all of them are never in memory.

    Args:
        folder: of the watch.
        tables: of scoring.growth.condition.CONDITION.
    """
    with (
        whole_file(folder / CONDITION_FILE) as unfinished,
        pq.ParquetWriter(unfinished, CONDITION, compression="zstd", version="2.6") as file,
    ):
        for table in tables:
            file.write_table(table)


def with_keys(alerts: pa.Table) -> pa.Table:
    """Open alerts with the key of each in front."""
    names = (alerts[name].to_pylist() for name in ("season_id", "subject_id", "cause", "opened_on"))
    keys = pa.array([alert_key(*named) for named in zip(*names, strict=True)], pa.string())
    return alerts.add_column(0, OPEN_ALERTS.field("alert_key"), keys).cast(OPEN_ALERTS)


def _write(table: pa.Table, path: Path) -> None:
    with whole_file(path) as unfinished:
        pq.write_table(table, unfinished, compression="zstd", version="2.6")
