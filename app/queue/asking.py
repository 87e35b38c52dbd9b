"""Ask for work, and take it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select, text, update

from app.db.tables.office_kinds import JobKind, JobState
from app.db.tables.work import Job
from geo.errors import InputError

#: Tries of a job whose errors may pass, or whose worker fell silent.
MOST_ATTEMPTS: Final = 4
OPEN: Final = (JobState.QUEUED, JobState.RUNNING)
_ASK_LOCK: Final = 0x41435247


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Work to be done.

    Attributes:
        kind: what a worker does.
        asked: what to do; JSON, and no names of people.
        unique_key: what makes two jobs of a kind equal.
        org_unit_id: number of the unit whose people see the job.
        asked_by_id: number of who asks; None: the service itself.
        not_before: first instant at which it is done; None: at once.
        alike_running: whether a job that runs already counts as equal: not where it may have begun before what this one
            is about was written.
    """

    kind: JobKind
    asked: Mapping[str, Any]
    unique_key: str
    org_unit_id: int
    asked_by_id: int | None
    not_before: datetime | None = None
    alike_running: bool = True


def ask(connection: Connection, wanted: Wanted, now: datetime) -> int:
    """Number of the job that does this: of an equal one that waits or runs, else of a new one.

    Args:
        connection: transaction that writes; a worker sees the job once it is committed.
        wanted: the work.
        now: instant.
    """
    if connection.dialect.name == "postgresql":  # of two who ask at once, the second finds the first one's job
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ASK_LOCK})
    states = OPEN if wanted.alike_running else (JobState.QUEUED,)
    alike = select(Job.id).where(Job.kind == wanted.kind, Job.unique_key == wanted.unique_key, Job.state.in_(states))
    known = connection.scalars(alike.order_by(Job.id).limit(1)).one_or_none()
    if known is not None:
        return known
    made = connection.execute(insert(Job).returning(Job.id), [_row(wanted, now)])
    return int(made.scalar_one())


def cancel(connection: Connection, number: int, now: datetime) -> JobState:
    """Take a job back. One that runs stops at its next step; what it has written by then stays.

    Returns:
        Its state now: cancelled, or what it had come to before.

    Raises:
        InputError: there is no such job.
    """
    values = {"state": JobState.CANCELLED, "worker": None, "finished_at": now}
    connection.execute(update(Job).where(Job.id == number, Job.state.in_(OPEN)).values(**values))
    state = connection.scalar(select(Job.state).where(Job.id == number))
    if state is None:
        raise unknown_job(number)
    return state


def unknown_job(number: int) -> InputError:
    """What is said of a job that is not there."""
    return InputError("JOB_UNKNOWN", f"There is no job {number}.", "`acreline jobs list` shows all.")


def _row(wanted: Wanted, now: datetime) -> dict[str, Any]:
    return {
        "kind": wanted.kind,
        "state": JobState.QUEUED,
        "unique_key": wanted.unique_key,
        "org_unit_id": wanted.org_unit_id,
        "asked_by_id": wanted.asked_by_id,
        "asked": dict(wanted.asked),
        "asked_at": now,
        "not_before": wanted.not_before or now,
        "attempts": 0,
        "most_attempts": MOST_ATTEMPTS,
    }
