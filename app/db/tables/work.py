"""Work that the web process hands to workers: the queue, and what became of each job."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Id, Json, Key, MaybeJson, choice, in_order, not_negative
from app.db.tables.office_kinds import JobKind, JobState


class Job(Base):
    """One piece of work. asked is what to do, answer what came out; both JSON without names of people.

    unique_key keeps two equal jobs from waiting at a time. A worker writes heartbeat_at while it works; a job whose
    worker fell silent is taken up again, until attempts reaches most_attempts. error: code, message and remedy.
    """

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("(state = 'running') = (worker IS NOT NULL)", name="running_has_worker"),
        CheckConstraint("(state IN ('queued', 'running')) = (finished_at IS NULL)", name="finished"),
        CheckConstraint("(state = 'failed') = (error IS NOT NULL)", name="failed_has_error"),
        *not_negative("attempts", "steps_done", "steps"),
        in_order("asked_at", "finished_at"),
        Index("ix_job_state_not_before", "state", "not_before"),
    )

    id: Mapped[Id]
    kind: Mapped[JobKind] = mapped_column(choice(JobKind))
    state: Mapped[JobState] = mapped_column(choice(JobState))
    unique_key: Mapped[Key] = mapped_column(index=True)
    org_unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    asked: Mapped[Json]
    asked_at: Mapped[datetime]
    not_before: Mapped[datetime]
    attempts: Mapped[int]
    most_attempts: Mapped[int]
    worker: Mapped[str | None] = mapped_column(String(128))
    started_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    steps_done: Mapped[int | None]
    steps: Mapped[int | None]
    step: Mapped[str | None] = mapped_column(String(128))
    answer: Mapped[MaybeJson]
    error: Mapped[MaybeJson]
    finished_at: Mapped[datetime | None] = mapped_column(index=True)
