"""Batches of proposals: what makes one the same, what the chain says of it, and how people release or withdraw it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, select, update

from app.book.chain.links import Link, append, instant
from app.book.chain.witness import Content, Witness, text_hash
from app.book.decisions.ending import end_requests
from app.book.decisions.people import Person, require_role
from app.book.refresh.proposed import proposals_hash
from app.db.rows import chunked
from app.db.tables import LimitBatch, Proposal
from app.db.tables.kinds import BatchStatus, EntryKind, ProposalStatus, SeasonStage, UserRole
from geo.errors import InputError
from geo.files import fingerprint

#: Who may release what is held.
RELEASING: Final = (UserRole.RISK, UserRole.ADMIN)
#: What people did with a batch, in held_for beside the reasons to hold it.
ACTS: Final = (BatchStatus.RELEASED.value, BatchStatus.WITHDRAWN.value)
_ID_DIGITS: Final = 16
_OPEN: Final = (ProposalStatus.OPEN, ProposalStatus.HELD)


@dataclass(frozen=True, slots=True)
class BatchKey:
    """All that a batch rests on: the same key is the same batch.

    Attributes:
        run_id: the run whose observations count.
        policy_hash: of the pack.
        as_of: the day.
        season_id: of the run.
        stage: where the day lies in it.
        inputs_hash: of the whole book's inputs as of the day.
        previous_id: the batch that this one builds on.
        attempt: how many batches of the same key were withdrawn before.
    """

    run_id: str
    policy_hash: str
    as_of: date
    season_id: str
    stage: SeasonStage
    inputs_hash: str
    previous_id: str | None
    attempt: int = 0

    @property
    def id(self) -> str:
        """Day and hash: 20261122-9c0f3a5be1d27a44."""
        return f"{self.as_of:%Y%m%d}-{fingerprint(self)[:_ID_DIGITS]}"

    def is_of(self, batch: Any) -> bool:
        """Whether a recorded batch is of the same inputs and day, whatever it builds on."""
        mine = (self.run_id, self.policy_hash, self.as_of, self.season_id, self.stage, self.inputs_hash)
        its = (batch.run_id, batch.policy_hash, batch.as_of, batch.season_id, batch.stage, batch.inputs_hash)
        return mine == its


def list_batches(connection: Connection) -> list[Any]:
    """All batches, the newest last, with every column of limit_batch."""
    return list(connection.execute(select(LimitBatch.__table__).order_by(LimitBatch.recorded_at, LimitBatch.id)))


def in_order(batches: Sequence[Any]) -> list[Any]:
    """Batches that were not withdrawn, each after the one that it builds on."""
    rows = {row.id: row for row in batches if row.status != BatchStatus.WITHDRAWN}
    depth = {}
    for row in rows.values():
        depth[row.id], before = 0, row.previous_id
        while before in rows:
            depth[row.id], before = depth[row.id] + 1, rows[before].previous_id
    return sorted(rows.values(), key=lambda row: (depth[row.id], row.recorded_at))


def release_batch(connection: Connection, batch_id: str, by: Person, reason: str, now: datetime) -> None:
    """Open the proposals of a held batch to decisions.

    Args:
        connection: transaction that writes.
        batch_id: the batch.
        by: who releases it: of risk or administration, and not its creator.
        reason: why.
        now: instant.

    Raises:
        InputError: no such batch, it is not held, the person may not, or no reason is given.
    """
    batch = _batch(connection, batch_id)
    require_release(batch, by)
    _check_reason(reason)
    connection.execute(
        update(Proposal)
        .where(Proposal.batch_id == batch_id, Proposal.status == ProposalStatus.HELD)
        .values(status=ProposalStatus.OPEN)
    )
    released = {"released_by_id": by.id, "release_reason": reason.strip(), "released_at": now}
    _note_act(connection, batch, BatchStatus.RELEASED, released, by, reason, now)


def require_release(batch: Any, by: Person) -> None:
    """Refuse a person who may not release a batch; errors as release_batch's.

    Args:
        batch: a row of limit_batch.
        by: who would release it.
    """
    require_role(by, RELEASING, "releases a batch")
    if batch.status != BatchStatus.HELD:
        raise InputError(
            "BATCH_NOT_HELD", f"The batch {batch.id} is {batch.status}, not held.", "There is nothing to release."
        )
    if batch.created_by_id == by.id:
        raise InputError(
            "MAKER_IS_CHECKER", f"{by.login} started the batch {batch.id}.", "Let another person release it."
        )


def withdraw_batch(connection: Connection, batch_id: str, by: Person, reason: str, now: datetime) -> None:
    """Take a batch back: its open proposals are withdrawn, and those that they superseded stand again.

    What was decided stays decided. The next refresh goes on from the batch before.

    Args:
        connection: transaction that writes.
        batch_id: the batch; no other may build on it.
        by: who withdraws it: of risk or administration.
        reason: why.
        now: instant.

    Raises:
        InputError: no such batch, it is withdrawn already or others build on it, the person may not, or no reason is
            given.
    """
    batch = _batch(connection, batch_id)
    require_role(by, RELEASING, "withdraws a batch")
    _check_reason(reason)
    if batch.status == BatchStatus.WITHDRAWN:
        raise InputError("BATCH_WITHDRAWN", f"The batch {batch_id} is withdrawn already.", "There is nothing to do.")
    _refuse_followed(connection, batch_id)
    _reopen_superseded(connection, batch)
    connection.execute(
        update(Proposal)
        .where(Proposal.batch_id == batch_id, Proposal.status.in_(_OPEN))
        .values(status=ProposalStatus.WITHDRAWN, closed_at=now)
    )
    end_requests(connection, now)
    _note_act(connection, batch, BatchStatus.WITHDRAWN, {"released_by_id": None}, by, reason, now)


def batch_content(connection: Connection, batch_id: str) -> Content:
    """What the chain vouches for of a batch: counts, sums and hashes that nothing changes later."""
    batch = _batch(connection, batch_id)
    return {
        "id": batch.id,
        "as_of": batch.as_of.isoformat(),
        "season_id": batch.season_id,
        "stage": str(batch.stage),
        "run_id": batch.run_id,
        "previous_id": batch.previous_id,
        "policy_id": batch.policy_id,
        "policy_hash": batch.policy_hash,
        "inputs_hash": batch.inputs_hash,
        "code_version": batch.code_version,
        "currency": batch.currency,
        "parcels": batch.parcels,
        "subjects": batch.subjects,
        "decided_again": batch.decided_again,
        "proposals": batch.proposals,
        "before_minor": batch.before_minor,
        "after_minor": batch.after_minor,
        "held_for": [hold for hold in batch.held_for if hold["code"] not in ACTS],
        "created_by": batch.created_by_id,
        "proposals_hash": proposals_hash(connection, batch_id),
    }


def release_content(connection: Connection, row_key: str) -> Content:
    """What the chain vouches for of a batch's release or withdrawal; the reason by its hash: people write names.

    Args:
        connection: database.
        row_key: "ID/released" or "ID/withdrawn".
    """
    batch_id, act = row_key.rsplit("/", 1)
    done = next(each for each in _batch(connection, batch_id).held_for if each["code"] == act)
    said = {"batch_id": batch_id, "act": act, "by": done["by"], "at": done["at"]}
    return said | {"reason_hash": text_hash(done["reason"])}


def batch_witness() -> Witness:
    """How batches are checked against the chain, with all that they propose."""

    def contents(connection: Connection, keys: Sequence[str]) -> Mapping[str, Content]:
        there = {row.id for row in list_batches(connection)}
        return {key: batch_content(connection, key) for key in keys if key in there}

    def keys(connection: Connection) -> Iterator[Sequence[str]]:
        return chunked([row.id for row in list_batches(connection)])

    return Witness(contents, keys, once=True)


def release_witness() -> Witness:
    """How releases and withdrawals of batches are checked against the chain."""

    def contents(connection: Connection, keys: Sequence[str]) -> Mapping[str, Content]:
        there = set(_acts(connection))
        return {key: release_content(connection, key) for key in keys if key in there}

    def keys(connection: Connection) -> Iterator[Sequence[str]]:
        return chunked(_acts(connection))

    return Witness(contents, keys, once=True)


def _acts(connection: Connection) -> list[str]:
    return [
        f"{row.id}/{done['code']}" for row in list_batches(connection) for done in row.held_for if done["code"] in ACTS
    ]


def _batch(connection: Connection, batch_id: str) -> Any:
    found = connection.execute(select(LimitBatch.__table__).where(LimitBatch.id == batch_id)).one_or_none()
    if found is None:
        raise InputError("UNKNOWN_BATCH", f"There is no batch {batch_id!r}.", "`acreline limits batches` lists them.")
    return found


def _note_act(
    connection: Connection,
    batch: Any,
    status: BatchStatus,
    columns: Mapping[str, object],
    by: Person,
    reason: str,
    now: datetime,
) -> None:
    done = {"code": status.value, "by": by.id, "at": instant(now), "reason": reason.strip()}
    values = {**columns, "status": status, "held_for": [*batch.held_for, done]}
    connection.execute(update(LimitBatch).where(LimitBatch.id == batch.id).values(values))
    row_key = f"{batch.id}/{status.value}"
    append(connection, [Link(EntryKind.RELEASE, row_key, release_content(connection, row_key))], now)


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise InputError("REASON_EMPTY", "The reason is empty.", "Say why, in a few words.")


def _refuse_followed(connection: Connection, batch_id: str) -> None:
    wanted = select(LimitBatch.id).where(LimitBatch.previous_id == batch_id, LimitBatch.status != BatchStatus.WITHDRAWN)
    later = connection.scalar(wanted.limit(1))
    if later is not None:
        raise InputError("BATCH_FOLLOWED", f"The batch {later} builds on {batch_id}.", "Withdraw that one first.")


def _reopen_superseded(connection: Connection, batch: Any) -> None:
    """Proposals that this batch superseded stand as before: held where their own batch is held still, else open."""
    own = select(Proposal.credit_subject_id).where(Proposal.batch_id == batch.id)
    held = select(LimitBatch.id).where(LimitBatch.status == BatchStatus.HELD)
    mine = (Proposal.status == ProposalStatus.SUPERSEDED, Proposal.closed_at == batch.recorded_at)
    for status, of in (
        (ProposalStatus.HELD, Proposal.batch_id.in_(held)),
        (ProposalStatus.OPEN, Proposal.batch_id.is_(None) | Proposal.batch_id.not_in(held)),
    ):
        connection.execute(
            update(Proposal)
            .where(*mine, Proposal.credit_subject_id.in_(own), of)
            .values(status=status, closed_at=None)
            .execution_options(synchronize_session=False)
        )
