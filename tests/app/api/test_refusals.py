"""Whoever refuses, the service, the framework or a library: one shape, and the headers that guard the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi import APIRouter, Depends
from fastapi.responses import FileResponse
from fastapi.testclient import TestClient

from app.api.access.roles import ANYBODY
from app.api.errors import PROBLEM_JSON
from app.api.institution import ROUTERS, create_institution_app
from app.api.security import HEADERS
from tests.app.api.access.service import ORIGIN, Service, open_service


@dataclass(frozen=True)
class Refused:
    """A request, and what it is answered."""

    ask: str
    status: int
    code: str
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""
    told: dict[str, str] = field(default_factory=dict)


_JSON: Final = {"Content-Type": "application/json"}
_REFUSED: Final = [
    Refused("GET /api/v1/me", 401, "NOT_SIGNED_IN"),
    Refused("GET /api/v1/nothing", 404, "NOT_FOUND"),
    Refused("POST /api/v1/nothing", 404, "NOT_FOUND"),
    Refused("GET /api/v1/today/", 401, "NOT_SIGNED_IN"),  # after a redirect
    Refused("GET /nothing.js", 404, "NOT_FOUND"),
    Refused("POST /api/v1/today", 405, "METHOD_NOT_ALLOWED", told={"allow": "GET"}),
    Refused("GET /api/v1/session/oidc", 405, "METHOD_NOT_ALLOWED", told={"allow": "POST"}),
    Refused("PROPFIND /ogc", 405, "METHOD_NOT_ALLOWED", told={"allow": "GET"}),
    Refused("POST /", 405, "METHOD_NOT_ALLOWED"),
    Refused("POST /api/v1/session", 422, "REQUEST_INVALID", _JSON, b"{"),
    Refused("POST /api/v1/session", 413, "BODY_TOO_LARGE", _JSON, b'"' + b"x" * 65_536 + b'"'),
    Refused("POST /api/v1/session", 403, "OTHER_ORIGIN", {"Origin": "https://evil.example"}, b"{}"),
    Refused("GET /api/v1/me", 400, "HOST_UNKNOWN", {"Host": "evil.example"}),
    Refused("GET /", 400, "HOST_UNKNOWN", {"Host": "a b"}),
    Refused("GET /api/v1/file", 416, "RANGE_UNKNOWN", {"Range": "bytes=9-"}, told={"content-range": "bytes */4"}),
    Refused("GET /api/v1/file", 400, "BAD_REQUEST", {"Range": "lines=1"}),
    Refused("GET /api/v1/faulty", 500, "FAULT"),
    Refused("GET /api/v1/data/parcels", 401, "KEY_REFUSED", {"Authorization": "Bearer x"}),
]


@pytest.fixture
def browser(migrated_sqlite_url: str, make_engine: Any, tmp_path: Path) -> Iterator[TestClient]:
    """A browser that nobody is signed in with, on the service with two addresses more."""
    service: Service = open_service(make_engine(migrated_sqlite_url))
    (tmp_path / "office.html").write_text("page")
    more = APIRouter(prefix="/api/v1", dependencies=[Depends(ANYBODY.stranger)])

    @more.get("/file")
    def file() -> FileResponse:
        return FileResponse(tmp_path / "office.html")

    @more.get("/faulty")
    def faulty() -> int:
        raise ZeroDivisionError("what nobody is told")

    app = create_institution_app(service.access, routers=[*ROUTERS, more], static_dir=tmp_path)
    with TestClient(app, base_url=ORIGIN, headers={"Origin": ORIGIN}, raise_server_exceptions=False) as client:
        yield client


def test_every_refusal_is_a_problem_behind_the_same_headers(browser: TestClient) -> None:
    for refused in _REFUSED:
        method, path = refused.ask.split(" ")
        answer = browser.request(method, path, headers=refused.headers, content=refused.content)
        said = answer.json() if answer.headers["content-type"] == PROBLEM_JSON else {"code": answer.text}
        assert (answer.status_code, said["code"]) == (refused.status, refused.code), refused.ask
        assert (said["status"], said["type"]) == (refused.status, f"urn:acreline:problem:{refused.code}"), refused.ask
        assert said["message"], refused.ask
        assert answer.headers["cache-control"] == "no-store", refused.ask
        assert refused.told.items() <= answer.headers.items(), refused.ask
        assert {name.lower() for name in HEADERS} <= set(answer.headers), refused.ask
        assert "what nobody is told" not in answer.text


def test_a_body_in_pieces_is_cut_off_too(browser: TestClient) -> None:
    """It says no length beforehand."""
    answer = browser.post("/api/v1/session", content=iter([b"x" * 40_000] * 2), headers=_JSON)
    assert (answer.status_code, answer.headers["content-type"]) == (413, PROBLEM_JSON)
    assert answer.json()["code"] == "BODY_TOO_LARGE"


def test_what_is_no_failure_passes_as_it_is(browser: TestClient) -> None:
    assert (browser.get("/").text, browser.get("/api/v1/file").text) == ("page", "page")
    assert browser.get("/").headers["content-security-policy"] == HEADERS["Content-Security-Policy"]
