"""A batch written to the database: its row, its proposals with their parts, and its entry of the chain."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Connection, insert, select

from app.book.chain.links import Link, append
from app.book.refresh.batches import BatchKey, batch_content
from app.book.refresh.folder import LIMITS_FILE
from app.book.refresh.proposals import KEYS, insert_parcels, insert_proposals, supersede_of
from app.book.subjects import Key, Subject, ensure_subjects
from app.db.tables import CreditSubject, LimitBatch, Proposal
from app.db.tables.kinds import BatchStatus, EntryKind, ProposalStatus, SubjectKind
from scoring.lending.moves import FARMER_MOVES, Hold, Moves


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch that is ready to be written.

    Attributes:
        key: all that it rests on.
        policy_id: of the pack.
        code_version: of this program.
        currency: of all amounts.
        parcels: in the book.
        subjects: in the book.
        decided_again: subjects that were.
        created_by: number of the user who asked; None: a timer.
        proposals: of app.book.refresh.proposals.with_standing.
        moves: what they move.
        gone: numbers of subjects whom the book no longer holds and who have open proposals.
    """

    key: BatchKey
    policy_id: str
    code_version: str
    currency: str
    parcels: int
    subjects: int
    decided_again: int
    created_by: int | None
    proposals: pd.DataFrame
    moves: Moves
    gone: Sequence[int]

    @property
    def status(self) -> BatchStatus:
        """Held where it moves too much, else open."""
        return BatchStatus.HELD if self.moves.holds else BatchStatus.OPEN

    def held_for(self, hashes: Mapping[Key, str]) -> list[dict[str, Any]]:
        """Reasons to hold it, as JSON; the worst moves by subject hash, those without one left out."""
        return [self._said(hold, hashes) for hold in self.moves.holds]

    def _said(self, hold: Hold, hashes: Mapping[Key, str]) -> dict[str, Any]:
        said = {
            "code": hold.code,
            "most": str(hold.most),
            "subjects": hold.subjects,
            "before_minor": hold.base_minor,
            "after_minor": hold.after_minor,
        }
        return said | {"worst": self._worst(hashes)} if hold.code == FARMER_MOVES else said

    def _worst(self, hashes: Mapping[Key, str]) -> list[dict[str, Any]]:
        keys = subject_keys(self.proposals)
        return [
            {"subject": hashes[keys[move.row]], "before_minor": move.base_minor, "after_minor": move.after_minor}
            for move in self.moves.worst
            if keys[move.row] in hashes
        ]


def record_batch(connection: Connection, batch: Batch, folder: Path, now: datetime, salts: Callable[[], bytes]) -> None:
    """Write a batch.

    Args:
        connection: transaction that writes.
        batch: what is written.
        folder: its files.
        now: instant.
        salts: gives the salts of new subjects.
    """
    subjects = ensure_subjects(connection, subject_keys(batch.proposals), now, salts)
    connection.execute(insert(LimitBatch), [_row(batch, subjects, now)])
    status = ProposalStatus.HELD if batch.status == BatchStatus.HELD else ProposalStatus.OPEN
    key = batch.key
    shared = {
        "batch_id": key.id,
        "run_id": key.run_id,
        "currency": batch.currency,
        "policy_id": batch.policy_id,
        "policy_hash": key.policy_hash,
        "status": status,
        "recorded_at": now,
    }
    insert_proposals(connection, batch.proposals, subjects, shared)
    insert_parcels(connection, key.id, folder / LIMITS_FILE, subjects)
    supersede_of(connection, batch.gone, now)
    append(connection, [Link(EntryKind.BATCH, key.id, batch_content(connection, key.id))], now)


def recorded_proposals(connection: Connection, batch_id: str) -> pd.DataFrame:
    """Proposals of a batch: kind, subject_id, amount_minor, before_minor, sanctioned_minor, needs_visit."""
    amounts = ("amount_minor", "before_minor", "sanctioned_minor")
    wanted = (
        select(
            CreditSubject.kind,
            CreditSubject.subject_id,
            *(getattr(Proposal, name) for name in amounts),
            Proposal.needs_visit,
        )
        .join(CreditSubject, CreditSubject.id == Proposal.credit_subject_id)
        .where(Proposal.batch_id == batch_id)
        .order_by(Proposal.id)
    )
    rows = [tuple(row) for row in connection.execute(wanted)]
    frame = pd.DataFrame.from_records(rows, columns=[*KEYS, *amounts, "needs_visit"])
    return frame.astype({"kind": "str", "subject_id": "str", "needs_visit": "bool"} | dict.fromkeys(amounts, "Int64"))


def subject_keys(proposals: pd.DataFrame) -> list[Key]:
    """Kind and name of each proposal's subject."""
    return [(SubjectKind(kind), name) for kind, name in zip(proposals.kind, proposals.subject_id, strict=True)]


def _row(batch: Batch, subjects: Mapping[Key, Subject], now: datetime) -> dict[str, Any]:
    key, proposals = batch.key, batch.proposals
    return {
        "id": key.id,
        "as_of": key.as_of,
        "season_id": key.season_id,
        "stage": key.stage,
        "run_id": key.run_id,
        "previous_id": key.previous_id,
        "policy_id": batch.policy_id,
        "policy_hash": key.policy_hash,
        "inputs_hash": key.inputs_hash,
        "code_version": batch.code_version,
        "currency": batch.currency,
        "parcels": batch.parcels,
        "subjects": batch.subjects,
        "decided_again": batch.decided_again,
        "proposals": len(proposals),
        "before_minor": int(proposals.before_minor.sum()),
        "after_minor": int(proposals.amount_minor.sum()),
        "status": batch.status,
        "held_for": batch.held_for({each: subject.subject_hash for each, subject in subjects.items()}),
        "created_by_id": batch.created_by,
        "recorded_at": now,
    }
