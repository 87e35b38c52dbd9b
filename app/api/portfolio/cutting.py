"""The part of the book that a request is about."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal

from fastapi import Request

from app.api.access.roles import access_of
from app.api.answers import minor_digits
from app.api.farmers.present import present_of
from app.api.office.desk import Desk
from app.book.portfolio.cuts import Cut
from geo.errors import InputError

#: Before this there is no imagery, and databases count years otherwise.
_FIRST = date(1970, 1, 1)


def cut_of(request: Request, desk: Desk, day: date | None) -> tuple[Cut, date]:
    """Part of the book and today.

    Raises:
        InputError: the day lies ahead.
    """
    now = access_of(request).clock()
    present = present_of(desk.connection, now, desk.packs)
    today = present.moment.day
    wanted = today if day is None else day
    if not _FIRST <= wanted <= today:
        raise InputError("PORTFOLIO_DAY", f"The book of {wanted} is not known.", f"Choose {today} or a day before it.")
    ends = now if wanted == today else _end(wanted, present.zone)
    return Cut(wanted, ends, desk.scope.parcels(), desk.scope.facilities()), today


def major(minor: int, currency: str) -> Decimal:
    """Amount in whole units of a currency."""
    return Decimal(minor).scaleb(-minor_digits(currency))


def _end(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC) - timedelta(microseconds=1)
