"""How alerts stood at the end of a day, by the histories that watches wrote and what people made of them by then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, select

from app.db.listed import listed
from app.db.rows import chunked
from app.db.tables import Alert, AlertEvent, Visit
from app.db.tables.alert_kinds import AlertEventKind, AlertLevel, AlertScope, AlertStatus, VisitOutcome

#: Changes after which an alert is no longer seen.
_OVER: Final = (AlertEventKind.ENDED, AlertEventKind.WITHDRAWN)
#: Changes whose evidence says what was seen.
_SHOWN: Final = (AlertEventKind.OPENED, AlertEventKind.RAISED, AlertEventKind.LOWERED)
_COLUMNS: Final = (
    Alert.id, Alert.parcel_id, Alert.cause, Alert.season_id, Alert.scope, Alert.opened_on, Alert.event_on, Alert.status,
    Alert.closed_at, AlertEvent.kind, AlertEvent.happened_on, AlertEvent.level, AlertEvent.evidence,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StandingAlert:
    """An alert as of a day.

    Attributes:
        alert_id: its number.
        parcel_id: its parcel.
        cause: key of the cause.
        season_id: season of its watch.
        level: the last that it had by the day.
        scope: "own", "regional" or "unclear", as of the last change by the day.
        severity: 0..1, likewise; None where not known.
        opened_on: day on which it became known.
        event_on: day on which it was first seen; None where it has no date.
        event_from: last day on which it was surely not there; None where not known.
        over_on: day from which the imagery no longer shows it; None while it does.
        withdrawn: whether a watch took it back.
        false_alarm: whether people called it one by the day's end.
    """

    alert_id: int
    parcel_id: str
    cause: str
    season_id: str
    level: AlertLevel
    scope: AlertScope
    severity: float | None
    opened_on: date
    event_on: date | None
    event_from: date | None
    over_on: date | None
    withdrawn: bool
    false_alarm: bool

    @property
    def happened_on(self) -> date:
        """The day that counts as the event's: first seen, else known."""
        return self.event_on or self.opened_on


def standing_alerts(
    connection: Connection, day: date, at: datetime, parcels: Sequence[str] | None = None
) -> Iterator[StandingAlert]:
    """Alerts that were opened by a day, over or not, by number.

    Args:
        connection: database.
        day: the history of that day and before counts.
        at: what people did by this instant counts.
        parcels: only alerts of these; None: of all.
    """
    if parcels is None:
        yield from _folded(connection, _histories(day), at)
        return
    for chunk in chunked(parcels):
        yield from _folded(connection, _histories(day, Alert.parcel_id.in_(listed(connection, chunk))), at)


def own_action_alerts(connection: Connection, day: date, at: datetime) -> frozenset[str]:
    """Parcels with an open alert of level action whose scope is the parcel's own, as of a day."""
    return frozenset(
        alert.parcel_id
        for alert in standing_alerts(connection, day, at)
        if alert.level is AlertLevel.ACTION
        and alert.scope is AlertScope.OWN
        and alert.over_on is None
        and not alert.false_alarm
    )


def visited(connection: Connection, alerts: Sequence[int], at: datetime) -> dict[int, VisitOutcome]:
    """The latest outcome of a visit by alert, of visits recorded by an instant that reached the parcel."""
    found: dict[int, VisitOutcome] = {}
    for chunk in chunked(alerts):
        rows = connection.execute(
            select(Visit.alert_id, Visit.outcome)
            .where(Visit.alert_id.in_(chunk), Visit.recorded_at <= at)
            .where(Visit.outcome != VisitOutcome.NOT_REACHED)
            .order_by(Visit.captured_at, Visit.id)
        )
        found |= {int(number): outcome for number, outcome in rows if number is not None}
    return found


def _histories(day: date, *where: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(*_COLUMNS)
        .join(AlertEvent, AlertEvent.alert_id == Alert.id)
        .where(AlertEvent.watch_id.is_not(None), AlertEvent.happened_on <= day, *where)
        .order_by(Alert.id, AlertEvent.happened_on, AlertEvent.id)
    )


def _folded(connection: Connection, histories: Select[*tuple[Any, ...]], at: datetime) -> Iterator[StandingAlert]:
    rows = connection.execute(histories).mappings()
    for _, events in groupby(rows, key=lambda row: row["id"]):
        yield _standing(list(events), at)


def _standing(events: Sequence[Mapping[Any, Any]], at: datetime) -> StandingAlert:
    last = events[-1]
    shown = next((event for event in reversed(events) if event["kind"] in _SHOWN), last)
    said = shown["evidence"]
    over = last["kind"] in _OVER
    return StandingAlert(
        alert_id=last["id"],
        parcel_id=last["parcel_id"],
        cause=last["cause"],
        season_id=last["season_id"],
        level=shown["level"],
        scope=AlertScope(said.get("scope", last["scope"])),
        severity=said.get("severity"),
        opened_on=last["opened_on"],
        event_on=_day(said.get("event_on")) or last["event_on"],
        event_from=_day(said.get("event_from")),
        over_on=last["happened_on"] if over else None,
        withdrawn=last["kind"] is AlertEventKind.WITHDRAWN,
        false_alarm=last["status"] is AlertStatus.FALSE_ALARM and (last["closed_at"] or at) <= at,
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
