"""What a GeoJSON file holds, before any library builds shapes of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from geo.errors import InputError

_NUMBERS: Final = (int, float)


def corners_of(path: Path) -> int:
    """Number of positions in a GeoJSON file.

    Raises:
        InputError: it is no JSON, is nested without end, or holds NaN or infinite numbers.
    """
    try:
        content = json.loads(path.read_bytes(), parse_constant=_refuse_constant)
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
