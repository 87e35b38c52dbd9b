"""What people do with alerts. Nothing here touches a loan, a limit or a proposal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, insert, select, update

from app.alerts.reach import require_reach
from app.alerts.worklist.remarks import checked_note, required_note
from app.book.decisions.people import Person, require_role
from app.db.listed import listed_numbers
from app.db.rows import Row, chunked
from app.db.tables import Alert, AlertEvent, Visit
from app.db.tables.alert_kinds import AlertEventKind, AlertLevel, AlertStatus, VisitOutcome
from app.db.tables.kinds import UserRole
from app.sites.stops import standing_stop
from geo.errors import InputError
from geo.sites import SITES_SEASON

#: Who works with alerts; an administrator keeps people and data, and does not judge cases.
WORKING: Final = (UserRole.OFFICER, UserRole.REVIEWER, UserRole.RISK)
LIVE: Final = frozenset({AlertStatus.OPEN, AlertStatus.ACKNOWLEDGED, AlertStatus.VISITED})
_OVER: Final = frozenset({AlertStatus.CLOSED, AlertStatus.FALSE_ALARM})
_REFUTED: Final = (VisitOutcome.NOT_CONFIRMED, VisitOutcome.OTHER_CAUSE)


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody who does something now, with what they say of it (None: nothing)."""

    by: Person
    now: datetime
    said: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """Numbers of the alerts that changed, and of those that were so already; both in order."""

    changed: tuple[int, ...]
    already: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Move:
    """A change of status: from which, to which, and what more it asks for of each alert."""

    kind: AlertEventKind
    start: frozenset[AlertStatus]
    end: AlertStatus
    already: frozenset[AlertStatus]
    asks: Callable[[Connection, RowMapping, Person], None] | None = None


def acknowledge(connection: Connection, numbers: Sequence[int], act: Act) -> Done:
    """Say that somebody saw the alerts: all of them, or none. Errors as of close."""
    move = _Move(
        AlertEventKind.ACKNOWLEDGED,
        frozenset({AlertStatus.OPEN}),
        AlertStatus.ACKNOWLEDGED,
        frozenset({AlertStatus.ACKNOWLEDGED, AlertStatus.VISITED}),
    )
    return _moved(connection, numbers, move, act)


def close(connection: Connection, numbers: Sequence[int], act: Act) -> Done:
    """Close alerts with a reason: all of them, or none.

    An officer closes what was visited, what the imagery no longer shows, what is for information, and what is of an
    energy site that was stopped, since no watch will end it; a reviewer or risk officer closes any.

    Raises:
        InputError: there is no such alert, it is of another unit, its status does not allow this, the person may not,
            or no reason is given.
    """
    move = _Move(
        AlertEventKind.CLOSED, LIVE, AlertStatus.CLOSED, frozenset({AlertStatus.CLOSED}), asks=_refuse_early_close
    )
    return _moved(connection, numbers, move, act, reason=True)


def call_false(connection: Connection, numbers: Sequence[int], act: Act) -> Done:
    """Call alerts false, with a reason: all of them, or none.

    It takes two officers' visit that did not confirm the alert; or somebody who acknowledged it and another person, a
    reviewer or risk officer, who calls it false. What a visit confirmed is not false. Errors as of close.
    """
    move = _Move(
        AlertEventKind.FALSE_ALARM,
        LIVE,
        AlertStatus.FALSE_ALARM,
        frozenset({AlertStatus.FALSE_ALARM}),
        asks=_refuse_lone_word,
    )
    return _moved(connection, numbers, move, act, reason=True)


def reopen(connection: Connection, numbers: Sequence[int], act: Act) -> Done:
    """Take up alerts that were closed or called false, with a reason: all of them, or none. Errors as of close."""
    move = _Move(AlertEventKind.REOPENED, _OVER, AlertStatus.OPEN, LIVE)
    return _moved(connection, numbers, move, act, reason=True)


def note(connection: Connection, numbers: Sequence[int], act: Act) -> Done:
    """Write a note on alerts, whatever their status. Errors as of close."""
    found = _found(connection, numbers, act.by)
    text = required_note(connection, act.said, [row["parcel_id"] for row in found])
    write_events(connection, found, AlertEventKind.NOTED, act, text)
    return Done(tuple(row["id"] for row in found), ())


def assign(connection: Connection, numbers: Sequence[int], to: Person, act: Act) -> Done:
    """Give alerts to somebody who works in reach of their parcels: all of them, or none. Errors as of close."""
    require_role(to, WORKING, "works with alerts")
    found = _found(connection, numbers, act.by)
    parcels = [row["parcel_id"] for row in found]
    require_reach(connection, to, parcels)
    text = checked_note(connection, act.said, parcels)
    _refuse_status(found, LIVE, AlertEventKind.ASSIGNED)
    new = [row for row in found if row["assigned_to_id"] != to.id]
    _update(connection, new, assigned_to_id=to.id)
    write_events(connection, new, AlertEventKind.ASSIGNED, act, text, {"to": to.login})
    same = tuple(row["id"] for row in found if row["assigned_to_id"] == to.id)
    return Done(tuple(row["id"] for row in new), same)


