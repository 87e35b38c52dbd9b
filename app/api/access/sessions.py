"""Sessions of people who are signed in. Role and unit are read with each request, so that a change holds at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, delete, insert, select, update

from app.api.access.tokens import is_token, token_hash
from app.book.decisions.people import Person
from app.db.tables import OrgUnit, User, UserSession

#: Being seen is written down at most this often, so that reading a page seldom writes.
_SEEN_EVERY: Final = timedelta(minutes=1)
#: Ended sessions are kept so long.
_KEPT: Final = timedelta(days=30)
_COLUMNS: Final = (
    UserSession.id,
    UserSession.seen_at,
    UserSession.ends_at,
    User.id,
    User.login,
    User.display_name,
    User.role,
    User.active,
    User.language,
    OrgUnit.code,
    OrgUnit.name,
)


@dataclass(frozen=True, slots=True)
class Spans:
    """How long a session lives: without a request, and at most."""

    idle: timedelta
    longest: timedelta


@dataclass(frozen=True, slots=True)
class Signed:
    """Somebody signed in.

    Attributes:
        session_id: number of the session.
        token: of the session.
        person: who it is now, with role and unit.
        unit_name: name of that unit.
        language: of the person ("en", "zh").
        seen_at: when last seen before this request, to the minute.
        ends_at: when the session ends at the latest.
    """

    session_id: int
    token: str = field(repr=False)
    person: Person
    unit_name: str
    language: str
    seen_at: datetime
    ends_at: datetime


def start_session(connection: Connection, user_id: int, token: str, spans: Spans, now: datetime) -> None:
    """Write down a new session, and drop those that ended long ago."""
    connection.execute(delete(UserSession).where(UserSession.ends_at < now - _KEPT))
    row = {
        "user_id": user_id,
        "token_hash": token_hash(token),
        "started_at": now,
        "seen_at": now,
        "ends_at": now + spans.longest,
    }
    connection.execute(insert(UserSession), [row])


def find_session(connection: Connection, token: str | None, spans: Spans, now: datetime) -> Signed | None:
    """Who a token stands for; None where it is none, the session ended, or the person is no longer active."""
    if token is None or not is_token(token):
        return None
    known = {"token_hash": token_hash(token), "now": now, "seen_since": now - spans.idle}
    row = connection.execute(_living_session(), known).one_or_none()
    if row is None:
        return None
    number, seen_at, ends_at, user_id, login, name, role, active, language, unit, unit_name = row
    person = Person(user_id, login, name, role, unit, active)
    return Signed(number, token, person, unit_name, language, seen_at, ends_at)


@cache
def _living_session() -> Select[*tuple[Any, ...]]:
    """Who a token stands for: built once, since building it costs more than asking, and every request asks."""
    return (
        select(*_COLUMNS)
        .join(User, User.id == UserSession.user_id)
        .join(OrgUnit, OrgUnit.id == User.org_unit_id)
        .where(
            UserSession.token_hash == bindparam("token_hash"),
            UserSession.ended_at.is_(None),
            UserSession.ends_at > bindparam("now"),
            UserSession.seen_at > bindparam("seen_since"),
            User.active,
        )
    )


def is_due(signed: Signed, now: datetime) -> bool:
    """Whether it is time to write down again that somebody was seen."""
    return now - signed.seen_at >= _SEEN_EVERY


def note_seen(connection: Connection, session_id: int, now: datetime) -> None:
    """Write down that somebody was seen; never an instant before the last."""
    wanted = update(UserSession).where(UserSession.id == session_id, UserSession.seen_at < now)
    connection.execute(wanted.values(seen_at=now))


def end_session(connection: Connection, session_id: int, now: datetime) -> None:
    """End a session; one that ended stays as it was."""
    wanted = update(UserSession).where(UserSession.id == session_id, UserSession.ended_at.is_(None))
    connection.execute(wanted.values(ended_at=now))
