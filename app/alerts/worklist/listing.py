"""The work list: alerts by what a visit may save, as they stand now or stood on a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import Connection, RowMapping, Select, select

from app.alerts.as_of import Standing, standing_now, standing_on
from app.alerts.reach import unit_of_parcel, units_below, within
from app.alerts.worklist.candidates import RulesAtHand, at_risk, losses_of
from app.alerts.worklist.exposure import LoanPart, amount_in, exposures, usual_currency
from app.alerts.worklist.workflow import LIVE
from app.db.rows import Row
from app.db.tables import Alert, OrgUnit, Parcel, User
from app.db.tables.alert_kinds import AlertLevel, AlertScope, AlertStatus
from app.sites.stops import KnownStop, stopped_sites
from geo.sites import SITES_SEASON

#: Which alerts: "live" is still seen and not closed by people, "ended" is no longer seen and not closed by people.
Which: TypeAlias = Literal["live", "ended", "all", "open", "acknowledged", "visited", "closed", "false_alarm"]
_RANKS: Final = {level: rank for rank, level in enumerate(AlertLevel)}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which alerts to list; None: any.

    Attributes:
        which: by what people did and what the imagery shows.
        levels: of these levels; empty: any.
        causes: of these causes; empty: any.
        scope: alone or with the neighbours.
        unit: code of a unit: parcels of it, of those below it, and of none.
        parcel: its number.
        as_of: as they stood at the end of a day; None: as they stand.
        currency: in which expected losses are ranked; None: that of most loans.
    """

    which: Which = "live"
    levels: tuple[AlertLevel, ...] = ()
    causes: tuple[str, ...] = ()
    scope: AlertScope | None = None
    unit: str | None = None
    parcel: str | None = None
    as_of: date | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """An alert with what is lent on its parcel.

    Attributes:
        number: of its row.
        key: the same in every replay.
        parcel_id: the parcel.
        unit: code of the unit it belongs to; None: none.
        cause: key of the cause.
        season_id: the season.
        rules_id: rules that raised it.
        opened_on: day as of which it opened.
        standing: level, scope, status and figures.
        assigned_to: login; None: nobody.
        stopped_on: day from which its energy site is watched no more: no watch will end it; None: it is watched, or the
            alert is of no site.
        loans: parts of loans that rest on the parcel.
        currency: of the amounts; None where no loan is known.
        exposure_minor: what is lent on the parcel in that currency; None where it is not known.
        at_risk: share of it that a visit can still save; None where severity or the rules are not known.
        expected_loss_minor: what a visit may save; None where a factor is not known.
    """

    number: int
    key: str
    parcel_id: str
    unit: str | None
    cause: str
    season_id: str
    rules_id: str
    opened_on: date
    standing: Standing
    assigned_to: str | None
    stopped_on: date | None = None
    loans: tuple[LoanPart, ...] = ()
    currency: str | None = None
    exposure_minor: int | None = None
    at_risk: float | None = None
    expected_loss_minor: int | None = None

    @property
    def candidate(self) -> Row:
        """A row of scoring.alerts.ranking.CANDIDATES."""
        return {
            "subject_id": self.parcel_id,
            "cause": self.cause,
            "opened_on": self.opened_on,
            "level": str(self.standing.level),
            "probability": self.standing.probability,
            "at_risk": self.at_risk,
            "exposure_minor": self.exposure_minor,
        }


@dataclass(frozen=True, slots=True)
class Listing:
    """Alerts in the order in which they deserve a visit.

    Attributes:
        alerts: the first of them.
        found: how many there are.
        unknown: how many of all have no expected loss; they come last, by level and severity.
        currency: in which they are ranked; None where no loan is known.
        other_currencies: in which more is lent on these parcels; it is not added and does not count.
    """

    alerts: tuple[Listed, ...]
    found: int
    unknown: int
    currency: str | None
    other_currencies: tuple[str, ...]


