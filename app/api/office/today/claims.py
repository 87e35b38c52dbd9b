"""Notices to insurers that have a last day: of live alerts on parcels that a policy covers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import select, union

from app.alerts.loans.of_alert import Policies, beside_alert
from app.alerts.worklist.listing import Listed
from app.api.office.desk import Desk
from app.api.office.today.schemas import ClaimDue, ClaimsDue
from app.db.listed import listed
from app.db.tables import ContractPlot, Insurance, Role
from app.db.tables.kinds import InsuranceKind, RoleKind

#: Alerts that opened longer ago are left to their own page: packs count notice in hours and days.
_DAYS: Final = 45
#: Most alerts that are looked at, the newest first: each asks for its policies.
_MOST: Final = 200
#: Days for which a notice that was missed is still shown.
_PASSED_DAYS: Final = 7
_SHOWN: Final = 10
_KINDS: Final = (InsuranceKind.CROP, InsuranceKind.INCOME)


def claims_due(desk: Desk, live: Sequence[Listed]) -> ClaimsDue:
    """Notices by their last day, those just missed too; one line for an alert, by its first last day."""
    recent = [each for each in live if each.opened_on >= desk.day - timedelta(days=_DAYS)]
    insured = _insured(desk, [each.parcel_id for each in recent])
    asked = sorted((each for each in recent if each.parcel_id in insured), key=lambda each: each.opened_on)[-_MOST:]
    due = sorted(_due(desk, asked), key=lambda line: (line.last_day, line.alert))
    return ClaimsDue(total=len(due), lines=due[:_SHOWN])


def _due(desk: Desk, alerts: Sequence[Listed]) -> Iterator[ClaimDue]:
    for alert in alerts:
        beside = beside_alert(desk.connection, alert.number, desk.day, Policies(folder=desk.packs))
        covers = () if beside.context is None else beside.context.covers
        notices = (cover.notice for cover in covers if not cover.claims)
        days = [notice.last_day for notice in notices if notice is not None and notice.last_day is not None]
        if days and (min(days) - desk.day).days >= -_PASSED_DAYS:
            last, number, parcel, cause = min(days), alert.number, alert.parcel_id, alert.cause
            left = (last - desk.day).days
            yield ClaimDue(alert=number, parcel_id=parcel, cause=cause, last_day=last, days_left=left)


def _insured(desk: Desk, parcels: Sequence[str]) -> frozenset[str]:
    """Parcels that a policy of crop or income may cover: their own, their contract's or its borrower's."""
    among = ContractPlot.parcel_id.in_(listed(desk.connection, sorted(set(parcels))))
    policy = Insurance.kind.in_(_KINDS) & Insurance.valid_to.is_(None)
    own = select(Insurance.parcel_id).where(
        policy, Insurance.parcel_id.in_(listed(desk.connection, sorted(set(parcels))))
    )
    of_line = select(ContractPlot.parcel_id).join(Insurance, Insurance.facility_id == ContractPlot.facility_id)
    of_party = (
        select(ContractPlot.parcel_id)
        .join(Role, (Role.facility_id == ContractPlot.facility_id) & (Role.kind == RoleKind.BORROWER))
        .join(Insurance, Insurance.party_id == Role.party_id)
    )
    both = union(own, of_line.where(policy, among), of_party.where(policy, among)).subquery()
    return frozenset(str(each) for each in desk.connection.scalars(select(both.c.parcel_id)))
