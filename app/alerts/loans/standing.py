"""Alerts of parcels as they stood at the end of a day, for whoever asks what they mean for a loan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, RowMapping, select

from app.alerts.as_of import Standing, standing_on
from app.db.listed import listed, listed_numbers
from app.db.rows import chunked
from app.db.tables import Alert, AlertEvent, Visit
from app.db.tables.alert_kinds import AlertEventKind, AlertLevel, AlertScope, AlertStatus, VisitOutcome


@dataclass(frozen=True, slots=True)
class StandingAlert:
    """An alert that had opened by a day.

    Attributes:
        alert_id: its number.
        parcel_id: its parcel.
        cause: key of the cause.
        season_id: season of its watch.
        opened_on: day on which it became known.
        event_on: day on which it was first seen; None where it has no date.
        stands: level, scope, status and end at the end of the day.
    """

    alert_id: int
    parcel_id: str
    cause: str
    season_id: str
    opened_on: date
    event_on: date | None
    stands: Standing

    @property
    def happened_on(self) -> date:
        """The day that counts as the event's: first seen, else known."""
        return self.event_on or self.opened_on

    @property
    def false_alarm(self) -> bool:
        """Whether people called it one."""
        return self.stands.status is AlertStatus.FALSE_ALARM


def standing_alerts(connection: Connection, day: date, parcels: Sequence[str] | None = None) -> Iterator[StandingAlert]:
    """Alerts that had opened by a day, still seen or not, by number.

    Args:
        connection: database.
        day: the history of that day and before counts.
        parcels: only alerts of these; None: of all.
    """
    known = select(Alert.__table__).where(Alert.opened_on <= day).order_by(Alert.id)
    if parcels is None:
        yield from _as_of(connection, connection.execute(known).mappings().all(), day)
        return
    for chunk in chunked(parcels):
        own = known.where(Alert.parcel_id.in_(listed(connection, chunk)))
        yield from _as_of(connection, connection.execute(own).mappings().all(), day)


def own_action_alerts(connection: Connection, day: date) -> frozenset[str]:
    """Parcels with an open alert of level action whose scope is the parcel's own, as of a day."""
    return frozenset(
        alert.parcel_id
        for alert in standing_alerts(connection, day)
        if alert.stands.level is AlertLevel.ACTION
        and alert.stands.scope is AlertScope.OWN
        and alert.stands.ended_on is None
        and alert.stands.status not in (AlertStatus.CLOSED, AlertStatus.FALSE_ALARM)
    )


def visited(connection: Connection, alerts: Sequence[int], at: datetime) -> dict[int, VisitOutcome]:
    """The latest outcome of a visit by alert, of visits recorded by an instant that reached the parcel."""
    found: dict[int, VisitOutcome] = {}
    for chunk in chunked(alerts):
        rows = connection.execute(
            select(Visit.alert_id, Visit.outcome)
            .where(Visit.alert_id.in_(listed_numbers(connection, chunk)), Visit.recorded_at <= at)
            .where(Visit.outcome != VisitOutcome.NOT_REACHED)
            .order_by(Visit.captured_at, Visit.id)
        )
        found |= {int(number): outcome for number, outcome in rows if number is not None}
    return found


def withdrawn(connection: Connection, alerts: Sequence[int], day: date) -> frozenset[int]:
    """Those of some alerts that a watch took back by a day."""
    found: set[int] = set()
    for chunk in chunked(alerts):
        found |= set(
            connection.scalars(
                select(AlertEvent.alert_id)
                .where(AlertEvent.alert_id.in_(listed_numbers(connection, chunk)), AlertEvent.happened_on <= day)
                .where(AlertEvent.kind == AlertEventKind.WITHDRAWN)
            )
        )
    return frozenset(found)


def _as_of(connection: Connection, alerts: Sequence[RowMapping], day: date) -> Iterator[StandingAlert]:
    stands = standing_on(connection, alerts, day)
    names = ("parcel_id", "cause", "season_id", "opened_on", "event_on")
    for row in alerts:
        said = {name: row[name] for name in names}
        yield StandingAlert(alert_id=row["id"], stands=stands[row["id"]], **said)
