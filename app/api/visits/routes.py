"""The addresses of visits: the week's list to take along, a photo, a visit, and what was told of a parcel."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from sqlalchemy import Connection, select

from app.alerts.visits.along import week_along
from app.alerts.visits.photos import kept_at
from app.alerts.visits.uploads import MOST_PHOTO_BYTES, Upload, WaitingPhotos, known_upload, take_in
from app.alerts.worklist.workflow import WORKING
from app.api.access.roles import access_of, allowed
from app.api.access.schemas import MOST_NUMBER
from app.api.access.scope import Scope, require_colleague, require_parcels, scope_of
from app.api.access.sessions import Signed
from app.api.access.signing_in import Access
from app.api.kept import Kept
from app.api.schemas import Problem
from app.api.visits.answers import PREFIX, lines_answer, seen_of, taken_answer, week_answer
from app.api.visits.schemas import PhotoTaken, VisitLines, VisitSaid, VisitTaken, VisitWeek
from app.artefacts.folders import required
from app.db.engine import reading, writing
from app.db.tables import Alert, Parcel, Visit
from geo.errors import DataError, InputError

_REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": Problem} for status in (400, 401, 403, 404, 413, 422, 500, 503)
}
_PHOTO_DIR: Final = "ACRELINE_PHOTO_DIR"
_PICTURES: Final = {".jpg": "image/jpeg", ".png": "image/png"}
_PHOTO_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _PICTURES.values()},
    }
}

router = APIRouter(prefix=PREFIX, tags=["visits"], responses=_REFUSALS)

In = Annotated[Access, Depends(access_of)]
#: Administrators keep people and see no ground.
Officer = Annotated[Signed, Depends(allowed(*WORKING).person)]
ClientKey = Annotated[UUID, Path(description="The visit's key on the phone: sending twice is one visit.")]


async def _body(request: Request) -> bytes:
    """The whole body; the route's own limit cuts it off."""
    return await request.body()


@router.get("/week")
def show_week(access: In, signed: Officer, week: Annotated[date | None, Query()] = None) -> VisitWeek:
    """The visits of a week within reach; without a day, those of the newest list of the last four weeks."""
    now = access.clock()
    monday = None if week is None else week - timedelta(days=week.weekday())
    with reading(access.engine) as connection:
        reach = scope_of(connection, signed.person).parcels()
        along = week_along(connection, reach, signed.person, now, week=monday)
    return week_answer(along, now, signed.ends_at)


@router.put("/{client_key}/photo", max_body_size=MOST_PHOTO_BYTES, openapi_extra=_PHOTO_BODY)
def put_photo(
    access: In, signed: Officer, folders: Kept, client_key: ClientKey, content: Annotated[bytes, Depends(_body)]
) -> PhotoTaken:
    """Send the photo of a visit, before the visit; nothing but its pixels is kept."""
    photos = required(folders.photos, _PHOTO_DIR)
    with access.engine.connect() as connection:
        known = known_upload(connection, str(client_key), signed.person)
    if known is not None:
        return PhotoTaken(visit=known.number)
    WaitingPhotos(photos, signed.person).put(str(client_key), content, access.clock())
    return PhotoTaken(visit=None)


@router.put("/{client_key}")
def put_visit(access: In, signed: Officer, folders: Kept, client_key: ClientKey, said: VisitSaid) -> VisitTaken:
    """Send a visit; the same again changes nothing."""
    upload = Upload(str(client_key), signed.person, seen_of(said, signed.person.login), said.photo)
    with writing(access.engine) as connection:
        _require_ground(connection, scope_of(connection, signed.person), said)
        require_colleague(connection, signed.person, said.second_officer)
        done = take_in(connection, upload, folders.photos, access.clock())
    if folders.photos is not None:
        WaitingPhotos(folders.photos, signed.person).drop(upload.client_key)
    return taken_answer(done)


@router.get("")
def list_visits(access: In, signed: Officer, parcel: Annotated[str, Query(min_length=1, max_length=128)]) -> VisitLines:
    """Visits to a parcel, newest first."""
    with reading(access.engine) as connection:
        require_parcels(connection, scope_of(connection, signed.person), [parcel])
        return lines_answer(connection, parcel)


@router.get(
    "/{number}/photo",
    responses={200: {"content": {kind: {} for kind in _PICTURES.values()}}},
    response_class=Response,
)
def show_photo(
    access: In, signed: Officer, folders: Kept, number: Annotated[int, Path(ge=1, le=MOST_NUMBER)]
) -> Response:
    """The photo of a visit."""
    with access.engine.connect() as connection:
        reach = scope_of(connection, signed.person).parcels()
        wanted = select(Visit.photo_hash).join(Parcel, Parcel.parcel_id == Visit.parcel_id)
        digest = connection.scalar(wanted.where(Visit.id == number, reach))
    if digest is None:
        raise InputError("VISIT_UNKNOWN", f"There is no visit {number} with a photo.", "Look at the parcel's visits.")
    file = kept_at(required(folders.photos, _PHOTO_DIR), digest)
    if file is None:
        raise DataError("PHOTO_GONE", f"The photo of visit {number} is gone.", "Restore it from a copy.")
    return Response(file.read_bytes(), media_type=_PICTURES[file.suffix], headers={"Cache-Control": "no-store"})


def _require_ground(connection: Connection, scope: Scope, said: VisitSaid) -> None:
    """An alert and a parcel of another branch are not there."""
    if said.parcel_id is not None:
        require_parcels(connection, scope, [said.parcel_id])
    if said.alert is None:
        return
    wanted = select(Alert.id).join(Parcel, Parcel.parcel_id == Alert.parcel_id)
    if connection.scalar(wanted.where(Alert.id == said.alert, scope.parcels())) is None:
        raise InputError("ALERT_UNKNOWN", f"There is no alert {said.alert}.", "Look for it in the work list.")
