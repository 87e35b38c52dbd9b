"""The addresses of letters, and of the reports on sites, which are fetched as letters are."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from fastapi import APIRouter, Response
from sqlalchemy import Connection, func, select

from app.api.access.roles import Lender
from app.api.access.scope import scope_of
from app.api.access.sessions import Signed
from app.api.decisions.reach import require_proposals
from app.api.decisions.sitting import REFUSALS, In, Number
from app.api.kept import Kept
from app.api.letters.schemas import LetterAsked
from app.api.work.routes import JobNumber, job_shown, seen_jobs
from app.api.work.schemas import JobShown
from app.artefacts.contents import ContentStore
from app.artefacts.folders import required
from app.db.engine import reading
from app.db.tables import Decision, OrgUnit
from app.db.tables.office_kinds import JobKind, JobState
from app.queue.asking import Wanted, ask, unknown_job
from app.queue.claiming import changing
from app.queue.showing import find_job
from geo.errors import InputError

_FILES: Final = "ACRELINE_FILES_DIR"
_PDF: Final = "application/pdf"
#: What workers write for people to fetch, as its file is called.
_WRITTEN: Final[Mapping[JobKind, str]] = MappingProxyType(
    {JobKind.LETTER: "letter", JobKind.SITE_REPORT: "site-report"}
)

router = APIRouter(prefix="/api/v1", tags=["letters"], responses=REFUSALS)


@router.post("/proposals/{number}/letters", status_code=202)
def ask_for_letter(access: In, signed: Lender, folders: Kept, number: Number, asked: LetterAsked) -> JobShown:
    """Have the letter of a proposal written; the job's number leads to it."""
    required(folders.files, _FILES)
    with changing(access.engine) as connection:
        require_proposals(connection, scope_of(connection, signed.person), [number])
        job = ask(connection, _wanted(connection, signed, number, asked), access.clock())
        return job_shown(find_job(connection, job, seen_jobs(connection, signed.person)))


@router.get(
    "/letters/{number}.pdf", response_class=Response, responses={200: {"content": {_PDF: {}}}, 409: REFUSALS[404]}
)
def show_letter(access: In, signed: Lender, folders: Kept, number: JobNumber) -> Response:
    """The letter, or the report on a site, that a job wrote."""
    with reading(access.engine) as connection:
        row = find_job(connection, number, seen_jobs(connection, signed.person))
    what = _WRITTEN.get(row["kind"])
    if what is None:
        raise unknown_job(number)
    if row["state"] is not JobState.DONE:
        said = f"The {what.replace('-', ' ')} {number} is not written yet."
        raise InputError("LETTER_NOT_READY", said, "Ask for the job's state.")
    content = ContentStore(required(folders.files, _FILES)).read(row["answer"]["file"])
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'inline; filename="acreline-{what}-{number}.pdf"'}
    return Response(content, media_type=_PDF, headers=headers)


def _wanted(connection: Connection, signed: Signed, number: int, asked: LetterAsked) -> Wanted:
    """The job; a letter after a decision is another one than before it."""
    decided = connection.scalar(select(func.max(Decision.id)).where(Decision.proposal_id == number))
    unit = connection.scalars(select(OrgUnit.id).where(OrgUnit.code == signed.person.unit)).one()
    return Wanted(
        kind=JobKind.LETTER,
        asked={"proposal": number, "reader": asked.reader, "language": asked.language},
        unique_key=f"letter-{number}-{decided or 0}-{asked.reader}-{asked.language}-{unit}",
        org_unit_id=unit,
        asked_by_id=signed.person.id,
    )
