"""Label maps: from the labels of foreign tables to keys of the legend, or to named groups of keys."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from geo.errors import InputError
from geo.legend import load_legend

_REMEDY: Final = 'Write {"labels": {"foreign label": "wheat"}, "groups": {"winter_cereal": ["wheat", "barley"]}}.'


@dataclass(frozen=True, slots=True)
class LabelMap:
    """What foreign labels mean.

    Attributes:
        labels: by foreign label the name of what it means: a key of the legend or a group.
        members: by name its keys: one for a key of the legend, several for a group.
    """

    labels: Mapping[str, str]
    members: Mapping[str, frozenset[str]]

    def keys_of(self, label: str) -> frozenset[str] | None:
        """Keys that are right for a label; None for a stranger, a label that the map leaves out."""
        name = self.name_of(label)
        return None if name is None else self.members[name]

    def name_of(self, label: str) -> str | None:
        """Name that a label stands under in reports; None for a stranger."""
        return self.labels.get(label.strip())

    @property
    def names(self) -> tuple[str, ...]:
        """Names that labels lead to, in order of their first label."""
        return tuple(dict.fromkeys(self.labels.values()))

    def said_as(self, key: str, meant: str | None) -> str:
        """Name under which a guess is counted.

        Args:
            key: the guess, a key of the legend or itself a name of the map.
            meant: name of the true label, None for a stranger.

        Returns:
            `meant` where the guess is right; else the name with fewest keys that holds the guess; else the guess.
        """
        if meant is not None and (key == meant or key in self.members[meant]):
            return meant
        held = [name for name in self.names if key == name or key in self.members[name]]
        return min(held, key=lambda name: len(self.members[name]), default=key)


def read_label_map(path: Path) -> LabelMap:
    """Label map from its JSON file.

    Two forms: {"labels": {label: name}, "groups": {name: [keys]}}, and flat, {label: name or [keys]}. A name is a key
    of the legend or a group; a list of keys is a group named by its keys ("wheat/barley"). Labels are compared exactly,
    but for space around them.

    Raises:
        InputError: the file is missing, is no such JSON, or names a crop that the legend does not know.
    """
    table = _object(path)
    nested = "labels" in table
    labels, groups = (table["labels"], table.get("groups", {})) if nested else (table, {})
    if not isinstance(labels, dict) or not isinstance(groups, dict):
        raise _malformed(path, "labels and groups must be objects")
    members = {str(name): _keys(path, keys) for name, keys in groups.items()}
    names: dict[str, str] = {}
    for label, value in labels.items():
        name, keys = _meaning(path, value, members)
        names[label.strip()] = name
        members[name] = keys
    if not names:
        raise _malformed(path, "it maps no label")
    return LabelMap(names, members)


def _object(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise InputError("LABEL_MAP", f"The label map {path} is missing.", "Name a JSON file.")
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise _malformed(path, "it is not JSON") from error
    if not isinstance(table, dict):
        raise _malformed(path, "it is not an object")
    return table


def _meaning(path: Path, value: object, groups: Mapping[str, frozenset[str]]) -> tuple[str, frozenset[str]]:
    if isinstance(value, str):
        return value, groups[value] if value in groups else _keys(path, [value])
    keys = _keys(path, value)
    return "/".join(crop.key for crop in load_legend() if crop.key in keys), keys


def _keys(path: Path, keys: object) -> frozenset[str]:
    if not isinstance(keys, list) or not keys or not all(isinstance(key, str) for key in keys):
        raise _malformed(path, f"{keys!r} is neither a name nor a list of keys")
    unknown = _unknown(keys)
    if unknown:
        raise InputError(
            "LABEL_MAP",
            f"The label map {path} names {unknown[0]!r}, which is neither a key of the legend nor a group.",
            "Use keys of geo/data/legend.toml, or define the group.",
        )
    return frozenset(keys)


def _unknown(keys: Iterable[str]) -> list[str]:
    return [key for key in keys if key not in load_legend()]


def _malformed(path: Path, why: str) -> InputError:
    return InputError("LABEL_MAP", f"The label map {path} cannot be used: {why}.", _REMEDY)
