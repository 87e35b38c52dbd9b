"""The addresses of energy sites. A site's id may hold "/", so that what lies below a site is declared first."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final, TypeAlias

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import FileResponse

from app.api.access.roles import Lender, allowed
from app.api.access.scope import scope_of
from app.api.access.sessions import Signed
from app.api.caching import cache_headers, not_modified
from app.api.kept import Kept, Runs
from app.api.office.desk import In, desk_of
from app.api.office.tagged import TaggedRoute
from app.api.schemas import Problem
from app.api.sites.listing import Which, site_list
from app.api.sites.meters import MeterSaid, take_meter
from app.api.sites.page import site_page
from app.api.sites.page_schemas import SitePage
from app.api.sites.pictures import site_picture, site_pictures
from app.api.sites.reading import require_site
from app.api.sites.reporting import ReportAsked, report_wanted
from app.api.sites.schemas import MeterRow, SiteList, SitePictures
from app.api.sites.stopping import SiteWatching, StopAsked, stop_watching, watch_again
from app.api.work.routes import job_shown, seen_jobs
from app.api.work.schemas import JobShown
from app.artefacts.folders import required
from app.db.engine import writing
from app.db.tables.site_kinds import SiteStandingKind
from app.queue.asking import ask
from app.queue.claiming import changing
from app.queue.showing import find_job
from app.sites.stopping import KEEPING
from geo.sites import SiteType

_REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": Problem} for status in (400, 401, 403, 404, 409, 422, 500)
}
_PNG: Final = "image/png"
_NO_NUL: Final = r"^[^\x00]*$"

sites = APIRouter(prefix="/api/v1/sites", tags=["sites"], responses=_REFUSALS, route_class=TaggedRoute)

#: Who stops sites and takes them up again.
Keeper: TypeAlias = Annotated[Signed, Depends(allowed(*KEEPING).person)]
SiteId: TypeAlias = Annotated[str, Path(min_length=1, max_length=128, pattern=_NO_NUL, description="The lender's id.")]


@sites.get("")
def list_sites(
    request: Request,
    access: In,
    signed: Lender,
    *,
    kind: SiteType | None = None,
    standing: SiteStandingKind | None = None,
    q: Annotated[
        str, Query(max_length=128, pattern=_NO_NUL, description="Part of the id, the name or the facility's number.")
    ] = "",
    stopped: Annotated[bool, Query(description="Those that are no longer watched, instead of those that are.")] = False,
) -> SiteList:
    """Sites that the person sees, each with what the newest watch says of it."""
    with desk_of(request, signed) as desk:
        return site_list(desk, Which(kind, standing, q, stopped), access.clock())


@sites.get(
    "/{site_id:path}/pictures/{run_id}/{day}",
    response_class=FileResponse,
    responses={200: {"content": {_PNG: {}}}, 304: {"description": "It is the one that the client holds."}},
)
def show_site_picture(
    request: Request,
    signed: Lender,
    runs: Runs,
    site_id: SiteId,
    run_id: Annotated[str, Path(min_length=1, max_length=128, pattern=_NO_NUL)],
    day: date,
) -> Response:
    """The site in true colour on a day, as a run saw it. Runs never change, so that it is kept for good."""
    with desk_of(request, signed) as desk:
        require_site(desk.connection, desk.scope, site_id)
        kept = site_picture(desk.connection, runs, site_id, run_id, day)
    headers = cache_headers(kept.content_hash, asked=kept.content_hash)
    if not_modified(request, headers):
        return Response(status_code=304, headers=headers)
    return FileResponse(kept.file, media_type=_PNG, headers=headers)


@sites.get("/{site_id:path}/pictures")
def list_site_pictures(request: Request, signed: Lender, runs: Runs, site_id: SiteId) -> SitePictures:
    """Which pictures there are of a site, and where they lie on the ground."""
    with desk_of(request, signed) as desk:
        require_site(desk.connection, desk.scope, site_id)
        return site_pictures(desk.connection, runs, site_id)


@sites.get("/{site_id:path}")
def show_site(request: Request, access: In, signed: Lender, site_id: SiteId) -> SitePage:
    """Everything about a site."""
    with desk_of(request, signed) as desk:
        return site_page(desk, site_id, access.clock())


@sites.post("/{site_id:path}/reports", status_code=202, responses={503: {"model": Problem}})
def ask_for_site_report(access: In, signed: Lender, folders: Kept, site_id: SiteId, asked: ReportAsked) -> JobShown:
    """Have the observation report written; it is fetched as letters are, by the number of the job."""
    required(folders.files, "ACRELINE_FILES_DIR")
    with changing(access.engine) as connection:
        job = ask(connection, report_wanted(connection, signed, site_id, asked), access.clock())
        return job_shown(find_job(connection, job, seen_jobs(connection, signed.person)))


@sites.post("/{site_id:path}/meters", status_code=201)
def add_meter_reading(access: In, signed: Lender, site_id: SiteId, said: MeterSaid) -> MeterRow:
    """Add what a meter or the operator says of the energy that was fed in; the same again changes nothing."""
    with writing(access.engine) as connection:
        require_site(connection, scope_of(connection, signed.person), site_id)
        return take_meter(connection, site_id, said, signed.person, access.clock())


@sites.post("/{site_id:path}/stop")
def stop_site_watching(access: In, signed: Keeper, site_id: SiteId, asked: StopAsked) -> SiteWatching:
    """Watch a site no more from now on; what was seen of it stays, and so does why."""
    with writing(access.engine) as connection:
        return stop_watching(connection, site_id, asked, signed.person, access.clock())


@sites.post("/{site_id:path}/resume")
def resume_site_watching(access: In, signed: Keeper, site_id: SiteId) -> SiteWatching:
    """Watch a stopped site again."""
    with writing(access.engine) as connection:
        return watch_again(connection, site_id, signed.person, access.clock())
