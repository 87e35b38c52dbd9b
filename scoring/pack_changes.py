"""What one pack says otherwise than another, key by key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from scoring.pack_schema import Pack

#: What tells the entries of a list apart, in a file that may give them in any order.
_NAMES: Final = ("id", "code", "key", "crop")


@dataclass(frozen=True, slots=True)
class Change:
    """One key that differs.

    Attributes:
        key: dotted; entries of lists by their name ("prices.rows.rice.Patna").
        a: what A says, None where it says nothing.
        b: what B says.
    """

    key: str
    a: str | None
    b: str | None


def changes(a: Pack, b: Pack) -> tuple[Change, ...]:
    """Keys that differ, sorted."""
    said_a, said_b = said(a), said(b)
    keys = sorted(key for key in {*said_a, *said_b} if said_a.get(key) != said_b.get(key))
    return tuple(Change(key, said_a.get(key), said_b.get(key)) for key in keys)


def said(pack: Pack) -> dict[str, str]:
    """Everything that a pack says: text by dotted key."""
    return dict(_flat(pack.model_dump(mode="json")))


def _flat(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _flat(part, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list) and any(isinstance(part, Mapping) for part in value):
        for place, part in enumerate(value):
            yield from _flat(part, f"{key}.{_name(part, place)}")
    elif value is not None:
        yield key, ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _name(part: Mapping[str, object], place: int) -> str:
    name = next((str(part[name]) for name in _NAMES if name in part), str(place))
    further = [str(part[key]) for key in ("district", "season") if part.get(key) is not None]
    return ".".join([name, *further])
