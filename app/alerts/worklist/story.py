"""The whole story of one alert: what was seen, what people did, what is lent, and what others say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, RowMapping, select
from sqlalchemy.orm import aliased

from app.alerts.signals.about import Signal, signals_about
from app.alerts.visits.positions import outline_at
from app.alerts.worklist.candidates import RulesAtHand
from app.alerts.worklist.listing import Listed, Wanted, list_alerts
from app.alerts.worklist.workflow import alerts_of
from app.book.loans.imports import day_start
from app.db.tables import AlertEvent, User, Visit
from scoring.alerts.rules import AlertRules


@dataclass(frozen=True, slots=True)
class Story:
    """Everything about one alert.

    Attributes:
        alert: as the list has it.
        run_id: of the watch that last touched it.
        event_on: day on which the cause was first seen; None: it has no date.
        rules: the rules that raised it; None where they are not at hand.
        rules_hash: of the rules that raised it.
        position: longitude and latitude of a point within the parcel, degrees; None without an outline.
        events: its history with the logins of who did what, in order.
        visits: to its parcel about it, with the logins of both officers, in order.
        signals: from outside that concern its parcel on the day.
    """

    alert: Listed
    run_id: str
    event_on: date | None
    rules: AlertRules | None
    rules_hash: str
    position: tuple[float, float] | None
    events: Sequence[RowMapping]
    visits: Sequence[RowMapping]
    signals: Sequence[Signal]

    @property
    def same_rules(self) -> bool:
        """Whether the rules at hand are those that raised the alert, to the letter."""
        return self.rules is not None and self.rules.content_hash == self.rules_hash


def story_of(connection: Connection, number: int, day: date, rules: RulesAtHand | None = None) -> Story:
    """The story of an alert, with the loans and signals of a day.

    Raises:
        InputError: there is no such alert.
    """
    (row,) = alerts_of(connection, [number])
    at_hand = rules or RulesAtHand()
    listing = list_alerts(connection, Wanted(which="all", parcel=row["parcel_id"]), day, rules=at_hand)
    alert = next(each for each in listing.alerts if each.number == row["id"])
    return Story(
        alert,
        row["run_id"],
        row["event_on"],
        at_hand(row["rules_id"]),
        row["rules_hash"],
        position_of(connection, row["parcel_id"], day),
        _events(connection, row["id"]),
        _with_logins(connection, row["id"]),
        signals_about(connection, row["parcel_id"], day),
    )


def position_of(connection: Connection, parcel_id: str, day: date) -> tuple[float, float] | None:
    """Longitude and latitude of a point within a parcel's outline on a day; None without one."""
    outline = outline_at(connection, parcel_id, day_start(day))
    if outline is None:
        return None
    point = outline.representative_point()
    return point.x, point.y


def _events(connection: Connection, number: int) -> Sequence[RowMapping]:
    wanted = (
        select(AlertEvent.__table__, User.login.label("by"))
        .outerjoin(User, User.id == AlertEvent.by_id)
        .where(AlertEvent.alert_id == number)
        .order_by(AlertEvent.happened_on, AlertEvent.id)
    )
    return connection.execute(wanted).mappings().all()


def _with_logins(connection: Connection, number: int) -> Sequence[RowMapping]:
    first, second = aliased(User), aliased(User)
    wanted = (
        select(Visit.__table__, first.login.label("by"), second.login.label("with"))
        .join(first, first.id == Visit.officer_id)
        .join(second, second.id == Visit.second_officer_id)
        .where(Visit.alert_id == number)
        .order_by(Visit.captured_at, Visit.id)
    )
    return connection.execute(wanted).mappings().all()
