"""Contracts of a cut and what is owed on them.

They are read as they lie and added up here: one tells of an account's contract through either of two keys, and a join
over both makes SQLite look at every pair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from sqlalchemy import Connection, func, or_, select

from app.book.loans.positions import holds
from app.book.loans.reach import unit_of_facility
from app.book.portfolio.cuts import By, Cut
from app.book.portfolio.groups import Groups
from app.db.tables import ContractPlot, Drawdown, Facility, LoanAccount, OrgUnit, Sublimit
from app.db.tables.kinds import FacilityStatus, LoanClass


@dataclass(frozen=True, slots=True)
class Line:
    """A contract; unit is a code, None of none; limit_minor in the currency of its terms, None where not known."""

    id: int
    number: str
    unit: str | None
    product: str
    status: FacilityStatus
    starts_on: date
    ends_on: date | None
    currency: str
    limit_minor: int | None


@dataclass(frozen=True, slots=True)
class Account:
    """An account as it was told last; None is not known."""

    line: int
    loan_class: LoanClass | None
    currency: str
    outstanding_minor: int | None
    overdue_minor: int | None
    days_overdue: int | None


#: Group of an account on its contract.
KeyOf: TypeAlias = Callable[[Line, Account], str | None]


@dataclass(frozen=True, slots=True)
class Contracts:
    """Contracts of a cut by row of Facility, in the order of their numbers, and their accounts."""

    lines: Mapping[int, Line]
    accounts: Sequence[Account]

    def keys(self, by: By) -> dict[int, set[str | None]]:
        """Groups of each contract: one, or those of the classes of its accounts."""
        if by is By.CLASS:
            found: dict[int, set[str | None]] = {}
            for account in self.accounts:
                found.setdefault(account.line, set()).add(account.loan_class)
            return found
        return {line.id: {line.unit if by is By.BRANCH else line.product} for line in self.lines.values()}


def contracts_of(connection: Connection, cut: Cut) -> Contracts:
    """Contracts that run on the day of a cut, with the accounts that hold then."""
    facility = Facility
    running = or_(facility.valid_to.is_(None), facility.valid_to >= cut.told)
    wanted = (
        select(facility.id, facility.number, OrgUnit.code, facility.product, facility.status)
        .add_columns(facility.starts_on, facility.ends_on, facility.currency, facility.limit_minor)
        .select_from(facility)
        .outerjoin(OrgUnit, OrgUnit.id == unit_of_facility())
        .where(cut.facilities, facility.starts_on <= cut.day, running)
        .order_by(facility.number)
    )
    lines = {row[0]: Line(*row) for row in connection.execute(wanted)}
    return Contracts(lines, _accounts(connection, cut, lines))


def _accounts(connection: Connection, cut: Cut, lines: Mapping[int, Line]) -> list[Account]:
    account = LoanAccount
    line = func.coalesce(account.facility_id, Sublimit.facility_id)
    wanted = (
        select(line, account.loan_class, account.currency, account.outstanding_minor)
        .add_columns(account.overdue_minor, account.days_overdue)
        .select_from(account)
        .outerjoin(Drawdown, Drawdown.id == account.drawdown_id)
        .outerjoin(Sublimit, Sublimit.id == Drawdown.sublimit_id)
        .where(holds(account, cut.told))
    )
    return [Account(*row) for row in connection.execute(wanted) if row[0] in lines]


def plots_of(connection: Connection, cut: Cut, lines: Mapping[int, Line]) -> list[tuple[str, int]]:
    """Parcels of contracts that hold on the day of a cut, with the row of Facility."""
    wanted = select(ContractPlot.parcel_id, ContractPlot.facility_id).where(
        ContractPlot.facility_id.is_not(None), holds(ContractPlot, cut.told)
    )
    rows = connection.execute(wanted)
    return [(parcel, int(line)) for parcel, line in rows if line is not None and line in lines]


def add_contracts(groups: Groups, contracts: Contracts, by: By, risky: Iterable[int]) -> None:
    """Count contracts and accounts and add up what is owed.

    Args:
        groups: what fills.
        contracts: of the cut.
        by: what they are grouped by; by class a contract counts once for each class of its accounts, and what was
            granted is not told, since it is of no class.
        risky: rows of Facility that a parcel with a grave alert backs.
    """
    at_risk = frozenset(risky)
    for line, keys in contracts.keys(by).items():
        for key in keys:
            groups.of(key).facilities = (groups.of(key).facilities or 0) + 1
            if by is not By.CLASS:
                _add_terms(groups, key, contracts.lines[line])
    for account in contracts.accounts:
        line_of = contracts.lines[account.line]
        key = account.loan_class if by is By.CLASS else line_of.unit if by is By.BRANCH else line_of.product
        _add_account(groups, key, account, at_risk)


def _add_terms(groups: Groups, key: str | None, line: Line) -> None:
    if line.limit_minor is not None:
        amounts = groups.money(key, line.currency)
        amounts.sanctioned = (amounts.sanctioned or 0) + line.limit_minor


def _add_account(groups: Groups, key: str | None, account: Account, at_risk: frozenset[int]) -> None:
    group, amounts = groups.of(key), groups.money(key, account.currency)
    group.accounts = (group.accounts or 0) + 1
    if account.overdue_minor is not None:
        amounts.overdue = (amounts.overdue or 0) + account.overdue_minor
    if account.outstanding_minor is None:
        amounts.unknown += 1
        return
    amounts.outstanding = (amounts.outstanding or 0) + account.outstanding_minor
    if account.line in at_risk:
        amounts.at_risk = (amounts.at_risk or 0) + account.outstanding_minor
