"""Which roles may ask for an address: every one says so, and an application with one that does not never starts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final, TypeAlias

from fastapi import Depends, FastAPI, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.concurrency import run_in_threadpool

from app.api.access.origin import SAFE_METHODS, require_same_origin
from app.api.access.sessions import Signed
from app.api.access.signing_in import Access, signed_in
from app.api.access.tokens import CSRF_HEADER, SESSION_COOKIE, csrf_fits
from app.api.keys.finding import Keyed, key_of, keyed
from app.api.keys.tokens import KeyScope
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

    async def person(self, request: Request, response: Response) -> Signed:
        """Who asks.

        Raises:
            InputError: nobody is signed in, the person's role is another, or a change lacks the CSRF header or comes
                from another site.
        """
        response.headers["Cache-Control"] = "no-store"
        access = access_of(request)
        require_same_origin(request, access.origin)
        signed = await signed_in(access, request.cookies.get(SESSION_COOKIE))
        if signed is None:
            raise InputError("NOT_SIGNED_IN", "Nobody is signed in, or the session ended.", "Sign in.")
        if request.method not in SAFE_METHODS and not csrf_fits(signed.token, request.headers.get(CSRF_HEADER)):
            raise InputError("CSRF_REFUSED", f"The header {CSRF_HEADER} does not fit.", "Load the page again.")
        require_role(signed.person, sorted(self.roles), "may ask for this")
        return signed

    async def stranger(self, request: Request, response: Response) -> None:
        """Anybody, but for changes that another site asks for (InputError)."""
        response.headers["Cache-Control"] = "no-store"
        require_same_origin(request, access_of(request).origin)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks where both people and other systems may.

    Attributes:
        unit: code of the unit whose part of the book they see.
        by: who is signed in, or the other system.
    """

    unit: str
    by: Signed | Keyed


@dataclass(frozen=True, slots=True)
class AllowKeys:
    """People of some roles, and other systems whose key has a scope. Only addresses that change nothing say so.

    `Depends(AllowKeys(...).caller)` gives who asks, and refuses everybody else.
    """

    roles: frozenset[UserRole]
    scope: KeyScope

    async def caller(self, request: Request, response: Response) -> Caller:
        """Who asks.

        Raises:
            InputError: nobody is signed in and there is no good key, or there are both; the person's role is another,
                or the key lacks the scope; or the request would change something.
        """
        key = key_of(request)
        if key is None:
            signed = await Allow(self.roles).person(request, response)
            return Caller(signed.person.unit, signed)
        response.headers["Cache-Control"] = "no-store"
        system = await run_in_threadpool(keyed, access_of(request), request, key)
        if self.scope not in system.scopes or request.method not in SAFE_METHODS:
            said = f"The key {system.label!r} lacks the scope {self.scope}."
            raise InputError("SCOPE_LACKS", said, "Ask an administrator for a key that has it.")
        return Caller(system.unit, system)


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


def open_to_keys(scope: KeyScope, *roles: UserRole) -> AllowKeys:
    """Other systems whose key has a scope, and people of some roles; at least one is named."""
    return AllowKeys(allowed(*roles).roles, scope)


@dataclass(frozen=True, slots=True)
class Declared:
    """Who may ask for one address.

    Attributes:
        method: of the address.
        path: of it.
        roles: of people: empty for what anybody may ask, None where nothing is said.
        scopes: what a key needs, all of them; empty where no key lets in.
    """

    method: str
    path: str
    roles: frozenset[UserRole] | None
    scopes: frozenset[KeyScope]


def declared_roles(app: FastAPI) -> list[Declared]:
    """Roles of every address of an application but files, ordered by path and method.

    The OpenAPI document, which Starlette answers, holds no data of the bank.
    """
    found = [
        Declared(method, str(context.path), _roles(context.dependant), _scopes(context.dependant))
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


def _scopes(dependant: Dependant) -> frozenset[KeyScope]:
    """A key passes only where every guard knows keys."""
    guards = list(_guards(dependant))
    scopes = frozenset(guard.scope for guard in guards if isinstance(guard, AllowKeys))
    return scopes if all(isinstance(guard, AllowKeys) for guard in guards) else frozenset()


def _guards(dependant: Dependant) -> Iterator[Allow | AllowKeys]:
    for each in dependant.dependencies:
        owner = getattr(each.call, "__self__", None)
        if isinstance(owner, Allow | AllowKeys):
            yield owner
        yield from _guards(each)
