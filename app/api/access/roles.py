"""Which roles may ask for an address: every one says so, and an application with one that does not never starts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final, TypeAlias

from fastapi import Depends, FastAPI, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from app.api.access.origin import SAFE_METHODS, require_same_origin
from app.api.access.sessions import Signed
from app.api.access.signing_in import Access, signed_in
from app.api.access.tokens import CSRF_HEADER, SESSION_COOKIE, csrf_fits
from app.book.decisions.people import require_role
from app.db.tables.kinds import UserRole
from geo.errors import InputError


def access_of(request: Request) -> Access:
    """What signing in rests on, in this application."""
    access: Access = request.app.state.access
    return access


@dataclass(frozen=True, slots=True)
class Allow:
    """People of some roles; none: everybody, also who is not signed in.

    `Depends(Allow(...).person)` gives who asks, and refuses everybody else and every change that another site asks for.
    """

    roles: frozenset[UserRole]

    def person(self, request: Request, response: Response) -> Signed:
        """Who asks.

        Raises:
            InputError: nobody is signed in, the person's role is another, or a change lacks the CSRF header or comes
                from another site.
        """
        response.headers["Cache-Control"] = "no-store"
        access = access_of(request)
        require_same_origin(request, access.origin)
        signed = signed_in(access, request.cookies.get(SESSION_COOKIE))
        if signed is None:
            raise InputError("NOT_SIGNED_IN", "Nobody is signed in, or the session ended.", "Sign in.")
        if request.method not in SAFE_METHODS and not csrf_fits(signed.token, request.headers.get(CSRF_HEADER)):
            raise InputError("CSRF_REFUSED", f"The header {CSRF_HEADER} does not fit.", "Load the page again.")
        require_role(signed.person, sorted(self.roles), "may ask for this")
        return signed

    def stranger(self, request: Request, response: Response) -> None:
        """Anybody, but for changes that another site asks for (InputError)."""
        response.headers["Cache-Control"] = "no-store"
        require_same_origin(request, access_of(request).origin)


EVERY_ROLE: Final = Allow(frozenset(UserRole))
ANYBODY: Final = Allow(frozenset())

#: Whoever is signed in, whatever the role.
SignedIn: TypeAlias = Annotated[Signed, Depends(EVERY_ROLE.person)]


def allowed(*roles: UserRole) -> Allow:
    """People of some roles; at least one is named."""
    if not roles:
        raise ValueError("name a role")
    return Allow(frozenset(roles))


#: Whoever lends; administrators keep people and see no farmer.
LENDING: Final = allowed(UserRole.OFFICER, UserRole.REVIEWER, UserRole.RISK)
#: One of them, signed in.
Lender: TypeAlias = Annotated[Signed, Depends(LENDING.person)]


@dataclass(frozen=True, slots=True)
class Declared:
    """Roles of one address: empty for what anybody may ask, None where nothing is said."""

    method: str
    path: str
    roles: frozenset[UserRole] | None


def declared_roles(app: FastAPI) -> list[Declared]:
    """Roles of every address of an application but files, ordered by path and method.

    The OpenAPI document, which Starlette answers, holds no data of the bank.
    """
    found = [
        Declared(method, str(context.path), _roles(context.dependant))
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIRoute)
        for method in context.methods or ()
    ]
    return sorted(found, key=lambda each: (each.path, each.method))


def require_declared(app: FastAPI) -> None:
    """Refuse to serve an address that does not say who may ask for it (ValueError: a fault of the program)."""
    silent = [f"{each.method} {each.path}" for each in declared_roles(app) if each.roles is None]
    if silent:
        raise ValueError(f"addresses without roles: {', '.join(silent)}")


def _roles(dependant: Dependant) -> frozenset[UserRole] | None:
    said = [guard.roles for guard in _guards(dependant)]
    return frozenset.intersection(*said) if said else None


def _guards(dependant: Dependant) -> Iterator[Allow]:
    for each in dependant.dependencies:
        owner = getattr(each.call, "__self__", None)
        if isinstance(owner, Allow):
            yield owner
        yield from _guards(each)
