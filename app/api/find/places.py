"""Places as people write them: degrees, or degrees with minutes and seconds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

#: How far around a place a map should show, degrees.
_AROUND: Final = 0.01
_MOST_LATITUDE, _MOST_LONGITUDE = 90.0, 180.0
_NORTH_SOUTH: Final = frozenset("NS")
_EAST_WEST: Final = frozenset("EW")
_LETTERS: Final = _NORTH_SOUTH | _EAST_WEST
_APART: Final = re.compile(r"[,;，；、]")
_MARKS: Final = re.compile(r"[°º˚'′’\"″”]")
_NUMBER: Final = re.compile(r"[0-9]+(\.[0-9]+)?")
_AFTER_LETTER: Final = re.compile(r"(?<=[NSEW])(?=[^NSEW]*\d)")
_BEFORE_LETTER: Final = re.compile(r"(?<=\S)\s*(?=[NSEW])")


@dataclass(frozen=True, slots=True)
class Place:
    """A point, degrees (WGS 84)."""

    lat: float
    lon: float

    @property
    def around(self) -> tuple[float, float, float, float]:
        """West, south, east, north of what to show."""
        return self.lon - _AROUND, self.lat - _AROUND, self.lon + _AROUND, self.lat + _AROUND


def read_place(text: str) -> Place | None:
    """Place of a text such as "50.1, 4.2", "50°06'N 4°12'E" or "E116.2 N35.1"; None where it is none.

    Without letters latitude comes first. Minutes and seconds stay below 60.
    """
    match [_read_half(half) for half in _halves(text.strip().upper())]:
        case [(first, one), (second, other)] if _fit(one, other):
            turned = one in _EAST_WEST or other in _NORTH_SOUTH
            lat, lon = (second, first) if turned else (first, second)
        case _:
            return None
    return Place(lat, lon) if abs(lat) <= _MOST_LATITUDE and abs(lon) <= _MOST_LONGITUDE else None


def _fit(one: str | None, other: str | None) -> bool:
    """Whether letters of two halves are not about the same direction."""
    return not any(one in pair and other in pair for pair in (_NORTH_SOUTH, _EAST_WEST))


def _halves(text: str) -> list[str]:
    """The two numbers of a place: told apart by a comma, else by letters, else by blanks."""
    by_comma = [part for part in _APART.split(text) if part.strip()]
    if len(by_comma) != 1:
        return by_comma
    if text[:1] in _LETTERS:
        return [part for part in _BEFORE_LETTER.split(text) if part]
    if any(letter in text for letter in _LETTERS):
        return [part for part in _AFTER_LETTER.split(text) if part]
    return text.split()


def _read_half(text: str) -> tuple[float, str | None] | None:
    """Degrees and the letter of a half."""
    bare = text.strip()
    rest = bare.strip("NSEW").strip()
    letters = bare[: bare.find(rest)].strip() + bare[bare.find(rest) + len(rest) :].strip()
    negative = rest.startswith(("-", "\u2212"))
    numbers = _MARKS.sub(" ", rest.lstrip("+-\u2212")).split()
    if len(letters) > 1 or (negative and letters) or not all(_NUMBER.fullmatch(number) for number in numbers):
        return None
    degrees = _degrees([float(number) for number in numbers])
    if degrees is None:
        return None
    letter = letters or None
    return (-degrees if negative or letter in {"S", "W"} else degrees), letter


def _degrees(parts: list[float]) -> float | None:
    """Degrees of whole degrees, whole minutes and seconds; the last of them may have decimals."""
    most = 3
    if not 1 <= len(parts) <= most:
        return None
    whole = all(part.is_integer() for part in parts[:-1])
    small = all(part < 60 for part in parts[1:])  # noqa: PLR2004 - sixty minutes, sixty seconds
    return sum(part / 60**place for place, part in enumerate(parts)) if whole and small else None
