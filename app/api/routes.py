"""The addresses: each reads as one sentence."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import FileResponse

from app.api.answers import legend_entries, matches, parcel_answer, parcel_states, run_summary, series_answer
from app.api.book import Book
from app.api.caching import cache_headers, not_modified
from app.api.runfolder import OUTLINES, RunFolder
from app.api.schemas import Health, LegendEntry, Matches, Parcel, ParcelStates, Problem, RunSummary, Series
from app.maplayers.rasters import TilePx, draw, layer_named

_PNG = "image/png"
_GEOJSON = "application/geo+json"

api = APIRouter(prefix="/api", responses={404: {"model": Problem}, 422: {"model": Problem}, 500: {"model": Problem}})
map_layers = APIRouter(prefix="/map-layers", responses={404: {"model": Problem}, 422: {"model": Problem}})


def _run(request: Request) -> RunFolder:
    run: RunFolder = request.app.state.run
    return run


def _book(request: Request) -> Book:
    book: Book = request.app.state.book
    return book


Run = Annotated[RunFolder, Depends(_run)]
Rows = Annotated[Book, Depends(_book)]
Version = Annotated[str | None, Query(max_length=64, description="Content hash: the answer may then be kept for good.")]


@api.get("/health")
def health(run: Run) -> Health:
    """Whether the service is up."""
    return Health(ok=True, run_id=run.record.run_id)


@api.get("/run")
def show_run(run: Run, book: Rows) -> RunSummary:
    """The run, its totals, legend and layers."""
    return run_summary(run, book)


@api.get("/legend")
def show_legend() -> list[LegendEntry]:
    """The whole crop legend."""
    return legend_entries()


@api.get("/parcels.geojson", response_class=FileResponse, responses={200: {"content": {_GEOJSON: {}}}})
def show_outlines(request: Request, run: Run, v: Version = None) -> Response:
    """Outlines of all parcels, with their ids only."""
    headers = cache_headers(run.hashes[OUTLINES], asked=v)
    if not_modified(request, headers):
        return Response(status_code=304, headers=headers)
    return FileResponse(run.path / OUTLINES, media_type=_GEOJSON, headers=headers)


@api.get("/parcels/states")
def show_states(book: Rows) -> ParcelStates:
    """What colours the parcels."""
    return parcel_states(book)


@api.get("/search")
def search(
    book: Rows, q: Annotated[str, Query(min_length=1, max_length=100)], limit: Annotated[int, Query(ge=1, le=50)] = 12
) -> Matches:
    """Parcels by a part of their parcel or farmer id."""
    return matches(book.search(q.strip(), limit + 1), limit)


@api.get("/parcels/{parcel_id:path}/series")
def show_series(parcel_id: str, run: Run, book: Rows) -> Series:
    """The NDVI curve of a parcel."""
    return series_answer(run, book.parcel(parcel_id).summary.parcel_id)


@api.get("/parcels/{parcel_id:path}")
def show_parcel(parcel_id: str, book: Rows) -> Parcel:
    """Everything about a parcel."""
    return parcel_answer(book.parcel(parcel_id), book.run.summary.season_id)


@map_layers.get("/{layer}/{z}/{x}/{y}.png", responses={200: {"content": {_PNG: {}}}, 204: {}}, response_class=Response)
def show_layer(
    request: Request,
    run: Run,
    layer: str,
    *,
    z: Annotated[int, Path(ge=0, le=24)],
    x: Annotated[int, Path(ge=0)],
    y: Annotated[int, Path(ge=0)],
    size: TilePx = TilePx.NORMAL,
    v: Version = None,
) -> Response:
    """One square of a map layer; 204 where it shows nothing."""
    wanted = layer_named(layer)
    headers = cache_headers(run.hashes[wanted.filename], asked=v)
    if not_modified(request, headers):
        return Response(status_code=304, headers=headers)
    png = draw(run.path, wanted, (x, y, z), size)
    return (
        Response(status_code=204, headers=headers) if png is None else Response(png, media_type=_PNG, headers=headers)
    )
