"""A person of one branch is answered nothing of the other, at any address that there is or will be.

Each address of the document is asked by people of the south, as it stands and with the names and numbers of the north.
A new address is covered once it is in the document; one that needs a parameter which nothing here has a value for
fails, and says so.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from app.api.institution import bare_institution_app
from app.db.engine import open_engine, sqlite_url
from tests.app.api.branches import NORTH, SOUTH, Branch, TwoBranches, build_branches

#: What tells that an answer holds something of a branch: its token, or a number of its rows.
_TELLING: Final = {NORTH: re.compile(rb"(?i)nord|70000\d?"), SOUTH: re.compile(rb"(?i)sued|90000\d?")}

#: Values of parameters that name a row, by name, and by path where one name means several things. What a parameter
#: may be besides (a side, a zoom) is taken from the document.
_NAMES: Final[Mapping[str, str]] = {
    "parcel_id": "p0",
    "parcel": "p0",
    "batch_id": "batch",
    "unit": "branch",
    "farmer": "f0",
    "farmer_id": "f0",
    "application": "A1",
    "q": "",
}
_NUMBERS: Final = frozenset({"number", "party_id", "paper_id", "alert", "proposal"})
#: Where a number is a text, by the first part of the address.
_NUMBERED: Final[Mapping[str, str]] = {"facilities": "F1", "applications": "A1"}
#: Parameters that name nothing of a branch.
_PLAIN: Final[Mapping[str, str]] = {
    **dict.fromkeys(("z", "x", "y"), "1"),
    "layer": "true_colour",
    "run_id": "run-1",
    **dict.fromkeys(("policy_id", "old", "new"), "cn-planting-generic"),
    "west": "3", "south": "50", "east": "5", "north": "52",
}  # fmt: skip


@pytest.fixture(scope="module")
def bank(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoBranches]:
    folder = tmp_path_factory.mktemp("branches")
    file = folder / "acreline.db"
    file.write_bytes(sqlite_template.read_bytes())
    engine = open_engine(sqlite_url(file))
    yield build_branches(engine, folder)
    engine.dispose()


@cache
def _document() -> Mapping[str, Any]:
    return bare_institution_app().openapi()


def _addresses() -> Mapping[str, Any]:
    """What may be asked without changing anything, by path."""
    return {path: each["get"] for path, each in _document()["paths"].items() if "get" in each}


def _layers(browser: TestClient) -> dict[str, str]:
    """Content hashes of what a person sees on the map, by the name of the first part of an address."""
    found = {}
    for part in ("parcel-layer", "find", "imagery"):
        layer = browser.get("/api/v1/parcel-layer" if part == "find" else f"/api/v1/{part}").json()
        found[part] = next(iter(re.findall(r"[0-9a-f]{32}", str(layer))), "0" * 32)
    return found


def _value(path: str, parameter: Mapping[str, Any], branch: Branch, hashes: Mapping[str, str]) -> str:
    name, schema, part = str(parameter["name"]), parameter["schema"], path.split("/")[3]
    if name == "content_hash":
        return hashes[part]
    if "content_hash" in path and name == "number":
        return "0"
    if name == "number" and part in _NUMBERED:
        return branch.name(_NUMBERED[part])
    if name in _NUMBERS:
        return str(branch.base + 1)
    if name in _NAMES:
        return branch.name(_NAMES[name]).rstrip("-")
    return _PLAIN[name] if name in _PLAIN else _first_of(schema, f"{path} needs {name!r}")


def _first_of(schema: Mapping[str, Any], lacking: str) -> str:
    """The first value of a closed list."""
    if "$ref" in schema:
        schemas = _document()["components"]["schemas"]
        return _first_of(schemas[schema["$ref"].rsplit("/", 1)[1]], lacking)
    values = schema.get("enum", [schema["const"]] if "const" in schema else [])
    if not values:
        pytest.fail(f"{lacking}: say in tests/app/api/test_scope_everywhere.py what it is in the north.")
    return str(values[0])


def _url(path: str, operation: Mapping[str, Any], branch: Branch, hashes: Mapping[str, str], *, all_of: bool) -> str:
    """The address with values of a branch for what it needs; with all_of for what it may be given, too."""
    asked, url = [], path
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path":
            value = quote(_value(path, parameter, branch, hashes), safe="")
            url = url.replace("{" + parameter["name"] + "}", value)
        elif parameter["in"] == "query" and (parameter.get("required") or (all_of and _names_a_row(parameter))):
            asked.append(f"{parameter['name']}={quote(_value(path, parameter, branch, hashes))}")
    return url + ("?" + "&".join(asked) if asked else "")


def _names_a_row(parameter: Mapping[str, Any]) -> bool:
    return parameter["name"] in {*_NAMES, *_NUMBERS} - {"q"}


def _said(answer: Any, url: str) -> bytes:
    """Body and headers without what was asked for: a refusal may repeat it."""
    body: bytes = gzip.decompress(answer.content) if answer.content[:2] == b"\x1f\x8b" else answer.content
    headers = b"\n".join(value for _, value in answer.headers.raw)
    if answer.status_code < 400:
        return body + headers
    for asked in re.findall(r"[^/?=&.]+", url):
        body = re.sub(re.escape(asked.encode()) + rb"(?![0-9a-z])", b"", body)
    return body + headers


def _held(bank: TwoBranches, login: str, branch: Branch, seen_of: Branch) -> dict[str, int]:
    """Status by address as asked for a branch's rows, of answers that hold something of a branch."""
    browser = bank.browser(login)
    owner = bank.browser("Nordolf" if branch is NORTH else "Suedwin")
    hashes = _layers(owner)
    found = {}
    for path, operation in _addresses().items():
        for all_of in (False, True):
            url = _url(path, operation, branch, hashes, all_of=all_of)
            answer = browser.get(url)
            if _TELLING[seen_of].search(_said(answer, url)):
                found[url] = answer.status_code
    return found


@pytest.mark.parametrize("login", ["Suedwin", "Suedrun"])
def test_the_south_is_answered_nothing_of_the_north(bank: TwoBranches, login: str) -> None:
    assert _held(bank, login, NORTH, NORTH) == {}


def test_the_north_is_answered_nothing_of_the_south(bank: TwoBranches) -> None:
    assert _held(bank, "Nordolf", SOUTH, SOUTH) == {}


def test_rows_of_the_other_branch_are_not_there(bank: TwoBranches) -> None:
    """Where an address names a row of the north, the south is told what it is told of a row that does not exist."""
    browser, hashes = bank.browser("Suedwin"), _layers(bank.browser("Nordolf"))
    for path, operation in _addresses().items():
        named = [each for each in operation.get("parameters", []) if each["in"] == "path"]
        if any(_names_a_row(each) or each["name"] == "content_hash" for each in named):
            answer = browser.get(_url(path, operation, NORTH, hashes, all_of=False))
            assert answer.status_code in {403, 404}, (path, answer.status_code, answer.text[:200])


def test_people_are_answered_what_is_their_own(bank: TwoBranches) -> None:
    """Without this the tests above could pass by answering nobody anything."""
    found = [url for url, status in _held(bank, "Nordolf", NORTH, NORTH).items() if status < 300]
    reached = {url.split("?")[0].removeprefix("/api/v1/").split("/")[0] for url in found}
    assert {"today", "alerts", "parcels", "me", "find", "parties"} <= reached, sorted(found)
