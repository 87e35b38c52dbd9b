"""The addresses of one parcel. Its id may hold "/", so that the curve's address is declared first."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request, Response

from app.api.access.roles import Lender
from app.api.kept import Kept, Runs
from app.api.office.curve.answers import parcel_curve
from app.api.office.curve.schemas import ParcelCurve
from app.api.office.curve.shelf import Curves
from app.api.office.desk import desk_of
from app.api.office.parcels.file import parcel_file
from app.api.office.parcels.schemas import ParcelFile
from app.api.office.tagged import TaggedRoute
from app.api.schemas import Problem

_REFUSALS: Final[dict[int | str, dict[str, Any]]] = {status: {"model": Problem} for status in (401, 403, 404, 422, 500)}

parcels = APIRouter(prefix="/api/v1/parcels", responses=_REFUSALS, route_class=TaggedRoute)

ParcelId = Annotated[str, Path(max_length=128)]


@parcels.get("/{parcel_id:path}/curve")
def show_curve(
    request: Request, response: Response, signed: Lender, runs: Runs, curves: Curves, parcel_id: ParcelId
) -> ParcelCurve:
    """The season of a parcel: what was seen, what neighbours lead to expect, and the marks of growth."""
    response.headers["Cache-Control"] = "private, no-cache"
    with desk_of(request, signed) as desk:
        return parcel_curve(desk, runs, curves, parcel_id)


@parcels.get("/{parcel_id:path}")
def show_parcel(request: Request, signed: Lender, folders: Kept, parcel_id: ParcelId) -> ParcelFile:
    """Everything about a parcel."""
    with desk_of(request, signed) as desk:
        return parcel_file(desk, folders.book, parcel_id)
