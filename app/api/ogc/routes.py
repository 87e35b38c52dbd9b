"""The addresses of OGC API - Features: by key, or by somebody signed in."""

from __future__ import annotations

import json
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response

from app.api.access.roles import Caller, access_of, open_to_keys
from app.api.document import API_VERSION
from app.api.keys.finding import Keyed
from app.api.keys.tokens import KeyScope
from app.api.office.tagged import TaggedRoute
from app.api.ogc.asking import asked_of, refuse_unknown
from app.api.ogc.description import (
    COLLECTION,
    CONFORMS_TO,
    GEOJSON,
    JSON,
    OPENAPI,
    collection,
    collections,
    definition,
    landing,
    link,
)
from app.api.ogc.features import Shown, feature_of, page_of, require_storable
from app.api.schemas import Problem
from app.db.engine import reading
from app.db.tables.kinds import UserRole
from app.maplayers.parcelset import ParcelSet
from app.maplayers.shelf import ParcelShelf

_REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": Problem} for status in (400, 401, 403, 404, 429, 500)
}
_FEATURES: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {GEOJSON: {}}}}
_DOCUMENT: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {JSON: {}}}}
_DEFINITION: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {OPENAPI: {}}}}
_HEADERS: Final = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}
_ALLOWED: Final = open_to_keys(KeyScope.PARCELS, UserRole.OFFICER, UserRole.REVIEWER, UserRole.RISK)

Asking = Annotated[Caller, Depends(_ALLOWED.caller)]

ogc = APIRouter(prefix="/ogc", responses=_REFUSALS, route_class=TaggedRoute, default_response_class=Response)


@ogc.get("", responses=_DOCUMENT)
@ogc.get("/", responses=_DOCUMENT, include_in_schema=False)
def show_landing(request: Request, _caller: Asking) -> Response:
    """The landing page."""
    refuse_unknown(request)
    return _answer(landing(_base(request)), JSON)


@ogc.get("/api", responses=_DEFINITION)
def show_definition(request: Request, _caller: Asking) -> Response:
    """These addresses as an OpenAPI 3.0 document."""
    refuse_unknown(request)
    return _answer(definition(_base(request), API_VERSION), OPENAPI)


@ogc.get("/conformance", responses=_DOCUMENT)
def show_conformance(request: Request, _caller: Asking) -> Response:
    """Conformance classes of the standard that hold here."""
    refuse_unknown(request)
    return _answer({"conformsTo": CONFORMS_TO}, JSON)


@ogc.get("/collections", responses=_DOCUMENT)
def show_collections(request: Request, caller: Asking) -> Response:
    """All collections."""
    refuse_unknown(request)
    return _answer(collections(_base(request), _parcels(request, caller).box), JSON)


@ogc.get(f"/collections/{COLLECTION}", responses=_DOCUMENT)
def show_collection(request: Request, caller: Asking) -> Response:
    """The collection of parcels."""
    refuse_unknown(request)
    return _answer(collection(_base(request), _parcels(request, caller).box), JSON)


@ogc.get(f"/collections/{COLLECTION}/items", responses=_FEATURES)
def show_items(
    request: Request,
    caller: Asking,
) -> Response:
    """A page of parcels. Parameters: limit, after, bbox, datetime; see /ogc/api."""
    asked = asked_of(request)
    require_storable(asked.after)
    parcels = _parcels(request, caller)
    with reading(access_of(request).engine) as connection:
        found = page_of(connection, parcels, asked, _shown(caller))
    here = f"{_base(request)}/collections/{COLLECTION}"
    links = [
        link(_with_query(here, request), "self", GEOJSON, "This page"),
        link(here, "collection", JSON, "The collection"),
    ]
    if found.last is not None:
        links.append(link(_with_query(here, request, found.last), "next", GEOJSON, "The next page"))
    counted = {"numberReturned": len(found.features)} | (
        {} if found.matched is None else {"numberMatched": found.matched}
    )
    rest = json.dumps({"links": links} | counted)[1:]
    text = f'{{"type":"FeatureCollection","features":[{",".join(found.features)}],{rest}'
    return Response(text, media_type=GEOJSON, headers=_HEADERS)


@ogc.get(f"/collections/{COLLECTION}/items/{{parcel_id:path}}", responses=_FEATURES)
def show_item(request: Request, caller: Asking, parcel_id: str) -> Response:
    """One parcel."""
    refuse_unknown(request)
    require_storable(parcel_id)
    with reading(access_of(request).engine) as connection:
        feature = feature_of(connection, _parcels(request, caller), parcel_id, _shown(caller))
    here = f"{_base(request)}/collections/{COLLECTION}"
    links = [
        link(f"{here}/items/{quote(parcel_id, safe='')}", "self", GEOJSON, "This parcel"),
        link(here, "collection", JSON, "The collection"),
    ]
    text = f"{feature[:-1]},{json.dumps({'links': links})[1:]}"
    return Response(text, media_type=GEOJSON, headers=_HEADERS)


def _parcels(request: Request, caller: Caller) -> ParcelSet:
    """The parcels that people of the unit see, as the map shows them: by their boxes in memory."""
    shelf: ParcelShelf = request.app.state.parcel_shelf
    return shelf.held(caller.unit).parcels


def _shown(caller: Caller) -> Shown:
    """People see what their pages show; a key what it has scopes for."""
    if not isinstance(caller.by, Keyed):
        return Shown(alerts=True, limits=True)
    return Shown(alerts=KeyScope.ALERTS in caller.by.scopes, limits=KeyScope.LIMITS in caller.by.scopes)


def _base(request: Request) -> str:
    """Address of the landing page, without a slash at its end, as the client sees it."""
    origin = access_of(request).origin or f"{request.url.scheme}://{request.url.netloc}"
    return f"{origin}/ogc"


def _with_query(here: str, request: Request, after: str | None = None) -> str:
    url = request.url if after is None else request.url.include_query_params(after=after)
    return f"{here}/items?{url.query}" if url.query else f"{here}/items"


def _answer(said: dict[str, Any], kind: str) -> Response:
    return Response(json.dumps(said, ensure_ascii=False), media_type=kind, headers=_HEADERS)
