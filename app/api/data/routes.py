"""The addresses of the book for other systems: by key, or by somebody signed in."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response

from app.api.access.roles import Caller, access_of, open_to_keys
from app.api.access.scope import scope_of
from app.api.data.pages import Cursor, Limit, Since, cursor_of, key_of, next_page, since_of
from app.api.data.reading import alert_rows, facility_rows, limit_rows, parcel_rows
from app.api.data.schemas import AlertPage, FacilityPositions, LimitPage, ParcelPage
from app.api.keys.tokens import KeyScope
from app.api.office.desk import local_day
from app.api.office.tagged import TaggedRoute
from app.api.schemas import Problem
from app.db.engine import reading
from app.db.tables.kinds import UserRole

#: People who see the same on their pages; administrators keep people and see no ground.
_PEOPLE: Final = (UserRole.OFFICER, UserRole.REVIEWER, UserRole.RISK)
_REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": Problem} for status in (400, 401, 403, 404, 422, 429, 500)
}
_USUAL: Final = 100

OfParcels = Annotated[Caller, Depends(open_to_keys(KeyScope.PARCELS, *_PEOPLE).caller)]
OfLimits = Annotated[Caller, Depends(open_to_keys(KeyScope.LIMITS, *_PEOPLE).caller)]
OfAlerts = Annotated[Caller, Depends(open_to_keys(KeyScope.ALERTS, *_PEOPLE).caller)]
OfPortfolio = Annotated[Caller, Depends(open_to_keys(KeyScope.PORTFOLIO, *_PEOPLE).caller)]

data = APIRouter(prefix="/api/v1/data", responses=_REFUSALS, route_class=TaggedRoute)


@data.get("/parcels")
def list_parcels(
    request: Request,
    response: Response,
    caller: OfParcels,
    *,
    limit: Limit = _USUAL,
    cursor: Cursor = None,
    updated_since: Since = None,
) -> ParcelPage:
    """Parcels within reach with what was seen last."""
    after = key_of(cursor, str)
    with reading(access_of(request).engine) as connection:
        scope = scope_of(connection, caller)
        rows, more = parcel_rows(connection, scope, after, limit, since_of(updated_since))
    following = cursor_of((rows[-1].parcel_id,)) if more else None
    return ParcelPage(items=rows, next=next_page(request, response, following))


@data.get("/limits")
def list_limits(
    request: Request,
    response: Response,
    caller: OfLimits,
    *,
    limit: Limit = _USUAL,
    cursor: Cursor = None,
    updated_since: Since = None,
) -> LimitPage:
    """Amounts as decided, by parcel."""
    after = key_of(cursor, int, str)
    with reading(access_of(request).engine) as connection:
        scope = scope_of(connection, caller)
        rows, more = limit_rows(connection, scope, after, limit, since_of(updated_since))
    following = cursor_of((rows[-1].decision, rows[-1].parcel_id)) if more else None
    return LimitPage(items=rows, next=next_page(request, response, following))


@data.get("/alerts")
def list_alerts(
    request: Request,
    response: Response,
    caller: OfAlerts,
    *,
    limit: Limit = _USUAL,
    cursor: Cursor = None,
    updated_since: Since = None,
) -> AlertPage:
    """Alerts within reach, those that ended too."""
    after = key_of(cursor, int)
    with reading(access_of(request).engine) as connection:
        scope = scope_of(connection, caller)
        rows, more = alert_rows(connection, scope, after, limit, since_of(updated_since))
    following = cursor_of((rows[-1].number,)) if more else None
    return AlertPage(items=rows, next=next_page(request, response, following))


@data.get("/facilities")
def list_facilities(
    request: Request,
    response: Response,
    caller: OfPortfolio,
    *,
    limit: Limit = _USUAL,
    cursor: Cursor = None,
    updated_since: Since = None,
) -> FacilityPositions:
    """Facilities within reach with their positions as of today, without borrowers."""
    access, after = access_of(request), key_of(cursor, int)
    with reading(access.engine) as connection:
        today = local_day(connection, access.clock(), request.app.state.folders.packs)
        scope = scope_of(connection, caller)
        rows, more, last = facility_rows(connection, scope, after, limit, since_of(updated_since), today)
    following = cursor_of((last,)) if more and last is not None else None
    return FacilityPositions(items=rows, next=next_page(request, response, following))
