"""Proposals as those who decide them need them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from app.db.rows import CHUNK_ROWS
from app.db.tables import Application, Facility, LimitBatch, Proposal
from app.db.tables.kinds import BatchStatus, ProposalStatus
from geo.errors import InputError
from scoring.policy import Pack, require_in_force


@dataclass(frozen=True, slots=True)
class Case:
    """A proposal with what its decision depends on; amounts in minor units, None where not known.

    Attributes:
        id: of the proposal.
        status: of it.
        application_id: of the application that it answers.
        credit_subject_id: whom it is for.
        amount_minor: what the policy gives.
        before_minor: last approved amount.
        sanctioned_minor: of the facility.
        currency: of all amounts.
        needs_visit: the policy wants a person to look.
        policy_id: of the pack.
        policy_hash: of the pack.
        receipt_hash: of the limit.
        reasons: codes of its principal reasons.
        made_by_id: the person who made it; None: a batch.
        product: of the facility or application.
        batch_id: of the batch.
        batch_status: of it.
        batch_created_by_id: who started it.
        batch_released_by_id: who released it.
    """

    id: int
    status: ProposalStatus
    application_id: int | None
    credit_subject_id: int
    amount_minor: int | None
    before_minor: int | None
    sanctioned_minor: int | None
    currency: str
    needs_visit: bool
    policy_id: str
    policy_hash: str
    receipt_hash: str
    reasons: list[str]
    made_by_id: int | None
    product: str | None
    batch_id: str | None
    batch_status: BatchStatus | None
    batch_created_by_id: int | None
    batch_released_by_id: int | None


def find_case(connection: Connection, proposal_id: int) -> Case:
    """A proposal by its number; InputError where there is none."""
    row = connection.execute(_wanted().where(Proposal.id == proposal_id)).one_or_none()
    if row is None:
        raise InputError(
            "UNKNOWN_PROPOSAL", f"There is no proposal {proposal_id}.", "`acreline decisions list` shows what is open."
        )
    return Case(*row)


def cases(connection: Connection, *where: ColumnElement[bool]) -> Iterator[list[Case]]:
    """Proposals by their numbers, in lists of some thousands, read by and by."""
    last = -1
    while True:
        chunk = _wanted().where(Proposal.id > last, *where).order_by(Proposal.id).limit(CHUNK_ROWS)
        found = [Case(*row) for row in connection.execute(chunk)]
        if not found:
            return
        yield found
        last = found[-1].id


def require_open(case: Case) -> None:
    """Refuse a proposal that is not open to decisions.

    Raises:
        InputError: its batch is held, or it is decided, superseded or withdrawn.
    """
    if case.status == ProposalStatus.HELD:
        raise InputError(
            "PROPOSAL_HELD",
            f"The proposal {case.id} is held with its batch {case.batch_id}, which moves the book too far.",
            "`acreline limits release` opens the batch once somebody has looked at it.",
        )
    if case.status != ProposalStatus.OPEN:
        raise InputError(
            "PROPOSAL_CLOSED",
            f"The proposal {case.id} is {case.status}.",
            "`acreline decisions list` shows what is open; a decision is followed by a new one, never changed.",
        )


def require_policy(case: Case, pack: Pack) -> None:
    """Refuse a pack that is not the one that made the proposal.

    Raises:
        InputError: another policy, or another version of it.
    """
    if (case.policy_id, case.policy_hash) != (pack.id, pack.content_hash):
        raise InputError(
            "PROPOSAL_OF_OTHER_POLICY",
            f"The proposal {case.id} rests on {case.policy_id!r} with the hash {case.policy_hash[:12]}, and"
            f" {pack.id!r} ({pack.version}) has {pack.content_hash[:12]}.",
            "Decide with the pack that made it, or refresh the book with this one first.",
        )


def in_force(pack: Pack, now: datetime) -> date:
    """Local day of a decision; InputError where the pack does not hold on it."""
    day = pack.local_day(now)
    require_in_force(pack, day)
    return day


def _wanted() -> Select[*tuple[Any, ...]]:
    own = (
        *(Proposal.id, Proposal.status, Proposal.application_id, Proposal.credit_subject_id),
        *(Proposal.amount_minor, Proposal.before_minor, Proposal.sanctioned_minor, Proposal.currency),
        *(Proposal.needs_visit, Proposal.policy_id, Proposal.policy_hash, Proposal.receipt_hash, Proposal.reasons),
        *(Proposal.made_by_id, func.coalesce(Facility.product, Application.product), LimitBatch.id),
        *(LimitBatch.status, LimitBatch.created_by_id, LimitBatch.released_by_id),
    )
    return (
        select(*own)
        .outerjoin(Facility, Facility.number == Proposal.facility_number)
        .outerjoin(Application, Application.id == Proposal.application_id)
        .outerjoin(LimitBatch, LimitBatch.id == Proposal.batch_id)
    )
