"""The addresses of applications: begun, looked at, listed, weighed."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import select

from app.api.access.roles import Lender
from app.api.access.schemas import MOST_NUMBER
from app.api.access.scope import require_parcels
from app.api.access.viewing import note_views, require_parties
from app.api.applications import schemas as say
from app.api.applications.answers import ground_of, line_of, page_of, preliminary
from app.api.applications.bodies import NewApplication, NewParty, SeasonId
from app.api.applications.choices import choices
from app.api.applications.desk import REFUSALS, ByNumber, Desk, In, Kept, looking, working
from app.api.applications.picking import ground_column, parcels_like
from app.api.parcels.routes import ContentHash
from app.book.applications.drafting import Begun, begin
from app.book.applications.files import Filed, listed_files
from app.book.parties.party_file import Entry
from app.book.parties.register import register
from app.book.parties.retention import load_rules
from app.db.tables import OrgUnit, Party, PersonalData
from app.maplayers.shelf import ParcelShelf
from geo.errors import InputError

router = APIRouter(prefix="/api/v1", tags=["applications"], responses=REFUSALS)

_MOST_LINES: Final = 50
_LOOK: Final = "name and contact"
_BYTES: Final = "application/octet-stream"


@router.post("/parties", status_code=201)
def register_party(access: In, signed: Lender, folders: Kept, asked: NewParty) -> say.Registered:
    """Register somebody who is not in the book; the unit is that of who registers.

    A number that the book knows already is refused: what is stated here never overwrites anybody.
    """
    with working(access, signed, folders) as desk:
        known = desk.connection.scalar(select(Party.id).where(Party.farmer_id == asked.farmer_id))
        if known is not None:
            said = f"The farmer's number {asked.farmer_id!r} is taken."
            raise InputError("FARMER_TAKEN", said, "Look for the farmer by that number, or choose another.")
        entry = Entry(**asked.model_dump(), org_unit=signed.person.unit)
        done = register(desk.connection, [entry], vault=None, rules=load_rules(), now=desk.now)
    return say.Registered(party_id=done.party_ids[0], new=bool(done.new))


@router.get("/applications/choices")
def show_choices(access: In, signed: Lender, folders: Kept, season: SeasonId | None = None) -> say.Choices:
    """Policies, seasons and crops that forms may offer."""
    with looking(access, signed, folders) as desk:
        return choices(desk, season)


@router.post("/applications", status_code=201)
def begin_application(access: In, signed: Lender, folders: Kept, asked: NewApplication) -> say.Begun:
    """Begin an application of a party within reach, for the party's unit."""
    with working(access, signed, folders) as desk:
        require_parties(desk.connection, desk.scope, [asked.party_id])
        begun = Begun(asked.party_id, _unit_of(desk, asked.party_id), desk.pack(asked.policy_id))
        number = begin(desk.connection, begun, signed.person, desk.now)
    return say.Begun(number=number)


@router.get("/applications")
def list_applications(
    access: In, signed: Lender, folders: Kept, after: Annotated[int, Query(ge=0, le=MOST_NUMBER)] = 0
) -> say.ApplicationList:
    """Applications within reach, newest first; that names were shown is written down first."""
    with looking(access, signed, folders) as desk:
        found = listed_files(desk.connection, desk.within, after, _MOST_LINES)
    note_views(access, signed, _reached(access, signed, folders, found), "name", "list of applications")
    with looking(access, signed, folders) as desk:
        names = _names(desk, found)
        lines = [line_of(desk, filed, names.get(filed.party_id)) for filed in found]
    return say.ApplicationList(lines=lines, next=found[-1].id if len(found) == _MOST_LINES else None)


@router.get("/applications/{number}")
def show_application(access: In, signed: Lender, folders: Kept, number: ByNumber) -> say.ApplicationPage:
    """An application; that its borrower was looked at is written down first."""
    note_look(access, signed, folders, number, _LOOK, "application page")
    with looking(access, signed, folders) as desk:
        return page_of(desk, desk.filed(number))


