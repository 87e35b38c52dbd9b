"""Which proposals a person sees: those of their units' farmers and parcels.

A farmer's proposal is of the farmer's unit, one of an application of the application's. Where neither is known, its
parcels tell: it is seen where one of them lies within reach and none outside. What is of nobody's unit is the top
unit's (Scope.rows).
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, ScalarSelect, and_, func, or_, select, true

from app.alerts.reach import unit_of_parcel
from app.api.access.scope import Scope
from app.db.tables import Application, CreditSubject, OrgUnit, Parcel, Party, Proposal, ProposalParcel
from app.db.tables.kinds import SubjectKind
from geo.errors import InputError


def proposals_within(connection: Connection, scope: Scope) -> ColumnElement[bool]:
    """Condition on Proposal."""
    if scope.whole and connection.scalar(select(OrgUnit.id).where(OrgUnit.id.not_in(scope.units)).limit(1)) is None:
        return true()
    named = func.coalesce(_unit_of_farmer(), _unit_of_application())
    inside, outside = _parcels(unit_of_parcel().in_(scope.units)), _parcels(unit_of_parcel().not_in(scope.units))
    nobodys = ~outside if scope.whole else and_(inside, ~outside)
    return or_(named.in_(scope.units), and_(named.is_(None), nobodys))


def require_proposals(connection: Connection, scope: Scope, numbers: list[int]) -> None:
    """Refuse proposals that are not there for a person: unknown ones and those of others alike (InputError)."""
    within = proposals_within(connection, scope)
    seen = set(connection.scalars(select(Proposal.id).where(Proposal.id.in_(numbers), within)))
    first = next((each for each in numbers if each not in seen), None)
    if first is not None:
        raise InputError("UNKNOWN_PROPOSAL", f"There is no proposal {first}.", "See the list of what waits.")


def _unit_of_farmer() -> ScalarSelect[int | None]:
    return (
        select(Party.org_unit_id)
        .join(CreditSubject, CreditSubject.subject_id == Party.farmer_id)
        .where(CreditSubject.id == Proposal.credit_subject_id, CreditSubject.kind == SubjectKind.FARMER)
        .correlate(Proposal)
        .scalar_subquery()
    )


def _unit_of_application() -> ScalarSelect[int]:
    wanted = select(Application.org_unit_id).where(Application.id == Proposal.application_id)
    return wanted.correlate(Proposal).scalar_subquery()


def _parcels(where: ColumnElement[bool]) -> ColumnElement[bool]:
    return (
        select(ProposalParcel.parcel_id)
        .join(Parcel, Parcel.parcel_id == ProposalParcel.parcel_id)
        .where(ProposalParcel.proposal_id == Proposal.id, where)
        .correlate(Proposal)
        .exists()
    )
