"""Take a job up, say how far it is, and give back what came out. Each claim is of one worker and one attempt."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, and_, or_, select, update

from app.db.engine import writing
from app.db.tables.office_kinds import JobKind, JobState
from app.db.tables.work import Job
from geo.errors import AcrelineError, TransientError

#: Wait before the second try; each further one waits four times as long.
FIRST_WAIT: Final = timedelta(seconds=15)
_GROWTH: Final = 4


@dataclass(frozen=True, slots=True)
class Claim:
    """A job in the hands of a worker.

    Attributes:
        id: number of the job.
        kind: what to do.
        asked: the particulars.
        org_unit_id: unit that it is for.
        asked_by_id: who asked; None: the service itself.
        worker: who holds it.
        attempt: of that many tries this is the last so far, from 1.
        most_attempts: after so many it has failed.
    """

    id: int
    kind: JobKind
    asked: Mapping[str, Any]
    org_unit_id: int
    asked_by_id: int | None
    worker: str
    attempt: int
    most_attempts: int


class LostError(Exception):
    """The job is no longer this worker's: somebody took it back, or took it up after a silence."""


@contextmanager
def changing(engine: Engine) -> Iterator[Connection]:
    """Short transaction over the queue.

    On PostgreSQL it holds rows alone and so never waits for a load of the book; SQLite has one writer for all.
    """
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            yield connection
    else:
        with writing(engine) as connection:
            yield connection


def claim(engine: Engine, worker: str, kinds: Collection[JobKind], lease: timedelta, now: datetime) -> Claim | None:
    """Take up the job that waits longest, or one whose worker has been silent for longer than the lease.

    A silent job that has used up its tries fails here.

    Args:
        engine: the database.
        worker: name of who takes it, its own among those that run.
        kinds: what this worker can do.
        lease: after so long without a sign a worker is taken for gone.
        now: instant.

    Returns:
        The job; None where nothing is to do.
    """
    ready = _ready(kinds, lease, now)
    with engine.connect() as connection:  # looking costs SQLite no lock
        if connection.scalars(select(Job.id).where(ready).limit(1)).one_or_none() is None:
            return None
    while True:
        with changing(engine) as connection:
            found = _lock_next(connection, ready)
            if found is None:
                return None
            if found["attempts"] < found["most_attempts"]:
                return _take(connection, found, worker, now)
            _close(connection, Job.id == found["id"], JobState.FAILED, now, error=_silent(found["id"]))


def renew(engine: Engine, held: Claim, now: datetime, **progress: object) -> None:
    """Say that the worker lives, and how far it is (step, steps_done, steps).

    Raises:
        LostError: the job is no longer this worker's.
    """
    with changing(engine) as connection:
        changed = connection.execute(update(Job).where(_held(held)).values(heartbeat_at=now, **progress))
    if changed.rowcount != 1:
        raise LostError


def finish(engine: Engine, held: Claim, answer: Mapping[str, Any], now: datetime) -> bool:
    """Write what came out; False where the job is no longer this worker's, and nothing was written."""
    with changing(engine) as connection:
        return _close(connection, _held(held), JobState.DONE, now, answer=dict(answer))


def fail(engine: Engine, held: Claim, error: AcrelineError, now: datetime) -> JobState | None:
    """Write why it failed; an error that may pass is tried again later, while tries are left.

    Returns:
        QUEUED or FAILED; None where the job is no longer this worker's.
    """
    if error.retryable and held.attempt < held.most_attempts:
        later = now + FIRST_WAIT * _GROWTH ** (held.attempt - 1)
        with changing(engine) as connection:
            return JobState.QUEUED if _requeue(connection, held, later, held.attempt) else None
    said = {"code": error.code, "message": error.message, "remedy": error.remedy}
    with changing(engine) as connection:
        return JobState.FAILED if _close(connection, _held(held), JobState.FAILED, now, error=said) else None


def hand_back(engine: Engine, held: Claim, now: datetime) -> bool:
    """Let another worker do it at once; this try does not count."""
    with changing(engine) as connection:
        return _requeue(connection, held, now, held.attempt - 1)


def _ready(kinds: Collection[JobKind], lease: timedelta, now: datetime) -> ColumnElement[bool]:
    waits = and_(Job.state == JobState.QUEUED, Job.not_before <= now)
    silent = and_(Job.state == JobState.RUNNING, Job.heartbeat_at < now - lease)
    return and_(Job.kind.in_(sorted(kinds)), or_(waits, silent))


def _lock_next(connection: Connection, ready: ColumnElement[bool]) -> Mapping[str, Any] | None:
    wanted = select(Job.__table__).where(ready).order_by(Job.not_before, Job.id).limit(1)
    row = connection.execute(wanted.with_for_update(skip_locked=True)).mappings().one_or_none()
    return None if row is None else dict(row)


def _take(connection: Connection, row: Mapping[str, Any], worker: str, now: datetime) -> Claim:
    attempt = row["attempts"] + 1
    taken = {
        "state": JobState.RUNNING,
        "worker": worker,
        "attempts": attempt,
        "started_at": now,
        "heartbeat_at": now,
        "step": None,
        "steps_done": None,
        "steps": None,
    }
    connection.execute(update(Job).where(Job.id == row["id"]).values(**taken))
    numbers = row["org_unit_id"], row["asked_by_id"]
    return Claim(row["id"], row["kind"], row["asked"], *numbers, worker, attempt, row["most_attempts"])


def _held(held: Claim) -> ColumnElement[bool]:
    return and_(
        Job.id == held.id,
        Job.state == JobState.RUNNING,
        Job.worker == held.worker,
        Job.attempts == held.attempt,
    )


def _close(
    connection: Connection, which: ColumnElement[bool], state: JobState, now: datetime, **outcome: object
) -> bool:
    values = {"state": state, "worker": None, "finished_at": now, **outcome}
    return connection.execute(update(Job).where(which).values(**values)).rowcount == 1


def _requeue(connection: Connection, held: Claim, not_before: datetime, attempts: int) -> bool:
    values = {"state": JobState.QUEUED, "worker": None, "not_before": not_before, "attempts": attempts}
    return connection.execute(update(Job).where(_held(held)).values(**values)).rowcount == 1


def _silent(number: int) -> dict[str, str]:
    error = TransientError(
        "JOB_WORKER_LOST", f"Job {number} was begun several times and no worker finished it.", "See the workers' logs."
    )
    return {"code": error.code, "message": error.message, "remedy": error.remedy}
