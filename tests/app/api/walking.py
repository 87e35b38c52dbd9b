"""What addresses of the document take for parameters: names and numbers of a branch's rows, and what names none."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import pytest

from app.api.institution import bare_institution_app
from tests.app.api.branches import Branch

#: Values of parameters that name a row, by name, and by path where one name means several things. What a parameter
#: may be besides (a side, a zoom) is taken from the document.
NAMES: Final[Mapping[str, str]] = {
    "parcel_id": "p0",
    "parcel": "p0",
    "batch_id": "batch",
    "unit": "branch",
    "farmer": "f0",
    "farmer_id": "f0",
    "application": "A1",
    "site_id": "site",
    "q": "",
}
NUMBERS: Final = frozenset({"number", "party_id", "paper_id", "alert", "proposal"})
#: Where a number is a text, by the first part of the address.
NUMBERED: Final[Mapping[str, str]] = {"facilities": "F1", "applications": "A1"}
#: Parameters that name nothing of a branch, where nothing better is known of them.
PLAIN: Final[Mapping[str, str]] = {
    **dict.fromkeys(("z", "x", "y"), "1"),
    "layer": "true_colour",
    "run_id": "run-1",
    "day": "2019-06-01",
    **dict.fromkeys(("policy_id", "old", "new"), "cn-planting-generic"),
    "west": "3", "south": "50", "east": "5", "north": "52",
}  # fmt: skip


@cache
def document() -> Mapping[str, Any]:
    """The document of the institution's service."""
    return bare_institution_app().openapi()


def operations(*methods: str) -> Mapping[tuple[str, str], Mapping[str, Any]]:
    """What the document says of addresses, by method and path."""
    return {
        (method, path): said[method]
        for path, said in document()["paths"].items()
        for method in methods
        if method in said
    }


def schema_of(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema, or the one that it refers to."""
    return document()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema


def row_of(name: str, part: str, branch: Branch) -> str | None:
    """What a parameter that names a row is in a branch, at an address of a part; None: it names none."""
    if name == "number" and part in NUMBERED:
        return branch.name(NUMBERED[part])
    if name in NUMBERS:
        return str(branch.base + 1)
    return branch.name(NAMES[name]).rstrip("-") if name in NAMES else None


def first_of(schema: Mapping[str, Any], lacking: str) -> str:
    """The first value of a closed list."""
    known = schema_of(schema)
    values = known.get("enum", [known["const"]] if "const" in known else [])
    if not values:
        pytest.fail(f"{lacking}: say in tests/app/api/walking.py what it is in the north.")
    return str(values[0])
