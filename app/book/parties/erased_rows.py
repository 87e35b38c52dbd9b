"""Which rows an erasure empties, unlinks, deletes or leaves; docs/book.md says why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, delete, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from app.book.decisions.ending import end_requests
from app.book.parties.relations import Standing, accounts_of
from app.book.parties.retention import SUBJECT
from app.db.base import Base
from app.db.erased import pseudonym
from app.db.tables import (
    Application,
    ApplicationPaper,
    BureauCheck,
    ContractPlot,
    CreditLimit,
    CreditSubject,
    CropCycle,
    Erasure,
    Facility,
    GroundFinding,
    Insurance,
    LandRight,
    LoanAccount,
    Membership,
    OutsideSignal,
    ParcelObservation,
    Party,
    PersonalData,
    Proposal,
    RepaymentCapacity,
    Retention,
    Role,
)
from app.db.tables.kinds import ProposalStatus, SubjectKind

_OPEN: Final = (ProposalStatus.HELD, ProposalStatus.OPEN)


def files_naming(
    connection: Connection, number: str | None, standing: Standing
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Runs in whose folders a farmer's number stands, and batches that proposed something for the subjects."""
    batches = connection.scalars(
        select(Proposal.batch_id).where(
            Proposal.credit_subject_id.in_(standing.subjects), Proposal.batch_id.is_not(None)
        )
    )
    runs = set() if number is None else _runs_naming(connection, number)
    return tuple(sorted(runs)), tuple(sorted({str(each) for each in batches}))


def papers_of_party(connection: Connection, party_id: int) -> frozenset[str]:
    """Hashes of the files of a party's papers and of the receipts of its applications: to be dropped with the rows."""
    papers = select(ApplicationPaper.content_hash).where(ApplicationPaper.party_id == party_id)
    receipts = (
        select(Proposal.receipt_hash)
        .join(Role, Role.application_id == Proposal.application_id)
        .where(Role.party_id == party_id)
    )
    elsewhere = select(ApplicationPaper.content_hash).where(
        ApplicationPaper.party_id != party_id, ApplicationPaper.removed_at.is_(None)
    )
    own = {*connection.scalars(papers), *connection.scalars(receipts)}
    return frozenset(own - set(connection.scalars(elsewhere.where(ApplicationPaper.content_hash.in_(own)))))


def empty_rows(
    connection: Connection, party_id: int, number: str | None, standing: Standing, now: datetime
) -> dict[str, int]:
    """Take a party out of every row that can be changed; how many rows of each table."""
    counts = {
        **_person(connection, party_id, now),
        **_subjects(connection, party_id, standing, now),
        **_runs(connection, number),
        **_land(connection, party_id, _own(connection, Role.facility_id, party_id, standing.facilities)),
        **_contracts(connection, party_id, standing),
    }
    return {table: count for table, count in sorted(counts.items()) if count}


def _person(connection: Connection, party_id: int, now: datetime) -> dict[str, int]:
    empty = {"name": None, "phone": None, "address": None, "id_number_ciphertext": None, "key_id": None}
    no_name = {"farmer_id": None, "reference_hash": None, "reference_key": None}
    kept = and_(Retention.subject_table == SUBJECT, Retention.subject_key == str(party_id))
    in_group = or_(Membership.member_id == party_id, Membership.group_id == party_id)
    return {
        "personal_data": _set(connection, PersonalData, PersonalData.party_id == party_id, erased_at=now, **empty),
        "party": _set(connection, Party, Party.id == party_id, **no_name),
        "retention": _set(connection, Retention, kept, erased_at=now),
        "membership": _delete(connection, Membership, in_group),
        "application_paper": _delete(connection, ApplicationPaper, ApplicationPaper.party_id == party_id),
        "bureau_check": _delete(connection, BureauCheck, BureauCheck.party_id == party_id),
        "repayment_capacity": _delete(connection, RepaymentCapacity, RepaymentCapacity.party_id == party_id),
        "outside_signal": _delete(connection, OutsideSignal, OutsideSignal.party_id == party_id),
    }


def _subjects(connection: Connection, party_id: int, standing: Standing, now: datetime) -> dict[str, int]:
    its_own = CreditSubject.id.in_(standing.subjects)
    undecided = and_(Proposal.credit_subject_id.in_(standing.subjects), Proposal.status.in_(_OPEN))
    gone = {"subject_id": None, "salt": None, "erased_at": now, "party_id": party_id}
    counts = {
        "credit_subject": _set(connection, CreditSubject, its_own, **gone),
        "proposal": _set(connection, Proposal, undecided, status=ProposalStatus.WITHDRAWN, closed_at=now),
    }
    end_requests(connection, now)
    return counts


