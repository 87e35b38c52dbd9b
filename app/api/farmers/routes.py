"""The addresses of farmers and facilities. That somebody looked is written down before anything is shown."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import Connection, select

from app.api.access.roles import Lender, access_of
from app.api.access.schemas import MOST_NUMBER
from app.api.access.scope import Scope
from app.api.access.sessions import Signed
from app.api.access.viewing import contact_of, note_views
from app.api.farmers.credit import decisions_of, facilities_of, guarantees_of, insurance_of, proposals_of
from app.api.farmers.facility import facility_page, facility_row, parties_of
from app.api.farmers.facility_schemas import FacilityPage
from app.api.farmers.land import PAGE_PARCELS, alerts_of, crops_of, parcel_names, parcels_of, rights_of
from app.api.farmers.people import bureau_checks, capacities, consents, memberships
from app.api.farmers.present import Present, present_of
from app.api.farmers.schemas import FarmerPage
from app.api.office.desk import Desk, desk_of
from app.api.schemas import Problem
from app.book.parties.party_views import party_card
from app.book.parties.relations import standing_of
from app.db.tables import Party
from geo.errors import InputError

_SHOWN: Final = "name, contact and credit file"
_FACILITY: Final = "facility"

After = Annotated[int, Query(ge=0, le=10_000_000, description="Parcels to leave out first, by number.")]

farmers = APIRouter(prefix="/api/v1", responses={status: {"model": Problem} for status in (401, 403, 404, 422, 500)})


@farmers.get("/farmers/{farmer_id:path}")
def show_farmer(
    request: Request, signed: Lender, farmer_id: Annotated[str, Path(min_length=1, max_length=128)], after: After = 0
) -> FarmerPage:
    """A farmer by the bank's own number."""
    with desk_of(request, signed) as desk:
        party_id = _party_of(desk.connection, desk.scope, farmer_id)
    return _page(request, signed, party_id, after)


@farmers.get("/parties/{party_id}")
def show_party(
    request: Request, signed: Lender, party_id: Annotated[int, Path(ge=1, le=MOST_NUMBER)], after: After = 0
) -> FarmerPage:
    """A party by its number here: households, groups and organisations have no other."""
    return _page(request, signed, party_id, after)


@farmers.get("/facilities/{number:path}")
def show_facility(
    request: Request, signed: Lender, number: Annotated[str, Path(min_length=1, max_length=128)]
) -> FacilityPage:
    """A facility by its number."""
    with desk_of(request, signed) as desk:
        row = facility_row(desk.connection, desk.scope, number)
        parties = [each.party_id for each in parties_of(desk.connection, desk.scope, row["id"])]
    note_views(access_of(request), signed, parties, _FACILITY, "facility's page")
    with desk_of(request, signed) as desk:
        row = facility_row(desk.connection, desk.scope, number)
        return facility_page(desk.connection, desk.scope, row, _present(request, desk))


def _page(request: Request, signed: Signed, party_id: int, after: int) -> FarmerPage:
    note_views(access_of(request), signed, [party_id], _SHOWN, "farmer's page")
    with desk_of(request, signed) as desk:
        return farmer_page(desk, party_id, _present(request, desk), after)


def farmer_page(desk: Desk, party_id: int, present: Present, after: int = 0) -> FarmerPage:
    """All that the book knows of a party, within a reach; of its parcels PAGE_PARCELS after some."""
    connection, scope = desk.connection, desk.scope
    card = party_card(connection, party_id)
    standing = standing_of(connection, party_id)
    parts = (*standing.facilities, *standing.vouched)
    parcels = parcel_names(connection, scope, party_id, card.line.farmer_id, standing.facilities)
    shown, (alerts, causes) = parcels[after : after + PAGE_PARCELS], alerts_of(connection, parcels)
    return FarmerPage(
        as_of=present.moment.day,
        contact=contact_of(card),
        has_id_number=card.line.has_id_number,
        consents=consents(connection, party_id, present),
        rights=rights_of(connection, party_id),
        parcels=parcels_of(connection, shown, alerts),
        parcels_found=len(parcels),
        crops=crops_of(connection, shown),
        proposals=proposals_of(connection, standing.subjects),
        decisions=decisions_of(connection, standing.subjects, standing.applications),
        facilities=facilities_of(connection, scope, party_id, parts, present.moment.day),
        alerts=alerts,
        causes=causes,
        bureau=bureau_checks(connection, party_id, present),
        capacities=capacities(connection, party_id),
        memberships=memberships(connection, party_id),
        guarantees=guarantees_of(connection, scope, standing.facilities, party_id),
        insurance=insurance_of(connection, standing.facilities, party_id),
    )


def _party_of(connection: Connection, scope: Scope, farmer_id: str) -> int:
    number = connection.scalar(select(Party.id).where(Party.farmer_id == farmer_id, scope.parties()))
    if number is None:
        raise InputError("PARTY_UNKNOWN", f"There is no farmer {farmer_id!r}.", "Search for them by another number.")
    return number


def _present(request: Request, desk: Desk) -> Present:
    return present_of(desk.connection, access_of(request).clock(), desk.packs)
