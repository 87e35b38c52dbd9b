"""The work list of a person: alerts of the parcels that they see, and who may be given one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

from app.alerts.worklist.candidates import RulesAtHand
from app.alerts.worklist.listing import Listing, Wanted, list_alerts
from app.alerts.worklist.workflow import WORKING
from app.api.access.scope import Scope
from app.api.office.alerts.schemas import AlertList, Assignee
from app.api.office.desk import Desk
from app.api.office.naming import causes_of
from app.api.office.shapes import alert_answer
from app.db.listed import listed_numbers
from app.db.tables import Alert, OrgUnit, Parcel, User
from geo.errors import InputError


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of the list: the first so many, and whether only what is the person's own."""

    most: int
    mine: bool


def work_list(desk: Desk, wanted: Wanted, page: Page) -> AlertList:
    """The list, ranked over everything that the person sees."""
    rules = RulesAtHand()
    whole = list_alerts(desk.connection, replace(wanted, unit=desk.unit), desk.day, rules=rules)
    chosen = _own(whole, desk.signed.person.login) if page.mine else whole
    return AlertList(
        day=desk.day,
        currency=chosen.currency,
        other_currencies=list(chosen.other_currencies),
        found=chosen.found,
        unknown=chosen.unknown,
        causes=causes_of(rules, chosen.alerts),
        alerts=[alert_answer(each) for each in chosen.alerts[: page.most]],
    )


def assignees(desk: Desk) -> list[Assignee]:
    """Active people who work with alerts here: of the person's unit, of those below it, and of those above it."""
    units = [*desk.scope.units, *_above(desk.connection, desk.unit)]
    wanted = (
        select(User.login, User.display_name, User.role)
        .where(User.org_unit_id.in_(listed_numbers(desk.connection, units)), User.active, User.role.in_(WORKING))
        .order_by(User.login)
    )
    return [Assignee(**row) for row in desk.connection.execute(wanted).mappings()]


def require_alerts(connection: Connection, scope: Scope, numbers: Iterable[int]) -> None:
    """Refuse alerts that are not there for a person: unknown ones and those of others alike.

    Raises:
        InputError: an alert is not in the scope; the message names the first.
    """
    wanted = set(numbers)
    known = (
        select(Alert.id)
        .join(Parcel, Parcel.parcel_id == Alert.parcel_id)
        .where(Alert.id.in_(listed_numbers(connection, sorted(wanted))), scope.parcels())
    )
    missing = sorted(wanted - set(connection.scalars(known)))
    if missing:
        raise InputError("ALERT_UNKNOWN", f"There is no alert {missing[0]}.", "Look for it in the work list.")


def _own(listing: Listing, login: str) -> Listing:
    alerts = tuple(each for each in listing.alerts if each.assigned_to == login)
    unknown = sum(each.expected_loss_minor is None for each in alerts)
    return replace(listing, alerts=alerts, found=len(alerts), unknown=unknown)


def _above(connection: Connection, code: str) -> list[int]:
    """Numbers of the units above a unit."""
    tree = select(OrgUnit.id, OrgUnit.parent_id).where(OrgUnit.code == code).cte("above", recursive=True)
    tree = tree.union(select(OrgUnit.id, OrgUnit.parent_id).join(tree, OrgUnit.id == tree.c.parent_id))
    return list(connection.scalars(select(tree.c.id)))