def _runs(connection: Connection, number: str | None) -> dict[str, int]:
    """A name of its own in each run: parcels still add up to their farmer, and nothing ties the runs together."""
    observed = limited = 0
    for run_id in sorted(_runs_naming(connection, number)) if number is not None else ():
        name = pseudonym()
        seen = and_(ParcelObservation.run_id == run_id, ParcelObservation.farmer_id == number)
        as_subject = and_(
            CreditLimit.run_id == run_id,
            CreditLimit.subject_kind == SubjectKind.FARMER,
            CreditLimit.subject_id == number,
        )
        lines = and_(CreditLimit.run_id == run_id, CreditLimit.farmer_id == number)
        observed += _set(connection, ParcelObservation, seen, farmer_id=name)
        limited += _set(connection, CreditLimit, as_subject, subject_id=name, farmer_id=name)
        limited += _set(connection, CreditLimit, lines, farmer_id=name)
    return {"parcel_observation": observed, "credit_limit": limited}


def _runs_naming(connection: Connection, number: str) -> set[str]:
    observed = connection.scalars(select(ParcelObservation.run_id).where(ParcelObservation.farmer_id == number))
    limited = connection.scalars(select(CreditLimit.run_id).where(CreditLimit.farmer_id == number))
    by_name = connection.scalars(
        select(CreditLimit.run_id).where(
            CreditLimit.subject_kind == SubjectKind.FARMER, CreditLimit.subject_id == number
        )
    )
    return {*observed, *limited, *by_name}


def _land(connection: Connection, party_id: int, facilities: Iterable[int]) -> dict[str, int]:
    """Plots go, except those that a finding names: the finding stays, and the plot loses its code."""
    rights = select(LandRight.id).where(LandRight.party_id == party_id)
    backs_own = ContractPlot.facility_id.in_(list(facilities))
    plots = or_(backs_own, and_(ContractPlot.land_right_id.in_(rights), ContractPlot.facility_id.is_(None)))
    found = or_(
        ContractPlot.id.in_(select(GroundFinding.first_plot_id)),
        ContractPlot.id.in_(select(GroundFinding.second_plot_id)),
    )
    return {
        "contract_plot": _delete(connection, ContractPlot, and_(plots, ~found))
        + _set(connection, ContractPlot, and_(plots, found), plot_code=None),
        "land_right": _set(connection, LandRight, LandRight.party_id == party_id, document_hash=None),
        "crop_cycle": _set(connection, CropCycle, CropCycle.party_id == party_id, party_id=None),
    }


def _contracts(connection: Connection, party_id: int, standing: Standing) -> dict[str, int]:
    """Numbers by which the core system knows contracts that nobody else borrows under."""
    facilities = _own(connection, Role.facility_id, party_id, standing.facilities)
    applications = _own(connection, Role.application_id, party_id, standing.applications)
    accounts = connection.scalars(accounts_of(facilities)).all()
    numbers = connection.scalars(select(Facility.number).where(Facility.id.in_(facilities))).all()
    insured = or_(Insurance.party_id == party_id, Insurance.facility_id.in_(facilities))
    for number in numbers:
        name = pseudonym()
        _set(connection, Proposal, Proposal.facility_number == number, facility_number=name)
        _set(connection, Facility, Facility.number == number, number=name)
    _rename_accounts(connection, accounts)
    for application in applications:
        _set(connection, Application, Application.id == application, number=pseudonym())
    return {
        "facility": len(numbers),
        "loan_account": len(accounts),
        "application": len(applications),
        "insurance": _set(connection, Insurance, insured, policy_number=None),
    }


def _rename_accounts(connection: Connection, rows: Sequence[int]) -> None:
    """One name for all days of an account."""
    for number in set(connection.scalars(select(LoanAccount.account_number).where(LoanAccount.id.in_(rows)))):
        same = and_(LoanAccount.id.in_(rows), LoanAccount.account_number == number)
        _set(connection, LoanAccount, same, account_number=pseudonym())


def _own(
    connection: Connection, column: InstrumentedAttribute[int | None], party_id: int, numbers: tuple[int, ...]
) -> tuple[int, ...]:
    """Those of the contracts that no other party has a part in, whose data are not erased too."""
    erased = select(Erasure.party_id)
    others = select(column).where(column.in_(numbers), Role.party_id != party_id, Role.party_id.not_in(erased))
    return tuple(sorted(set(numbers) - set(connection.scalars(others))))


def _set(connection: Connection, table: type[Base], condition: ColumnElement[bool], **values: Any) -> int:
    return connection.execute(update(table).where(condition).values(**values)).rowcount


def _delete(connection: Connection, table: type[Base], condition: ColumnElement[bool]) -> int:
    return connection.execute(delete(table).where(condition)).rowcount
