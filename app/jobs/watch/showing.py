"""What a watch says of one parcel, read from its folder: how it stands, its cycle, and the alerts that are open."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from app.jobs.watch.files import ALERTS_FILE, CONDITION_FILE, SUMMARY_FILE, UNJUDGED_FILE
from geo.errors import DataError, InputError
from geo.manifest import MANIFEST_NAME, verify_manifest

_NEAR: Final = 3
#: Names that are compared with a wrong one within a second.
_COMPARED: Final = 50_000


@dataclass(frozen=True, slots=True)
class ShownParcel:
    """A parcel as of the day of a watch.

    Attributes:
        summary: of the watch.
        condition: its row of scoring.growth.condition.CONDITION.
        judged: whether any rule could judge it.
        alerts: open ones.
    """

    summary: Mapping[str, Any]
    condition: Mapping[str, Any]
    judged: bool
    alerts: tuple[Mapping[str, Any], ...]

    def as_dict(self) -> dict[str, Any]:
        """JSON of it."""
        about = {name: self.summary[name] for name in ("watch_id", "season_id", "run_id", "simulated", "rules")}
        return {
            **about, **_plain(self.condition), "judged": self.judged, "alerts": [_plain(row) for row in self.alerts],
        }  # fmt: skip


def show_parcel(folder: Path, parcel_id: str) -> ShownParcel:
    """What a watch says of a parcel.

    Raises:
        InputError: the folder holds no watch, or the watch does not follow such a parcel.
        DataError: a file of the watch is damaged.
    """
    _check(folder)
    try:
        rows = pq.read_table(folder / CONDITION_FILE, filters=pc.field("parcel_id") == parcel_id).to_pylist()
        if not rows:
            _refuse(folder, parcel_id)
        alerts = pq.read_table(folder / ALERTS_FILE, filters=pc.field("subject_id") == parcel_id)
        unjudged = pc.is_in(pa.scalar(parcel_id), pq.read_table(folder / UNJUDGED_FILE)["parcel_id"].combine_chunks())
        summary = json.loads((folder / SUMMARY_FILE).read_bytes())
    except (OSError, ValueError, pa.ArrowException) as error:
        raise DataError("TABLE_UNREADABLE", f"{folder} cannot be read: {error}.", "Give the watch again.") from error
    return ShownParcel(summary, rows[0], not unjudged.as_py(), tuple(alerts.to_pylist()))


def _check(folder: Path) -> None:
    """A watch with a table of conditions: its manifest is there, and every file has its size."""
    if not (folder / MANIFEST_NAME).is_file() or not (folder / ALERTS_FILE).is_file():
        within = sorted(path.parent.name for path in folder.glob(f"*/{ALERTS_FILE}"))
        remedy = f"Name one of those in it: {within[-1]}." if within else "Name a folder of `acreline growth watch`."
        raise InputError("WATCH_NONE", f"{folder} holds no watch.", remedy)
    if CONDITION_FILE not in verify_manifest(folder, content=False):
        raise InputError(
            "WATCH_CONDITION", f"{folder} was made before watches held {CONDITION_FILE}.", "Give its command again."
        )


def _refuse(folder: Path, parcel_id: str) -> None:
    names = pq.read_table(folder / CONDITION_FILE, columns=["parcel_id"])["parcel_id"].to_pylist()
    near = get_close_matches(parcel_id, names, n=_NEAR, cutoff=0.5) if len(names) <= _COMPARED else []
    without = parcel_id in pq.read_table(folder / UNJUDGED_FILE)["parcel_id"].to_pylist()
    said = (
        f"Parcel {parcel_id!r} has no outline: it is not followed." if without else f"There is no parcel {parcel_id!r}."
    )
    raise InputError("PARCEL_UNKNOWN", said, f"Near it: {', '.join(near)}." if near else "Check the number.")


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in row.items()}


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return [_value(each) for each in value]
    if isinstance(value, float):
        return round(value, 4)
    return value.isoformat() if hasattr(value, "isoformat") else value
