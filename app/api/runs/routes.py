"""The addresses of runs and watches."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from app.api.access.roles import Lender, allowed
from app.api.access.sessions import Signed
from app.api.kept import Kept, Runs
from app.api.office.desk import In, desk_of
from app.api.runs.layers import ask_for_layers, run_layers
from app.api.runs.layerschemas import RunLayers
from app.api.runs.reading import run_page, runs_of, watches_of
from app.api.runs.schemas import RunList, RunPage, WatchList
from app.api.schemas import Problem
from app.api.work.schemas import JobShown
from app.db.tables.kinds import UserRole
from app.queue.claiming import changing

runs = APIRouter(prefix="/api/v1", responses={status: {"model": Problem} for status in (401, 403, 404, 422, 500)})

RunId = Annotated[str, Path(min_length=1, max_length=128)]
Risk = Annotated[Signed, Depends(allowed(UserRole.RISK).person)]
Most = Annotated[int, Query(ge=1, le=500, description="So many at most, the newest first.")]


@runs.get("/runs")
def list_runs(request: Request, signed: Lender, shelf: Runs, limit: Most = 50) -> RunList:
    """Runs that saw parcels of the person's part of the book."""
    with desk_of(request, signed) as desk:
        return RunList(runs=runs_of(desk.connection, desk.scope, shelf, limit))


@runs.get("/runs/{run_id}")
def show_run(request: Request, signed: Lender, shelf: Runs, run_id: RunId) -> RunPage:
    """What a run read, what it made, and what failed."""
    with desk_of(request, signed) as desk:
        return run_page(desk.connection, desk.scope, shelf, run_id)


@runs.get("/runs/{run_id}/layers")
def show_run_layers(request: Request, signed: Lender, folders: Kept, run_id: RunId) -> RunLayers:
    """What of a run the map shows, and how far making it is."""
    with desk_of(request, signed) as desk:
        return run_layers(desk.connection, signed.person, folders.layers, run_id)


@runs.post("/runs/{run_id}/layers", status_code=202, responses={503: {"model": Problem}})
def make_run_layers(access: In, signed: Risk, shelf: Runs, folders: Kept, run_id: RunId) -> JobShown:
    """Have a run's clear dates and its season put onto the map; while that waits or runs it is the same job."""
    with changing(access.engine) as connection:
        return ask_for_layers(connection, signed.person, folders, shelf, run_id, access.clock())


@runs.get("/watches")
def list_watches(request: Request, signed: Lender, limit: Most = 50) -> WatchList:
    """Watches over those runs."""
    with desk_of(request, signed) as desk:
        return WatchList(watches=watches_of(desk.connection, desk.scope, limit))
