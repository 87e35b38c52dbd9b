"""What is wrong with a pack's text, key by key, each with what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, Literal, TypeAlias

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from geo.legend import load_legend
from scoring.pack_schema import Pack
from scoring.wording import CODES

Level: TypeAlias = Literal["error", "gap", "warning", "note"]

_GUIDE: Final = "docs/policy.md says what each key holds."


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know about a pack.

    Attributes:
        level: "error" refuses the pack, "gap" is a price that is missing, "warning" wants a person, "note" informs.
        key: where in the file, dotted.
        message: what is so.
        remedy: what to do about it.
    """

    level: Level
    key: str
    message: str
    remedy: str


def faults(error: ValidationError) -> tuple[Finding, ...]:
    """Everything that keeps a text from being a pack, in the order of the schema."""
    return tuple(_fault(detail) for detail in error.errors(include_url=False))


def sentence(detail: ErrorDetails) -> str:
    """One fault without its remedy: the key and what is expected of it."""
    key = _key(detail)
    if detail["type"] == "extra_forbidden":
        return f"unknown key {key!r}"
    if detail["type"] == "missing":
        return f"the key {key!r} is missing"
    said = _said(detail)
    return f"{key!r}: {said}" if key else said


def _fault(detail: ErrorDetails) -> Finding:
    plain = {"extra_forbidden": "unknown key", "missing": "the key is missing"}
    return Finding("error", _key(detail) or "the pack", plain.get(detail["type"], _said(detail)), _remedy(detail))


def _key(detail: ErrorDetails) -> str:
    return ".".join(str(part) for part in detail["loc"])


def _said(detail: ErrorDetails) -> str:
    return detail["msg"].removeprefix("Value error, ").rstrip(".")


def _remedy(detail: ErrorDetails) -> str:
    kind, said = detail["type"], _said(detail)
    if kind == "extra_forbidden":
        return _near(str(detail["loc"][-1]), _keys(), "If not, remove it.")
    if kind == "missing":
        return f"Add it. {_GUIDE}"
    if said.endswith("not a crop of the legend"):
        return _near(str(detail["input"]), (crop.key for crop in load_legend()), "Take a key of geo/data/legend.toml.")
    if said.endswith("not a reason code"):
        return _near(str(detail["input"]), CODES, "Take a code of scoring/wording.")
    date_wanted = kind.startswith("date")
    return "Write a date as 2027-01-31, without quotes." if date_wanted else f"Mend it as the message says. {_GUIDE}"


def _near(word: str, known: Iterable[str], otherwise: str) -> str:
    close = get_close_matches(word, list(known), n=1)
    return f"Did you mean {close[0]!r}? {otherwise}" if close else otherwise


def _keys() -> frozenset[str]:
    """Names of all keys anywhere in a pack."""
    schema = Pack.model_json_schema()
    tables = [schema, *schema["$defs"].values()]
    return frozenset(name for table in tables for name in table.get("properties", ()))