def list_alerts(
    connection: Connection,
    wanted: Wanted,
    today: date,
    limit: int | None = None,
    rules: RulesAtHand | None = None,
) -> Listing:
    """Alerts ranked by expected loss, the largest first; what is not known comes last.

    Args:
        connection: database.
        wanted: which.
        today: day of loans and season where `wanted` names none.
        limit: how many at most; None: all.
        rules: where alert rules are found; None: the shipped ones.

    Raises:
        InputError: there is no such unit.
    """
    rows = _rows(connection, wanted)
    day = wanted.as_of or today
    standings = standing_now(rows) if wanted.as_of is None else standing_on(connection, rows, day)
    at_hand = rules or RulesAtHand()
    stops = stopped_sites(connection, _end_of(day) if wanted.as_of is not None else None)
    fitting = [row for row in rows if _fits(standings[row["id"]], wanted)]
    kept = [_listed(row, standings[row["id"]], at_hand, day, stops) for row in fitting]
    loans = exposures(connection, sorted({each.parcel_id for each in kept}), day)
    currency = wanted.currency or usual_currency(loans)
    lent = [_with_loans(each, loans, currency) for each in kept]
    losses = losses_of([each.candidate for each in lent])
    ranked = sorted(
        (replace(each, expected_loss_minor=loss) for each, loss in zip(lent, losses, strict=True)), key=_order
    )
    others = {part.currency for parts in loans.values() for part in parts} - {currency}
    unknown = sum(each.expected_loss_minor is None for each in ranked)
    return Listing(tuple(ranked[:limit]), len(ranked), unknown, currency, tuple(sorted(others)))


def _rows(connection: Connection, wanted: Wanted) -> Sequence[RowMapping]:
    query = (
        select(*Alert.__table__.columns, OrgUnit.code.label("unit"), User.login.label("assigned_to"))
        .join(Parcel, Parcel.parcel_id == Alert.parcel_id)
        .outerjoin(OrgUnit, OrgUnit.id == unit_of_parcel())
        .outerjoin(User, User.id == Alert.assigned_to_id)
        .order_by(Alert.id)
    )
    return connection.execute(_narrowed(connection, query, wanted)).mappings().all()


def _narrowed(connection: Connection, query: Select[Any], wanted: Wanted) -> Select[Any]:
    if wanted.unit is not None:
        query = query.where(within(units_below(connection, wanted.unit)))
    if wanted.parcel is not None:
        query = query.where(Alert.parcel_id == wanted.parcel)
    if wanted.causes:
        query = query.where(Alert.cause.in_(wanted.causes))
    if wanted.as_of is not None:
        return query.where(Alert.opened_on <= wanted.as_of)
    if wanted.which == "live":
        return query.where(Alert.ended_on.is_(None), Alert.status.in_(LIVE))
    return query


def _fits(standing: Standing, wanted: Wanted) -> bool:
    return (
        (not wanted.levels or standing.level in wanted.levels)
        and (wanted.scope is None or standing.scope == wanted.scope)
        and _is(standing, wanted.which)
    )


def _is(standing: Standing, which: Which) -> bool:
    if which in ("live", "ended"):
        return standing.status in LIVE and (standing.ended_on is None) == (which == "live")
    return which == "all" or standing.status == AlertStatus(which)


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time.max, UTC)


def _listed(
    row: RowMapping, standing: Standing, rules: RulesAtHand, day: date, stops: Mapping[str, KnownStop]
) -> Listed:
    stop = stops.get(row["parcel_id"]) if row["season_id"] == SITES_SEASON.id else None
    names = ("key", "parcel_id", "unit", "cause", "season_id", "rules_id", "opened_on", "assigned_to")
    risk = at_risk(rules(row["rules_id"]), row["cause"], standing.severity, row["season_id"], day)
    return Listed(
        number=row["id"],
        standing=standing,
        at_risk=risk,
        stopped_on=None if stop is None else stop.stopped_at.date(),
        **{name: row[name] for name in names},
    )


def _with_loans(alert: Listed, loans: Mapping[str, tuple[LoanPart, ...]], currency: str | None) -> Listed:
    parts = loans.get(alert.parcel_id, ())
    if currency is None:
        return alert
    return replace(alert, loans=parts, currency=currency, exposure_minor=amount_in(parts, currency))


def _order(alert: Listed) -> tuple[Any, ...]:
    standing, expected = alert.standing, alert.expected_loss_minor
    grave = (standing.severity or 0.0) * (standing.probability or 0.0)
    return (expected is None, -(expected or 0), -_RANKS[standing.level], -grave, alert.parcel_id, alert.number)
