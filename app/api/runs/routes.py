"""The addresses of runs and watches."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from app.api.access.roles import Lender
from app.api.kept import Runs
from app.api.office.desk import desk_of
from app.api.runs.reading import run_page, runs_of, watches_of
from app.api.runs.schemas import RunList, RunPage, WatchList
from app.api.schemas import Problem

runs = APIRouter(prefix="/api/v1", responses={status: {"model": Problem} for status in (401, 403, 404, 422, 500)})

Most = Annotated[int, Query(ge=1, le=500, description="So many at most, the newest first.")]


@runs.get("/runs")
def list_runs(request: Request, signed: Lender, shelf: Runs, limit: Most = 50) -> RunList:
    """Runs that saw parcels of the person's part of the book."""
    with desk_of(request, signed) as desk:
        return RunList(runs=runs_of(desk.connection, desk.scope, shelf, limit))


@runs.get("/runs/{run_id}")
def show_run(
    request: Request, signed: Lender, shelf: Runs, run_id: Annotated[str, Path(min_length=1, max_length=128)]
) -> RunPage:
    """What a run read, what it made, and what failed."""
    with desk_of(request, signed) as desk:
        return run_page(desk.connection, desk.scope, shelf, run_id)


@runs.get("/watches")
def list_watches(request: Request, signed: Lender, limit: Most = 50) -> WatchList:
    """Watches over those runs."""
    with desk_of(request, signed) as desk:
        return WatchList(watches=watches_of(desk.connection, desk.scope, limit))
