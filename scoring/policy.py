"""Policy packs: a bank's rules as dated TOML, loaded strictly, with a content hash.

What a pack holds is declared in scoring.pack_schema; docs/policy.md explains every field.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeAlias

from pydantic import ValidationError

from geo.errors import InputError
from scoring.pack_faults import faults, sentence
from scoring.pack_schema import Pack

__all__ = [
    "Pack",
    "load_pack",
    "open_pack",
    "pack_text",
    "parse_pack",
    "policy_ids",
    "require_in_force",
    "template_text",
]

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
    name, text = pack_text(policy_id, packs_dir=packs_dir)
    pack = parse_pack(text, name)
    if pack.id != policy_id:
        raise InputError("POLICY_ID", f"{name} holds the policy {pack.id!r}.", "Name the file after its id.")
    return pack


def open_pack(named: str, *, packs_dir: Path | None = None) -> Pack:
    """The pack of an id, or of a file whatever it is called ("drafts/our-bank.toml"); errors as load_pack's."""
    if not _is_file(named):
        return load_pack(named, packs_dir=packs_dir)
    name, text = pack_text(named)
    return parse_pack(text, name)


def pack_text(named: str, *, packs_dir: Path | None = None) -> tuple[str, str]:
    """Name and text of the file of an id, or of a file.

    Raises:
        InputError: no such policy, folder or file, or it is no text.
    """
    if _is_file(named):
        try:
            return Path(named).name, Path(named).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError("POLICY_FILE", f"The pack {named} cannot be read.", "Name a TOML file.") from error
    places = _places(packs_dir)
    if named not in places:
        known = ", ".join(sorted(places))
        raise InputError("UNKNOWN_POLICY", f"There is no policy {named!r}.", f"Choose one of: {known}.")
    return places[named].name, places[named].read_text(encoding="utf-8")


def template_text(formula: str) -> str:
    """Text of the template for a bank's own pack of a formula ("kcc", "planting")."""
    return resources.files("scoring").joinpath(f"packs/templates/{formula}.toml").read_text(encoding="utf-8")


def require_in_force(pack: Pack, day: date) -> None:
    """Refuse a decision of a day on which the pack does not hold.

    Raises:
        InputError: the pack is not in force on the day.
    """
    if not pack.in_force(day):
        span = f"{pack.valid_from} to {pack.valid_to or 'further notice'}"
        raise InputError(
            "POLICY_NOT_IN_FORCE",
            f"The policy {pack.id!r} ({pack.version}) is in force from {span}, not on {day}.",
            "Choose the pack of that day, or state the day of the decision.",
        )


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
        raise InputError("POLICY_KEY", describe(error, name), _first_remedy(error)) from error


def describe(error: ValidationError, name: str) -> str:
    """One line for the first thing wrong: the file, the key and what is expected of it."""
    first, *others = error.errors(include_url=False)
    more = f" (and {len(others)} more)" if others else ""
    return f"{name}: {sentence(first)}{more}."


def _first_remedy(error: ValidationError) -> str:
    found = faults(error)
    return found[0].remedy if len(found) == 1 else f"{found[0].remedy} `acreline policy check` lists all."


def _is_file(named: str) -> bool:
    return named.endswith(".toml") or "/" in named


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
