"""The addresses of finding. What is about a set names it, as the layer of parcels does."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Annotated, Final

import numpy as np
from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response

from app.api.access.roles import Lender, access_of
from app.api.access.scope import scope_of
from app.api.access.sessions import Signed
from app.api.access.viewing import note_views
from app.api.answers import legend_entries
from app.api.caching import cache_headers, not_modified
from app.api.find.card import card_of
from app.api.find.schemas import Found, Hit, HitKind, Inside, MapKeys, ParcelCard, UnitName
from app.api.find.search import (
    FoundFarmer,
    farmer_hits,
    find_farmers,
    page_of,
    parcel_hits,
    place_hits,
    site_hits,
    unit_hits,
    village_hits,
)
from app.api.find.sieve import Mask, Sieve, assigned, bytes_of, kept, sieve_of
from app.api.find.units import UnitShelf, unit_rows
from app.api.find.view import inside
from app.api.parcels.routes import ContentHash
from app.api.schemas import Problem
from app.maplayers.facts import UNKNOWN, Bytes, Fact
from app.maplayers.parcelset import ParcelSet
from app.maplayers.shelf import Held, ParcelShelf

_BYTES: Final = "application/octet-stream"
_HASH_CHARACTERS: Final = 16
_MOST_HITS: Final = 20
_MOST_AFTER: Final = 100_000

Sifting = Annotated[Sieve, Depends(sieve_of)]

find = APIRouter(prefix="/api/v1/find", responses={status: {"model": Problem} for status in (401, 403, 404, 422, 500)})


@find.get("")
def search(
    request: Request,
    signed: Lender,
    q: Annotated[str, Query(min_length=1, max_length=100)],
    after: Annotated[int, Query(ge=0, le=_MOST_AFTER, description="Hits to leave out first.")] = 0,
    limit: Annotated[int, Query(ge=1, le=_MOST_HITS)] = 10,
    only: Annotated[HitKind | None, Query(description="Hits of one kind; without it of all.")] = None,
) -> Found:
    """Places, villages, units, energy sites, farmers and parcels of a text: the person's own part of the book only."""
    text = q.strip()
    if not text:
        return Found(hits=[], more=False)
    parcels = _shelf(request).held(signed.person.unit).parcels
    with access_of(request).engine.connect() as connection:
        scope = scope_of(connection, signed.person)
        farmers = find_farmers(connection, scope, text) if only in {None, "farmer"} else []
        villages = village_hits(connection, scope, text, parcels) if only in {None, "village"} else []
        sites = site_hits(connection, scope, text, parcels) if only in {None, "site"} else []
        named = unit_rows(connection, signed.person.unit)
    column = partial(_units(request).column, signed.person.unit, parcels)
    before = [*place_hits(text), *villages, *unit_hits(text, parcels, column, named), *sites]
    first = [hit for hit in before if only in {None, hit.kind}]
    begin = after - len(first)
    shown = farmers[max(begin, 0) : max(begin + limit, 0)]
    why = "search on the map" if only is None else "search for a farmer"
    hits = [*first[after : after + limit], *_looked_at(request, signed, shown, parcels, why)]
    among = parcel_hits(text, parcels, {site.key for site in sites}) if only in {None, "parcel"} else ()
    rest, more = page_of(among, max(begin - len(farmers), 0), limit - len(hits))
    return Found(hits=hits + rest, more=more or begin + limit < len(farmers))


@find.get("/keys")
def show_keys(request: Request, signed: Lender) -> MapKeys:
    """Crops by their bytes, and the units that parcels are filtered by."""
    with access_of(request).engine.connect() as connection:
        rows = unit_rows(connection, signed.person.unit)
    named = [UnitName(code=code, name=name) for _, code, name in rows]
    return MapKeys(crops=legend_entries(), units=named)


@find.get("/parcels/{parcel_id:path}")
def show_card(request: Request, signed: Lender, parcel_id: str) -> ParcelCard:
    """A parcel in short, with its outline."""
    with access_of(request).engine.connect() as connection:
        return card_of(connection, scope_of(connection, signed.person), parcel_id)


