"""Whose key a request carries. What a key may do is read with each request, so that revoking holds at once."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from fastapi import Request
from sqlalchemy import Connection, Select, bindparam, or_, select, update

from app.api.access.signing_in import Access
from app.api.access.throttle import note_wrong_key
from app.api.access.tokens import SESSION_COOKIE
from app.api.keys.tokens import KeyScope, is_key, key_fits, key_hash
from app.db.engine import BESIDE_THE_BOOK, writing
from app.db.tables import ApiKey, OrgUnit
from geo.errors import InputError

#: Use is written down at most this often, so that reading seldom writes.
_USED_EVERY: Final = timedelta(minutes=1)
_BEARER: Final = "bearer"
#: For clients that know names and passwords only (QGIS before 3.24): the key is the password, whatever the name.
_BASIC: Final = "basic"
_UNKNOWN_ADDRESS: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Keyed:
    """Another system of the bank.

    Attributes:
        id: number of its key.
        label: what administrators call it.
        unit: code of the unit whose part of the book it sees.
        scopes: what it may ask for.
        last_used_at: before this request, to the minute; None: never.
    """

    id: int
    label: str
    unit: str
    scopes: frozenset[KeyScope]
    last_used_at: datetime | None


def key_of(request: Request) -> str | None:
    """The key that a request carries; None where it carries none.

    Raises:
        InputError: it carries a session too, or credentials of another kind.
    """
    said = request.headers.get("authorization")
    if said is None:
        return None
    if SESSION_COOKIE in request.cookies:
        raise InputError("KEY_AND_SESSION", "The request carries both a key and a session.", "Send one of them.")
    scheme, _, given = said.partition(" ")
    if scheme.lower() == _BASIC:
        return _password_of(given.strip())
    if scheme.lower() != _BEARER:
        raise _refused()
    return given.strip()


def _password_of(given: str) -> str:
    try:
        named = base64.b64decode(given, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        raise _refused() from None
    return named.partition(":")[2]


def keyed(access: Access, request: Request, key: str) -> Keyed:
    """The system that a key is of, its use written down.

    Raises:
        InputError: no such key is good; after too many wrong ones from a network each further one is refused unwritten.
            A good key is let in whatever others of its network try: 256 bits are not found by trying.
    """
    now = access.clock()
    with access.engine.connect() as connection:
        found = find_key(connection, key, now)
    if found is None:
        address = _UNKNOWN_ADDRESS if request.client is None else request.client.host
        with writing(access.engine, lock=BESIDE_THE_BOOK) as connection:
            note_wrong_key(connection, address, now)
        raise _refused()
    if found.last_used_at is None or now - found.last_used_at >= _USED_EVERY:
        with writing(access.engine, lock=BESIDE_THE_BOOK) as connection:
            note_used(connection, found.id, now)
    return found


def find_key(connection: Connection, key: str, now: datetime) -> Keyed | None:
    """The system of a key; None where there is no such key, it was revoked, or its time is over."""
    if not is_key(key):
        return None
    row = connection.execute(_living_key(), {"key_hash": key_hash(key), "now": now}).one_or_none()
    if row is None or not key_fits(key, row.key_hash):
        return None
    known = frozenset(scope for scope in KeyScope if scope.value in row.scopes)
    return Keyed(row.id, row.label, row.code, known, row.last_used_at)


def note_used(connection: Connection, number: int, now: datetime) -> None:
    """Write down that a key was used; never an instant before the last."""
    earlier = or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at < now)
    connection.execute(update(ApiKey).where(ApiKey.id == number, earlier).values(last_used_at=now))


@cache
def _living_key() -> Select[*tuple[Any, ...]]:
    """Built once, since every request asks it."""
    return (
        select(ApiKey.id, ApiKey.label, ApiKey.key_hash, ApiKey.scopes, ApiKey.last_used_at, OrgUnit.code)
        .join(OrgUnit, OrgUnit.id == ApiKey.org_unit_id)
        .where(
            ApiKey.key_hash == bindparam("key_hash"), ApiKey.revoked_at.is_(None), ApiKey.expires_at > bindparam("now")
        )
    )


def _refused() -> InputError:
    said = "The key is wrong, was revoked, or its time is over."
    return InputError("KEY_REFUSED", said, "`acreline keys list` shows all; `acreline keys make` makes another.")
