"""Limits that wait for a second person: what a policy proposes, and amounts that somebody asks for instead."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import aliased

from app.api.answers import money
from app.api.decisions.reach import proposals_within
from app.api.office.desk import Desk
from app.api.office.today.schemas import WaitingLimit, WaitingLimits
from app.db.tables import CreditSubject, OverrideRequest, Proposal, User
from app.db.tables.kinds import ProposalStatus, SubjectKind
from app.db.tables.office_kinds import RequestStatus

_SHOWN: Final = 5


def waiting_limits(desk: Desk) -> WaitingLimits:
    """What waits: where a person asked for an amount first, then the largest changes; newest first among equals."""
    total = desk.connection.scalar(_waiting(desk, select(func.count()))) or 0
    maker, asker = aliased(User), aliased(User)
    after = func.coalesce(OverrideRequest.to_minor, Proposal.amount_minor)
    columns: tuple[Any, ...] = (Proposal.id, CreditSubject.kind, CreditSubject.subject_id, Proposal.currency)
    wanted = (
        _waiting(desk, select(*columns, Proposal.before_minor, after.label("after"), Proposal.recorded_at))
        .add_columns(asker.login.label("asker"), maker.login.label("maker"), OverrideRequest.recorded_at.label("asked"))
        .outerjoin(maker, maker.id == Proposal.made_by_id)
        .outerjoin(asker, asker.id == OverrideRequest.made_by_id)
        .order_by(OverrideRequest.id.is_(None), _change(after).desc(), Proposal.id.desc())
        .limit(_SHOWN)
    )
    return WaitingLimits(total=total, lines=[_line(row) for row in desk.connection.execute(wanted)])


def _waiting(desk: Desk, wanted: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Open proposals of subjects that the person sees, with the request that is open on each."""
    asked = and_(OverrideRequest.proposal_id == Proposal.id, OverrideRequest.status == RequestStatus.OPEN)
    return (
        wanted.select_from(Proposal)
        .join(CreditSubject, CreditSubject.id == Proposal.credit_subject_id)
        .outerjoin(OverrideRequest, asked)
        .where(Proposal.status == ProposalStatus.OPEN, CreditSubject.subject_id.is_not(None))
        .where(proposals_within(desk.connection, desk.scope))
    )


def _change(after: ColumnElement[int]) -> ColumnElement[int]:
    return func.abs(func.coalesce(after, 0) - func.coalesce(Proposal.before_minor, 0))


def _line(row: Any) -> WaitingLimit:
    own = row.kind == SubjectKind.PARCEL
    return WaitingLimit(
        number=row.id,
        parcel_id=row.subject_id if own else None,
        subject=row.subject_id,
        before=money(row.before_minor, row.currency),
        to=money(row.after, row.currency),
        proposed_by=row.asker or row.maker,
        proposed_on=(row.asked or row.recorded_at).date(),
    )
