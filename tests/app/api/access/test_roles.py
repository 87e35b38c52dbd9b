"""The matrix of roles and addresses, and what other sites may not do."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi import APIRouter, Depends, FastAPI

from app.api.access.roles import ANYBODY, EVERY_ROLE, SignedIn, allowed, declared_roles, require_declared
from app.api.access.tokens import CSRF_COOKIE, CSRF_HEADER, SESSION_COOKIE, csrf_token
from app.api.institution import bare_institution_app, create_institution_app
from app.api.keys.tokens import KeyScope
from app.db.tables.kinds import UserRole
from tests.app.api.access.service import PEOPLE, Service, try_to_sign_in

EVERYBODY = frozenset(UserRole)
LENDING = EVERYBODY - {UserRole.ADMIN}
NOBODY_SIGNED_IN = frozenset[UserRole]()

#: What an open address answers to a request without a body, where the bank has no sign-in service; the way back from
#: one leads to the page.
OPEN = {200, 303, 404, 422}

#: Who may ask for what. A new address goes in here by hand: that is the review of it.
MATRIX = {
    ("GET", "/api/v1/today"): LENDING,
    ("GET", "/api/v1/proposals"): LENDING,
    ("GET", "/api/v1/proposals/{number}"): LENDING,
    ("GET", "/api/v1/proposals/{number}/explanation"): LENDING,
    ("POST", "/api/v1/proposals/approve"): LENDING,
    ("POST", "/api/v1/proposals/refuse"): LENDING,
    ("POST", "/api/v1/proposals/return"): LENDING,
    ("POST", "/api/v1/proposals/{number}/override-requests"): LENDING,
    ("GET", "/api/v1/override-requests"): LENDING,
    ("POST", "/api/v1/override-requests/{number}/approve"): LENDING,
    ("POST", "/api/v1/override-requests/{number}/refuse"): LENDING,
    ("POST", "/api/v1/override-requests/{number}/withdraw"): LENDING,
    ("GET", "/api/v1/decisions/{number}"): LENDING,
    ("GET", "/api/v1/batches"): frozenset({UserRole.RISK, UserRole.ADMIN}),
    ("GET", "/api/v1/batches/{batch_id}"): frozenset({UserRole.RISK, UserRole.ADMIN}),
    ("POST", "/api/v1/batches/{batch_id}/release"): frozenset({UserRole.RISK, UserRole.ADMIN}),
    ("GET", "/api/v1/alerts"): LENDING,
    ("GET", "/api/v1/alerts/assignees"): LENDING,
    ("GET", "/api/v1/alerts/{number}"): LENDING,
    ("GET", "/api/v1/alerts/{number}/pictures/{side}"): LENDING,
    ("POST", "/api/v1/alerts/{act}"): LENDING,
    ("GET", "/api/v1/parcels/{parcel_id:path}/curve"): LENDING,
    ("GET", "/api/v1/parcels/{parcel_id:path}"): LENDING,
    ("POST", "/api/v1/session"): NOBODY_SIGNED_IN,
    ("GET", "/api/v1/session/ways"): NOBODY_SIGNED_IN,
    ("POST", "/api/v1/session/oidc"): NOBODY_SIGNED_IN,
    ("GET", "/api/v1/session/oidc/back"): NOBODY_SIGNED_IN,
    ("GET", "/api/v1/session"): EVERYBODY,
    ("DELETE", "/api/v1/session"): EVERYBODY,
    ("GET", "/api/v1/me"): EVERYBODY,
    ("PUT", "/api/v1/me/password"): EVERYBODY,
    ("GET", "/api/v1/parties/{party_id}/contact"): LENDING,
    ("GET", "/api/v1/imagery"): LENDING,
    ("GET", "/api/v1/imagery/{content_hash}/{layer}/{z}/{x}/{y}.{form}"): LENDING,
    ("GET", "/api/v1/parcel-layer"): LENDING,
    ("GET", "/api/v1/parcel-layer/{content_hash}/outlines/{z}/{x}/{y}.mvt"): LENDING,
    ("GET", "/api/v1/parcel-layer/{content_hash}/columns/{fact}"): LENDING,
    ("GET", "/api/v1/parcel-layer/{content_hash}/columns/{fact}/cells"): LENDING,
    ("GET", "/api/v1/parcel-layer/{content_hash}/numbers/{number}"): LENDING,
    ("GET", "/api/v1/parcel-layer/{content_hash}/parcels/{parcel_id:path}"): LENDING,
    ("GET", "/api/v1/find"): LENDING,
    ("GET", "/api/v1/find/keys"): LENDING,
    ("GET", "/api/v1/find/parcels/{parcel_id:path}"): LENDING,
    ("GET", "/api/v1/find/{content_hash}/left"): LENDING,
    ("GET", "/api/v1/find/{content_hash}/cells/{fact}"): LENDING,
    ("GET", "/api/v1/find/{content_hash}/inside"): LENDING,
    ("POST", "/api/v1/drawing/check"): LENDING,
    ("POST", "/api/v1/drawing/parcels"): {UserRole.OFFICER},
    ("POST", "/api/v1/drawing/imports"): {UserRole.OFFICER},
    ("GET", "/api/v1/drawing/imports/{number}"): {UserRole.OFFICER},
    ("POST", "/api/v1/drawing/imports/{number}/confirm"): {UserRole.OFFICER},
    ("GET", "/api/v1/jobs/{number}"): LENDING,
    ("POST", "/api/v1/jobs/{number}/cancel"): LENDING,
    ("GET", "/api/v1/visits/week"): LENDING,
    ("GET", "/api/v1/visits"): LENDING,
    ("PUT", "/api/v1/visits/{client_key}"): LENDING,
    ("PUT", "/api/v1/visits/{client_key}/photo"): LENDING,
    ("GET", "/api/v1/visits/{number}/photo"): LENDING,
    ("GET", "/api/v1/applications"): LENDING,
    ("POST", "/api/v1/applications"): LENDING,
    ("GET", "/api/v1/applications/choices"): LENDING,
    ("GET", "/api/v1/applications/{number}"): LENDING,
    ("PUT", "/api/v1/applications/{number}/asked"): LENDING,
    ("POST", "/api/v1/applications/{number}/bureau"): LENDING,
    ("POST", "/api/v1/applications/{number}/capacity"): LENDING,
    ("POST", "/api/v1/applications/{number}/consents"): LENDING,
    ("POST", "/api/v1/applications/{number}/drawdowns"): LENDING,
    ("POST", "/api/v1/applications/{number}/drawdowns/{drawdown_id}/approve"): LENDING,
    ("POST", "/api/v1/applications/{number}/drawdowns/{drawdown_id}/refuse"): LENDING,
    ("POST", "/api/v1/applications/{number}/facility"): LENDING,
    ("GET", "/api/v1/applications/{number}/ground"): LENDING,
    ("POST", "/api/v1/applications/{number}/land-rights"): LENDING,
    ("GET", "/api/v1/applications/{number}/limit"): LENDING,
    ("GET", "/api/v1/applications/{number}/map/{content_hash}"): LENDING,
    ("POST", "/api/v1/applications/{number}/papers"): LENDING,
    ("DELETE", "/api/v1/applications/{number}/papers/{paper_id}"): LENDING,
    ("GET", "/api/v1/applications/{number}/papers/{paper_id}"): LENDING,
    ("GET", "/api/v1/applications/{number}/parcels"): LENDING,
    ("PUT", "/api/v1/applications/{number}/plots"): LENDING,
    ("POST", "/api/v1/applications/{number}/propose"): LENDING,
    ("POST", "/api/v1/applications/{number}/return"): LENDING,
    ("POST", "/api/v1/applications/{number}/submit"): LENDING,
    ("POST", "/api/v1/applications/{number}/take-up"): LENDING,
    ("POST", "/api/v1/applications/{number}/withdraw"): LENDING,
    ("POST", "/api/v1/parties"): LENDING,
    ("POST", "/api/v1/proposals/{number}/letters"): LENDING,
    ("GET", "/api/v1/letters/{number}.pdf"): LENDING,
    ("GET", "/api/v1/farmers/{farmer_id:path}"): LENDING,
    ("GET", "/api/v1/parties/{party_id}"): LENDING,
    ("GET", "/api/v1/facilities/{number:path}"): LENDING,
    ("GET", "/api/v1/portfolio"): LENDING,
    ("GET", "/api/v1/portfolio.{ending}"): LENDING,
    ("GET", "/api/v1/portfolio/{rows}.{ending}"): LENDING,
    ("GET", "/api/v1/runs"): LENDING,
    ("GET", "/api/v1/runs/{run_id}"): LENDING,
    ("GET", "/api/v1/runs/{run_id}/layers"): LENDING,
    ("POST", "/api/v1/runs/{run_id}/layers"): frozenset({UserRole.RISK}),
    ("GET", "/api/v1/watches"): LENDING,
    ("GET", "/api/v1/sites"): LENDING,
    ("GET", "/api/v1/sites/{site_id:path}"): LENDING,
    ("GET", "/api/v1/sites/{site_id:path}/pictures"): LENDING,
    ("GET", "/api/v1/sites/{site_id:path}/pictures/{run_id}/{day}"): LENDING,
    ("POST", "/api/v1/sites/{site_id:path}/meters"): LENDING,
    ("POST", "/api/v1/sites/{site_id:path}/reports"): LENDING,
    ("POST", "/api/v1/sites/{site_id:path}/stop"): frozenset({UserRole.RISK, UserRole.ADMIN}),
    ("POST", "/api/v1/sites/{site_id:path}/resume"): frozenset({UserRole.RISK, UserRole.ADMIN}),
    ("GET", "/api/v1/policies"): LENDING,
    ("GET", "/api/v1/policies/diff"): LENDING,
    ("GET", "/api/v1/policies/{policy_id}"): LENDING,
    ("GET", "/api/v1/audit/views"): frozenset({UserRole.RISK}),
    ("GET", "/api/v1/people"): frozenset({UserRole.ADMIN}),
    ("POST", "/api/v1/keys/{number}/revoke"): frozenset({UserRole.ADMIN}),
    ("GET", "/api/v1/data/parcels"): LENDING,
    ("GET", "/api/v1/data/limits"): LENDING,
    ("GET", "/api/v1/data/alerts"): LENDING,
    ("GET", "/api/v1/data/facilities"): LENDING,
    ("GET", "/ogc"): LENDING,
    ("GET", "/ogc/"): LENDING,
    ("GET", "/ogc/api"): LENDING,
    ("GET", "/ogc/conformance"): LENDING,
    ("GET", "/ogc/collections"): LENDING,
    ("GET", "/ogc/collections/parcels"): LENDING,
    ("GET", "/ogc/collections/parcels/items"): LENDING,
    ("GET", "/ogc/collections/parcels/items/{parcel_id:path}"): LENDING,
}

#: Scope that a key needs, of the addresses that keys may ask at all.
KEYS = {
    ("GET", "/api/v1/data/parcels"): KeyScope.PARCELS,
    ("GET", "/api/v1/data/limits"): KeyScope.LIMITS,
    ("GET", "/api/v1/data/alerts"): KeyScope.ALERTS,
    ("GET", "/api/v1/data/facilities"): KeyScope.PORTFOLIO,
    ("GET", "/ogc"): KeyScope.PARCELS,
    ("GET", "/ogc/"): KeyScope.PARCELS,
    ("GET", "/ogc/api"): KeyScope.PARCELS,
    ("GET", "/ogc/conformance"): KeyScope.PARCELS,
    ("GET", "/ogc/collections"): KeyScope.PARCELS,
    ("GET", "/ogc/collections/parcels"): KeyScope.PARCELS,
    ("GET", "/ogc/collections/parcels/items"): KeyScope.PARCELS,
    ("GET", "/ogc/collections/parcels/items/{parcel_id:path}"): KeyScope.PARCELS,
}


def _ask(browser: Any, method: str, path: str) -> Any:
    """An address with all its parameters 1 and an empty body: who may not is refused before either is looked at."""
    return browser.request(method, re.sub(r"{[^}]+}", "1", path), follow_redirects=False)


def test_every_address_says_who_may_ask_and_stands_in_the_matrix() -> None:
    said = {(each.method, each.path): each.roles for each in declared_roles(bare_institution_app())}
    assert said == MATRIX
    scopes = {(each.method, each.path): each.scopes for each in declared_roles(bare_institution_app()) if each.scopes}
    assert scopes == {address: {scope} for address, scope in KEYS.items()}


@pytest.mark.parametrize("scope", list(KeyScope))
def test_a_key_is_let_in_where_its_scope_says_so_and_nowhere_else(small_service: Service, scope: KeyScope) -> None:
    system = small_service.system(scope)
    for (method, path), roles in MATRIX.items():
        answer = _ask(system, method, path)
        wanted = KEYS.get((method, path))
        if wanted is scope:
            assert answer.status_code in {200, 404}, (path, answer.text)
        elif wanted is not None:
            assert (answer.status_code, answer.json()["code"]) == (403, "SCOPE_LACKS"), path
        else:
            assert answer.status_code in ({401} if roles else OPEN), path


@pytest.mark.parametrize("login", ["ada", "rita", "rob", "olga"])
def test_each_role_is_let_in_where_the_matrix_says_so(small_service: Service, login: str) -> None:
    role = PEOPLE[login][0]
    browser = small_service.signed_in(login)
    signing_out = ("DELETE", "/api/v1/session")
    for (method, path), roles in sorted(MATRIX.items(), key=lambda each: each[0] == signing_out):  # that one last
        answer = _ask(browser, method, path)
        refused = answer.status_code == 403
        assert refused == (roles != NOBODY_SIGNED_IN and role not in roles), (method, path, answer.text)
        assert not refused or answer.json()["code"] == "ROLE_LACKS"
        assert answer.status_code < 500 or answer.json()["code"] == "FOLDER_MISSING"  # the service keeps no files here


def test_who_is_not_signed_in_is_refused_everywhere_else(small_service: Service) -> None:
    browser = small_service.browser()
    for (method, path), roles in MATRIX.items():
        answer = _ask(browser, method, path)
        assert answer.status_code in ({401} if roles else OPEN), (method, path, answer.text)
        assert answer.headers["cache-control"] == "no-store"


def test_an_address_without_roles_is_never_served(small_service: Service) -> None:
    silent, inner = APIRouter(prefix="/api/v1"), APIRouter()

    @inner.get("/forgotten")
    def forgotten() -> None: ...

    silent.include_router(inner)
    with pytest.raises(ValueError, match="GET /api/v1/forgotten"):
        create_institution_app(small_service.access, routers=[*small_service.routers, silent])
    with pytest.raises(ValueError, match="name a role"):
        allowed()


def test_roles_of_a_router_and_of_an_address_both_hold() -> None:
    app, router = FastAPI(), APIRouter(dependencies=[Depends(EVERY_ROLE.person)])
    risk_only = allowed(UserRole.RISK)

    @router.get("/narrow", dependencies=[Depends(risk_only.person)])
    def narrow() -> None: ...

    @router.get("/wide")
    def wide(_signed: SignedIn) -> None: ...

    @app.get("/open", dependencies=[Depends(ANYBODY.stranger)])
    def opened() -> None: ...

    app.include_router(router)
    require_declared(app)
    said = {each.path: each.roles for each in declared_roles(app)}
    assert said == {"/narrow": frozenset({UserRole.RISK}), "/wide": EVERYBODY, "/open": NOBODY_SIGNED_IN}


@pytest.mark.parametrize("header", [None, "", "0" * 64, "é" * 64])
def test_a_change_needs_the_header_of_its_own_session(small_service: Service, header: str | None) -> None:
    browser, other = small_service.signed_in("olga"), small_service.signed_in("rob")
    del browser.headers[CSRF_HEADER]
    sent = {} if header is None else {CSRF_HEADER: header.encode()}
    for headers in (sent, {CSRF_HEADER: other.cookies[CSRF_COOKIE].encode()}):
        answer = browser.delete("/api/v1/session", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "CSRF_REFUSED")
    assert browser.get("/api/v1/me").status_code == 200
    own = csrf_token(browser.cookies[SESSION_COOKIE])
    assert browser.delete("/api/v1/session", headers={CSRF_HEADER: own}).status_code == 204


def test_a_cookie_that_another_host_planted_is_no_csrf_token(small_service: Service) -> None:
    """Cookie and header agree, and are not those of the session: plain double submit would let that pass."""
    browser = small_service.signed_in("olga")
    planted = {"Cookie": f"{SESSION_COOKIE}={browser.cookies[SESSION_COOKIE]}; {CSRF_COOKIE}=planted"}
    browser.cookies.clear()
    answer = browser.delete("/api/v1/session", headers=planted | {CSRF_HEADER: "planted"})
    assert (answer.status_code, answer.json()["code"]) == (403, "CSRF_REFUSED")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://bank.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_another_site_changes_nothing_and_signs_nobody_in(small_service: Service, headers: dict[str, str]) -> None:
    browser = small_service.signed_in("olga")
    assert browser.delete("/api/v1/session", headers=headers).json()["code"] == "OTHER_ORIGIN"
    answer = small_service.browser(**headers).post("/api/v1/session", json={"login": "olga", "password": "x"})
    assert (answer.status_code, answer.json()["code"]) == (403, "OTHER_ORIGIN")


def test_a_form_of_another_kind_signs_nobody_in(small_service: Service) -> None:
    """What a page of another site can send without asking first is no JSON."""
    said = '{"login": "olga", "password": "seven quiet herons stand"}'
    answer = small_service.browser().post("/api/v1/session", content=said, headers={"Content-Type": "text/plain"})
    assert answer.status_code == 422


def test_a_client_that_is_no_browser_signs_in_too(small_service: Service) -> None:
    browser = small_service.browser()
    del browser.headers["Origin"]
    assert try_to_sign_in(browser, "olga").status_code == 201
