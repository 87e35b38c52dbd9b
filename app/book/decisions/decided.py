"""A limit of the book by the name of its subject, or by the number of a proposal or decision that rests on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from app.book.decisions.cases import find_case
from app.book.decisions.verdicts import Verdict, verdict_on
from app.book.refresh.batches import in_order, list_batches
from app.book.refresh.folder import LIMITS_FILE, BookFolder
from app.db.erased import erased_among
from app.db.tables import CreditSubject, Decision, LimitBatch, Proposal, Run
from app.db.tables.kinds import ProposalStatus
from app.jobs.explain import read_rows
from app.jobs.grounds import Grounds
from geo.errors import DataError, InputError
from geo.observations import LIMITS
from scoring.receipts.limit import Limit


@dataclass(frozen=True, slots=True)
class Decided:
    """Limits of one subject in a batch of the book.

    Attributes:
        folder: files of the batch; app.jobs.replay reads them as a run's.
        batch_id: the batch.
        subject_id: parcel or farmer.
        limits: two where a parcel and a farmer share the id and no kind was named.
        verdict: what became of the proposal, or of the one that stands where the batch proposed nothing; None: of none.
        grounds: what all limits of the batch rest on.
    """

    folder: Path
    batch_id: str
    subject_id: str
    limits: tuple[Limit, ...]
    verdict: Verdict | None
    grounds: Grounds


def newest_limit(connection: Connection, book: BookFolder, subject: str, kind: str | None) -> Decided:
    """Limits of a parcel or farmer in the newest batch that decided it again; withdrawn batches do not count.

    Args:
        connection: the institution's database, which knows the order of the batches.
        book: folder of the book.
        subject: id.
        kind: "parcel" or "farmer"; None: either.

    Raises:
        InputError: the book has no batch, or none decided such a subject.
        DataError: files of a batch are gone or damaged, the subject's data were erased, or the limit is not the one
            that was proposed.
    """
    batches = _batches(connection, book)
    if not batches:
        raise InputError("BOOK_EMPTY", f"{book.root} holds no batch of this database.", "Name the --out of refresh.")
    for batch in reversed(batches):
        limits = _limits(book, batch.id, subject, kind)
        if limits:
            number = _proposal_of(connection, batch.id, limits) or _standing(connection, limits)
            return _decided(connection, book, batch, limits, number)
    raise InputError("UNKNOWN_SUBJECT", f"The book has no {kind or 'parcel or farmer'} {subject!r}.", "Check the id.")


def _batches(connection: Connection, book: BookFolder) -> list[Any]:
    """Batches with files in the folder and those before and after them, whose files must be there too."""
    rows = in_order(list_batches(connection))
    own = {row.id for row in rows if book.batch(row.id).is_dir()}
    for row in rows:
        own |= {row.id} if row.previous_id in own else set()
    for row in reversed(rows):
        own |= {row.previous_id} if row.id in own else set()
    return [row for row in rows if row.id in own]


def limit_of_decision(connection: Connection, book: BookFolder, decision_id: int) -> Decided:
    """The limit that a decision rests on; errors as limit_of_proposal's."""
    wanted = select(Decision.proposal_id, Decision.receipt_hash).where(Decision.id == decision_id)
    row = connection.execute(wanted).one_or_none()
    if row is None:
        said = f"There is no decision {decision_id}."
        raise InputError("UNKNOWN_DECISION", said, "`acreline decisions list --decided` shows them.")
    if row.proposal_id is None:
        raise _without_batch(f"decision {decision_id}")
    return _of_proposal(connection, book, row.proposal_id, f"decision {decision_id}", row.receipt_hash)


def limit_of_proposal(connection: Connection, book: BookFolder, proposal_id: int) -> Decided:
    """The limit that a proposal is.

    Args:
        connection: the institution's database.
        book: folder of the book.
        proposal_id: the proposal.

    Raises:
        InputError: there is no such proposal, or it is of no batch.
        DataError: the subject's data were erased, a file of the batch is gone or damaged, or the limit in it is not
            the one of the proposal.
    """
    case = find_case(connection, proposal_id)
    return _of_proposal(connection, book, proposal_id, f"proposal {proposal_id}", case.receipt_hash)


