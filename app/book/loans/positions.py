"""Positions as of a day: sanctioned, drawing, outstanding and available, by facility and by farmer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, TypeAlias

import pandas as pd
from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from app.book.loans.imports import day_start
from app.db.base import Temporal
from app.db.tables import Drawdown, Facility, LoanAccount, Party, Role, Sublimit
from app.db.tables.kinds import FacilityStatus, RoleKind
from scoring.lending.positions import Position, ended, position, position_once, together, total

#: Amounts of a position, in order, as columns.
POSITION: Final = ("sanctioned_minor", "drawing_minor", "outstanding_minor", "available_minor")
#: Outstanding amount and principal of an account.
_Account: TypeAlias = tuple[int | None, int | None]
COLUMNS: Final = ("facility_number", "farmer_id", "product", "currency", "accounts", *POSITION)


def facility_positions(connection: Connection, as_of: date, facilities: Sequence[int] | None = None) -> pd.DataFrame:
    """Position of every facility that was there on a day, in the order of their numbers.

    The terms of a facility are kept as they are now: before the day of their last change they are not known, and so
    neither is what was available.

    Args:
        connection: database.
        as_of: day; what was told of it or before counts.
        facilities: only these rows of Facility; None: all.

    Returns:
        COLUMNS: farmer_id of the borrower (None where not known), accounts (how many hold), and amounts as Python
        integers of minor units, None where not known.
    """
    after = day_start(as_of) + timedelta(days=1)
    accounts = _accounts(connection, after, facilities)
    borrowers = _borrowers(connection, after, facilities)
    wanted = (
        select(Facility.__table__)
        .where(Facility.starts_on <= as_of, or_(Facility.valid_to.is_(None), Facility.valid_to >= after))
        .order_by(Facility.number)
    )
    if facilities is not None:
        wanted = wanted.where(Facility.id.in_(facilities))
    rows = connection.execute(wanted).mappings()
    return pd.DataFrame([_row(row, accounts, borrowers, as_of) for row in rows], columns=list(COLUMNS), dtype=object)


def farmer_positions(facilities: pd.DataFrame) -> pd.DataFrame:
    """Positions by farmer and currency, in order.

    Args:
        facilities: of facility_positions; those without a known borrower are left out.

    Returns:
        farmer_id, currency, facility_number (None where there are several), facilities (how many) and the amounts.
    """
    rows = []
    for (farmer, currency), group in facilities.dropna(subset=["farmer_id"]).groupby(["farmer_id", "currency"]):
        whole = together(Position(*amounts) for amounts in group[list(POSITION)].itertuples(index=False))
        number = group.facility_number.iloc[0] if len(group) == 1 else None
        rows.append((farmer, currency, number, len(group), *_amounts(whole)))
    names = ["farmer_id", "currency", "facility_number", "facilities", *POSITION]
    return pd.DataFrame(rows, columns=names, dtype=object)


def holds(entity: type[Temporal], after: datetime) -> ColumnElement[bool]:
    """Condition: a row held on the day that ends at an instant."""
    return and_(entity.valid_from < after, or_(entity.valid_to.is_(None), entity.valid_to >= after))


def _row(row: Any, accounts: Mapping[int, list[_Account]], borrowers: Mapping[int, str], as_of: date) -> list[Any]:
    own = accounts.get(row["id"], [])
    facts = [row["number"], borrowers.get(row["id"]), row["product"], row["currency"], len(own)]
    return [*facts, *_amounts(_position(row, own, as_of))]


def _position(row: Any, accounts: list[_Account], as_of: date) -> Position:
    known = row["valid_from"] < day_start(as_of) + timedelta(days=1)
    limit, drawing = (row["limit_minor"], row["drawing_minor"]) if known else (None, None)
    owed = total(outstanding for outstanding, _ in accounts)
    if row["revolving"]:
        found = position(limit, drawing, owed)
    else:
        found = position_once(limit, drawing, owed, total(principal for _, principal in accounts))
    matured = row["ends_on"] is not None and row["ends_on"] < as_of
    return ended(found) if known and (matured or row["status"] != FacilityStatus.ACTIVE) else found


def _amounts(found: Position) -> tuple[int | None, ...]:
    return found.sanctioned, found.drawing, found.outstanding, found.available


def _accounts(connection: Connection, after: datetime, facilities: Sequence[int] | None) -> dict[int, list[_Account]]:
    """What is owed on the accounts of each facility, tranches included, and their principal."""
    line = func.coalesce(LoanAccount.facility_id, Sublimit.facility_id)
    wanted = (
        select(line, LoanAccount.outstanding_minor, LoanAccount.principal_minor)
        .outerjoin(Drawdown, Drawdown.id == LoanAccount.drawdown_id)
        .outerjoin(Sublimit, Sublimit.id == Drawdown.sublimit_id)
        .where(holds(LoanAccount, after))
    )
    if facilities is not None:
        wanted = wanted.where(or_(LoanAccount.facility_id.in_(facilities), Sublimit.facility_id.in_(facilities)))
    rows = connection.execute(wanted)
    found: dict[int, list[_Account]] = {}
    for number, outstanding, principal in rows:
        found.setdefault(number, []).append((outstanding, principal))
    return found


def _borrowers(connection: Connection, after: datetime, facilities: Sequence[int] | None) -> dict[int, str]:
    wanted = (
        select(Role.facility_id, Party.farmer_id)
        .join(Party, Party.id == Role.party_id)
        .where(Role.kind == RoleKind.BORROWER, Role.facility_id.is_not(None), Party.farmer_id.is_not(None))
        .where(holds(Role, after))
    )
    if facilities is not None:
        wanted = wanted.where(Role.facility_id.in_(facilities))
    rows = connection.execute(wanted)
    return {int(number): str(farmer) for number, farmer in rows if number is not None}
