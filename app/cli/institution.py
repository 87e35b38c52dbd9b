"""The institution's database, for commands that keep the book."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from geo.errors import InputError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from sqlalchemy import Connection, Engine

DatabaseOption: TypeAlias = Annotated[
    str | None, typer.Option("--database", help="The institution's database; ACRELINE_DATABASE_URL by default.")
]
ByOption: TypeAlias = Annotated[str, typer.Option("--by", help="Login of who does this.", metavar="LOGIN")]


def database_of(url: str | None) -> str:
    """URL as given on the command line, or that of the settings; InputError where neither names a database."""
    return url or _from_settings()


@contextmanager
def institution(url: str | None) -> Iterator[Engine]:
    """Engine on the institution's database, disposed of afterwards.

    Args:
        url: as given on the command line; None: that of the settings.

    Raises:
        InputError: neither names a database, or the URL is wrong.
        DataError: it cannot be reached, or is not at the newest revision.
    """
    from app.db.engine import open_engine
    from app.db.migrate import check_current

    engine = open_engine(database_of(url))
    try:
        check_current(engine)
        yield engine
    finally:
        engine.dispose()


def user_id(connection: Connection, login: str) -> int:
    """Number of the active user of a login; InputError where there is none."""
    from app.book.decisions.people import find_user

    return find_user(connection, login).id


def time_zone(name: str) -> ZoneInfo:
    """Time zone of a name; InputError where there is none."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError("TIME_ZONE", f"{name!r} is not a time zone.", "Write it like Asia/Shanghai.") from error


def _from_settings() -> str:
    from app.settings import load_settings

    url = load_settings().database_url
    if url is None:
        raise InputError(
            "DATABASE_NOT_SET",
            "No database of the institution is named.",
            "Give --database URL, or set ACRELINE_DATABASE_URL.",
        )
    return url.get_secret_value()
