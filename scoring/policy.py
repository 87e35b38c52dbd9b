"""Policy packs: a bank's rules as dated TOML, loaded strictly, with a content hash.

What a pack holds is declared in scoring.pack_schema; docs/policy.md explains every field.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeAlias

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from geo.errors import InputError
from scoring.pack_schema import Pack

__all__ = ["Pack", "load_pack", "parse_pack", "policy_ids"]

_Place: TypeAlias = Traversable | Path


def policy_ids(packs_dir: Path | None = None) -> tuple[str, ...]:
    """Ids of the packs that can be loaded, sorted: the shipped ones, and those of a bank's own folder."""
    return tuple(sorted(_places(packs_dir)))


def load_pack(policy_id: str, *, packs_dir: Path | None = None) -> Pack:
    """The pack of an id; a bank's own folder wins over the shipped packs.

    Args:
        policy_id: "in-kcc-2018"; the file is named after it.
        packs_dir: folder of a bank's own packs, one `ID.toml` each.

    Raises:
        InputError: no such policy or folder, or the file does not fit the schema (names the file and the key).
    """
    places = _places(packs_dir)
    if policy_id not in places:
        known = ", ".join(sorted(places))
        raise InputError("UNKNOWN_POLICY", f"There is no policy {policy_id!r}.", f"Choose one of: {known}.")
    place = places[policy_id]
    pack = parse_pack(place.read_text(encoding="utf-8"), place.name)
    if pack.id != policy_id:
        raise InputError("POLICY_ID", f"{place.name} holds the policy {pack.id!r}.", "Name the file after its id.")
    return pack


def parse_pack(text: str, name: str) -> Pack:
    """Pack from TOML text.

    Args:
        text: the whole file.
        name: file name, for messages.

    Raises:
        InputError: not TOML, or a key that is unknown, missing or wrong (names the file and the key).
    """
    try:
        return Pack.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InputError("POLICY_TOML", f"{name} is not valid TOML: {error}.") from error
    except ValidationError as error:
        raise InputError("POLICY_KEY", describe(error, name), "docs/policy.md lists every key.") from error


def describe(error: ValidationError, name: str) -> str:
    """One line for the first thing wrong: the file, the key and what is expected of it."""
    first, *others = error.errors(include_url=False)
    more = f" (and {len(others)} more)" if others else ""
    return f"{name}: {_sentence(first)}{more}."


def _sentence(detail: ErrorDetails) -> str:
    key = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        return f"unknown key {key!r}"
    if detail["type"] == "missing":
        return f"the key {key!r} is missing"
    said = detail["msg"].removeprefix("Value error, ").rstrip(".")
    return f"{key!r}: {said}" if key else said


def _places(packs_dir: Path | None) -> Mapping[str, _Place]:
    shipped = resources.files("scoring").joinpath("packs")
    places: dict[str, _Place] = {_id(place): place for place in shipped.iterdir() if place.name.endswith(".toml")}
    if packs_dir is not None:
        if not packs_dir.is_dir():
            raise InputError("POLICY_FOLDER", f"The folder of policies {packs_dir} does not exist.")
        places |= {_id(place): place for place in sorted(packs_dir.glob("*.toml"))}
    return places


def _id(place: _Place) -> str:
    return place.name.removesuffix(".toml")
