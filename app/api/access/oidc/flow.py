"""A sign-in that goes to the bank's service and comes back: once, within minutes, and to the same browser."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from app.api.access.oidc.claims import subject_of
from app.api.access.oidc.service import SignInService
from app.api.access.sessions import start_session
from app.api.access.signing_in import Access
from app.api.access.tokens import new_token, token_hash
from app.db.engine import BESIDE_THE_BOOK, writing
from app.db.tables import SignInFlow, User, UserIdentity
from geo.errors import InputError

#: Time to sign in at the service.
WITHIN: Final = timedelta(minutes=10)
#: Holds the state in the browser that began: an answer that somebody else obtained signs nobody in elsewhere.
FLOW_COOKIE: Final = "__Host-acreline-flow"


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in on its way.

    Attributes:
        address: where the browser goes.
        state: what its cookie holds.
    """

    address: str
    state: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Back:
    """What came back: state and code as in the address, and the state that the browser's cookie holds."""

    state: str
    code: str = field(repr=False)
    cookie: str | None = field(repr=False)


def begin(access: Access, service: SignInService) -> Begun:
    """Write a sign-in down and say where the browser goes; those that never came back are dropped.

    Raises:
        InputError, TransientError: the service cannot be used.
    """
    state, nonce, verifier = (new_token(access.entropy) for _ in range(3))
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    address, now = service.authorization(state, nonce, challenge), access.clock()
    row = {"state_hash": token_hash(state), "nonce": nonce, "code_verifier": verifier, "started_at": now}
    with writing(access.engine, lock=BESIDE_THE_BOOK) as connection:
        connection.execute(delete(SignInFlow).where(SignInFlow.started_at < now - WITHIN))
        connection.execute(insert(SignInFlow), [row])
    return Begun(address, state)


def finish(access: Access, service: SignInService, back: Back) -> str:
    """Token of the new session of who came back.

    Raises:
        InputError: it is not the sign-in that this browser began, it took too long or was used, the service's answer
            does not hold, or nobody active here is linked to that identity.
        TransientError: the service does not answer.
    """
    if back.cookie is None or not hmac.compare_digest(back.state.encode(), back.cookie.encode()):
        raise _stale()
    nonce, verifier = _used(access, back.state)
    subject = subject_of(service.claims(back.code, verifier), service.registration, nonce, access.clock())
    token, now = new_token(access.entropy), access.clock()
    with writing(access.engine, lock=BESIDE_THE_BOOK) as connection:
        user = _linked(connection, service.registration.issuer, subject)
        start_session(connection, user, token, access.spans, now)
    return token


def _used(access: Access, state: str) -> tuple[str, str]:
    """Nonce and code verifier of a sign-in, which is over with this."""
    earliest = access.clock() - WITHIN
    with writing(access.engine, lock=BESIDE_THE_BOOK) as connection:
        ours = SignInFlow.state_hash == token_hash(state)
        wanted = select(SignInFlow.nonce, SignInFlow.code_verifier).where(ours, SignInFlow.started_at >= earliest)
        row = connection.execute(wanted).one_or_none()
        connection.execute(delete(SignInFlow).where(ours))
    if row is None:
        raise _stale()
    return row.nonce, row.code_verifier


def _linked(connection: Connection, issuer: str, subject: str) -> int:
    wanted = (
        select(User.id)
        .join(UserIdentity, UserIdentity.user_id == User.id)
        .where(
            UserIdentity.issuer == issuer, UserIdentity.subject == subject, UserIdentity.ended_at.is_(None), User.active
        )
    )
    found = connection.scalar(wanted)
    if found is None:
        said = "The bank's sign-in service knows you, and this office has no account that is linked to it."
        raise InputError("OIDC_NOT_LINKED", said, "Ask an administrator: `acreline people link`.")
    return found


def _stale() -> InputError:
    said = "This sign-in was not begun in this browser, took longer than ten minutes, or was used already."
    return InputError("OIDC_STALE", said, "Sign in again.")
