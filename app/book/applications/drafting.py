"""Applications drafted step by step: each step is kept at once, so that a draft can be left and taken up anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from app.book.applications.files import Doing, Filed, Kind, find_for, note
from app.book.applications.stages import RULES, Act
from app.book.decisions.people import Person, require_role
from app.db.tables import Application, ApplicationEvent, ApplicationPlot, LandRight, OrgUnit, Role
from app.db.tables.kinds import ApplicationStatus, RoleKind
from geo.area import convert_area
from geo.errors import InputError
from geo.legend import load_legend
from geo.season import parse_season
from scoring.money import to_minor
from scoring.policy import Pack, require_in_force

#: Covers that nobody plants; nothing is lent on them.
_NO_CROPS: Final = frozenset({"fallow", "forest", "built", "water"})
MOST_PLOTS: Final = 200


@dataclass(frozen=True, slots=True)
class Begun:
    """What an application starts with: who borrows, for which unit (its number), under which policy."""

    party_id: int
    unit_id: int
    pack: Pack


@dataclass(frozen=True, slots=True)
class Plan:
    """A picked plot with one crop.

    Attributes:
        parcel_id: the parcel.
        cycle: 1 is the plot's first crop of the season.
        crop: key of the legend.
        area: as typed; None: the whole plot.
        unit: of the area: "ha", "mu" or "acre".
        sowing_on: first day of sowing.
        harvest_on: last day of harvest.
        land_right_id: the borrower's right to the plot.
    """

    parcel_id: str
    cycle: int
    crop: str
    area: Decimal | None = None
    unit: str = "ha"
    sowing_on: date | None = None
    harvest_on: date | None = None
    land_right_id: int | None = None


def begin(connection: Connection, begun: Begun, by: Person, now: datetime) -> str:
    """Start a draft; its number: unit, local year, and a running number without gaps.

    Raises:
        InputError: the person's role starts none, or the policy is not in force.
    """
    require_role(by, RULES[Act.CHANGE].roles, "starts an application")
    day = begun.pack.local_day(now)
    require_in_force(begun.pack, day)
    number = _next_number(connection, begun, day)
    row = {
        "number": number,
        "org_unit_id": begun.unit_id,
        "created_by_id": by.id,
        "product": begun.pack.rules.formula,
        "policy_id": begun.pack.id,
        "requested_minor": 0,
        "currency": begun.pack.currency.code,
        "status": ApplicationStatus.DRAFT,
        "valid_from": now,
        "recorded_at": now,
    }
    made = connection.scalars(insert(Application).returning(Application.id), row).one()
    since = {"valid_from": now, "recorded_at": now}
    borrower = {"party_id": begun.party_id, "application_id": made, "kind": RoleKind.BORROWER, **since}
    connection.execute(insert(Role), [borrower])
    event = {"application_id": made, "kind": Kind.CREATED, "by_id": by.id, "happened_at": now}
    connection.execute(insert(ApplicationEvent), [event])
    return number


def ask_for(
    connection: Connection,
    number: str,
    within: ColumnElement[bool],
    doing: Doing,
    *,
    pack: Pack,
    amount: Decimal | None,
    season_id: str | None,
) -> None:
    """Write what is asked for: policy, amount and season; what is None stays.

    Raises:
        InputError: see find_for; the policy is not in force, an amount of 0 or with too many decimals, no season.
    """
    filed = find_for(connection, number, within, Act.CHANGE, doing)
    require_in_force(pack, pack.local_day(doing.now))
    values: dict[str, object] = {"policy_id": pack.id, "product": pack.rules.formula, "currency": pack.currency.code}
    if pack.currency.code != filed.currency:
        values["requested_minor"] = 0
    if amount is not None:
        values["requested_minor"] = asked_minor(amount, pack)
    if season_id is not None:
        values["season_id"] = parse_season(season_id).id
    connection.execute(update(Application).where(Application.id == filed.id).values(**values))
    note(connection, filed, Kind.CHANGED, doing)


def asked_minor(amount: Decimal, pack: Pack) -> int:
    """An amount that somebody typed, in the smallest unit; InputError where it is not above zero."""
    if amount <= 0:
        raise InputError("APPLICATION_AMOUNT", "An amount lies above zero.", "Type the amount in whole units.")
    return to_minor(amount, pack.currency.exponent)


def pick_plots(
    connection: Connection, number: str, within: ColumnElement[bool], doing: Doing, plans: Sequence[Plan]
) -> None:
    """Write the plots and what is to grow there, in place of those that the draft had.

    The parcels are ones that the person reaches; who calls has made sure of it.

    Raises:
        InputError: see find_for; too many plots, a crop that is none, the same plot and cycle twice, an area of 0 or
            less, days in the wrong order, or a land right of somebody else.
    """
    filed = find_for(connection, number, within, Act.CHANGE, doing)
    _check(connection, filed, plans)
    connection.execute(delete(ApplicationPlot).where(ApplicationPlot.application_id == filed.id))
    rows = [_row(filed, plan, doing.now) for plan in plans]
    if rows:
        connection.execute(insert(ApplicationPlot), rows)
    note(connection, filed, Kind.CHANGED, doing)


def plots_of(connection: Connection, application_id: int) -> list[ApplicationPlot]:
    """Its plots, as columns by name, in the order in which they were picked."""
    table = ApplicationPlot.__table__
    wanted = select(table).where(table.c.application_id == application_id).order_by(table.c.id)
    return list(connection.execute(wanted).all())  # type: ignore[arg-type] # rows read like the mapped class


def _next_number(connection: Connection, begun: Begun, day: date) -> str:
    """Counted over beginnings, which nothing takes away: an erasure takes the number of an application."""
    zone = ZoneInfo("UTC" if begun.pack.calendar is None else begun.pack.calendar.time_zone)
    first, last = (datetime.combine(date(year, 1, 1), time(), zone) for year in (day.year, day.year + 1))
    wanted = (
        select(func.count(ApplicationEvent.id))
        .join(Application, Application.id == ApplicationEvent.application_id)
        .where(Application.org_unit_id == begun.unit_id, ApplicationEvent.kind == Kind.CREATED)
        .where(ApplicationEvent.happened_at >= first, ApplicationEvent.happened_at < last)
    )
    code = connection.scalar(select(OrgUnit.code).where(OrgUnit.id == begun.unit_id))
    return f"{code}-{day.year}-{connection.scalars(wanted).one() + 1:05d}"


def _check(connection: Connection, filed: Filed, plans: Sequence[Plan]) -> None:
    if len(plans) > MOST_PLOTS:
        raise InputError("APPLICATION_PLOTS", f"At most {MOST_PLOTS} plots.", "Make a second application.")
    places = [(plan.parcel_id, plan.cycle) for plan in plans]
    mine = select(LandRight.id).where(LandRight.party_id == filed.party_id, LandRight.valid_to.is_(None))
    rights = set(connection.scalars(mine))
    legend = load_legend()
    for place, plan in zip(places, plans, strict=True):
        for wrong, what in (
            (places.count(place) > 1, f"stands twice with the crop number {plan.cycle}"),
            (plan.crop not in legend or plan.crop in _NO_CROPS, f"has no crop {plan.crop!r}"),
            (plan.area is not None and plan.area <= 0, "has an area of 0 or less"),
            (_reversed(plan), "is harvested before it is sown"),
            (plan.land_right_id is not None and plan.land_right_id not in rights, "names a right that is not theirs"),
        ):
            if wrong:
                raise InputError("APPLICATION_PLOT", f"The plot {plan.parcel_id!r} {what}.", "Correct the plan.")


def _reversed(plan: Plan) -> bool:
    return plan.sowing_on is not None and plan.harvest_on is not None and plan.harvest_on < plan.sowing_on


def _row(filed: Filed, plan: Plan, now: datetime) -> dict[str, object]:
    return {
        "application_id": filed.id,
        "parcel_id": plan.parcel_id,
        "cycle": plan.cycle,
        "crop": plan.crop,
        "area_ha": None if plan.area is None else float(convert_area(plan.area, plan.unit, "ha")),
        "sowing_on": plan.sowing_on,
        "harvest_on": plan.harvest_on,
        "land_right_id": plan.land_right_id,
        "recorded_at": now,
    }
