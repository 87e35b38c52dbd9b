"""Credit of a party: what was proposed and decided, its facilities, and what secures and insures them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, or_, select

from app.api.access.scope import Scope
from app.api.answers import money
from app.api.farmers.schemas import (
    FacilityPosition,
    FarmerClaim,
    FarmerDecision,
    FarmerFacility,
    FarmerGuarantee,
    FarmerInsurance,
    FarmerProposal,
)
from app.book.loans.positions import POSITION, facility_positions
from app.db.tables import Decision, Facility, Guarantee, Insurance, InsuranceClaim, Proposal, Role, User
from app.db.tables.kinds import ProposalStatus

_WAITING = (ProposalStatus.HELD, ProposalStatus.OPEN)


def proposals_of(connection: Connection, subjects: Sequence[int]) -> list[FarmerProposal]:
    """Proposals that wait, the newest first."""
    wanted = select(Proposal.__table__).where(
        Proposal.credit_subject_id.in_(list(subjects)), Proposal.status.in_(_WAITING)
    )
    names = ("id", "status", "needs_visit", "policy_id", "facility_number", "recorded_at")
    return [
        FarmerProposal(
            **{name: row[name] for name in names},
            amount=money(row["amount_minor"], row["currency"]),
            before=money(row["before_minor"], row["currency"]),
        )
        for row in connection.execute(wanted.order_by(Proposal.id.desc())).mappings()
    ]


def decisions_of(connection: Connection, subjects: Sequence[int], applications: Sequence[int]) -> list[FarmerDecision]:
    """Decisions, the newest first."""
    whose = or_(Decision.credit_subject_id.in_(list(subjects)), Decision.application_id.in_(list(applications)))
    wanted = (
        select(Decision.__table__, User.display_name)
        .outerjoin(User, User.id == Decision.decided_by_id)
        .where(whose)
        .order_by(Decision.id.desc())
    )
    names = ("id", "outcome", "policy_id", "decided_at", "note")
    return [
        FarmerDecision(
            **{name: row[name] for name in names},
            amount=money(row["amount_minor"], row["currency"]),
            decided_by=row["display_name"],
        )
        for row in connection.execute(wanted).mappings()
    ]


def facilities_of(
    connection: Connection, scope: Scope, party_id: int, facilities: Sequence[int], day: date
) -> list[FarmerFacility]:
    """Facilities of a party within a scope, with their positions of a day."""
    wanted = select(Facility.__table__).where(Facility.id.in_(list(facilities)), scope.facilities())
    rows = connection.execute(wanted.order_by(Facility.number)).mappings().all()
    parts = _parts(connection, party_id)
    positions = positions_of(connection, day, [row["id"] for row in rows])
    names = ("number", "product", "status", "starts_on", "ends_on")
    return [
        FarmerFacility(
            **{name: row[name] for name in names}, part=parts.get(row["id"]), position=_position(positions, row)
        )
        for row in rows
    ]


def positions_of(connection: Connection, day: date, facilities: Sequence[int]) -> dict[str, FacilityPosition]:
    """Positions by the number of the facility; those that are not there on the day are left out."""
    found = facility_positions(connection, day, list(facilities)).to_dict("records")
    return {row["facility_number"]: FacilityPosition(**_amounts(row)) for row in found}


def unknown_position() -> FacilityPosition:
    """Of a facility that has none on the day."""
    return FacilityPosition(sanctioned=None, drawing=None, outstanding=None, available=None)


def guarantees_of(
    connection: Connection, scope: Scope, facilities: Sequence[int], given_by: int | None
) -> list[FarmerGuarantee]:
    """Security for facilities, and what a party gives for others'."""
    which: list[ColumnElement[bool]] = [Guarantee.facility_id.in_(list(facilities))]
    if given_by is not None:
        which.append(Guarantee.guarantor_id == given_by)
    wanted = (
        select(Guarantee.__table__, Facility.number, scope.facilities().label("reached"))
        .join(Facility, Facility.id == Guarantee.facility_id)
        .where(or_(*which), Guarantee.valid_to.is_(None))
        .order_by(Guarantee.id)
    )
    return [_guarantee(row, given_by) for row in connection.execute(wanted).mappings()]


def insurance_of(connection: Connection, facilities: Sequence[int], party_id: int | None) -> list[FarmerInsurance]:
    """Policies of facilities and of a party, with their claims."""
    which: list[ColumnElement[bool]] = [Insurance.facility_id.in_(list(facilities))]
    if party_id is not None:
        which.append(Insurance.party_id == party_id)
    wanted = select(Insurance.__table__).where(or_(*which), Insurance.valid_to.is_(None)).order_by(Insurance.id)
    rows = connection.execute(wanted).mappings().all()
    claims: dict[int, list[FarmerClaim]] = {row["id"]: [] for row in rows}
    told = select(InsuranceClaim.__table__).where(
        InsuranceClaim.insurance_id.in_(list(claims)), InsuranceClaim.valid_to.is_(None)
    )
    for claim in connection.execute(told.order_by(InsuranceClaim.id)).mappings():
        claims[claim["insurance_id"]].append(_claim(claim))
    return [_insurance(row, claims[row["id"]]) for row in rows]


def _parts(connection: Connection, party_id: int) -> dict[int, Any]:
    wanted = select(Role.facility_id, Role.kind).where(
        Role.party_id == party_id, Role.facility_id.is_not(None), Role.valid_to.is_(None)
    )
    return {int(number): kind for number, kind in connection.execute(wanted) if number is not None}


def _position(positions: dict[str, FacilityPosition], row: RowMapping) -> FacilityPosition:
    return positions.get(row["number"], unknown_position())


def _amounts(row: dict[Any, Any]) -> dict[str, Any]:
    return {name.removesuffix("_minor"): money(row[name], row["currency"]) for name in POSITION}


def _guarantee(row: RowMapping, given_by: int | None) -> FarmerGuarantee:
    names = ("kind", "guarantor_id", "starts_on", "ends_on")
    return FarmerGuarantee(
        **{name: row[name] for name in names},
        facility_number=row["number"] if row["reached"] else None,
        given=given_by is not None and row["guarantor_id"] == given_by,
        amount=money(row["amount_minor"], row["currency"]),
    )


def _claim(row: RowMapping) -> FarmerClaim:
    names = ("event", "starts_on", "ends_on", "outcome")
    return FarmerClaim(**{name: row[name] for name in names}, paid=money(row["paid_minor"], row["currency"]))


def _insurance(row: RowMapping, claims: list[FarmerClaim]) -> FarmerInsurance:
    names = ("kind", "insurer", "policy_number", "crop", "starts_on", "ends_on")
    return FarmerInsurance(
        **{name: row[name] for name in names},
        insured=money(row["insured_minor"], row["currency"]),
        premium=money(row["premium_minor"], row["currency"]),
        claims=claims,
    )