def _of_proposal(
    connection: Connection, book: BookFolder, proposal_id: int, asked: str, receipt_hash: str | None
) -> Decided:
    wanted = (
        select(Proposal.batch_id, CreditSubject.kind, CreditSubject.subject_id, CreditSubject.erased_at)
        .join(CreditSubject, CreditSubject.id == Proposal.credit_subject_id)
        .where(Proposal.id == proposal_id)
    )
    row = connection.execute(wanted).one()
    if row.subject_id is None:
        raise DataError(
            "FARMER_ERASED",
            f"The data of the subject of {asked} were erased on {row.erased_at:%Y-%m-%d}: whose limit it was is gone.",
            "Amount, outcome and hashes stand: `acreline decisions list --decided`.",
        )
    if row.batch_id is None:
        raise _without_batch(asked)
    batch = connection.execute(select(LimitBatch.__table__).where(LimitBatch.id == row.batch_id)).one()
    limits = _limits(book, batch.id, row.subject_id, str(row.kind))
    if not limits:
        raise _gone(f"The limit of {asked} is gone from {book.batch(batch.id) / LIMITS_FILE}.")
    _check_hash(limits[0], receipt_hash, asked)
    return _decided(connection, book, batch, limits, proposal_id)


def _decided(
    connection: Connection, book: BookFolder, batch: Any, limits: tuple[Limit, ...], proposal_id: int | None
) -> Decided:
    if erased_among(connection, [each.farmer_id for each in limits], batch.recorded_at):
        raise DataError(
            "FARMER_ERASED",
            f"The data of the farmer were erased: files of the batch {batch.id} are not read for it.",
            "Amounts, outcomes and hashes stand: `acreline decisions list --decided`.",
        )
    return Decided(
        folder=book.batch(batch.id),
        batch_id=batch.id,
        subject_id=limits[0].subject_id,
        limits=limits,
        verdict=None if proposal_id is None else verdict_on(connection, proposal_id),
        grounds=_grounds(connection, batch),
    )


def _limits(book: BookFolder, batch_id: str, subject: str, kind: str | None) -> tuple[Limit, ...]:
    path = book.batch(batch_id) / LIMITS_FILE
    if not path.is_file():
        raise _gone(f"{LIMITS_FILE} of the batch {batch_id} is gone from {book.root}.")
    rows = read_rows(path, [("subject_id", "in", [subject])], LIMITS.names)
    return tuple(Limit.of(row) for row in rows if kind in {None, row["subject_kind"]})


def _proposal_of(connection: Connection, batch_id: str, limits: tuple[Limit, ...]) -> int | None:
    """Number of the proposal that a limit is, its hash found to be the recorded one; None: there is none."""
    for limit in limits:
        wanted = (
            select(Proposal.id, Proposal.receipt_hash)
            .join(CreditSubject, CreditSubject.id == Proposal.credit_subject_id)
            .where(
                Proposal.batch_id == batch_id,
                CreditSubject.kind == limit.kind,
                CreditSubject.subject_id == limit.subject_id,
            )
        )
        row = connection.execute(wanted).one_or_none()
        if row is not None:
            _check_hash(limit, row.receipt_hash, f"proposal {row.id}")
            return int(row.id)
    return None


def _standing(connection: Connection, limits: tuple[Limit, ...]) -> int | None:
    """The subject's proposal that stands or was decided last: a batch without a new one left it as it was."""
    wanted = (
        select(Proposal.id)
        .join(CreditSubject, CreditSubject.id == Proposal.credit_subject_id)
        .where(
            CreditSubject.kind == limits[0].kind,
            CreditSubject.subject_id == limits[0].subject_id,
            Proposal.status.in_((ProposalStatus.OPEN, ProposalStatus.HELD, ProposalStatus.DECIDED)),
        )
        .order_by(Proposal.id.desc())
    )
    return connection.scalar(wanted.limit(1))


def _check_hash(limit: Limit, recorded: str | None, asked: str) -> None:
    if recorded is not None and limit.sha256 != recorded:
        raise DataError(
            "REPLAY_CHANGED",
            f"The limit of {limit.kind} {limit.subject_id!r} in {LIMITS_FILE} is not the one of {asked}:"
            f" sha256 {limit.sha256[:12]}, on record {recorded[:12]}.",
            "Restore the batch's folder from a backup; the decision on record still stands.",
        )


def _grounds(connection: Connection, batch: Any) -> Grounds:
    """What the batch says of itself; masks and scenes are its run's to tell."""
    simulated = connection.execute(select(Run.simulated).where(Run.run_id == batch.run_id)).scalar_one()
    return Grounds(
        run_id=batch.run_id,
        plan=None,
        created_on=batch.recorded_at.date(),
        code_version=batch.code_version,
        simulated=simulated,
        season_id=batch.season_id,
        mask=None,
        model_hash=None,
        policy_in_force=True,  # a refresh refuses a policy that is not
        scenes=(),
        earlier=(),
    )


def _gone(said: str) -> DataError:
    return DataError("REPLAY_GONE", said, "Name the folder of `limits refresh --out`, or restore it from a backup.")


def _without_batch(asked: str) -> InputError:
    return InputError("NOT_OF_A_BATCH", f"The {asked} is of no batch of the book.", "Name a run with --run instead.")
