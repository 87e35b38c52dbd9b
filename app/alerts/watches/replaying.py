"""A watch of a day that is past on record: does it tell of the alerts what was told then?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, select, tuple_

from app.alerts.watches.history import History
from app.alerts.watches.recording import WatchRow
from app.db.season_runs import watched_alike
from app.db.tables import Alert, AlertEvent, ParcelObservation, Watch
from app.db.tables.alert_kinds import AlertEventKind

_TOLD: Final = (AlertEventKind.OPENED, AlertEventKind.RAISED, AlertEventKind.LOWERED, AlertEventKind.ENDED)

#: Key of the alert, kind, day and level.
_Line: TypeAlias = tuple[str, AlertEventKind, date, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """A change of an alert that only one side tells.

    Attributes:
        side: "replay" or "record".
        parcel_id: the alert's parcel.
        cause: its cause.
        day: as of which the change held.
        kind: what changed.
        level: after it.
    """

    side: str
    parcel_id: str
    cause: str
    day: date
    kind: str
    level: str


@dataclass(frozen=True, slots=True)
class Replay:
    """A replay beside the record.

    Attributes:
        later: the watch on record that lies after its day.
        later_day: that watch's day.
        same: changes that both tell.
        differences: the others, by parcel, cause and day.
    """

    later: str
    later_day: date
    same: int
    differences: tuple[Difference, ...]


def later_watch(connection: Connection, watch: WatchRow) -> Any:
    """A watch on record of a later day, or of a later season, that has a parcel of this one's run; None without one.

    Watches of sites and of crops do not come after each other.
    """
    after = tuple_(Watch.season_id, Watch.as_of) > tuple_(watch.season_id, watch.as_of)
    found = select(Watch.id, Watch.run_id, Watch.as_of).where(after, watched_alike(watch.season_id))
    wanted = found.order_by(Watch.season_id, Watch.as_of, Watch.id)
    shared: dict[str, bool] = {}
    for row in connection.execute(wanted).all():
        if row.run_id not in shared:
            shared[row.run_id] = _share_a_parcel(connection, watch.run_id, row.run_id)
        if shared[row.run_id]:
            return row
    return None


def compare(connection: Connection, watch: WatchRow, history: History, later: Any) -> Replay:
    """What a replay tells, and what is on record up to its day of its run's parcels and the causes it looked for."""
    record, parcels = _on_record(connection, watch)
    told = _told(history)
    named = {key: (row["subject_id"], row["cause"]) for key, row in _names(history).items()} | parcels
    sides = (("replay", told - record), ("record", record - told))
    found = [_difference(side, line, named) for side, lines in sides for line in lines]
    found.sort(key=lambda one: (one.parcel_id, one.cause, one.day, one.side, one.kind))
    return Replay(later.id, later.as_of, len(told & record), tuple(found))


def _share_a_parcel(connection: Connection, run_id: str, other: str) -> bool:
    if run_id == other:
        return True
    theirs = select(ParcelObservation.parcel_id).where(ParcelObservation.run_id == other)
    own = select(ParcelObservation.parcel_id).where(ParcelObservation.run_id == run_id)
    return connection.scalar(own.where(ParcelObservation.parcel_id.in_(theirs)).limit(1)) is not None


def _on_record(connection: Connection, watch: WatchRow) -> tuple[set[_Line], dict[str, tuple[str, str]]]:
    own = select(ParcelObservation.parcel_id).where(ParcelObservation.run_id == watch.run_id)
    wanted = (
        select(Alert.key, Alert.parcel_id, Alert.cause, AlertEvent.kind, AlertEvent.happened_on, AlertEvent.level)
        .join(AlertEvent, AlertEvent.alert_id == Alert.id)
        .where(
            Alert.season_id == watch.season_id,
            Alert.parcel_id.in_(own),
            Alert.cause.in_(sorted(watch.causes)),
            AlertEvent.watch_id.is_not(None),
            AlertEvent.kind.in_(_TOLD),
            AlertEvent.happened_on <= watch.as_of,
        )
    )
    rows = connection.execute(wanted).all()
    lines = {(row.key, row.kind, row.happened_on, str(row.level)) for row in rows}
    return lines, {row.key: (row.parcel_id, row.cause) for row in rows}


def _told(history: History) -> set[_Line]:
    lines = zip(history.keys, history.kinds, history.days, history.levels, strict=True)
    return {(key, kind, day, str(level)) for key, kind, day, level in lines}


def _names(history: History) -> dict[str, dict[str, Any]]:
    keys = list(history.stands)
    rows = history.rows([history.stands[key].last for key in keys])
    return dict(zip(keys, rows, strict=True))


def _difference(side: str, line: _Line, named: dict[str, tuple[str, str]]) -> Difference:
    key, kind, day, level = line
    parcel_id, cause = named[key]
    return Difference(side, parcel_id, cause, day, str(kind), level)
