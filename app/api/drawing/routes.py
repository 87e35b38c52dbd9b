"""The addresses of parcels that people give. The check is answered at once; files and imagery are a worker's."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Request

from app.api.access.roles import Lender, access_of, allowed
from app.api.access.schemas import MOST_NUMBER
from app.api.access.sessions import Signed
from app.api.access.signing_in import Access
from app.api.drawing.giving import give, look_at
from app.api.drawing.importing import Upload, confirm, import_shown, take_in
from app.api.drawing.schemas import (
    Datum,
    ImportConfirmed,
    ImportFormat,
    ImportShown,
    ImportStarted,
    ImportTaken,
    OutlineAsked,
    OutlineChecked,
    ParcelGiven,
    ParcelRegistered,
)
from app.api.kept import Kept
from app.artefacts.contents import ContentStore
from app.artefacts.folders import Folders, required
from app.book.drawn.uploads import MOST_UPLOAD_BYTES
from app.db.engine import writing
from app.db.tables.kinds import UserRole

_BINARY: Final = {"schema": {"type": "string", "format": "binary"}}
_FILE_BODY: Final = {"requestBody": {"required": True, "content": {"application/octet-stream": _BINARY}}}

router = APIRouter(prefix="/api/v1/drawing", tags=["drawing"])

In = Annotated[Access, Depends(access_of)]
Officer = Annotated[Signed, Depends(allowed(UserRole.OFFICER).person)]
ImportNumber = Annotated[int, Path(ge=1, le=MOST_NUMBER, description="Number of the import.")]
_Column = Annotated[str | None, Query(min_length=1, max_length=128)]


async def _body(request: Request) -> bytes:
    """The whole body; the route's own limit cuts it off."""
    return await request.body()


@router.post("/check")
def check_outline(access: In, signed: Lender, asked: OutlineAsked) -> OutlineChecked:
    """What an outline encloses, what was mended, and what it overlaps; nothing is kept."""
    with access.engine.connect() as connection:
        return look_at(connection, signed.person, asked, access.clock())


@router.post("/parcels", status_code=201)
def register_parcel(access: In, signed: Officer, folders: Kept, asked: ParcelGiven) -> ParcelRegistered:
    """Register a parcel that was drawn or walked; a worker then reads its season from imagery."""
    with writing(access.engine) as connection:
        with_layers = folders.layers is not None
        return give(connection, signed.person, asked, access.clock(), with_layers=with_layers)


@router.post("/imports", status_code=202, max_body_size=MOST_UPLOAD_BYTES, openapi_extra=_FILE_BODY)
def upload_file(
    access: In,
    signed: Officer,
    folders: Kept,
    *,
    kind: Annotated[ImportFormat, Query(alias="format", description="What the file is.")],
    datum: Annotated[Datum, Query(description="Datum of its coordinates, as you know it; it is never guessed.")],
    crs: Annotated[str | None, Query(pattern=r"^EPSG:[1-9][0-9]{3,5}$")] = None,
    id_column: _Column = None,
    unit: _Column = None,
    content: Annotated[bytes, Depends(_body)],
) -> ImportTaken:
    """Send a file of parcels as the body; a worker reads it and shows what importing it would do.

    id_column names the column with the bank's own numbers; without it the service gives numbers.
    """
    store = _store(folders)
    with writing(access.engine) as connection:
        upload = Upload(content, kind, datum, crs, id_column, unit)
        return take_in(connection, store, signed.person, upload, access.clock())


@router.get("/imports/{number}")
def show_import(access: In, signed: Officer, folders: Kept, number: ImportNumber) -> ImportShown:
    """An import of one's own: how far it is, and its preview."""
    with access.engine.connect() as connection:
        return import_shown(connection, _store(folders), signed.person, number)


@router.post("/imports/{number}/confirm", status_code=202)
def confirm_import(
    access: In, signed: Officer, folders: Kept, number: ImportNumber, asked: ImportConfirmed
) -> ImportStarted:
    """Register all usable rows of an import, or none; a worker does it."""
    with writing(access.engine) as connection:
        now, seen = access.clock(), asked.overlaps_seen
        return ImportStarted(job=confirm(connection, _store(folders), signed.person, number, now, seen=seen))


def _store(folders: Folders) -> ContentStore:
    return ContentStore(required(folders.files, "ACRELINE_FILES_DIR"))
