"""Loans that are overdue, and loans that end soon."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from sqlalchemy import ColumnElement, RowMapping, Select, and_, func, or_, select

from app.api.answers import money
from app.api.office.desk import Desk
from app.api.office.today.schemas import LoanDue, LoansDue
from app.db.listed import listed_numbers
from app.db.tables import ContractPlot, Drawdown, Facility, LoanAccount, Parcel, Sublimit
from app.db.tables.alert_kinds import AlertLevel

#: Days ahead within which a loan ends soon.
SOON_DAYS: Final = 30
_SHOWN: Final = 10
_RANKS: Final = {level: rank for rank, level in enumerate(AlertLevel)}

#: Highest level of live alerts by parcel.
Levels = Mapping[str, AlertLevel]


def overdue(desk: Desk, levels: Levels) -> LoansDue:
    """Accounts with an overdue amount or days, or whose last day passed with something owed; the latest first."""
    rows = desk.connection.execute(_accounts(desk).where(_is_overdue(desk.day))).mappings().all()
    ranked = sorted(rows, key=lambda row: (_due_on(row), row["overdue_minor"] or 0, row["number"]), reverse=True)
    return LoansDue(total=len(ranked), lines=_lines(desk, ranked[:_SHOWN], levels))


def maturing(desk: Desk, levels: Levels) -> LoansDue:
    """Accounts that end within SOON_DAYS, the first to end first."""
    account = LoanAccount
    soon = account.due_on.between(desk.day, desk.day + timedelta(days=SOON_DAYS))
    wanted = _accounts(desk).where(soon, _owes(), ~_is_overdue(desk.day)).order_by(account.due_on, Facility.number)
    rows = desk.connection.execute(wanted).mappings().all()
    return LoansDue(total=len(rows), lines=_lines(desk, rows[:_SHOWN], levels))


def _accounts(desk: Desk) -> Select[*tuple[object, ...]]:
    """Accounts that hold, of facilities that the person sees."""
    account = LoanAccount
    amounts = (account.outstanding_minor, account.overdue_minor, account.days_overdue, account.currency)
    wanted: Select[*tuple[object, ...]] = (
        select(Facility.id, Facility.number, account.due_on, account.as_of, *amounts)
        .select_from(account)
        .outerjoin(Drawdown, Drawdown.id == account.drawdown_id)
        .outerjoin(Sublimit, Sublimit.id == Drawdown.sublimit_id)
        .join(Facility, Facility.id == func.coalesce(account.facility_id, Sublimit.facility_id))
        .where(account.valid_to.is_(None), desk.scope.facilities())
    )
    return wanted


def _owes() -> ColumnElement[bool]:
    """Something is owed, or it is not known."""
    return or_(LoanAccount.outstanding_minor.is_(None), LoanAccount.outstanding_minor > 0)


def _is_overdue(day: date) -> ColumnElement[bool]:
    """True or false, never null: what is not known is not overdue."""
    account = LoanAccount
    passed = and_(func.coalesce(account.due_on, day) < day, _owes())
    return or_(func.coalesce(account.days_overdue, 0) > 0, func.coalesce(account.overdue_minor, 0) > 0, passed)


def _due_on(row: RowMapping) -> date:
    """First day that was missed: what the core system counts from, else the last day of the loan, else its report's."""
    if row["days_overdue"]:
        day: date = row["as_of"] - timedelta(days=row["days_overdue"])
        return day
    due: date = row["due_on"] or row["as_of"]
    return due


def _lines(desk: Desk, rows: Sequence[RowMapping], levels: Levels) -> list[LoanDue]:
    plots = _plots(desk, [row["id"] for row in rows])
    return [_line(desk, row, _gravest(plots[row["id"]], levels), levels) for row in rows]


def _line(desk: Desk, row: RowMapping, parcel: str | None, levels: Levels) -> LoanDue:
    due = _due_on(row)
    return LoanDue(
        facility_number=row["number"],
        parcel_id=parcel,
        due_on=due,
        days_left=(due - desk.day).days,
        amount=money(row["overdue_minor"] or row["outstanding_minor"], row["currency"]),
        level=None if parcel is None else levels.get(parcel),
    )


def _plots(desk: Desk, facilities: Sequence[int]) -> dict[int, list[str]]:
    """Parcels that back facilities and that the person sees, by facility."""
    wanted = (
        select(ContractPlot.facility_id, ContractPlot.parcel_id)
        .join(Parcel, Parcel.parcel_id == ContractPlot.parcel_id)
        .where(ContractPlot.facility_id.in_(listed_numbers(desk.connection, facilities)))
        .where(ContractPlot.valid_to.is_(None), desk.scope.parcels())
        .order_by(ContractPlot.parcel_id)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for facility, parcel in desk.connection.execute(wanted):
        if facility is not None:
            found[facility].append(parcel)
    return found


def _gravest(parcels: Sequence[str], levels: Levels) -> str | None:
    return max(parcels, key=lambda parcel: _RANKS[levels[parcel]] if parcel in levels else -1, default=None)
