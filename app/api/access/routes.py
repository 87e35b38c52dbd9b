"""The addresses of signing in, of oneself, and of a party's name and contact."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Request, Response
from sqlalchemy import select

from app.api.access.roles import ANYBODY, Lender, SignedIn, access_of
from app.api.access.schemas import MOST_NUMBER, Me, PartyContact, PasswordChange, SessionState, SignIn, Unit
from app.api.access.sessions import Signed
from app.api.access.signing_in import Access, Credentials, change_password, look_up, sign_in, sign_out
from app.api.access.tokens import CSRF_COOKIE, SESSION_COOKIE, csrf_token
from app.api.access.viewing import contact_of, show_party
from app.api.schemas import Problem
from app.db.tables import Run

_REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": Problem} for status in (401, 403, 404, 422, 429, 500)
}
_UNKNOWN_ADDRESS: Final = "unknown"

router = APIRouter(prefix="/api/v1", responses=_REFUSALS)

In = Annotated[Access, Depends(access_of)]


@router.post("/session", status_code=201, dependencies=[Depends(ANYBODY.stranger)])
def start_session(request: Request, response: Response, access: In, asked: SignIn) -> Me:
    """Sign in; the cookies of the answer are the session."""
    token = sign_in(access, Credentials(asked.login, asked.password.get_secret_value()), _address(request))
    return _welcome(response, access, token)


@router.get("/session")
def show_session(access: In, signed: SignedIn) -> SessionState:
    """How long the session still lives."""
    idle_s = int(access.spans.idle.total_seconds())
    return SessionState(login=signed.person.login, ends_at=signed.ends_at, idle_s=idle_s)


@router.delete("/session", status_code=204)
def end_session(response: Response, access: In, signed: SignedIn) -> None:
    """Sign out."""
    sign_out(access, signed)
    for name in (SESSION_COOKIE, CSRF_COOKIE):
        response.delete_cookie(name, path="/", secure=True, httponly=name == SESSION_COOKIE, samesite="lax")


@router.get("/me")
def show_me(access: In, signed: SignedIn) -> Me:
    """Who is signed in."""
    return _me(access, signed)


@router.put("/me/password")
def set_my_password(request: Request, response: Response, access: In, signed: SignedIn, asked: PasswordChange) -> Me:
    """Change one's own password; sessions elsewhere end."""
    old, new = asked.old.get_secret_value(), asked.new.get_secret_value()
    return _welcome(response, access, change_password(access, signed, old, new, _address(request)))


@router.get("/parties/{party_id}/contact")
def show_contact(access: In, signed: Lender, party_id: Annotated[int, Path(ge=1, le=MOST_NUMBER)]) -> PartyContact:
    """Name and contact of a party; that one looked is written down first."""
    return contact_of(show_party(access, signed, party_id, "name and contact", "farmer's page"))


def _address(request: Request) -> str:
    return _UNKNOWN_ADDRESS if request.client is None else request.client.host


def _welcome(response: Response, access: Access, token: str) -> Me:
    signed = look_up(access, token, access.clock())
    if signed is None:
        raise AssertionError("a session that just began is there")
    longest_s = int(access.spans.longest.total_seconds())
    for name, value in ((SESSION_COOKIE, token), (CSRF_COOKIE, csrf_token(token))):
        hidden = name == SESSION_COOKIE
        response.set_cookie(name, value, max_age=longest_s, path="/", secure=True, httponly=hidden, samesite="lax")
    return _me(access, signed)


def _me(access: Access, signed: Signed) -> Me:
    person = signed.person
    with access.engine.connect() as connection:
        simulated = connection.scalar(select(Run.run_id).where(Run.simulated).limit(1)) is not None
    return Me(
        id=person.id,
        login=person.login,
        display_name=person.display_name,
        role=person.role,
        unit=Unit(code=person.unit, name=signed.unit_name),
        language=signed.language,
        simulated=simulated,
    )
