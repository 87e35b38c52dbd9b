"""What the queue's addresses answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from app.api.schemas import Answer
from app.db.tables.office_kinds import JobKind, JobState


class JobFault(Answer):
    """Why a job failed: a stable code, what is wrong, what to do."""

    code: str
    message: str
    remedy: str


class JobShown(Answer):
    """A job. While it waits or runs, ask again after a second or two; steps_done of steps tell how far it is."""

    number: int
    kind: JobKind
    state: JobState
    asked_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    attempts: int
    step: str | None = Field(description="What the worker does now.")
    steps_done: int | None
    steps: int | None
    error: JobFault | None = Field(description="Why it failed; null otherwise.")
    answer: dict[str, Any] | None = Field(description="What came out, by kind of job; null until it is done.")
