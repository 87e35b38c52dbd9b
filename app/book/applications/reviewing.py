"""From the draft to the proposal: submitted, taken up by another person, returned or proposed; never decided here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final

import numpy as np
from sqlalchemy import ColumnElement, Connection, insert, update

from app.artefacts.contents import ContentStore
from app.book.applications.files import Doing, Filed, Kind, find_for, move, note
from app.book.applications.lacking import require_whole
from app.book.applications.remarks import plain_note
from app.book.applications.stages import Act
from app.book.applications.weighing import Weighed, weigh
from app.book.decisions.ending import end_requests
from app.book.refresh.facts import moment_of
from app.book.subjects import ensure_subjects
from app.db.tables import Proposal, ProposalParcel
from app.db.tables.kinds import ApplicationStatus, ProposalStatus, SubjectKind
from geo.errors import InputError
from scoring.money import allocate
from scoring.policy import Pack, require_in_force

#: Said of a proposal whose amount is what was asked for, and not what the policy gives.
ASKED_FOR_LESS: Final = "ASKED_FOR_LESS"


def submit(connection: Connection, number: str, within: ColumnElement[bool], doing: Doing, pack: Pack) -> None:
    """Hand an application over to who reviews it.

    Raises:
        InputError: see find_for; it lacks something (all of it is named), or the policy is not in force.
    """
    filed = find_for(connection, number, within, Act.SUBMIT, doing)
    today = pack.local_day(doing.now)
    require_in_force(pack, today)
    require_whole(connection, filed, pack, today)
    move(connection, filed, ApplicationStatus.SUBMITTED, submitted_at=doing.now)
    note(connection, filed, Kind.SUBMITTED, doing)


def take_up(connection: Connection, number: str, within: ColumnElement[bool], doing: Doing) -> None:
    """Take an application up as its reviewer, also from another one; errors of find_for."""
    filed = find_for(connection, number, within, Act.TAKE_UP, doing)
    move(connection, filed, ApplicationStatus.IN_REVIEW)
    note(connection, filed, Kind.TAKEN_UP, doing)


def hand_back(connection: Connection, number: str, within: ColumnElement[bool], doing: Doing, text: str) -> None:
    """Return an application to those who prepare it, with a note that says what is missing.

    Raises:
        InputError: see find_for; no note, or one that names somebody.
    """
    filed = find_for(connection, number, within, Act.RETURN, doing)
    said = plain_note(connection, filed, text)
    move(connection, filed, ApplicationStatus.DRAFT)
    note(connection, filed, Kind.RETURNED, doing, said)


def withdraw(connection: Connection, number: str, within: ColumnElement[bool], doing: Doing, text: str) -> None:
    """Take an application back for good; the note says why. Errors as hand_back's."""
    filed = find_for(connection, number, within, Act.WITHDRAW, doing)
    said = plain_note(connection, filed, text)
    move(connection, filed, ApplicationStatus.WITHDRAWN)
    note(connection, filed, Kind.WITHDRAWN, doing, said)


def propose(
    connection: Connection,
    number: str,
    within: ColumnElement[bool],
    doing: Doing,
    pack: Pack,
    store: ContentStore,
    salts: Callable[[], bytes],
) -> int:
    """Turn an application into a proposal of what the policy gives, or of what was asked for where that is less.

    Args:
        connection: transaction that writes.
        number: of the application.
        within: condition on Application: what the person reaches.
        doing: who, when, and the version that they saw.
        pack: the application's policy.
        store: where the receipt is kept, under the hash that the proposal names.
        salts: gives the salt of a new subject.

    Returns:
        Number of the proposal; an open one of the same borrower is superseded.

    Raises:
        InputError: see find_for; the policy is not in force, or gives no amount (NOTHING_PROPOSED).
    """
    filed = find_for(connection, number, within, Act.PROPOSE, doing)
    today = pack.local_day(doing.now)
    require_in_force(pack, today)
    weighed = weigh(connection, filed, pack, moment_of(today, pack, doing.now))
    amount = weighed.farmer["amount_minor"]
    if amount is None:
        said = f"The policy gives the application {number} no amount: what it needs is not known."
        raise InputError("NOTHING_PROPOSED", said, "The preliminary limit says what lacks; return the application.")
    subject = ensure_subjects(connection, [(SubjectKind.FARMER, str(filed.farmer_id))], doing.now, salts)
    key = subject[SubjectKind.FARMER, str(filed.farmer_id)].id
    _supersede(connection, key, doing)
    store.keep(weighed.receipt)
    proposal = connection.scalars(insert(Proposal).returning(Proposal.id), _row(filed, weighed, pack, doing, key)).one()
    connection.execute(insert(ProposalParcel), _parts(proposal, filed, weighed, pack))
    note(connection, filed, Kind.PROPOSED, doing)
    return proposal


def _supersede(connection: Connection, subject: int, doing: Doing) -> None:
    stands = (Proposal.credit_subject_id == subject, Proposal.status == ProposalStatus.OPEN)
    values = {"status": ProposalStatus.SUPERSEDED, "closed_at": doing.now}
    connection.execute(update(Proposal).where(*stands).values(**values))
    end_requests(connection, doing.now)


def _row(filed: Filed, weighed: Weighed, pack: Pack, doing: Doing, subject: int) -> dict[str, object]:
    farmer = weighed.farmer
    most = filed.requested_minor
    less = most < farmer["amount_minor"]
    return {
        "application_id": filed.id,
        "credit_subject_id": subject,
        **{name: min(farmer[name], most) for name in ("amount_minor", "low_minor", "high_minor")},
        "needs_visit": farmer["needs_visit"],
        "currency": pack.currency.code,
        "policy_id": pack.id,
        "policy_hash": pack.content_hash,
        "inputs_hash": weighed.inputs_hash,
        "receipt_hash": hashlib.sha256(weighed.receipt).hexdigest(),
        "reasons": [*weighed.principal, *([ASKED_FOR_LESS] if less else [])],
        "made_by_id": doing.by.id,
        "status": ProposalStatus.OPEN,
        "recorded_at": doing.now,
    }


def _parts(proposal: int, filed: Filed, weighed: Weighed, pack: Pack) -> list[dict[str, object]]:
    """Parts by parcel, scaled by largest remainders where less was asked for: they add up to the minor unit."""
    known = [row for row in weighed.parcels if row["amount_minor"] is not None]
    total = min(weighed.farmer["amount_minor"], filed.requested_minor)
    weights = np.array([row["amount_minor"] for row in known], dtype=np.int64)
    shares = allocate(np.array([total], dtype=np.int64), weights, np.zeros(len(known), dtype=np.int64))
    amounts = {row["subject_id"]: share for row, share in zip(known, shares.tolist(), strict=True)}
    shared = {"proposal_id": proposal, "currency": pack.currency.code}
    return [
        shared | {"parcel_id": row["subject_id"], "amount_minor": amounts.get(row["subject_id"])}
        for row in weighed.parcels
    ]
