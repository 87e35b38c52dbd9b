"""Signing in and out, and who a request comes from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Engine, select, update
from starlette.concurrency import run_in_threadpool

from app.api.access.passwords import Passwords, require_strong
from app.api.access.sessions import Signed, Spans, end_session, find_session, is_due, note_seen, start_session
from app.api.access.throttle import note_attempt, note_success
from app.api.access.tokens import Entropy, new_token
from app.api.threads import read_shortly
from app.book.decisions.people import set_password
from app.db.engine import BESIDE_THE_BOOK, writing
from app.db.tables import User
from geo.errors import InputError


@dataclass(frozen=True, slots=True)
class Access:
    """What signing in rests on.

    Attributes:
        engine: the institution's database.
        passwords: hashes and checks them.
        spans: how long a session lives.
        clock: gives the instant.
        entropy: gives random bytes.
        origin: scheme, host and port that browsers see ("https://acreline.bank.example"); None: those of the request.
    """

    engine: Engine
    passwords: Passwords
    spans: Spans
    clock: Callable[[], datetime]
    entropy: Entropy
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Credentials:
    """Login and password as typed."""

    login: str
    password: str = field(repr=False)


def sign_in(access: Access, typed: Credentials, address: str) -> str:
    """Token of a new session.

    An unknown login, one without a password, a person who left and a wrong password are one and the same to who tries,
    also by the time that the answer takes.

    Args:
        access: what signing in rests on.
        typed: login and password.
        address: of the client.

    Raises:
        InputError: login or password is wrong, or there were too many failures.
    """
    with writing(access.engine, lock=BESIDE_THE_BOOK) as connection:
        attempt = note_attempt(connection, typed.login, address, access.clock())
    with access.engine.connect() as connection:
        known = _stored(connection, typed.login)
    user_id, stored = known or (None, None)
    checked = access.passwords.check(typed.password, stored)
    if user_id is None or not checked.right:
        raise _wrong()
    token, now = new_token(access.entropy), access.clock()
    with writing(access.engine, lock=BESIDE_THE_BOOK) as connection:
        if _stored(connection, typed.login) != (user_id, stored):  # changed while it was checked
            raise _wrong()
        if checked.renewed is not None:
            connection.execute(update(User).where(User.id == user_id).values(password_hash=checked.renewed))
        note_success(connection, attempt, now)
        start_session(connection, user_id, token, access.spans, now)
    return token


async def signed_in(access: Access, token: str | None) -> Signed | None:
    """Who a token stands for, seen now; None where nobody is signed in with it."""
    now = access.clock()
    signed = await read_shortly(access.engine, lambda: look_up(access, token, now))
    if signed is not None and is_due(signed, now):
        await run_in_threadpool(_note_seen, access, signed, now)
    return signed


def look_up(access: Access, token: str | None, now: datetime) -> Signed | None:
    """Who a token stands for; None where nobody is signed in with it."""
    with access.engine.connect() as connection:
        return find_session(connection, token, access.spans, now)


def sign_out(access: Access, signed: Signed) -> None:
    """End the session of a request."""
    with writing(access.engine, lock=BESIDE_THE_BOOK) as connection:
        end_session(connection, signed.session_id, access.clock())


def change_password(access: Access, signed: Signed, old: str, new: str, address: str) -> str:
    """Give oneself another password; all sessions end, and a new one begins.

    Returns:
        Token of the new session.

    Raises:
        InputError: the old password is wrong or was tried too often, or the new one is weak or the old one again.
    """
    login = signed.person.login
    require_strong(new, login)
    if new == old:
        raise InputError("PASSWORD_SAME", "The new password is the old one.", "Choose another.")
    sign_in(access, Credentials(login, old), address)
    hashed = access.passwords.hash(new)
    with writing(access.engine) as connection:
        set_password(connection, login, hashed, access.clock())
    return sign_in(access, Credentials(login, new), address)


def _note_seen(access: Access, signed: Signed, now: datetime) -> None:
    with writing(access.engine, lock=BESIDE_THE_BOOK) as connection:
        note_seen(connection, signed.session_id, now)


def _stored(connection: Connection, login: str) -> tuple[int, str] | None:
    """Number and hash of an active person who signs in with a password."""
    row = connection.execute(
        select(User.id, User.password_hash).where(User.login == login, User.active, User.password_hash.is_not(None))
    ).one_or_none()
    return None if row is None or row.password_hash is None else (row.id, row.password_hash)


def _wrong() -> InputError:
    return InputError("SIGN_IN_REFUSED", "Login or password is wrong.", "Try again, or ask an administrator.")
