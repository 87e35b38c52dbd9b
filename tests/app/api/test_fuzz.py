"""Requests of any shape, made from the document of the institution's service: no fault, and answers as it says.

Every address of the document is asked, those to come too, by one person of each role, with the same requests each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from app.api.institution import bare_institution_app
from app.db.engine import open_engine, sqlite_url
from tests.app.api.branches import TwoBranches, build_branches

#: One of each role.
_PEOPLE: Final = ("Nordolf", "Nordine", "rita", "ada")
#: Requests made for each address, each sent by everybody.
_REQUESTS: Final = 3
#: Addresses that end the session which asks, or hash a password on each call.
_LEFT_OUT: Final = ("/api/v1/session", "/api/v1/me/password")
_CHECKS: Final = [not_a_server_error, content_type_conformance, response_schema_conformance]
#: What the browser says itself.
_OWN_HEADERS: Final = ("x-csrf-token", "cookie", "origin", "host", "user-agent", "accept-encoding", "content-length")
_SETTINGS: Final = settings(
    max_examples=_REQUESTS,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def bank(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoBranches]:
    folder = tmp_path_factory.mktemp("fuzz")
    file = folder / "acreline.db"
    file.write_bytes(sqlite_template.read_bytes())
    engine = open_engine(sqlite_url(file))
    built = build_branches(engine, folder, sites=True)
    with built.open:
        yield built
    engine.dispose()


def _operations() -> Iterator[APIOperation]:
    schema = schemathesis.openapi.from_dict(bare_institution_app().openapi())
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path not in _LEFT_OUT:
            yield operation


def _faults(operation: APIOperation, browsers: Mapping[str, TestClient]) -> list[str]:
    """What is wrong with answers of an address, one line each."""
    found: dict[str, None] = {}

    @_SETTINGS
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        for login, browser in browsers.items():
            asked = case.as_transport_kwargs(base_url="")
            answer = _sent(browser, case.method, asked)
            for title in _refuted(case, answer):
                line = f"{case.method} {operation.path} as {login}: {answer.status_code} {title}"
                found.setdefault(f"{line}: {asked} -> {answer.text[:300]}")

    ask()
    return list(found)


def _sent(browser: TestClient, method: str, asked: Mapping[str, Any]) -> Any:
    """The answer to a request; what the browser says of itself is its own."""
    said = dict(asked.get("headers") or {}).items()
    headers = {name: value for name, value in said if name.lower() not in _OWN_HEADERS}
    names = {"params": "params", "json": "json", "data": "content", "content": "content"}
    plain: dict[str, Any] = {names[name]: value for name, value in asked.items() if name in names}
    return browser.request(method, asked["url"], headers=headers, **plain)


def _refuted(case: Any, answer: Any) -> list[str]:
    """Titles of the checks that an answer does not pass."""
    try:
        case.validate_response(answer, checks=_CHECKS)
    except (Failure, FailureGroup) as failure:
        return [str(one.title) for one in (failure.exceptions if isinstance(failure, FailureGroup) else [failure])]
    return []


def test_no_request_is_a_fault_and_all_answers_are_as_documented(bank: TwoBranches) -> None:
    browsers = {login: bank.browser(login) for login in _PEOPLE}
    faults = [line for operation in _operations() for line in _faults(operation, browsers)]
    assert not faults, "\n".join(faults[:40])
