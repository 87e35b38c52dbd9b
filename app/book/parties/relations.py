"""What ties a party to credit: its applications, facilities and accounts, and whether any of them is still open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import ColumnElement, CompoundSelect, Connection, Select, func, or_, select, union

from app.db.tables import (
    Application,
    CreditSubject,
    Decision,
    Drawdown,
    Facility,
    Guarantee,
    LoanAccount,
    Party,
    Role,
    Sublimit,
)
from app.db.tables.kinds import ApplicationStatus, FacilityStatus, RoleKind, SubjectKind

_BORROWS: Final = (RoleKind.BORROWER, RoleKind.CO_BORROWER)
_UNDER_WAY: Final = (ApplicationStatus.DRAFT, ApplicationStatus.SUBMITTED, ApplicationStatus.IN_REVIEW)


@dataclass(frozen=True, slots=True)
class Standing:
    """A party's credit.

    Attributes:
        subjects: rows of credit_subject that name the party.
        applications: rows of application it takes part in.
        facilities: rows of facility that it borrows under.
        vouched: rows of facility that it stands surety for, or has another part in.
        open: what is not over yet, one plain phrase each.
        ended_on: last day of what is over; None where there never was any.
    """

    subjects: tuple[int, ...]
    applications: tuple[int, ...]
    facilities: tuple[int, ...]
    vouched: tuple[int, ...]
    open: tuple[str, ...]
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class _Account:
    """One state of an account."""

    facility: int
    outstanding_minor: int | None
    due_on: date | None
    as_of: date
    valid_to: datetime | None

    @property
    def is_open(self) -> bool:
        return self.valid_to is None and self.outstanding_minor != 0

    @property
    def last_day(self) -> date:
        told = self.as_of if self.valid_to is None else self.valid_to.date()
        return max(told, self.due_on or told)


@dataclass(frozen=True, slots=True)
class _Line:
    """A facility."""

    id: int
    status: FacilityStatus
    decision_id: int | None
    revolving: bool
    starts_on: date
    ends_on: date | None
    valid_to: datetime | None

    def is_open(self, accounts: list[_Account]) -> bool:
        """Whether anything may still be owed or drawn.

        Core loan files do not say that a line is closed: one that they brought is over with its last account, or when
        nothing is owed on it and it does not revolve.
        """
        if self.status is FacilityStatus.CLOSED or self.valid_to is not None:
            return False
        if self.decision_id is not None or not accounts:
            return True
        return any(each.is_open or (self.revolving and each.valid_to is None) for each in accounts)

    @property
    def last_day(self) -> date:
        return self.ends_on or self.starts_on


def standing_of(connection: Connection, party_id: int) -> Standing:
    """A party's credit as the database knows it."""
    subjects = _numbers(connection, subjects_of(connection, party_id))
    applications = _numbers(connection, select(Role.application_id).where(Role.party_id == party_id))
    decided = or_(Decision.credit_subject_id.in_(subjects), Decision.application_id.in_(applications))
    facilities = _borrowed(connection, party_id, decided)
    vouched = tuple(sorted(set(_vouched(connection, party_id)) - set(facilities)))
    accounts = _accounts(connection, (*facilities, *vouched))
    lines = _lines(connection, (*facilities, *vouched))
    decided_at = connection.scalars(select(Decision.decided_at).where(decided)).all()
    open_lines = [line for line in lines if line.is_open([each for each in accounts if each.facility == line.id])]
    open_accounts = [each for each in accounts if each.is_open]
    days = [*(each.last_day for each in lines), *(each.last_day for each in accounts), *(d.date() for d in decided_at)]
    return Standing(
        subjects,
        applications,
        facilities,
        vouched,
        _open(_under_way(connection, applications), len(open_lines), len(open_accounts)),
        max(days, default=None),
    )


def owing_parties() -> Select[int]:
    """Parties with a part in a facility that has an account on which something is owed, or on which nobody knows."""
    owed = or_(LoanAccount.outstanding_minor.is_(None), LoanAccount.outstanding_minor != 0)
    return (
        select(Role.party_id)
        .join(LoanAccount, LoanAccount.facility_id == Role.facility_id)
        .where(LoanAccount.valid_to.is_(None), owed)
    )


