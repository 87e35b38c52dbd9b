"""The addresses of signing in by the bank's own service. Where they lead is never taken from a request."""

from __future__ import annotations

import logging
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from pydantic import Field

from app.api.access.oidc.flow import FLOW_COOKIE, WITHIN, Back, begin, finish
from app.api.access.oidc.service import SignInService
from app.api.access.roles import ANYBODY, access_of
from app.api.access.signing_in import Access
from app.api.access.tokens import CSRF_COOKIE, SESSION_COOKIE, csrf_token
from app.api.schemas import Answer, Problem
from geo.errors import AcrelineError, InputError

_REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": Problem} for status in (400, 401, 403, 404, 422, 500, 503)
}
_PAGE: Final = "/"
_SEE_OTHER: Final = 303
_LONGEST: Final = 4096
_LOG: Final = logging.getLogger("acreline.access")

oidc = APIRouter(prefix="/api/v1/session", responses=_REFUSALS, dependencies=[Depends(ANYBODY.stranger)])
In = Annotated[Access, Depends(access_of)]
Part = Annotated[str | None, Query()]


class Ways(Answer):
    """How people sign in here."""

    password: bool
    service: bool = Field(description="By the bank's own service: POST /api/v1/session/oidc.")


class Address(Answer):
    """Where the browser goes next."""

    address: str


def keep_service(app: FastAPI, service: SignInService | None) -> None:
    """Give an application the bank's sign-in service; None: there is none."""
    app.state.sign_in_service = service


@oidc.get("/ways")
def show_ways(request: Request) -> Ways:
    """How people sign in here."""
    return Ways(password=True, service=request.app.state.sign_in_service is not None)


@oidc.post("/oidc")
def begin_sign_in(request: Request, response: Response, access: In) -> Address:
    """Begin to sign in by the bank's service: the browser goes to the address, and comes back with a session."""
    begun = begin(access, _service(request))
    age = int(WITHIN.total_seconds())
    # Lax: the browser comes back from another site, by a link and with GET.
    response.set_cookie(FLOW_COOKIE, begun.state, max_age=age, path="/", secure=True, httponly=True, samesite="lax")
    return Address(address=begun.address)


@oidc.get("/oidc/back", response_class=Response, status_code=_SEE_OTHER, responses={_SEE_OTHER: {}})
def come_back(request: Request, access: In, state: Part = None, code: Part = None) -> Response:
    """Where the service sends the browser back to; the page follows, with a session or with the code of a refusal.

    Only the code stands in the page's address. The log has the line, which names nobody.
    """
    try:
        token = _token(request, access, state, code)
    except AcrelineError as error:
        _LOG.warning("sign-in by the bank's service refused: %s: %s", error.code, error.message)
        return _to_page(f"{_PAGE}?refused={error.code}")
    answer = _to_page(_PAGE)
    longest_s = int(access.spans.longest.total_seconds())
    for name, value in ((SESSION_COOKIE, token), (CSRF_COOKIE, csrf_token(token))):
        hidden = name == SESSION_COOKIE
        answer.set_cookie(name, value, max_age=longest_s, path="/", secure=True, httponly=hidden, samesite="lax")
    answer.delete_cookie(FLOW_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return answer


def _token(request: Request, access: Access, state: str | None, code: str | None) -> str:
    service = _service(request)
    if state is None or code is None or max(len(state), len(code)) > _LONGEST:
        raise InputError("OIDC_REFUSED", "The bank's sign-in service did not sign you in.", "Sign in again.")
    return finish(access, service, Back(state, code, request.cookies.get(FLOW_COOKIE)))


def _to_page(address: str) -> Response:
    return Response(status_code=_SEE_OTHER, headers={"Location": address, "Cache-Control": "no-store"})


def _service(request: Request) -> SignInService:
    service: SignInService | None = request.app.state.sign_in_service
    if service is None:
        raise InputError(
            "OIDC_NOT_SET", "People sign in with a password here.", "Set ACRELINE_OIDC_ISSUER to change it."
        )
    return service
