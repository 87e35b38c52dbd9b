"""Addresses of jobs: those of one's own, and of one's unit and the units below it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from sqlalchemy import ColumnElement, Connection, RowMapping, or_

from app.api.access.roles import Lender, access_of
from app.api.access.schemas import MOST_NUMBER
from app.api.access.scope import scope_of
from app.api.access.signing_in import Access
from app.api.work.schemas import JobFault, JobShown
from app.book.decisions.people import Person
from app.db.tables import Job
from app.queue.asking import cancel
from app.queue.claiming import changing
from app.queue.showing import find_job

router = APIRouter(prefix="/api/v1/jobs", tags=["jobs"])

In = Annotated[Access, Depends(access_of)]
JobNumber = Annotated[int, Path(ge=1, le=MOST_NUMBER, description="Number of the job.")]


@router.get("/{number}")
def show_job(access: In, signed: Lender, number: JobNumber) -> JobShown:
    """How far a job is, and what came out."""
    with access.engine.connect() as connection:
        return job_shown(find_job(connection, number, seen_jobs(connection, signed.person)))


@router.post("/{number}/cancel")
def cancel_job(access: In, signed: Lender, number: JobNumber) -> JobShown:
    """Take a job back; one that runs stops at its next step, and what is finished stays finished."""
    with changing(access.engine) as connection:
        seen = seen_jobs(connection, signed.person)
        find_job(connection, number, seen)
        cancel(connection, number, access.clock())
        return job_shown(find_job(connection, number, seen))


def seen_jobs(connection: Connection, person: Person) -> ColumnElement[bool]:
    """Condition on Job: what the person asked for, and what is for units of theirs."""
    return or_(Job.asked_by_id == person.id, scope_of(connection, person).rows(Job.org_unit_id))


def job_shown(row: RowMapping) -> JobShown:
    """A row of the queue as it is shown."""
    fault = None if row["error"] is None else JobFault(**row["error"])
    names = ("kind", "state", "asked_at", "started_at", "finished_at", "attempts", "step", "steps_done", "steps")
    return JobShown(number=row["id"], error=fault, answer=row["answer"], **{name: row[name] for name in names})