def tied_parties() -> CompoundSelect[int]:
    """Parties with any part in an application or facility, or with limits in the book."""
    numbers = select(Party.id).join(CreditSubject, CreditSubject.subject_id == Party.farmer_id)
    return union(
        select(Role.party_id),
        select(Guarantee.guarantor_id).where(Guarantee.guarantor_id.is_not(None)),
        select(CreditSubject.party_id).where(CreditSubject.party_id.is_not(None)),
        numbers.where(CreditSubject.kind == SubjectKind.FARMER),
    )


def subjects_of(connection: Connection, party_id: int) -> Select[int]:
    """Rows of credit_subject that name a party, by its key or by the farmer's number."""
    number = connection.scalar(select(Party.farmer_id).where(Party.id == party_id))
    named: ColumnElement[bool] = CreditSubject.party_id == party_id
    if number is not None:
        named = or_(named, (CreditSubject.kind == SubjectKind.FARMER) & (CreditSubject.subject_id == number))
    return select(CreditSubject.id).where(named)


def accounts_of(facilities: tuple[int, ...]) -> Select[int]:
    """Numbers of the rows of loan_account of facilities, all days."""
    return select(LoanAccount.id).where(_on(facilities)).order_by(LoanAccount.id)


def _on(facilities: tuple[int, ...]) -> ColumnElement[bool]:
    drawn = (
        select(Drawdown.id)
        .join(Sublimit, Sublimit.id == Drawdown.sublimit_id)
        .where(Sublimit.facility_id.in_(facilities))
    )
    return or_(LoanAccount.facility_id.in_(facilities), LoanAccount.drawdown_id.in_(drawn))


def _accounts(connection: Connection, facilities: tuple[int, ...]) -> list[_Account]:
    facility = func.coalesce(LoanAccount.facility_id, Sublimit.facility_id)
    wanted = (
        select(facility, LoanAccount.outstanding_minor, LoanAccount.due_on, LoanAccount.as_of, LoanAccount.valid_to)
        .outerjoin(Drawdown, Drawdown.id == LoanAccount.drawdown_id)
        .outerjoin(Sublimit, Sublimit.id == Drawdown.sublimit_id)
        .where(_on(facilities))
    )
    return [_Account(*row) for row in connection.execute(wanted)]


def _borrowed(connection: Connection, party_id: int, decided: ColumnElement[bool]) -> tuple[int, ...]:
    borrows = select(Role.facility_id).where(Role.party_id == party_id, Role.kind.in_(_BORROWS))
    granted = select(Facility.id).where(Facility.decision_id.in_(select(Decision.id).where(decided)))
    return tuple(sorted({*_numbers(connection, borrows), *_numbers(connection, granted)}))


def _vouched(connection: Connection, party_id: int) -> tuple[int, ...]:
    other = select(Role.facility_id).where(Role.party_id == party_id, Role.kind.not_in(_BORROWS))
    surety = select(Guarantee.facility_id).where(Guarantee.guarantor_id == party_id)
    return (*_numbers(connection, other), *_numbers(connection, surety))


def _lines(connection: Connection, facilities: tuple[int, ...]) -> list[_Line]:
    wanted = select(
        Facility.id,
        Facility.status,
        Facility.decision_id,
        Facility.revolving,
        Facility.starts_on,
        Facility.ends_on,
        Facility.valid_to,
    ).where(Facility.id.in_(facilities))
    return [_Line(*row) for row in connection.execute(wanted)]


def _under_way(connection: Connection, applications: tuple[int, ...]) -> int:
    wanted = select(Application.id).where(Application.id.in_(applications), Application.status.in_(_UNDER_WAY))
    return len(connection.scalars(wanted).all())


def _open(applications: int, facilities: int, accounts: int) -> tuple[str, ...]:
    counts = {"application": applications, "facility": facilities, "account": accounts}
    return tuple(f"{kind} open: {count}" for kind, count in counts.items() if count)


def _numbers(connection: Connection, wanted: Select[int] | Select[int | None]) -> tuple[int, ...]:
    found: Iterable[int | None] = connection.scalars(wanted)
    return tuple(sorted({number for number in found if number is not None}))
