"""A person of one branch changes nothing of the other, at any address that there is or will be.

Each address that changes something is asked by people of the south for their own rows, but for one place of address or
body that names a row of the north. They are answered as where that row does not exist, and no row changes.
An address that names no row, or needs a value which nothing here has, fails until somebody says here what it is.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import pytest
from sqlalchemy import Engine, select

from app.db.base import Base
from app.db.tables import PersonalView
from tests.app.api.branches import DAY, NORTH, NOW, SOUTH, Branch, TwoBranches, build_branches
from tests.app.api.walking import operations, row_of, schema_of

#: Rows of it do not exist.
WEST: Final = Branch("West", 5_000_000)
#: Addresses that name no row of a branch: signing in, oneself, what is new, and runs, which are over several.
_NAME_NOTHING: Final = {
    ("post", "/api/v1/session"),
    ("delete", "/api/v1/session"),
    ("post", "/api/v1/session/oidc"),
    ("put", "/api/v1/me/password"),
    ("post", "/api/v1/parties"),
    ("put", "/api/v1/visits/{client_key}/photo"),
    ("post", "/api/v1/runs/{run_id}/layers"),
}
#: Places that name what is not there yet: numbers of the whole bank.
_NEW: Final = {
    ("/api/v1/drawing/parcels", "parcel_id"),
    ("/api/v1/applications/{number}/facility", "number"),
    ("/api/v1/parties", "farmer_id"),
}
#: What a person names only in one act of several.
_ONLY: Final = {"to": "assign"}
_PEOPLE: Final = {NORTH: "Nordine", SOUTH: "Suedrun", WEST: "Westwin"}
_SQUARE: Final = [[[100.0, 30.0], [100.001, 30.0], [100.001, 30.001], [100.0, 30.001], [100.0, 30.0]]]
#: Values of places that name no row, where the document does not say one.
_SAID: Final[Mapping[str, Any]] = {
    "client_key": "0b0e7c1e-0000-4000-8000-000000000000",
    "policy_id": "cn-planting-generic",
    "season_id": "2018-10-01/2019-10-31",
    "coordinates": _SQUARE,
    "language": "en",
    "amount": "10",
    "captured_at": NOW.isoformat(),
    "text_version": "v1",
    "reason_code": "LOCAL",
    "number": "F-new",
    "crop": "wheat",
}
#: Kept while somebody asks: whose session it is, when they were seen, and that they looked at people of their own.
_BESIDE: Final = {"user_session", "sign_in_attempt", "personal_view"}


@dataclass(frozen=True)
class Place:
    """Where an address or its body names a row: ("path", "number"), ("body", "plots", "parcel_id")."""

    where: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.where[-1]


@pytest.fixture(scope="module")
def bank(module_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoBranches]:
    built = build_branches(module_engine, tmp_path_factory.mktemp("changes"), sites=True)
    with built.open:
        yield built


def _row(path: str, place: Place, schema: Mapping[str, Any], branch: Branch) -> Any:
    """What a place is in a branch; None where it names no row."""
    inside, name = place.where[0] == "body", place.name
    if (path, name) in _NEW and inside:
        return None
    if name in ("second_officer", "to"):
        return _PEOPLE[branch]
    if name == "redraws":
        return branch.name("p0")
    if name in ("drawdown_id", "land_right_id") or (name == "numbers" and schema.get("type") == "integer"):
        return branch.base + 1
    found = row_of(name, path.split("/")[3], branch)
    if found is None or not re.search(str(schema.get("pattern", "")), found):
        return None
    return int(found) if inside and schema.get("type") == "integer" else found


def _plain(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema without "or nothing"."""
    either = [each for each in schema.get("anyOf", []) if each.get("type") != "null"]
    return schema_of(either[0] if either else schema)


def _made(path: str, place: Place, schema: Mapping[str, Any], chosen: Mapping[Place, Any]) -> Any:
    """A value of a place: what is chosen for it, else what the document or _SAID says."""
    plain, name = _plain(schema), place.name
    if plain.get("type") == "array" and name not in _SAID:
        return [_made(path, place, plain["items"], chosen)]
    if place in chosen:
        return chosen[place]
    if plain.get("type") == "object":
        return _object(path, place, plain, chosen)
    if "const" in plain or "enum" in plain:
        return plain.get("const") or plain["enum"][0]
    if name in _SAID:
        return _SAID[name]
    return _simple(path, place, plain)


def _simple(path: str, place: Place, plain: Mapping[str, Any]) -> Any:
    kinds = {"integer": 1, "number": 0.5, "boolean": False}
    if plain["type"] in kinds:
        return kinds[plain["type"]]
    said = DAY.isoformat() if plain.get("format") == "date" else "said"
    if re.search(str(plain.get("pattern", "")), said):
        return said
    return pytest.fail(f"{path} needs {place.name!r}: say in _SAID of this test what it is.")


def _object(path: str, place: Place, schema: Mapping[str, Any], chosen: Mapping[Place, Any]) -> dict[str, Any]:
    """What an object needs, and of the rest what is chosen."""
    needed = set(schema.get("required", []))
    parts = {name: Place((*place.where, name)) for name in schema.get("properties", {})}
    return {
        name: _made(path, part, schema["properties"][name], chosen)
        for name, part in parts.items()
        if name in needed or any(other.where[: len(part.where)] == part.where for other in chosen)
    }


