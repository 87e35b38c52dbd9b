"""Override requests that end with their proposals: called wherever a proposal closes, in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select, update

from app.db.tables import OverrideRequest, Proposal
from app.db.tables.kinds import ProposalStatus
from app.db.tables.office_kinds import RequestStatus

#: Why a request ended, by what its proposal became.
_NOTES: Final[Mapping[ProposalStatus, str]] = {
    ProposalStatus.DECIDED: "The proposal was decided otherwise.",
    ProposalStatus.SUPERSEDED: "The proposal was superseded by a later one.",
    ProposalStatus.WITHDRAWN: "The proposal was withdrawn.",
}


def end_requests(connection: Connection, now: datetime) -> None:
    """End open requests whose proposals are closed: withdrawn by nobody, with a note that says why.

    Args:
        connection: transaction that writes and closed the proposals.
        now: instant.
    """
    for status, note in _NOTES.items():
        closed = select(Proposal.id).where(Proposal.id == OverrideRequest.proposal_id, Proposal.status == status)
        connection.execute(
            update(OverrideRequest)
            .where(OverrideRequest.status == RequestStatus.OPEN, closed.exists())
            .values(status=RequestStatus.WITHDRAWN, answer_note=note, answered_at=now)
            .execution_options(synchronize_session=False)
        )
