"""What waits for a decision and what was decided, for people to read: here subjects have their names."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, RowMapping, func, select

from app.db.tables import CreditSubject, Decision, Proposal, User
from app.db.tables.kinds import ProposalStatus


def list_proposals(
    connection: Connection, status: ProposalStatus, batch_id: str | None, after: int, most: int
) -> list[RowMapping]:
    """Proposals of a status by their numbers, from the one after `after`, so many at most.

    Returns:
        id, kind, subject_id (None: erased), amount_minor, before_minor, currency, needs_visit, reasons, batch_id.
    """
    columns: tuple[Any, ...] = (Proposal.id, *_whose(), Proposal.amount_minor, Proposal.before_minor, Proposal.currency)
    wanted = (
        select(*columns, Proposal.needs_visit, Proposal.reasons, Proposal.batch_id)
        .join(CreditSubject, CreditSubject.id == Proposal.credit_subject_id)
        .where(Proposal.status == status, Proposal.id > after)
    )
    if batch_id is not None:
        wanted = wanted.where(Proposal.batch_id == batch_id)
    return list(connection.execute(wanted.order_by(Proposal.id).limit(most)).mappings())


def proposals_by_status(connection: Connection, batch_id: str | None) -> dict[str, int]:
    """How many proposals there are of each status, of all batches or of one."""
    wanted = select(Proposal.status, func.count()).group_by(Proposal.status)
    if batch_id is not None:
        wanted = wanted.where(Proposal.batch_id == batch_id)
    return {str(status): count for status, count in connection.execute(wanted.order_by(Proposal.status))}


def list_decisions(connection: Connection, after: int, most: int) -> list[RowMapping]:
    """Decisions by their numbers, likewise.

    Returns:
        id, kind, subject_id (None: erased), outcome, amount_minor, currency, proposed_by_id, decided_by_id,
        authority_id, decided_at, proposal_id, decided_by (login; None: the program, under the authority).
    """
    columns: tuple[Any, ...] = (Decision.id, *_whose(), Decision.outcome, Decision.amount_minor, Decision.currency)
    people = (Decision.proposed_by_id, Decision.decided_by_id, Decision.authority_id, Decision.decided_at)
    wanted = (
        select(*columns, *people, Decision.proposal_id, User.login.label("decided_by"))
        .join(CreditSubject, CreditSubject.id == Decision.credit_subject_id)
        .outerjoin(User, User.id == Decision.decided_by_id)
        .where(Decision.id > after)
    )
    return list(connection.execute(wanted.order_by(Decision.id).limit(most)).mappings())


def decision_on(connection: Connection, proposal_id: int) -> RowMapping | None:
    """The last decision on a proposal: id, outcome, amount_minor, decided_at, decided_by_id, decided_by (login)."""
    wanted = (
        select(Decision.id, Decision.outcome, Decision.amount_minor, Decision.decided_at, Decision.decided_by_id)
        .add_columns(User.login.label("decided_by"))
        .outerjoin(User, User.id == Decision.decided_by_id)
        .where(Decision.proposal_id == proposal_id)
        .order_by(Decision.id.desc())
    )
    return connection.execute(wanted.limit(1)).mappings().one_or_none()


def _whose() -> tuple[Any, ...]:
    return (CreditSubject.kind, CreditSubject.subject_id)