def _body(operation: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Schema of a body in JSON; None: there is none, or it is a file."""
    content = operation.get("requestBody", {}).get("content", {})
    return content["application/json"]["schema"] if "application/json" in content else None


def _places(path: str, operation: Mapping[str, Any]) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """All places that name a row."""
    for parameter in operation.get("parameters", []):
        place = Place((parameter["in"], parameter["name"]))
        if _row(path, place, parameter["schema"], SOUTH) is not None:
            yield place, parameter["schema"]
    body = _body(operation)
    for place, schema in _inside(Place(("body",)), {} if body is None else body):
        if _row(path, place, schema, SOUTH) is not None:
            yield place, schema


def _inside(place: Place, schema: Mapping[str, Any]) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    plain = _plain(schema)
    if plain.get("type") == "array" and place.name not in _SAID:
        yield from _inside(place, plain["items"])
    elif plain.get("type") == "object":
        for name, part in plain.get("properties", {}).items():
            yield from _inside(Place((*place.where, name)), part)
    else:
        yield place, plain


@dataclass(frozen=True)
class Asked:
    """One request: its kind, its address, and its body."""

    method: str
    url: str
    body: Any
    kind: str


def _asked(method: str, path: str, operation: Mapping[str, Any], chosen: Mapping[Place, Any]) -> Asked:
    url, query = path, {}
    for parameter in operation.get("parameters", []):
        place = Place((parameter["in"], parameter["name"]))
        if parameter["in"] == "path":
            url = url.replace("{" + place.name + "}", str(_made(path, place, parameter["schema"], chosen)))
        elif parameter["in"] == "query" and (parameter.get("required") or place in chosen):
            query[place.name] = str(_made(path, place, parameter["schema"], chosen))
    kinds = list(operation.get("requestBody", {}).get("content", {}))
    body = _body(operation)
    sent = b"{}" if not kinds else b"file" if body is None else json.dumps(
        _made(path, Place(("body",)), body, chosen)
    ).encode()  # fmt: skip
    return Asked(method, url + ("?" + urlencode(query) if query else ""), sent, (kinds or ["application/json"])[0])


def _requests(method: str, path: str, operation: Mapping[str, Any]) -> Iterator[tuple[Place, Asked, Asked]]:
    """For each place that names a row: the request with a row of the north there, and with one that does not exist."""
    places = dict(_places(path, operation))
    acts = [place for place in (Place(("path", "act")),) if "{act}" in path]
    for act in _acts(operation) if acts else [None]:
        told = {} if act is None else {acts[0]: act}
        for place, schema in places.items():
            if place.name in _ONLY and act is not None and act != _ONLY[place.name]:
                continue
            own = {
                other: _row(path, other, said, SOUTH) for other, said in places.items() if _needed(other, place, act)
            }
            one, other = (
                _asked(method, path, operation, {**told, **own, place: _row(path, place, schema, branch)})
                for branch in (NORTH, WEST)
            )
            yield place, one, other


def _needed(other: Place, place: Place, act: str | None) -> bool:
    """Whether a place is told where another one is looked at: what an act asks for, and what the address needs."""
    return other == place or other.where[0] == "path" or other.name == "numbers" or _ONLY.get(other.name) == act


def _acts(operation: Mapping[str, Any]) -> list[str]:
    schema = next(each["schema"] for each in operation["parameters"] if each["name"] == "act")
    return list(schema_of(schema)["enum"])


def _rows(bank: TwoBranches) -> dict[str, str]:
    """A hash of all rows of each table."""
    found = {}
    with bank.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            if table.name not in _BESIDE:
                rows = sorted(map(repr, connection.execute(select(table))))
                found[table.name] = f"{len(rows)} {hashlib.sha256(''.join(rows).encode()).hexdigest()}"
    return found


def _answer(answer: Any) -> tuple[int, str, str]:
    """Status, code and line, without the names that were asked for."""
    said = answer.json()
    plain = re.sub(r"(North|Nord|West)\w*(-\w+)*|[57]00000\d", "ROW", str(said.get("message", said)))
    return answer.status_code, str(said.get("code")), plain


@pytest.mark.parametrize("login", ["Suedwin", "Suedrun"])
def test_the_south_changes_nothing_of_the_north(bank: TwoBranches, login: str) -> None:
    browser, before, faults, seen = bank.browser(login), _rows(bank), [], set()
    for (method, path), operation in operations("post", "put", "patch", "delete").items():
        for place, ours, nothing in _requests(method, path, operation):
            answers = []
            for asked in (ours, nothing):
                headers = {"Content-Type": asked.kind}
                answers.append(_answer(browser.request(asked.method, asked.url, content=asked.body, headers=headers)))
            seen.add((method, path))
            line = f"{login} {ours.method} {ours.url} {ours.body!r} at {place.where}: {answers}"
            if answers[0] != answers[1] or answers[0][0] < 400 or answers[0][0] >= 500:
                faults.append(line)
            elif answers[0][1] == "REQUEST_INVALID":
                faults.append(f"{line}: the request never reached the row")
    assert not faults, "\n".join(faults)
    assert _rows(bank) == before
    with bank.engine.connect() as connection:
        looked = select(PersonalView.id).where(PersonalView.party_id == NORTH.base + 1)
        assert connection.scalars(looked).all() == []
    assert set(operations("post", "put", "patch", "delete")) - seen == _NAME_NOTHING
