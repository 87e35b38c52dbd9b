"""Files of parcels that people upload: taken in, shown as a worker read them, confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, select

from app.api.drawing.giving import giver_of
from app.api.drawing.schemas import Datum, ImportFormat, ImportPreview, ImportShown, ImportTaken
from app.api.work.schemas import JobFault
from app.artefacts.contents import ContentStore
from app.book.decisions.people import Person
from app.book.drawn.registering import Giver
from app.book.drawn.uploads import FileKind, check_kind
from app.db.tables import Job
from app.db.tables.office_kinds import JobKind, JobState
from app.queue.asking import Wanted, ask
from app.queue.showing import find_job
from geo.errors import InputError
from geo.files import fingerprint

_ALIVE: Final = (JobState.QUEUED, JobState.RUNNING, JobState.DONE)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file and what is said of it: kind, datum, reference system, column of numbers, unit."""

    content: bytes
    kind: ImportFormat
    datum: Datum
    crs: str | None
    id_column: str | None
    unit: str | None


def take_in(connection: Connection, store: ContentStore, person: Person, upload: Upload, now: datetime) -> ImportTaken:
    """Keep a file and ask a worker to read it; the same again is the same import while that waits or runs."""
    check_kind(upload.content, FileKind(upload.kind.value))
    giver = giver_of(connection, person, upload.unit)
    source = store.keep(upload.content)
    asked = {
        "source": source,
        "kind": upload.kind.value,
        "datum": upload.datum.value,
        "crs": upload.crs,
        "id_column": upload.id_column,
        "unit": giver.unit,
    }
    number = ask(connection, _wanted(JobKind.PARCELS_CHECK, asked, fingerprint(asked, giver.user_id), giver), now)
    return ImportTaken(number=number, source_hash=source, bytes=len(upload.content))


def import_shown(connection: Connection, store: ContentStore, person: Person, number: int) -> ImportShown:
    """An import of the person's own: others may see less of the book, and more would show in it."""
    row = _own(connection, person, number)
    following = select(Job.id).where(
        Job.kind == JobKind.PARCELS_IMPORT, Job.unique_key == _key(number), Job.state.in_(_ALIVE)
    )
    return ImportShown(
        number=number,
        state=row["state"],
        step=row["step"],
        steps_done=row["steps_done"],
        steps=row["steps"],
        error=None if row["error"] is None else JobFault(**row["error"]),
        preview=None if row["answer"] is None else _preview(store, row["answer"]),
        registered_by=connection.scalars(following.order_by(Job.id.desc()).limit(1)).one_or_none(),
    )


def confirm(
    connection: Connection, store: ContentStore, person: Person, number: int, now: datetime, *, seen: bool
) -> int:
    """Number of the job that registers an import; confirmed twice it is the same one.

    Raises:
        InputError: there is no such import, it is not read yet, nothing of it can be registered, or it overlaps what
            the person has not seen.
    """
    shown = import_shown(connection, store, person, number)
    if shown.registered_by is not None:
        return shown.registered_by
    if shown.preview is None:
        raise InputError("IMPORT_NOT_READ", f"Import {number} is not read, or could not be.", "Look at it first.")
    if not shown.preview.usable:
        raise InputError("IMPORT_NOTHING", "No row of the file can be registered.", "Mend the file.")
    if shown.preview.overlapping and not seen:
        said = f"{shown.preview.overlapping} rows lie over ground that is there already."
        raise InputError("DRAWN_OVERLAP", said, "Mend the file, or say that you saw it and register it all the same.")
    row = _own(connection, person, number)
    giver = giver_of(connection, person, row["asked"]["unit"])
    asked = {"source": row["asked"]["source"], "table": row["answer"]["table"], "unit": giver.unit}
    return ask(connection, _wanted(JobKind.PARCELS_IMPORT, asked, _key(number), giver), now)


def _own(connection: Connection, person: Person, number: int) -> RowMapping:
    return find_job(connection, number, (Job.asked_by_id == person.id) & (Job.kind == JobKind.PARCELS_CHECK))


def _preview(store: ContentStore, answer: Mapping[str, Any]) -> ImportPreview:
    return ImportPreview.model_validate_json(store.read(answer["preview"]))


def _key(number: int) -> str:
    return f"import {number}"


def _wanted(kind: JobKind, asked: Mapping[str, Any], key: str, giver: Giver) -> Wanted:
    unit, person = giver.unit_id, giver.user_id
    return Wanted(kind=kind, asked=asked, unique_key=key, org_unit_id=unit, asked_by_id=person)
