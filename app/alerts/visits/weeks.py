"""The visits of a week: drawn once for a unit, then the same list for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import pyarrow as pa
from sqlalchemy import Connection, RowMapping, insert, select

from app.alerts.reach import units_below, within
from app.alerts.worklist.candidates import NO_ALERT, RulesAtHand, table_of
from app.alerts.worklist.exposure import amount_in, exposures, usual_currency
from app.alerts.worklist.listing import Listed, Wanted, list_alerts
from app.alerts.worklist.workflow import WORKING
from app.book.decisions.people import Person, require_role
from app.db.rows import Row, chunked
from app.db.tables import OrgUnit, Parcel, ParcelObservation, User, VisitList, VisitTask, Watch
from app.db.tables.alert_kinds import AlertStatus
from geo.errors import DataError, InputError
from geo.status import Status
from scoring.alerts.ranking import METHOD, draw_visits

#: A parcel belongs to the draw while a watch looked at it within so many days.
WATCHED_DAYS: Final = 31
RANDOM_SHARE: Final = 0.1


@dataclass(frozen=True, slots=True)
class Draw:
    """What a list is drawn by.

    Attributes:
        week: its Monday.
        unit: code of the unit.
        capacity: visits that there is time for.
        as_of: day whose alerts and loans count.
        seed: text that chance rests on.
        random_share: part of the visits that is drawn by chance.
    """

    week: date
    unit: str
    capacity: int
    as_of: date
    seed: str
    random_share: float = RANDOM_SHARE


def monday_of(text: str) -> date:
    """Monday of an ISO week written like 2026-W48; InputError where there is none."""
    try:
        return date.fromisoformat(f"{text.strip().upper()}-1" if "W" in text.upper() else "")
    except ValueError as error:
        raise InputError("WEEK", f"{text!r} is no week.", "Write it like 2026-W48.") from error


def list_of(connection: Connection, week: date, unit: str) -> RowMapping | None:
    """Row of a week's list of a unit with its code and who drew it; None where none was drawn."""
    return (
        connection.execute(
            select(VisitList.__table__, OrgUnit.code.label("unit"), User.login.label("drawn_by"))
            .join(OrgUnit, OrgUnit.id == VisitList.org_unit_id)
            .join(User, User.id == VisitList.drawn_by_id)
            .where(VisitList.week == week, OrgUnit.code == unit)
        )
        .mappings()
        .one_or_none()
    )


def tasks_of(connection: Connection, list_id: int) -> Sequence[RowMapping]:
    """Tasks of a list in order."""
    wanted = select(VisitTask.__table__).where(VisitTask.list_id == list_id).order_by(VisitTask.rank)
    return connection.execute(wanted).mappings().all()


def draw_list(connection: Connection, draw: Draw, by: Person, now: datetime, rules: RulesAtHand | None = None) -> int:
    """Draw a week's list and write it; number of its row.

    Candidates are all parcels of the unit, of those below it and of no unit, that a watch looked at in the last 31
    days, but for those without an outline. A parcel whose alerts were all visited already, or are of an energy site
    that is watched no more, is left out; one with another alert is in with that one.

    Raises:
        InputError: the unit is not in reach of the person, the day lies ahead, or there is no room for a visit.
        DataError: no watch looked at a parcel of the unit.
    """
    require_role(by, WORKING, "draws visits")
    units = units_below(connection, draw.unit)
    if not set(units) <= set(units_below(connection, by.unit)):
        raise InputError("NOT_IN_UNIT", f"{by.login} works in unit {by.unit}, not above {draw.unit}.", "Ask its head.")
    if draw.as_of > now.date():
        raise InputError("WEEK_AS_OF", f"The day {draw.as_of} lies ahead.", "Leave --as-of out.")
    parcels = _watched(connection, units, draw.as_of)
    if not parcels:
        raise DataError(
            "VISITS_NO_WATCH",
            f"No watch of the {WATCHED_DAYS} days up to {draw.as_of} looked at a parcel of {draw.unit}.",
            "Run acreline growth watch first, or name the day of one with --as-of.",
        )
    wanted = Wanted(unit=draw.unit, as_of=draw.as_of)
    live = list_alerts(connection, wanted, draw.as_of, rules=rules).alerts
    return _write(connection, draw, by, now, parcels, [each for each in live if each.parcel_id in parcels])


def _write(
    connection: Connection, draw: Draw, by: Person, now: datetime, parcels: frozenset[str], live: Sequence[Listed]
) -> int:
    asked = [each for each in live if each.stopped_on is None]
    fresh = [each for each in asked if each.standing.status is not AlertStatus.VISITED]
    alerted = {each.parcel_id for each in fresh}
    left = sorted(parcels - alerted - {each.parcel_id for each in live})
    candidates = table_of([*(each.candidate for each in fresh), *({"subject_id": each} | NO_ALERT for each in left)])
    drawn = draw_visits(candidates, draw.capacity, draw.random_share, seed=draw.seed)
    row = {
        "week": draw.week,
        "as_of": draw.as_of,
        "org_unit_id": connection.scalars(select(OrgUnit.id).where(OrgUnit.code == draw.unit)).one(),
        "capacity": draw.capacity,
        "random_share": draw.random_share,
        "seed": draw.seed,
        "candidates": len(left) + len(alerted),
        "method": METHOD,
        "drawn_by_id": by.id,
        "recorded_at": now,
    }
    number = connection.scalars(insert(VisitList).returning(VisitList.id), row).one()
    for chunk in chunked(_tasks(connection, drawn, fresh, draw.as_of)):
        connection.execute(insert(VisitTask), [task | {"list_id": number} for task in chunk])
    return number


def _tasks(connection: Connection, drawn: pa.Table, alerts: Sequence[Listed], day: date) -> list[Row]:
    about = {(each.parcel_id, each.cause, each.opened_on): each for each in alerts}
    rows = drawn.to_pylist()
    loans = exposures(connection, [row["subject_id"] for row in rows], day)
    currency = alerts[0].currency if alerts else usual_currency(loans)
    return [
        _task(row, about.get((row["subject_id"], row["cause"], row["opened_on"])))
        | _lent(amount_in(loans.get(row["subject_id"], ()), currency) if currency else None, currency)
        for row in rows
    ]


def _task(row: dict[str, Any], alert: Listed | None) -> Row:
    return {
        "rank": row["rank"],
        "parcel_id": row["subject_id"],
        "alert_id": None if alert is None else alert.number,
        "drawn": row["drawn"],
        "probability": row["probability"],
        "severity": None if alert is None else alert.standing.severity,
        "expected_loss_minor": row["expected_loss_minor"],
        "assigned_to_id": None,
    }


def _lent(exposure_minor: int | None, currency: str | None) -> Row:
    return {"exposure_minor": exposure_minor, "currency": None if exposure_minor is None else currency}


def _watched(connection: Connection, units: Sequence[int], day: date) -> frozenset[str]:
    runs = select(Watch.run_id).where(Watch.as_of <= day, Watch.as_of > day - timedelta(days=WATCHED_DAYS))
    seen = select(ParcelObservation.parcel_id).where(
        ParcelObservation.run_id.in_(runs), ParcelObservation.status != Status.INVALID_GEOMETRY
    )
    wanted = select(Parcel.parcel_id).where(within(units), Parcel.parcel_id.in_(seen))
    return frozenset(connection.scalars(wanted))
