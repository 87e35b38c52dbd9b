"""Which parcels belong to a unit of the bank, and whose alerts a person may touch."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, ScalarSelect, func, or_, select

from app.book.decisions.people import Person
from app.db.listed import listed
from app.db.rows import chunked
from app.db.tables import ContractPlot, OrgUnit, Parcel, Party, Role
from app.db.tables.kinds import RoleKind
from geo.errors import InputError


def units_below(connection: Connection, code: str) -> tuple[int, ...]:
    """Numbers of a unit and of all units below it.

    Raises:
        InputError: there is no such unit.
    """
    tree = select(OrgUnit.id).where(OrgUnit.code == code).cte("below", recursive=True)
    tree = tree.union(select(OrgUnit.id).join(tree, OrgUnit.parent_id == tree.c.id))
    found = tuple(sorted(connection.scalars(select(tree.c.id))))
    if not found:
        raise InputError("UNKNOWN_UNIT", f"There is no unit {code!r}.", "`acreline people add-unit` adds it.")
    return found


def unit_of_parcel() -> ColumnElement[int | None]:
    """Unit of a row of Parcel: its own, else that of the borrower whose contract it backs now; null: of no unit."""
    return func.coalesce(Parcel.org_unit_id, _unit_of_borrower())


def _unit_of_borrower() -> ScalarSelect[int | None]:
    return (
        select(func.min(Party.org_unit_id))
        .join(Role, Role.party_id == Party.id)
        .join(ContractPlot, ContractPlot.facility_id == Role.facility_id)
        .where(
            ContractPlot.parcel_id == Parcel.parcel_id,
            ContractPlot.valid_to.is_(None),
            Role.kind == RoleKind.BORROWER,
            Role.valid_to.is_(None),
        )
        .correlate(Parcel)
        .scalar_subquery()
    )


def within(units: Sequence[int]) -> ColumnElement[bool]:
    """Condition on Parcel: of one of the units, or of no unit at all."""
    unit = unit_of_parcel()
    return or_(unit.is_(None), unit.in_(units))


def require_reach(connection: Connection, by: Person, parcels: Sequence[str]) -> None:
    """Refuse a person parcels of another unit than their own and those below it; a parcel of no unit is anybody's.

    Raises:
        InputError: a parcel is of another unit; the message names the first.
    """
    reached = units_below(connection, by.unit)
    for chunk in chunked(sorted(set(parcels))):
        outside = select(Parcel.parcel_id).where(Parcel.parcel_id.in_(listed(connection, chunk)), ~within(reached))
        first = connection.scalars(outside.order_by(Parcel.parcel_id).limit(1)).one_or_none()
        if first is not None:
            raise InputError(
                "NOT_IN_UNIT",
                f"{by.login} works in unit {by.unit}, and the parcel {first!r} belongs to another.",
                "Ask somebody of its unit, or of one above it.",
            )
