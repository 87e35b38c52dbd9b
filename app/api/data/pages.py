"""Pages by the key of their last row: rows that come meanwhile move no other row to another page."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Final, TypeAlias, TypeVar

from fastapi import Query, Request, Response
from pydantic import AwareDatetime

from geo.errors import InputError

#: Most rows of a page.
MOST: Final = 1000
_LONGEST: Final = 1000
_LARGEST: Final = 2**63 - 1
_FIRST, _LAST = datetime(1970, 1, 2, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
_T = TypeVar("_T")

Limit = Annotated[int, Query(ge=1, le=MOST, description="Most rows of the page.")]
Cursor = Annotated[
    str | None, Query(max_length=_LONGEST, description="Where the last page ended; `next` of it holds this.")
]
Since = Annotated[
    AwareDatetime | None, Query(description="Only rows that were written at this instant or later, with its zone.")
]
#: Key of a row: numbers and texts.
RowKey: TypeAlias = tuple[int | str, ...]


def cursor_of(key: RowKey) -> str:
    """A key as it stands in an address."""
    return urlsafe_b64encode(json.dumps(key, ensure_ascii=False).encode()).rstrip(b"=").decode()


def key_of(cursor: str | None, *kinds: type[int | str]) -> RowKey | None:
    """The key of a cursor, whose parts are of some kinds; None for none.

    Raises:
        InputError: no page of this list ended there.
    """
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        said = json.loads(urlsafe_b64decode(padded.encode("ascii")))
    except ValueError as error:
        raise _no_page() from error
    if not isinstance(said, list) or len(said) != len(kinds):
        raise _no_page()
    if not all(type(part) is kind and _storable(part) for part, kind in zip(said, kinds, strict=True)):
        raise _no_page()
    return tuple(said)


def since_of(asked: datetime | None) -> datetime | None:
    """An instant as databases can compare it: the bank has no rows outside these years."""
    return None if asked is None else min(max(asked, _FIRST), _LAST)


def cut(rows: Sequence[_T], limit: int) -> tuple[Sequence[_T], bool]:
    """The rows of a page, and whether there are more: one row more than asked for says so."""
    return rows[:limit], len(rows) > limit


def next_page(request: Request, response: Response, cursor: str | None) -> str | None:
    """Address of the next page, which is also said in the header Link (RFC 8288); None after the last."""
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Authorization, Cookie"
    if cursor is None:
        return None
    url = request.url.include_query_params(cursor=cursor)
    address = f"{url.path}?{url.query}"
    response.headers["Link"] = f'<{address}>; rel="next"'
    return address


def _storable(part: int | str) -> bool:
    """Whether both databases can compare with it."""
    if isinstance(part, int):
        return abs(part) <= _LARGEST
    return "\0" not in part and not any("\ud800" <= character <= "\udfff" for character in part)


def _no_page() -> InputError:
    return InputError(
        "CURSOR", "No page of this list ended there.", "Follow `next` of a page, or begin without a cursor."
    )
