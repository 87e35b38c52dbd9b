"""Mappings from somebody's columns to known ones, as TOML: a file of the bank's own, or a shipped one by its id."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from geo.errors import InputError
from scoring.pack_values import Strict
from scoring.policy import describe

_Mapping = TypeVar("_Mapping", bound=Strict)


def load_mapping(schema: type[_Mapping], named: str, package: str, guide: str) -> _Mapping:
    """Mapping from a file, or a shipped one.

    Args:
        schema: what it must hold.
        named: path of a TOML file, or id of a mapping in the data folder of `package`.
        package: "scoring.costs".
        guide: document that lists every key ("docs/policy.md").

    Raises:
        InputError: neither, not TOML, or a key is unknown, missing or wrong (names the file and the key).
    """
    name, text = _text(named, package)
    try:
        return schema.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InputError("MAPPING_TOML", f"{name} is not valid TOML: {error}.", "Mend the file.") from error
    except ValidationError as error:
        raise InputError("MAPPING_KEY", describe(error, name), f"{guide} lists every key.") from error


def mapping_ids(package: str) -> tuple[str, ...]:
    """Ids of the mappings that ship with a package, sorted."""
    folder = resources.files(package).joinpath("data")
    return tuple(sorted(each.name.removesuffix(".toml") for each in folder.iterdir() if each.name.endswith(".toml")))


def _text(named: str, package: str) -> tuple[str, str]:
    if named in mapping_ids(package):
        place = resources.files(package).joinpath(f"data/{named}.toml")
        return place.name, place.read_text(encoding="utf-8")
    path = Path(named)
    if not path.is_file():
        known = ", ".join(mapping_ids(package))
        raise InputError("MAPPING_UNKNOWN", f"There is no mapping {named!r}.", f"Name a TOML file, or: {known}.")
    try:
        return path.name, path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("MAPPING_UNKNOWN", f"The mapping {named} cannot be read.", "Name a TOML file.") from error