@find.get("/{content_hash}/left", responses={200: {"content": {_BYTES: {}}}}, response_class=Response)
def show_left(request: Request, signed: Lender, content_hash: ContentHash, sieve: Sifting) -> Response:
    """Which parcels filters leave: one byte per parcel in the order of numbers, 1 for those that stay."""
    held = _shelf(request).named(signed.person.unit, content_hash)
    return _packed(request, _left(request, signed, held, sieve).astype(np.uint8))


@find.get("/{content_hash}/cells/{fact}", responses={200: {"content": {_BYTES: {}}}, 204: {}}, response_class=Response)
def show_left_cells(
    request: Request, signed: Lender, content_hash: ContentHash, fact: Fact, sieve: Sifting
) -> Response:
    """The overview of a fact over the parcels that filters leave; 204 where there is none."""
    held = _shelf(request).named(signed.person.unit, content_hash)
    if held.overview is None:
        return Response(status_code=204)
    left = _left(request, signed, held, sieve)
    column = bytes_of(_shelf(request).coloured(held, fact))
    return _packed(request, held.overview.cells(fact, np.where(left, column, np.uint8(UNKNOWN))))


@find.get("/{content_hash}/inside")
def show_inside(
    request: Request,
    signed: Lender,
    content_hash: ContentHash,
    sieve: Sifting,
    *,
    west: Annotated[float, Query(ge=-180, le=180)],
    south: Annotated[float, Query(ge=-90, le=90)],
    east: Annotated[float, Query(ge=-180, le=180)],
    north: Annotated[float, Query(ge=-90, le=90)],
) -> Inside:
    """Parcels in view that filters leave: how many, the first of them, and where alerts lie."""
    held = _shelf(request).named(signed.person.unit, content_hash)
    left = _left(request, signed, held, sieve)
    return inside(held.parcels, (west, south, east, north), left, _columns(request, held))


def keep_units(app: FastAPI, units: UnitShelf) -> None:
    """Give an application the units that parcels are filtered by."""
    app.state.unit_shelf = units


# Plain functions rather than dependencies: each of those would be a further hop to another thread.
def _shelf(request: Request) -> ParcelShelf:
    shelf: ParcelShelf = request.app.state.parcel_shelf
    return shelf


def _units(request: Request) -> UnitShelf:
    units: UnitShelf = request.app.state.unit_shelf
    return units


def _columns(request: Request, held: Held) -> Callable[[Fact], Bytes]:
    return cache(lambda fact: bytes_of(_shelf(request).coloured(held, fact)))


def _left(request: Request, signed: Signed, held: Held, sieve: Sieve) -> Mask:
    """Which parcels of a set filters leave, shape (parcels,)."""
    mask = kept(sieve, _columns(request, held), len(held.parcels))
    if sieve.unit is None and not sieve.mine:
        return mask
    with access_of(request).engine.connect() as connection:
        if sieve.unit is not None:
            mask &= _units(request).column(signed.person.unit, held.parcels).below(connection, sieve.unit)
        if sieve.mine:
            mask &= assigned(connection, held.parcels, signed.person.id)
    return mask


def _looked_at(
    request: Request, signed: Signed, farmers: Sequence[FoundFarmer], parcels: ParcelSet, why: str
) -> list[Hit]:
    """Farmers with their names, after the look at them was written down."""
    if not farmers:
        return []
    access = access_of(request)
    note_views(access, signed, [farmer.party_id for farmer in farmers], "name", why)
    with access.engine.connect() as connection:
        return farmer_hits(connection, farmers, parcels)


def _packed(request: Request, values: Bytes) -> Response:
    raw = np.ascontiguousarray(values).tobytes()
    headers = cache_headers(hashlib.sha256(raw).hexdigest()[:_HASH_CHARACTERS], asked=None)
    if not_modified(request, headers):
        return Response(status_code=304, headers=headers)
    return Response(raw, media_type=_BYTES, headers=headers)
