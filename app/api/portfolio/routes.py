"""The addresses of the portfolio and of its files."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse

from app.api.access.roles import Lender, access_of
from app.api.office.desk import desk_of
from app.api.portfolio.answering import portfolio_answer, portfolio_sheet
from app.api.portfolio.cutting import cut_of, major
from app.api.portfolio.schemas import Portfolio
from app.api.portfolio.taking import MEDIA_TYPES, Ending, note_export, sent, written
from app.api.schemas import Problem
from app.book.portfolio.cuts import By
from app.book.portfolio.rows import Rows, rows_of

_FILES: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {kind: {} for kind in MEDIA_TYPES.values()}}}

Day = Annotated[date | None, Query(description="Local day as of which; today without it.")]

portfolios = APIRouter(
    prefix="/api/v1", responses={status: {"model": Problem} for status in (400, 401, 403, 404, 422, 500)}
)


@portfolios.get("/portfolio")
def show_portfolio(request: Request, signed: Lender, by: By = By.BRANCH, day: Day = None) -> Portfolio:
    """Counts, areas and amounts of the person's part of the book."""
    with desk_of(request, signed) as desk:
        cut, today = cut_of(request, desk, day)
        return portfolio_answer(desk.connection, cut, by, today)


@portfolios.get("/portfolio.{ending}", responses=_FILES, response_class=FileResponse)
def take_portfolio(
    request: Request, signed: Lender, ending: Ending, by: By = By.BRANCH, day: Day = None
) -> FileResponse:
    """The same as a file. That somebody took it is written down."""
    with desk_of(request, signed) as desk:
        cut, _ = cut_of(request, desk, day)
        file, count = written(portfolio_sheet(desk.connection, cut, by), ending)
    asked = {"by": by.value, "day": cut.day.isoformat(), "unit": signed.person.unit, "file": ending.value}
    note_export(access_of(request), signed, "portfolio", asked, count)
    return sent(file, ending, f"portfolio-{by}", cut.day)


@portfolios.get("/portfolio/{rows}.{ending}", responses=_FILES, response_class=FileResponse)
def take_rows(request: Request, signed: Lender, rows: Rows, ending: Ending, day: Day = None) -> FileResponse:
    """The parcels or facilities behind it, without names of people. That somebody took them is written down."""
    with desk_of(request, signed) as desk:
        cut, _ = cut_of(request, desk, day)
        file, count = written(rows_of(desk.connection, cut, rows, major), ending)
    asked = {"day": cut.day.isoformat(), "unit": signed.person.unit, "file": ending.value}
    note_export(access_of(request), signed, rows.value, asked, count)
    return sent(file, ending, rows.value, cut.day)
