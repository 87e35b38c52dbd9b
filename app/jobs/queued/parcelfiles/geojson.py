"""What a GeoJSON file holds, before any library builds shapes of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from geo.errors import InputError

_NUMBERS: Final = (int, float)
#: Lists that are no positions: rings, polygons, features.
_FURTHER_LISTS: Final = 250_000


def corners_of(path: Path, most: int) -> int:
    """Number of positions in a GeoJSON file that holds so many at most.

    Raises:
        InputError: it is no JSON, is nested without end, holds NaN or infinite numbers, or far too many positions.
    """
    said = path.read_bytes()
    if said.count(b"[") > most + _FURTHER_LISTS:  # each position is a list: no need to parse to know
        raise InputError(
            "IMPORT_TOO_HEAVY", f"The file holds more than {most:,} corners.", "Split it into smaller ones."
        )
    try:
        content = json.loads(said, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}: {error.msg}"
        said_of_it = f"The file is no readable GeoJSON: {where}."
        raise InputError("IMPORT_UNREADABLE", said_of_it, "Mend it there, or export the parcels again.") from error
    except (ValueError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(
            "IMPORT_UNREADABLE", "The file is no readable GeoJSON.", "Export the parcels again."
        ) from error
    if not isinstance(content, dict):
        raise InputError("IMPORT_UNREADABLE", "The file is no GeoJSON object.", "Export a FeatureCollection.")
    return _count(content)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _count(content: dict[str, Any]) -> int:
    """Positions: lists that begin with a number, wherever they stand."""
    waiting: list[Any] = [content]
    corners = 0
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            waiting.extend(each.values())
        elif isinstance(each, list) and each and isinstance(each[0], _NUMBERS):
            corners += 1
        elif isinstance(each, list):
            waiting.extend(each)
    return corners
