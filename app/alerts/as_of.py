"""How alerts stand: as their rows say, or at the end of a day as all lines of their history up to it tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, select

from app.alerts.watches.history import share
from app.db.listed import listed_numbers
from app.db.rows import chunked
from app.db.tables import AlertEvent
from app.db.tables.alert_kinds import AlertEventKind, AlertLevel, AlertScope, AlertStatus

_ENDS: Final = (AlertEventKind.ENDED, AlertEventKind.WITHDRAWN)
_SHOWS: Final = (AlertEventKind.OPENED, AlertEventKind.RAISED, AlertEventKind.LOWERED)
#: What people's acts make of a status.
_MADE: Final = {
    AlertEventKind.ACKNOWLEDGED: AlertStatus.ACKNOWLEDGED,
    AlertEventKind.VISITED: AlertStatus.VISITED,
    AlertEventKind.CLOSED: AlertStatus.CLOSED,
    AlertEventKind.FALSE_ALARM: AlertStatus.FALSE_ALARM,
    AlertEventKind.REOPENED: AlertStatus.OPEN,
}
_OVER: Final = (AlertStatus.CLOSED, AlertStatus.FALSE_ALARM)


@dataclass(frozen=True, slots=True)
class Standing:
    """How an alert stands.

    Attributes:
        level: how much it asks for.
        scope: alone, with the neighbours, or not clear.
        severity: 0..1; None: not known.
        probability: that a visit would confirm it, 0..1; None: not known.
        changed_on: day of its last change by a watch.
        ended_on: day from which it is no longer seen; None: it is.
        status: what people did.
    """

    level: AlertLevel
    scope: AlertScope
    severity: float | None
    probability: float | None
    changed_on: date
    ended_on: date | None
    status: AlertStatus


def standing_now(alerts: Sequence[RowMapping]) -> dict[int, Standing]:
    """How alerts stand, by number, from rows of table alert."""
    names = ("level", "scope", "severity", "probability", "changed_on", "ended_on", "status")
    return {row["id"]: Standing(**{name: row[name] for name in names}) for row in alerts}


def standing_on(connection: Connection, alerts: Sequence[RowMapping], day: date) -> dict[int, Standing]:
    """How alerts that had opened by a day stood at its end, by number."""
    events: dict[int, list[RowMapping]] = defaultdict(list)
    for chunk in chunked([row["id"] for row in alerts]):
        wanted = (
            select(AlertEvent.__table__)
            .where(AlertEvent.alert_id.in_(listed_numbers(connection, chunk)), AlertEvent.happened_on <= day)
            .order_by(AlertEvent.happened_on, AlertEvent.id)
        )
        for event in connection.execute(wanted).mappings():
            events[event["alert_id"]].append(event)
    return {row["id"]: _folded(row, events[row["id"]]) for row in alerts}


def _folded(alert: RowMapping, events: Sequence[RowMapping]) -> Standing:
    stands = Standing(
        alert["level"], alert["scope"], None, None, alert["opened_on"], ended_on=None, status=AlertStatus.OPEN
    )
    for event in events:
        stands = _after(stands, event)
    return stands


def _after(before: Standing, event: RowMapping) -> Standing:
    kind, day = AlertEventKind(event["kind"]), event["happened_on"]
    if event["watch_id"] is None:
        return _by_people(before, kind)
    if kind in _ENDS:
        return replace(before, changed_on=day, ended_on=day)
    if kind is AlertEventKind.REOPENED:  # seen again, or risen after people closed it
        status = AlertStatus.OPEN if before.status in _OVER and before.ended_on is None else before.status
        return replace(before, changed_on=day, ended_on=None, status=status)
    if kind not in _SHOWS:
        return before
    return replace(before, level=event["level"], changed_on=day, ended_on=None, **_figures(event["evidence"]))


def _by_people(before: Standing, kind: AlertEventKind) -> Standing:
    made = _MADE.get(kind)
    stays_closed = kind is AlertEventKind.VISITED and before.status in _OVER
    return before if made is None or stays_closed else replace(before, status=made)


def _figures(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """Scope and figures as the evidence of a change states them."""
    figures: dict[str, Any] = {name: share(evidence[name]) for name in ("severity", "probability") if name in evidence}
    return figures | ({"scope": AlertScope(evidence["scope"])} if "scope" in evidence else {})