@router.get("/applications/{number}/parcels")
def show_parcels(
    access: In,
    signed: Lender,
    folders: Kept,
    number: ByNumber,
    q: Annotated[str, Query(max_length=128, pattern=r"^[^\x00]*$")] = "",
) -> say.ParcelChoices:
    """Parcels that may be picked: the borrower's own first, others by a part of their id."""
    with looking(access, signed, folders) as desk:
        return parcels_like(desk, desk.filed(number), q.strip(), _MOST_LINES)


@router.get(
    "/applications/{number}/map/{content_hash}",
    responses={200: {"content": {_BYTES: {}}}},
    response_class=Response,
)
def show_map_column(
    request: Request, access: In, signed: Lender, folders: Kept, number: ByNumber, content_hash: ContentHash
) -> Response:
    """What each parcel of the map is to an application: a byte by number, 1 pledged, 2 the borrower's, 4 picked."""
    shelf: ParcelShelf = request.app.state.parcel_shelf
    parcels = shelf.named(signed.person.unit, content_hash).parcels
    with looking(access, signed, folders) as desk:
        column = ground_column(desk, desk.filed(number), parcels)
    return Response(column.tobytes(), media_type=_BYTES, headers={"Cache-Control": "no-store"})


@router.get("/applications/{number}/ground")
def show_ground(
    access: In,
    signed: Lender,
    folders: Kept,
    number: ByNumber,
    parcel: Annotated[str, Query(min_length=1, max_length=128, pattern=r"^[^\x00]*$")],
) -> say.GroundFound:
    """Pledged ground under a parcel, before it is picked."""
    with looking(access, signed, folders) as desk:
        filed = desk.filed(number)
        require_parcels(desk.connection, desk.scope, [parcel])
        return ground_of(desk, filed, parcel)


@router.get("/applications/{number}/limit")
def show_limit(access: In, signed: Lender, folders: Kept, number: ByNumber) -> say.PreliminaryLimit:
    """What the policy gives by now, with its receipt; it is no promise."""
    note_look(access, signed, folders, number, "limit", "preliminary limit of an application")
    with looking(access, signed, folders) as desk:
        return preliminary(desk, desk.filed(number))


def note_look(access: In, signed: Lender, folders: Kept, number: str, what: str, reason: str) -> None:
    """Write down that a person looks at the borrower of an application within reach."""
    with looking(access, signed, folders) as desk:
        party = desk.filed(number).party_id
        known = _reached(access, signed, folders, [desk.filed(number)])
    if not known:
        raise InputError("PARTY_UNKNOWN", f"There is no party {party}.", "Search for it by another number.")
    note_views(access, signed, known, what, reason)


def _reached(access: In, signed: Lender, folders: Kept, found: list[Filed]) -> list[int]:
    """Borrowers within reach: a party may have moved to another unit since."""
    wanted = sorted({filed.party_id for filed in found})
    with looking(access, signed, folders) as desk:
        return list(desk.connection.scalars(select(Party.id).where(Party.id.in_(wanted), desk.scope.parties())))


def _names(desk: Desk, found: list[Filed]) -> dict[int, str | None]:
    wanted = (
        select(PersonalData.party_id, PersonalData.name)
        .join(Party, Party.id == PersonalData.party_id)
        .where(PersonalData.party_id.in_({filed.party_id for filed in found}), desk.scope.parties())
    )
    return {row.party_id: row.name for row in desk.connection.execute(wanted)}


def _unit_of(desk: Desk, party_id: int) -> int:
    unit = desk.connection.scalar(select(Party.org_unit_id).where(Party.id == party_id))
    own = select(OrgUnit.id).where(OrgUnit.code == desk.signed.person.unit)
    return unit if unit is not None else desk.connection.execute(own).scalar_one()