def write_events(
    connection: Connection,
    alerts: Sequence[RowMapping],
    kind: AlertEventKind,
    act: Act,
    text: str,
    facts: Row | None = None,
) -> None:
    """Write one line of history for each alert; `facts` are what the line is about beside words."""
    plain = {
        "kind": kind,
        "happened_on": act.now.date(),
        "evidence": facts or {},
        "watch_id": None,
        "by_id": act.by.id,
        "note": text or None,
        "recorded_at": act.now,
    }
    for chunk in chunked([plain | {"alert_id": row["id"], "level": row["level"]} for row in alerts]):
        connection.execute(insert(AlertEvent), chunk)


def alerts_of(connection: Connection, numbers: Sequence[int]) -> list[RowMapping]:
    """Rows of alerts in the order of their numbers.

    Raises:
        InputError: there is no such alert.
    """
    wanted = sorted(set(numbers))
    among = Alert.id.in_(listed_numbers(connection, wanted))
    rows = list(connection.execute(select(Alert.__table__).where(among).order_by(Alert.id)).mappings())
    missing = sorted(set(wanted) - {row["id"] for row in rows})
    if missing:
        raise InputError("ALERT_UNKNOWN", f"There is no alert {missing[0]}.", "`acreline alerts list` shows them.")
    return rows


def _found(connection: Connection, numbers: Sequence[int], by: Person) -> list[RowMapping]:
    require_role(by, WORKING, "works with alerts")
    rows = alerts_of(connection, numbers)
    require_reach(connection, by, [row["parcel_id"] for row in rows])
    return rows


def _moved(connection: Connection, numbers: Sequence[int], move: _Move, act: Act, *, reason: bool = False) -> Done:
    found = _found(connection, numbers, act.by)
    write = required_note if reason else checked_note
    text = write(connection, act.said, [row["parcel_id"] for row in found])
    _refuse_status(found, move.start | move.already, move.kind)
    new = [row for row in found if row["status"] in move.start]
    for row in new:
        if move.asks is not None:
            move.asks(connection, row, act.by)
    _update(connection, new, status=move.end, closed_at=act.now if move.end in _OVER else None)
    write_events(connection, new, move.kind, act, text)
    same = tuple(row["id"] for row in found if row["status"] in move.already)
    return Done(tuple(row["id"] for row in new), same)


def _update(connection: Connection, rows: Sequence[RowMapping], **values: Any) -> None:
    for chunk in chunked([row["id"] for row in rows]):
        connection.execute(update(Alert).where(Alert.id.in_(listed_numbers(connection, chunk))).values(**values))


def _refuse_status(rows: Sequence[RowMapping], allowed: frozenset[AlertStatus], kind: AlertEventKind) -> None:
    for row in rows:
        if row["status"] not in allowed:
            raise InputError(
                "ALERT_STATUS",
                f"Alert {row['id']} is {_words(row['status'])}: it cannot be {_words(kind)}.",
                "Take it up again with `acreline alerts reopen` first." if row["status"] in _OVER else "",
            )


def _refuse_early_close(connection: Connection, row: RowMapping, by: Person) -> None:
    settled = row["status"] == AlertStatus.VISITED or row["ended_on"] is not None or row["level"] == AlertLevel.INFO
    if by.role == UserRole.OFFICER and not settled and not _is_of_stopped_site(connection, row):
        raise InputError(
            "CLOSE_NEEDS",
            f"Alert {row['id']} still shows and nobody was there: an officer does not close it.",
            "Visit the parcel, or let a reviewer or risk officer close it.",
        )


def _is_of_stopped_site(connection: Connection, row: RowMapping) -> bool:
    return row["season_id"] == SITES_SEASON.id and standing_stop(connection, row["parcel_id"]) is not None


def _refuse_lone_word(connection: Connection, row: RowMapping, by: Person) -> None:
    last = last_outcome(connection, row["id"])
    if last in _REFUTED:
        return
    if last is not None:
        raise InputError(
            "FALSE_ALARM_NEEDS",
            f"Alert {row['id']} was confirmed by two officers: it is no false alarm.",
            "Close it, or record another visit.",
        )
    if by.role == UserRole.OFFICER or not _somebody_else_saw(connection, row["id"], by):
        raise InputError(
            "FALSE_ALARM_NEEDS",
            f"Nobody visited alert {row['id']}: calling it false takes two persons.",
            "One acknowledges it, and another one, a reviewer or risk officer, calls it false.",
        )


def last_outcome(connection: Connection, alert_id: int) -> VisitOutcome | None:
    """Outcome of the last visit that reached the parcel of an alert; None where there was none."""
    return connection.scalar(
        select(Visit.outcome)
        .where(Visit.alert_id == alert_id, Visit.outcome != VisitOutcome.NOT_REACHED)
        .order_by(Visit.captured_at.desc(), Visit.id.desc())
        .limit(1)
    )


def _somebody_else_saw(connection: Connection, alert_id: int, by: Person) -> bool:
    seen = select(AlertEvent.id).where(
        AlertEvent.alert_id == alert_id, AlertEvent.kind == AlertEventKind.ACKNOWLEDGED, AlertEvent.by_id != by.id
    )
    return connection.scalar(seen.limit(1)) is not None


def _words(name: str) -> str:
    return {"false_alarm": "called false", "noted": "noted on"}.get(str(name), str(name))
