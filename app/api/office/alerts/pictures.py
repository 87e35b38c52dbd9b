"""Pictures of a parcel before and after what an alert is about: found by alert and side, never by a name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, select

from app.artefacts.runs import RunShelf
from app.db.tables import AlertEvent, Watch
from geo.errors import InputError

#: What a watch calls the files of its pictures (app.alerts.watches.chips).
_FILE: Final = re.compile(r"chips/([0-9a-f]{16})\.png")
_WATCHES: Final = "watches"


class Side(StrEnum):
    """Before the event, or after it."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture on disk.

    Attributes:
        day: that it shows.
        file: where it lies.
        content_hash: of its bytes, 16 hexadecimal digits: its name.
    """

    day: date
    file: Path
    content_hash: str


def pictures_of(connection: Connection, runs: RunShelf, alert: int) -> dict[Side, Kept]:
    """Pictures of an alert by side, of the last change that has some; sides whose files are not here are left out."""
    wanted = (
        select(AlertEvent.evidence, AlertEvent.watch_id, Watch.run_id)
        .join(Watch, Watch.id == AlertEvent.watch_id)
        .where(AlertEvent.alert_id == alert)
        .order_by(AlertEvent.happened_on.desc(), AlertEvent.id.desc())
    )
    for evidence, watch_id, run_id in connection.execute(wanted):
        if evidence.get("chips"):
            run = runs.find(run_id)
            return {} if run is None else dict(_kept(run / _WATCHES / watch_id, evidence["chips"]))
    return {}


def picture_of(connection: Connection, runs: RunShelf, alert: int, side: Side) -> Kept:
    """One picture; InputError PICTURE_NONE where there is none."""
    found = pictures_of(connection, runs, alert).get(side)
    if found is None:
        raise InputError("PICTURE_NONE", f"Alert {alert} has no picture {side}.", "Its looks stand in its evidence.")
    return found


def _kept(watch: Path, chips: Mapping[str, Mapping[str, Any]]) -> Iterable[tuple[Side, Kept]]:
    for side in Side:
        chip = chips.get(side)
        named = None if chip is None else _FILE.fullmatch(chip["file"])
        if chip is not None and named is not None and (watch / named[0]).is_file():
            yield side, Kept(date.fromisoformat(chip["day"]), watch / named[0], named[1])
