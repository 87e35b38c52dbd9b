"""How often somebody may try to sign in: failures are counted per login and per address, known or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from app.db.tables import SignInAttempt
from geo.errors import InputError

_IPV6_NETWORK_BITS = 64
#: Wrong keys of a network are counted apart from its sign-ins: a system with an old key must not keep a branch out.
_KEYS_OF: Final = "keys of "


@dataclass(frozen=True, slots=True)
class Bound:
    """At most so many failures within a span that ends now."""

    failures: int
    within: timedelta


#: Of one login since it last succeeded. Fewer than the 100 that NIST SP 800-63B-4, 3.2.2, allows; both spans end by
#: themselves, so that who fails for somebody else keeps them out for a while and not for good.
OF_LOGIN: Final = (Bound(10, timedelta(minutes=15)), Bound(50, timedelta(days=1)))
#: Of one address, behind which a whole branch may sit; a success does not take its failures away.
OF_ADDRESS: Final = (Bound(100, timedelta(minutes=15)), Bound(1000, timedelta(days=1)))
_WRONG_SIGN_INS: Final = ("SIGN_IN_THROTTLED", "There were too many failed tries to sign in.")
_WRONG_KEYS: Final = ("KEYS_THROTTLED", "There were too many wrong keys.")
_KEPT: Final = max(bound.within for bound in (*OF_LOGIN, *OF_ADDRESS))


def note_attempt(connection: Connection, login: str, address: str, now: datetime) -> int:
    """Write down a try as failed, before the password is looked at; tries at the same time then count each other.

    Args:
        connection: transaction that writes, one at a time.
        login: as typed.
        address: of the client.
        now: instant.

    Returns:
        Number of the try, for note_success.

    Raises:
        InputError: there were too many; the context's retry_after_s says when to try again, s. Such a try is not
            counted.
    """
    hashed, place = login_hash(login), network_of(address)
    _refuse_beyond(connection, OF_LOGIN, _failures_of_login(hashed), now)
    _refuse_beyond(connection, OF_ADDRESS, SignInAttempt.network == place, now)
    row = {"login_hash": hashed, "network": place, "tried_at": now, "succeeded": False}
    return connection.execute(insert(SignInAttempt).values(row).returning(SignInAttempt.id)).scalar_one()


def note_success(connection: Connection, attempt: int, now: datetime) -> None:
    """Write down that a try succeeded, and drop tries that count no more."""
    connection.execute(update(SignInAttempt).where(SignInAttempt.id == attempt).values(succeeded=True))
    connection.execute(delete(SignInAttempt).where(SignInAttempt.tried_at < now - _KEPT))


def note_wrong_key(connection: Connection, address: str, now: datetime) -> None:
    """Write down that a key was wrong, and drop tries that count no more.

    Args:
        connection: transaction that writes, one at a time.
        address: of the client.
        now: instant.

    Raises:
        InputError: there were too many from that network; the context's retry_after_s says when to try again, s. Such
            a try is not counted.
    """
    place = (_KEYS_OF + network_of(address))[:128]
    _refuse_beyond(connection, OF_ADDRESS, SignInAttempt.network == place, now, _WRONG_KEYS)
    row = {"login_hash": login_hash(_KEYS_OF), "network": place, "tried_at": now, "succeeded": False}
    connection.execute(insert(SignInAttempt), [row])
    connection.execute(delete(SignInAttempt).where(SignInAttempt.tried_at < now - _KEPT))


def forgive(connection: Connection, login: str) -> None:
    """Forget the failures of a login, once its password was set anew."""
    connection.execute(delete(SignInAttempt).where(SignInAttempt.login_hash == login_hash(login)))


def login_hash(login: str) -> str:
    """SHA-256 of a login as typed: enough to count by, and not to read what was typed."""
    return sha256(login.encode()).hexdigest()


def network_of(address: str) -> str:
    """What an address is counted as: itself, of IPv6 the /64 that one subscriber has; other texts as they are."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:128]
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ip_network((int(parsed), _IPV6_NETWORK_BITS), strict=False))
    return str(parsed)


def _failures_of_login(hashed: str) -> ColumnElement[bool]:
    of_login = SignInAttempt.login_hash == hashed
    last = select(func.coalesce(func.max(SignInAttempt.id), 0)).where(of_login, SignInAttempt.succeeded)
    return of_login & (SignInAttempt.id > last.scalar_subquery())


def _refuse_beyond(
    connection: Connection,
    bounds: Sequence[Bound],
    counted: ColumnElement[bool],
    now: datetime,
    refusal: tuple[str, str] = _WRONG_SIGN_INS,
) -> None:
    waits = [wait for bound in bounds if (wait := _wait(connection, bound, counted, now)) is not None]
    if waits:
        seconds = max(1, round(max(waits).total_seconds()))
        minutes = -(-seconds // 60)
        raise InputError(
            *refusal,
            f"Try again in {minutes} minutes.",
            retry_after_s=seconds,
        )


def _wait(connection: Connection, bound: Bound, counted: ColumnElement[bool], now: datetime) -> timedelta | None:
    """Until fewer failures than the bound lie within its span; None where that is so now."""
    failed = select(SignInAttempt.tried_at).where(
        counted, ~SignInAttempt.succeeded, SignInAttempt.tried_at > now - bound.within
    )
    newest = failed.order_by(SignInAttempt.tried_at.desc()).offset(bound.failures - 1).limit(1)
    nth = connection.scalars(newest).one_or_none()
    return None if nth is None else nth + bound.within - now
