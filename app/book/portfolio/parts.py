"""What is proposed and decided on each parcel, as of a day."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from app.book.portfolio.cuts import Cut
from app.db.tables import Decision, DecisionParcel, Proposal, ProposalParcel
from app.db.tables.kinds import Outcome


def parts_of(cut: Cut) -> Subquery:
    """One row per parcel and currency: parcel_id, currency, proposed, decided (minor units), visit (0 or 1).

    proposed is of proposals that waited at the end of the day, decided of the last approval of each subject by then.
    """
    both = union_all(_waiting(cut), _decided(cut)).subquery("both_parts")
    sums = [func.sum(cast(both.c[name], BigInteger)).label(name) for name in ("proposed", "decided")]
    grouped = select(both.c.parcel_id, both.c.currency, *sums, func.max(both.c.visit).label("visit"))
    return grouped.group_by(both.c.parcel_id, both.c.currency).subquery("parts")


def _waiting(cut: Cut) -> Select[*tuple[Any, ...]]:
    part = ProposalParcel
    return (
        select(part.parcel_id, part.currency, part.amount_minor.label("proposed"), null().label("decided"))
        .add_columns(case((Proposal.needs_visit, 1), else_=0).label("visit"))
        .join(Proposal, Proposal.id == part.proposal_id)
        .where(_open_then(cut))
    )


def _decided(cut: Cut) -> Select[*tuple[Any, ...]]:
    part = DecisionParcel
    last = (
        select(func.max(Decision.id).label("id"))
        .where(Decision.outcome.in_((Outcome.APPROVED, Outcome.REDUCED)), Decision.decided_at <= cut.ends)
        .group_by(Decision.credit_subject_id)
    )
    return (
        select(part.parcel_id, part.currency, null().label("proposed"), part.amount_minor.label("decided"))
        .add_columns(literal(0).label("visit"))
        .where(part.decision_id.in_(last))
    )


def _open_then(cut: Cut) -> ColumnElement[bool]:
    return and_(Proposal.recorded_at <= cut.ends, or_(Proposal.closed_at.is_(None), Proposal.closed_at > cut.ends))
