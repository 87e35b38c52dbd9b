"""The addresses of alerts."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import FileResponse

from app.alerts.worklist.listing import Wanted, Which
from app.api.access.roles import Lender
from app.api.access.schemas import MOST_NUMBER
from app.api.caching import cache_headers, not_modified
from app.api.kept import Runs
from app.api.office.alerts.acting import act_on
from app.api.office.alerts.listing import Page, assignees, require_alerts, work_list
from app.api.office.alerts.pictures import Side, picture_of
from app.api.office.alerts.schemas import ActAsked, ActDone, AlertList, AlertStory, Assignee, WorkAct
from app.api.office.alerts.story import alert_story
from app.api.office.desk import In, desk_of
from app.api.office.tagged import TaggedRoute
from app.api.schemas import Problem
from app.db.tables.alert_kinds import AlertLevel, AlertScope

_REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": Problem} for status in (400, 401, 403, 404, 422, 500)
}
_PNG: Final = "image/png"

alerts = APIRouter(prefix="/api/v1/alerts", responses=_REFUSALS, route_class=TaggedRoute)

Number = Annotated[int, Path(ge=1, le=MOST_NUMBER)]
Cause = Annotated[str, Query(max_length=128)]


@alerts.get("")
def show_alerts(
    request: Request,
    signed: Lender,
    *,
    which: Which = "live",
    level: Annotated[list[AlertLevel], Query(max_length=4)] = [],  # noqa: B006 - FastAPI reads it, nobody changes it
    cause: Cause | None = None,
    scope: AlertScope | None = None,
    mine: bool = False,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> AlertList:
    """Alerts of the parcels that the person sees, by what a visit may save."""
    wanted = Wanted(which=which, levels=tuple(level), causes=() if cause is None else (cause,), scope=scope)
    with desk_of(request, signed) as desk:
        return work_list(desk, wanted, Page(limit, mine))


@alerts.get("/assignees")
def show_assignees(request: Request, signed: Lender) -> list[Assignee]:
    """Who may be given an alert."""
    with desk_of(request, signed) as desk:
        return assignees(desk)


@alerts.get("/{number}")
def show_story(request: Request, signed: Lender, runs: Runs, number: Number) -> AlertStory:
    """The whole story of an alert."""
    with desk_of(request, signed) as desk:
        return alert_story(desk, runs, number)


@alerts.get(
    "/{number}/pictures/{side}",
    response_class=FileResponse,
    responses={200: {"content": {_PNG: {}}}, 304: {"description": "It is the one that the client holds."}},
)
def show_picture(
    request: Request,
    signed: Lender,
    runs: Runs,
    number: Number,
    side: Side,
    *,
    v: Annotated[str | None, Query(max_length=64, description="Content hash: then kept for good.")] = None,
) -> Response:
    """The parcel before or after the event."""
    with desk_of(request, signed) as desk:
        require_alerts(desk.connection, desk.scope, [number])
        kept = picture_of(desk.connection, runs, number, side)
    headers = cache_headers(kept.content_hash, asked=v)
    if not_modified(request, headers):
        return Response(status_code=304, headers=headers)
    return FileResponse(kept.file, media_type=_PNG, headers=headers)


@alerts.post("/{act}")
def act_on_alerts(access: In, signed: Lender, act: WorkAct, asked: ActAsked) -> ActDone:
    """Do one thing to alerts: to all of them, or to none."""
    return act_on(access, signed, act, asked)
