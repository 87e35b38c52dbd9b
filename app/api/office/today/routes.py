"""The address of Today."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request

from app.api.access.roles import Lender
from app.api.office.desk import In, desk_of
from app.api.office.tagged import TaggedRoute
from app.api.office.today.page import today_page
from app.api.office.today.schemas import TodayPage
from app.api.schemas import Problem

_REFUSALS: Final[dict[int | str, dict[str, Any]]] = {status: {"model": Problem} for status in (401, 403, 500)}

today = APIRouter(prefix="/api/v1/today", responses=_REFUSALS, route_class=TaggedRoute)


@today.get("")
def show_today(request: Request, access: In, signed: Lender) -> TodayPage:
    """What is overdue and what ends soon, alerts, what waits for a second person, and the week's visits."""
    with desk_of(request, signed) as desk:
        return today_page(desk, access.clock())
