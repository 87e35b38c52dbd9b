"""A person of one branch is answered nothing of the other, at any address that there is or will be.

Each address of the document is asked by people of the south, as it stands and with the names and numbers of the north.
A new address is covered once it is in the document; one that needs a parameter which nothing here has a value for
fails, and says so.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from app.api.keys.tokens import KeyScope
from tests.app.api.branches import NORTH, SOUTH, Branch, TwoBranches, build_branches
from tests.app.api.walking import NAMES, NUMBERS, PLAIN, first_of, operations, row_of

#: What tells that an answer holds something of a branch: its token, or a number of its rows.
_TELLING: Final = {NORTH: re.compile(rb"(?i)nord|70000\d?"), SOUTH: re.compile(rb"(?i)sued|90000\d?")}


@pytest.fixture(scope="module")
def bank(module_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoBranches]:
    built = build_branches(module_engine, tmp_path_factory.mktemp("branches"), sites=True)
    with built.open:
        yield built


def _layers(browser: TestClient) -> dict[str, str]:
    """Content hashes of what a person sees on the map, by the first part XX"""
    found = {}
    for part in ("parcel-layer", "find", "imagery"):
        layer = browser.get("/api/v1/parcel-layer" if part == "find" else f"/api/v1/{part}").json()
        found[part] = next(iter(re.findall(r"[0-9a-f]{32}", str(layer))), "0" * 32)
    (site,) = browser.get("/api/v1/sites").json()["sites"]
    pictures = browser.get(f"/api/v1/sites/{site['site_id']}/pictures").json()
    return found | {"run_id": pictures["run_id"], "day": pictures["pictures"][-1]["day"]}


def _value(path: str, parameter: Mapping[str, Any], branch: Branch, hashes: Mapping[str, str]) -> str:
    name, part = str(parameter["name"]), path.split("/")[3] if path.startswith("/api") else path
    if name == "content_hash":
        return hashes.get(part, hashes["parcel-layer"])
    if part == "sites" and name in ("run_id", "day"):
        return hashes[name]
    if "content_hash" in path and name == "number":
        return "0"
    row = row_of(name, part, branch)
    if row is not None:
        return row
    return PLAIN[name] if name in PLAIN else first_of(parameter["schema"], f"{path} needs {name!r}")


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
    return parameter["name"] in {*NAMES, *NUMBERS} - {"q"}


def _said(answer: Any, url: str) -> bytes:
    """Body and headers without what was asked for: a refusal may repeat it."""
    body: bytes = gzip.decompress(answer.content) if answer.content[:2] == b"\x1f\x8b" else answer.content
    headers = b"\n".join(value for _, value in answer.headers.raw)
    if answer.status_code < 400:
        return body + headers
    for asked in re.findall(r"[^/?=&.]+", url):
        body = re.sub(re.escape(asked.encode()) + rb"(?![0-9a-z])", b"", body)
    return body + headers


def _held(bank: TwoBranches, browser: TestClient, branch: Branch, seen_of: Branch) -> dict[str, int]:
    """Status by address as asked for a branch's rows, of answers that hold something of a branch."""
    owner = bank.browser("Nordolf" if branch is NORTH else "Suedwin")
    hashes = _layers(owner)
    found = {}
    for (_, path), operation in operations("get").items():
        for all_of in (False, True):
            url = _url(path, operation, branch, hashes, all_of=all_of)
            answer = browser.get(url)
            if _TELLING[seen_of].search(_said(answer, url)):
                found[url] = answer.status_code
    return found


@pytest.mark.parametrize("login", ["Suedwin", "Suedrun"])
def test_the_south_is_answered_nothing_of_the_north(bank: TwoBranches, login: str) -> None:
    assert _held(bank, bank.browser(login), NORTH, NORTH) == {}


def test_a_key_of_the_south_is_answered_nothing_of_the_north(bank: TwoBranches) -> None:
    own = bank.system(SOUTH, *KeyScope)
    assert _held(bank, own, NORTH, NORTH) == {}
    found = [url for url, status in _held(bank, own, SOUTH, SOUTH).items() if status < 300]
    reached = {url.split("?")[0] for url in found if "{" not in url}
    assert {f"/api/v1/data/{name}" for name in ("parcels", "limits", "alerts", "facilities")} <= reached
    assert "/ogc/collections/parcels/items" in reached


def test_the_north_is_answered_nothing_of_the_south(bank: TwoBranches) -> None:
    assert _held(bank, bank.browser("Nordolf"), SOUTH, SOUTH) == {}


def test_rows_of_the_other_branch_are_not_there(bank: TwoBranches) -> None:
    """Where an address names a row of the north, the south is told what it is told of a row that does not exist."""
    browser, hashes = bank.browser("Suedwin"), _layers(bank.browser("Nordolf"))
    for (_, path), operation in operations("get").items():
        named = [each for each in operation.get("parameters", []) if each["in"] == "path"]
        if any(_names_a_row(each) or each["name"] == "content_hash" for each in named):
            answer = browser.get(_url(path, operation, NORTH, hashes, all_of=False))
            assert answer.status_code in {403, 404}, (path, answer.status_code, answer.text[:200])


def test_people_are_answered_what_is_their_own(bank: TwoBranches) -> None:
    """Without this the tests above could pass by answering nobody anything."""
    found = [url for url, status in _held(bank, bank.browser("Nordolf"), NORTH, NORTH).items() if status < 300]
    reached = {url.split("?")[0].removeprefix("/api/v1/").split("/")[0] for url in found}
    assert {"today", "alerts", "parcels", "me", "find", "parties", "sites"} <= reached, sorted(found)
