"""What of the book a person sees: their own unit and those below it. Every query takes its condition from here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import ColumnElement, Connection, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.alerts.reach import units_below, within
from app.book.loans.reach import unit_of_facility
from app.db.listed import listed
from app.db.rows import chunked
from app.db.tables import OrgUnit, Parcel, Party, User
from geo.errors import InputError


class OfUnit(Protocol):
    """Somebody, or another system of the bank, who is of a unit."""

    @property
    def unit(self) -> str:
        """Code of the unit."""
        ...


@dataclass(frozen=True, slots=True)
class Scope:
    """Units that a person sees.

    Attributes:
        units: numbers of the person's unit and of all below it.
        whole: whether that unit has none above it.
    """

    units: tuple[int, ...]
    whole: bool

    def parcels(self) -> ColumnElement[bool]:
        """Condition on Parcel: of the units, or of no unit at all, as alerts are seen (app.alerts.reach)."""
        return within(self.units)

    def parties(self) -> ColumnElement[bool]:
        """Condition on Party."""
        return self.rows(Party.org_unit_id)

    def facilities(self) -> ColumnElement[bool]:
        """Condition on Facility: its borrower's unit, else that of its application, is one of the units."""
        return self.rows(unit_of_facility())

    def rows(
        self, unit: InstrumentedAttribute[int] | InstrumentedAttribute[int | None] | ColumnElement[int | None]
    ) -> ColumnElement[bool]:
        """Condition on a column of units: one of them; rows of no unit are those of the top unit's people only."""
        known = unit.in_(self.units)
        return or_(known, unit.is_(None)) if self.whole else and_(unit.is_not(None), known)

    def covers(self, other: Scope) -> bool:
        """Whether everything of another scope is in this one."""
        return set(other.units) <= set(self.units)


def scope_of(connection: Connection, person: OfUnit) -> Scope:
    """What a person sees now; InputError where their unit is gone."""
    parent = connection.scalar(select(OrgUnit.parent_id).where(OrgUnit.code == person.unit))
    return Scope(units_below(connection, person.unit), parent is None)


def scope_of_unit(connection: Connection, person: OfUnit, code: str) -> Scope:
    """The part of a person's scope below one unit: what they narrow a page to.

    Raises:
        InputError: there is no such unit, or it is not below the person's; the two are one to who asks.
    """
    mine = scope_of(connection, person)
    number = connection.scalar(select(OrgUnit.id).where(OrgUnit.code == code))
    if number not in mine.units:
        raise InputError("UNKNOWN_UNIT", f"There is no unit {code!r}.", "Choose your own unit or one below it.")
    return mine if code == person.unit else Scope(units_below(connection, code), whole=False)


def require_colleague(connection: Connection, person: OfUnit, login: str) -> None:
    """Refuse somebody whose part of the bank and a person's have no unit in common, as if nobody had that login.

    Raises:
        InputError: nobody has that login, or they work in another branch; the two are one to who asks.
    """
    unit = connection.scalar(select(OrgUnit.code).join(User, User.org_unit_id == OrgUnit.id).where(User.login == login))
    mine = scope_of(connection, person).units
    if unit is None or not set(mine) & set(units_below(connection, unit)):
        raise InputError("UNKNOWN_USER", f"Nobody has the login {login!r}.", "Choose somebody of your own unit.")


def require_parcels(connection: Connection, scope: Scope, parcels: Sequence[str]) -> None:
    """Refuse parcels that are not there for a person: unknown ones and those of others alike.

    Raises:
        InputError: a parcel is not in the scope; the message names the first.
    """
    wanted = sorted(set(parcels))
    seen: set[str] = set()
    for chunk in chunked(wanted):
        known = select(Parcel.parcel_id).where(Parcel.parcel_id.in_(listed(connection, chunk)), scope.parcels())
        seen.update(connection.scalars(known))
    first = next((each for each in wanted if each not in seen), None)
    if first is not None:
        raise InputError("PARCEL_UNKNOWN", f"There is no parcel {first!r}.", "Search for it by another id.")
