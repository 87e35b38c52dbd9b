"""The addresses of the layer. Who asks is known by their session; every address names the set that it is about."""

from __future__ import annotations

import gzip
from typing import Annotated

from fastapi import APIRouter, FastAPI, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from app.api.caching import cache_headers, not_modified
from app.api.parcels.answers import PREFIX, layer_answer, parcel_answer
from app.api.parcels.reach import Reach, Reached
from app.api.parcels.schemas import NumberedParcel, ParcelLayer
from app.api.schemas import Problem
from app.api.threads import read_shortly
from app.maplayers.facts import Fact
from app.maplayers.outlines import OutlineSquares
from app.maplayers.shelf import AGAIN_S, FRESH_S, Coloured, Held, Packed, ParcelShelf
from geo.errors import InputError

_MVT = "application/vnd.mapbox-vector-tile"
_BYTES = "application/octet-stream"

parcel_layer = APIRouter(prefix=PREFIX, responses={status: {"model": Problem} for status in (401, 403, 404, 422, 500)})


def keep_parcels(app: FastAPI, shelf: ParcelShelf) -> None:
    """Give an application what the layer is answered from."""
    app.state.parcel_shelf = shelf


_HASH = "^[0-9a-f]{32}$"
ContentHash = Annotated[str, Path(pattern=_HASH, description="Content hash of the set.")]
OtherThan = Annotated[
    str | None, Query(pattern=_HASH, description="A set that was refused as changed: it is looked for anew.")
]


@parcel_layer.get("")
async def show_layer(request: Request, reach: Reached, other_than: OtherThan = None) -> ParcelLayer:
    """All parcels that the person reaches: where their outlines and columns are."""
    shelf = _shelf(request)
    held = shelf.at_hand(reach.unit)
    if held is None or held.parcels.content_hash == other_than:
        at_most_s = FRESH_S if held is None else AGAIN_S
        held = await run_in_threadpool(shelf.held, reach.unit, at_most_s)
    return layer_answer(held, made=await _outlines(shelf, held) is not None)


@parcel_layer.get(
    "/{content_hash}/outlines/{z}/{x}/{y}.mvt",
    responses={200: {"content": {_MVT: {}}}, 204: {}},
    response_class=Response,
)
async def show_outlines(
    request: Request,
    reach: Reached,
    content_hash: ContentHash,
    *,
    z: Annotated[int, Path(ge=0, le=24)],
    x: Annotated[int, Path(ge=0, lt=2**24)],
    y: Annotated[int, Path(ge=0, lt=2**24)],
) -> Response:
    """One square of outlines; 204 where there are none."""
    outlines = await _outlines(_shelf(request), await _named(request, reach, content_hash))
    if outlines is None:
        raise InputError("OUTLINES_NOT_MADE", "The outlines are not made yet.", "`acreline outlines make` makes them.")
    headers = cache_headers(content_hash, asked=content_hash)
    if not_modified(request, headers):
        return Response(status_code=304, headers=headers)
    kept = outlines.at_hand(x, y, z)
    square = await run_in_threadpool(outlines.square, x, y, z) if kept is None else kept[0]
    return Response(status_code=204, headers=headers) if square is None else _zipped(request, square, _MVT, headers)


@parcel_layer.get("/{content_hash}/columns/{fact}", responses={200: {"content": {_BYTES: {}}}}, response_class=Response)
async def show_column(request: Request, reach: Reached, content_hash: ContentHash, fact: Fact) -> Response:
    """A fact, one byte per parcel in the order of numbers."""
    return _packed(request, (await _coloured(request, reach, content_hash, fact)).parcels)


@parcel_layer.get(
    "/{content_hash}/columns/{fact}/cells",
    responses={200: {"content": {_BYTES: {}}}, 204: {}},
    response_class=Response,
)
async def show_cells(request: Request, reach: Reached, content_hash: ContentHash, fact: Fact) -> Response:
    """A fact, one byte per cell of the overview, row by row from the north-west; 204 where there is none."""
    cells = (await _coloured(request, reach, content_hash, fact)).cells
    return Response(status_code=204) if cells is None else _packed(request, cells)


@parcel_layer.get("/{content_hash}/numbers/{number}")
async def show_number(
    request: Request, reach: Reached, content_hash: ContentHash, number: Annotated[int, Path(ge=0, lt=2**31)]
) -> NumberedParcel:
    """The parcel of a number: what was clicked."""
    return parcel_answer((await _named(request, reach, content_hash)).parcels, number)


@parcel_layer.get("/{content_hash}/parcels/{parcel_id:path}")
async def show_named(request: Request, reach: Reached, content_hash: ContentHash, parcel_id: str) -> NumberedParcel:
    """The number of a parcel: what to mark on the map."""
    parcels = (await _named(request, reach, content_hash)).parcels
    return parcel_answer(parcels, parcels.number(parcel_id))


def _shelf(request: Request) -> ParcelShelf:
    shelf: ParcelShelf = request.app.state.parcel_shelf
    return shelf


# What is in memory is answered from there; whatever reads a set, a file or a whole column does so in a thread.
async def _named(request: Request, reach: Reach, content_hash: str) -> Held:
    shelf = _shelf(request)
    held = shelf.at_hand(reach.unit)
    if held is not None and held.parcels.content_hash == content_hash:
        return held
    return await run_in_threadpool(shelf.named, reach.unit, content_hash)


async def _outlines(shelf: ParcelShelf, held: Held) -> OutlineSquares | None:
    known = held.outlines
    return await run_in_threadpool(shelf.outlines, held) if known is None else known


async def _coloured(request: Request, reach: Reach, content_hash: str, fact: Fact) -> Coloured:
    shelf, held = _shelf(request), await _named(request, reach, content_hash)
    known = await read_shortly(shelf.engine, lambda: shelf.coloured_before(held, fact))
    return await run_in_threadpool(shelf.coloured, held, fact) if known is None else known


def _packed(request: Request, packed: Packed) -> Response:
    headers = cache_headers(packed.content_hash, asked=None)
    if not_modified(request, headers):
        return Response(status_code=304, headers=headers)
    return _zipped(request, packed.gzipped, _BYTES, headers)


def _zipped(request: Request, gzipped: bytes, media_type: str, headers: dict[str, str]) -> Response:
    """Bytes as they lie, compressed, for whoever takes them so."""
    varied = headers | {"Vary": "Accept-Encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(gzip.decompress(gzipped), media_type=media_type, headers=varied)
    return Response(gzipped, media_type=media_type, headers=varied | {"Content-Encoding": "gzip"})
