"""A person's right of access: every row about a party, and a note of who looked."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, insert, or_, select

from app.book.parties.relations import Standing, accounts_of, standing_of
from app.book.parties.retention import SUBJECT, require_party
from app.book.parties.vault import Vault, require
from app.book.parties.watched import watched_of
from app.db import tables as t
from app.db.base import Base
from app.db.listed import listed_numbers
from app.db.tables.kinds import SubjectKind
from geo.errors import InputError

#: Hashes and keys say nothing about a person; the identity number is given in the clear instead.
_LEFT_OUT: Final = (
    "salt",
    "subject_hash",
    "reference_hash",
    "reference_key",
    "id_number_ciphertext",
    "key_id",
    "wkb",
    "area",
)


def identity_number(connection: Connection, party_id: int, vault: Vault | None) -> str | None:
    """The identity number in the clear; None where there is none.

    Raises:
        InputError: there is no such party, or no key.
        DataError: the key is another, or the row was changed.
    """
    require_party(connection, party_id)
    row = connection.execute(
        select(t.PersonalData.id_number_ciphertext, t.PersonalData.key_id).where(t.PersonalData.party_id == party_id)
    ).one_or_none()
    if row is None or row.id_number_ciphertext is None:
        return None
    return require(vault).reveal(bytes(row.id_number_ciphertext), row.key_id, party_id)


def note_view(connection: Connection, party_id: int, by_id: int, what: str, reason: str, now: datetime) -> None:
    """Record that somebody looks; in a transaction that writes, before anything is shown."""
    if not reason.strip():
        raise InputError("REASON_MISSING", "No reason is given.", "Say why with --reason; name nobody in it.")
    row = {"party_id": party_id, "viewed_by_id": by_id, "what": what, "reason": reason.strip(), "viewed_at": now}
    connection.execute(insert(t.PersonalView), row)


def everything_about(connection: Connection, party_id: int, vault: Vault | None) -> dict[str, list[dict[str, Any]]]:
    """Rows about a party by table, as plain JSON values; tables without any are left out.

    Raises:
        InputError: there is no such party, or its identity number is encrypted and there is no key.
    """
    number = identity_number(connection, party_id, vault)
    standing = standing_of(connection, party_id)
    found = {
        **_person(connection, party_id),
        **_land(connection, party_id, standing),
        **_credit(connection, party_id, standing),
        **_seen(connection, party_id),
        **_watched(connection, party_id, standing),
    }
    if number is not None:
        found["personal_data"][0]["id_number"] = number
    return {name: rows for name, rows in found.items() if rows}


def _person(connection: Connection, party_id: int) -> dict[str, list[dict[str, Any]]]:
    kept = (t.Retention.subject_table == SUBJECT) & (t.Retention.subject_key == str(party_id))
    in_group = or_(t.Membership.member_id == party_id, t.Membership.group_id == party_id)
    return {
        "party": _rows(connection, t.Party, t.Party.id == party_id),
        "personal_data": _rows(connection, t.PersonalData, t.PersonalData.party_id == party_id),
        "membership": _rows(connection, t.Membership, in_group),
        "consent": _rows(connection, t.Consent, t.Consent.party_id == party_id),
        "bureau_check": _rows(connection, t.BureauCheck, t.BureauCheck.party_id == party_id),
        "repayment_capacity": _rows(connection, t.RepaymentCapacity, t.RepaymentCapacity.party_id == party_id),
        "outside_signal": _rows(connection, t.OutsideSignal, t.OutsideSignal.party_id == party_id),
        "retention": _rows(connection, t.Retention, kept),
        "personal_view": _rows(connection, t.PersonalView, t.PersonalView.party_id == party_id),
        "erasure": _rows(connection, t.Erasure, t.Erasure.party_id == party_id),
    }


def _land(connection: Connection, party_id: int, standing: Standing) -> dict[str, list[dict[str, Any]]]:
    rights = select(t.LandRight.id).where(t.LandRight.party_id == party_id)
    plots = or_(t.ContractPlot.land_right_id.in_(rights), t.ContractPlot.facility_id.in_(standing.facilities))
    return {
        "land_right": _rows(connection, t.LandRight, t.LandRight.party_id == party_id),
        "contract_plot": _rows(connection, t.ContractPlot, plots),
        "crop_cycle": _rows(connection, t.CropCycle, t.CropCycle.party_id == party_id),
    }


def _credit(connection: Connection, party_id: int, standing: Standing) -> dict[str, list[dict[str, Any]]]:
    facilities = standing.facilities
    accounts = connection.scalars(accounts_of(facilities)).all()
    about = or_(
        t.Decision.credit_subject_id.in_(standing.subjects), t.Decision.application_id.in_(standing.applications)
    )
    decisions = select(t.Decision.id).where(about)
    insured = or_(t.Insurance.party_id == party_id, t.Insurance.facility_id.in_(facilities))
    claims = t.InsuranceClaim.insurance_id.in_(select(t.Insurance.id).where(insured))
    surety = or_(t.Guarantee.guarantor_id == party_id, t.Guarantee.facility_id.in_(facilities))
    return {
        "credit_subject": _rows(connection, t.CreditSubject, t.CreditSubject.id.in_(standing.subjects)),
        "application": _rows(connection, t.Application, t.Application.id.in_(standing.applications)),
        "role": _rows(connection, t.Role, t.Role.party_id == party_id),
        "proposal": _rows(connection, t.Proposal, t.Proposal.credit_subject_id.in_(standing.subjects)),
        "decision": _rows(connection, t.Decision, about),
        "decision_parcel": _rows(connection, t.DecisionParcel, t.DecisionParcel.decision_id.in_(decisions)),
        "override": _rows(connection, t.Override, t.Override.decision_id.in_(decisions)),
        "facility": _rows(connection, t.Facility, t.Facility.id.in_(facilities)),
        "loan_account": _rows(connection, t.LoanAccount, t.LoanAccount.id.in_(accounts)),
        "guarantee": _rows(connection, t.Guarantee, surety),
        "insurance": _rows(connection, t.Insurance, insured),
        "insurance_claim": _rows(connection, t.InsuranceClaim, claims),
    }


def _seen(connection: Connection, party_id: int) -> dict[str, list[dict[str, Any]]]:
    number = connection.scalar(select(t.Party.farmer_id).where(t.Party.id == party_id))
    if number is None:
        return {}
    as_subject = (t.CreditLimit.subject_kind == SubjectKind.FARMER) & (t.CreditLimit.subject_id == number)
    return {
        "parcel_observation": _rows(connection, t.ParcelObservation, t.ParcelObservation.farmer_id == number),
        "credit_limit": _rows(connection, t.CreditLimit, or_(t.CreditLimit.farmer_id == number, as_subject)),
    }


def _watched(connection: Connection, party_id: int, standing: Standing) -> dict[str, list[dict[str, Any]]]:
    """What watches and officers found on the party's parcels while they were its own."""
    found = watched_of(connection, party_id, standing.facilities)
    alerts, visits = listed_numbers(connection, found.alerts), listed_numbers(connection, found.visits)
    return {
        "alert": _rows(connection, t.Alert, t.Alert.id.in_(alerts)),
        "alert_event": _rows(connection, t.AlertEvent, t.AlertEvent.alert_id.in_(alerts)),
        "visit_task": _rows(connection, t.VisitTask, t.VisitTask.alert_id.in_(alerts)),
        "visit": _rows(connection, t.Visit, t.Visit.id.in_(visits)),
    }


def _rows(connection: Connection, table: type[Base], condition: ColumnElement[bool]) -> list[dict[str, Any]]:
    columns = [each for each in table.__table__.columns if each.name not in _LEFT_OUT]
    keys = list(table.__table__.primary_key)
    rows = connection.execute(select(*columns).where(condition).order_by(*keys)).mappings()
    return [{name: _plain(value) for name, value in row.items() if value is not None} for row in rows]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value.value if isinstance(value, StrEnum) else value
