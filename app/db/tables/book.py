"""The book: whom limits are for, what a refresh proposes, and the chain that vouches for what was done."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Currency, Digest, Id, Json, Key, Minor, choice, not_negative
from app.db.tables.kinds import BatchStatus, EntryKind, ProposalStatus, SeasonStage, SubjectKind
from app.db.tables.office_kinds import RequestStatus


class CreditSubject(Base):
    """A farmer, or a parcel on its own, that limits are for. Rows that stay for ever refer to it and name nobody.

    subject_hash is a keyed hash of the name with the row's own salt. Erasing empties name and salt: from then on nobody
    can tell whom the rows are about, and every hash of the chain still holds.
    """

    __tablename__ = "credit_subject"
    __table_args__ = (
        UniqueConstraint("kind", "subject_id"),
        CheckConstraint("(subject_id IS NULL) = (erased_at IS NOT NULL)", name="erased_has_no_name"),
        CheckConstraint("(salt IS NULL) = (erased_at IS NOT NULL)", name="erased_has_no_salt"),
    )

    id: Mapped[Id]
    kind: Mapped[SubjectKind] = mapped_column(choice(SubjectKind))
    subject_id: Mapped[str | None] = mapped_column(String(128), index=True)
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    subject_hash: Mapped[Digest] = mapped_column(unique=True)
    party_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"), index=True)
    recorded_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]


class LimitBatch(Base):
    """One refresh of the book as of a day. It proposes; it changes no contract.

    id is a hash of all that the batch rests on, so that the same refresh is the same batch. before_minor and
    after_minor are sums over the proposals. created_by_id is null where a timer started it.
    """

    __tablename__ = "limit_batch"
    __table_args__ = (
        CheckConstraint("created_by_id <> released_by_id", name="maker_is_not_checker"),
        CheckConstraint("(status = 'released') = (released_by_id IS NOT NULL)", name="released_by_somebody"),
        CheckConstraint("released_by_id IS NULL OR length(trim(release_reason)) > 0", name="has_reason"),
        *not_negative("before_minor", "after_minor"),
    )

    id: Mapped[Key] = mapped_column(primary_key=True)
    as_of: Mapped[date] = mapped_column(index=True)
    season_id: Mapped[str] = mapped_column(String(21))
    stage: Mapped[SeasonStage] = mapped_column(choice(SeasonStage))
    run_id: Mapped[Key] = mapped_column(ForeignKey("run.run_id"), index=True)
    previous_id: Mapped[str | None] = mapped_column(String(128), ForeignKey("limit_batch.id"), index=True)
    policy_id: Mapped[Key]
    policy_hash: Mapped[Digest]
    inputs_hash: Mapped[Digest]
    code_version: Mapped[Key]
    currency: Mapped[Currency]
    parcels: Mapped[int]
    subjects: Mapped[int]
    decided_again: Mapped[int]
    proposals: Mapped[int]
    before_minor: Mapped[Minor]
    after_minor: Mapped[Minor]
    status: Mapped[BatchStatus] = mapped_column(choice(BatchStatus), index=True)
    held_for: Mapped[Json]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    release_reason: Mapped[str | None]
    released_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]


class Proposal(Base):
    """What a policy gives a subject on a day, beside what stands: nothing here changes a contract.

    before_minor is the last approved amount; sanctioned, drawing, outstanding and available are those of the facility
    of that number on the day. Null is not known, never zero. receipt_hash is that of the limit
    (scoring.replay.limit_bytes), whose receipt lies in the files of the batch.
    """

    __tablename__ = "proposal"
    __table_args__ = (
        CheckConstraint("batch_id IS NOT NULL OR application_id IS NOT NULL", name="has_origin"),
        UniqueConstraint("batch_id", "credit_subject_id"),
        *not_negative(
            "amount_minor",
            "low_minor",
            "high_minor",
            "before_minor",
            "sanctioned_minor",
            "drawing_minor",
            "outstanding_minor",
            "available_minor",
        ),
        Index("ix_proposal_subject_status", "credit_subject_id", "status"),
    )

    id: Mapped[Id]
    batch_id: Mapped[str | None] = mapped_column(String(128), ForeignKey("limit_batch.id"))
    application_id: Mapped[int | None] = mapped_column(ForeignKey("application.id"), index=True)
    credit_subject_id: Mapped[int] = mapped_column(ForeignKey("credit_subject.id"))
    facility_number: Mapped[str | None] = mapped_column(String(128), index=True)
    run_id: Mapped[str | None] = mapped_column(String(128), ForeignKey("run.run_id"), index=True)
    amount_minor: Mapped[Minor | None]
    low_minor: Mapped[Minor | None]
    high_minor: Mapped[Minor | None]
    before_minor: Mapped[Minor | None]
    sanctioned_minor: Mapped[Minor | None]
    drawing_minor: Mapped[Minor | None]
    outstanding_minor: Mapped[Minor | None]
    available_minor: Mapped[Minor | None]
    currency: Mapped[Currency]
    needs_visit: Mapped[bool]
    policy_id: Mapped[Key]
    policy_hash: Mapped[Digest]
    inputs_hash: Mapped[Digest]
    receipt_hash: Mapped[Digest]
    reasons: Mapped[Json]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    status: Mapped[ProposalStatus] = mapped_column(choice(ProposalStatus), index=True)
    recorded_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class ProposalParcel(Base):
    """The part of a proposed amount that rests on one parcel; null where the parcel gives none. Never changed."""

    __tablename__ = "proposal_parcel"
    __table_args__ = not_negative("amount_minor")

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), primary_key=True, autoincrement=False)
    parcel_id: Mapped[Key] = mapped_column(ForeignKey("parcel.parcel_id"), primary_key=True, index=True)
    amount_minor: Mapped[Minor | None]
    currency: Mapped[Currency]


class OverrideRequest(Base):
    """Another amount than the policy's that one person asks for; it waits for a second one, who decides.

    Money waits for nobody: the proposal stays open meanwhile, and has at most one open request. decision_id is the
    decision that approved it. A request that was withdrawn by nobody ended with its proposal.
    """

    __tablename__ = "override_request"
    __table_args__ = (
        CheckConstraint("made_by_id <> answered_by_id OR status = 'withdrawn'", name="maker_is_not_checker"),
        CheckConstraint("length(trim(reason)) > 0", name="has_reason"),
        CheckConstraint("(status = 'open') = (answered_at IS NULL)", name="answered_at"),
        CheckConstraint("answered_by_id IS NOT NULL OR status IN ('open', 'withdrawn')", name="answered_by_somebody"),
        CheckConstraint("answered_by_id IS NULL OR status <> 'open'", name="open_by_nobody"),
        CheckConstraint("(status = 'approved') = (decision_id IS NOT NULL)", name="approved_has_decision"),
        *not_negative("to_minor"),
        Index(
            "ix_override_request_open",
            "proposal_id",
            unique=True,
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
    )

    id: Mapped[Id]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    to_minor: Mapped[Minor]
    currency: Mapped[Currency]
    reason_code: Mapped[Key]
    reason: Mapped[str]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    status: Mapped[RequestStatus] = mapped_column(choice(RequestStatus), index=True)
    recorded_at: Mapped[datetime]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    answer_note: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"), index=True)


class ChainEntry(Base):
    """One link of the institution's chain: seq counts from 1 without gaps. Never changed.

    content_hash is that of a row without names (its subject by its hash); entry_hash is that of seq, kind, row_key,
    content_hash, previous_hash and recorded_at.
    """

    __tablename__ = "chain_entry"
    __table_args__ = (Index("ix_chain_entry_row", "kind", "row_key"),)

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[EntryKind] = mapped_column(choice(EntryKind))
    row_key: Mapped[Key]
    content_hash: Mapped[Digest]
    previous_hash: Mapped[Digest]
    entry_hash: Mapped[Digest] = mapped_column(unique=True)
    recorded_at: Mapped[datetime]
