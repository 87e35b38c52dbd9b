"""What a request for features asks. The standard wants status 400 for whatever it does not define."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, TypeAlias

from fastapi import Request

from geo.errors import InputError

#: Most features of a page, and how many where nothing is asked; more than the most is given as the most (7.15.2).
MOST: Final = 1000
USUAL: Final = 100
_PLANE, _SPACE = 4, 6
_OPEN: Final = frozenset({"", ".."})

#: West, south, east, north in degrees; west of a box across the 180th meridian is greater than east.
Bbox: TypeAlias = tuple[float, float, float, float]
#: First and last instant; None: open.
Span: TypeAlias = tuple[datetime | None, datetime | None]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which features are wanted.

    Attributes:
        limit: most of a page.
        after: id of the last feature of the page before; None: from the first on.
        bbox: only those that meet this box; None: all.
        span: only those whose outline held in this span; None: all.
    """

    limit: int
    after: str | None
    bbox: Bbox | None
    span: Span | None


def refuse_unknown(request: Request, *known: str) -> None:
    """Refuse parameters that an address does not have (InputError)."""
    strange = sorted(set(request.query_params) - set(known))
    if strange:
        there = f"There are: {', '.join(known)}." if known else "This address has none."
        raise InputError("FEATURES_PARAMETER", f"There is no parameter {strange[0]!r}.", there)


def asked_of(request: Request) -> Asked:
    """What a request asks; InputError where a value cannot be read."""
    refuse_unknown(request, "limit", "after", "bbox", "datetime")
    given = request.query_params
    bbox, span = given.get("bbox"), given.get("datetime")
    return Asked(
        limit=_limit(given.get("limit")),
        after=given.get("after"),
        bbox=None if bbox is None else _bbox(bbox),
        span=None if span is None else _span(span),
    )


def _limit(text: str | None) -> int:
    if text is None:
        return USUAL
    if not (text.isascii() and text.isdigit() and len(text) < 19) or int(text) < 1:  # noqa: PLR2004 - of 64 bits
        raise _wrong("limit", "a number from 1 on")
    return min(int(text), MOST)


def _bbox(text: str) -> Bbox:
    try:
        sides = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise _wrong("bbox", "west,south,east,north in degrees") from error
    if len(sides) == _SPACE:
        sides = [sides[0], sides[1], sides[3], sides[4]]
    if len(sides) != _PLANE or not all(map(math.isfinite, sides)) or sides[1] > sides[3]:
        raise _wrong("bbox", "west,south,east,north in degrees")
    west, south, east, north = sides
    return west, south, east, north


def _span(text: str) -> Span:
    first, slash, last = text.partition("/")
    if not slash:
        return _instant(first, ends=False), _instant(first, ends=True)
    start = None if first in _OPEN else _instant(first, ends=False)
    end = None if last in _OPEN else _instant(last, ends=True)
    if (start is None and end is None) or (start is not None and end is not None and start > end):
        raise _wrong("datetime", "an instant or a span of RFC 3339, as 2026-05-01 or 2026-05-01T00:00:00Z/..")
    return start, end


def _instant(text: str, *, ends: bool) -> datetime:
    """An instant; of a day its first or last."""
    try:
        if "T" in text.upper():
            moment = datetime.fromisoformat(text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        start = datetime.combine(date.fromisoformat(text), time(), tzinfo=UTC)
        return start + timedelta(days=1, microseconds=-1) if ends else start
    except (ValueError, OverflowError) as error:
        raise _wrong(
            "datetime", "an instant or a span of RFC 3339, as 2026-05-01 or 2026-05-01T00:00:00Z/.."
        ) from error


def _wrong(name: str, form: str) -> InputError:
    return InputError("FEATURES_PARAMETER", f"The parameter {name} cannot be read.", f"Give {form}.")
