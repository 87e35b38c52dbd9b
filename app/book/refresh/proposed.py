"""All that a batch proposes as one hash, so that one entry of the chain vouches for it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from app.book.chain.links import canonical
from app.db.listed import listed_numbers
from app.db.rows import CHUNK_ROWS
from app.db.tables import CreditSubject, Proposal, ProposalParcel


def proposals_hash(connection: Connection, batch_id: str) -> str:
    """SHA-256 over a batch's proposals and their parts by parcel, in the order of subjects; hexadecimal.

    What happens to a proposal later is left out: its status, closed_at, and the number of a facility, which an erasure
    takes away. Read by and by: the memory does not grow with the batch.
    """
    digest = hashlib.sha256()
    for chunk in _proposals(connection, batch_id):
        parts = _parts(connection, [row[1] for row in chunk])
        for row in chunk:
            digest.update(canonical({"row": list(row[2:]), "parcels": parts[row[1]]}))
    return digest.hexdigest()


def _proposals(connection: Connection, batch_id: str) -> Iterator[Sequence[Any]]:
    columns = (
        *(Proposal.credit_subject_id, Proposal.id, CreditSubject.subject_hash),
        *(Proposal.amount_minor, Proposal.low_minor, Proposal.high_minor, Proposal.before_minor),
        *(Proposal.sanctioned_minor, Proposal.drawing_minor, Proposal.outstanding_minor, Proposal.available_minor),
        *(Proposal.needs_visit, Proposal.currency, Proposal.policy_hash, Proposal.inputs_hash),
        *(Proposal.receipt_hash, Proposal.reasons),
    )
    wanted = (
        select(*columns)
        .join(CreditSubject, CreditSubject.id == Proposal.credit_subject_id)
        .where(Proposal.batch_id == batch_id)
        .order_by(Proposal.credit_subject_id)
        .limit(CHUNK_ROWS)
    )
    last = -1
    while chunk := connection.execute(wanted.where(Proposal.credit_subject_id > last)).all():
        yield chunk
        last = chunk[-1][0]


def _parts(connection: Connection, proposals: Sequence[int]) -> Mapping[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    own = ProposalParcel.proposal_id
    wanted = select(own, ProposalParcel.parcel_id, ProposalParcel.amount_minor, ProposalParcel.currency)
    for number, *part in connection.execute(wanted.where(own.in_(listed_numbers(connection, proposals)))):
        found[number].append(part)
    for parts in found.values():
        parts.sort(key=lambda part: part[0])  # by parcel, in an order that no collation of a database changes
    return found
