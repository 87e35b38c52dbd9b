"""Which unit of the bank a facility belongs to."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select

from app.db.tables import Application, Decision, Facility, Party, Role
from app.db.tables.kinds import RoleKind


def unit_of_facility() -> ColumnElement[int | None]:
    """Unit of a row of Facility: its borrower's now, else that of its application; null: of no unit."""
    borrower = (
        select(func.min(Party.org_unit_id))
        .join(Role, Role.party_id == Party.id)
        .where(Role.facility_id == Facility.id, Role.kind == RoleKind.BORROWER, Role.valid_to.is_(None))
        .correlate(Facility)
        .scalar_subquery()
    )
    asked = (
        select(Application.org_unit_id)
        .join(Decision, Decision.application_id == Application.id)
        .where(Decision.id == Facility.decision_id)
        .correlate(Facility)
        .scalar_subquery()
    )
    return func.coalesce(borrower, asked)
