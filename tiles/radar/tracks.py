"""Relative orbits: a field looks different from another orbit, so acquisitions of two are never mixed.

Sentinel-1 repeats its ground track every 12 days after 175 orbits; a second satellite flies the same tracks half a
cycle later. A scene that does not state its relative orbit is placed by its absolute orbit, or by where its time falls
in the half cycle, which is the same for all passes of one track and differs by hours or days between tracks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import pystac

from geo.errors import InputError
from tiles.sources.base import acquired_at

_CYCLE_ORBITS: Final = 175
#: Relative orbit = (absolute orbit - shift) mod 175 + 1 (ESA's numbering of each satellite).
_SHIFT: Final = {"a": 73, "b": 27, "c": 172}
_HALF_CYCLE: Final = timedelta(days=6)
_EPOCH: Final = datetime(2014, 10, 1, tzinfo=UTC)
#: Slices of one pass lie within minutes of each other; the next track over the same place is 8 minutes and a day off.
_SAME_PASS: Final = timedelta(minutes=4)

_SATELLITE = re.compile(r"^(?:sentinel[-_ ]?1|S1)([abc])(?:_|$)", re.IGNORECASE)


def tracks_of(items: Sequence[pystac.Item]) -> dict[str, str]:
    """Track of each scene by item id: "orbit 161", or "phase 2d17h32" where no orbit is known.

    Args:
        items: Sentinel-1 scenes over one area.

    Raises:
        InputError: some scenes state their orbit and others do not, so that one track would count as two.
    """
    orbits = {item.id: relative_orbit(item) for item in items}
    unknown = [name for name, orbit in orbits.items() if orbit is None]
    if unknown and len(unknown) < len(orbits):
        raise InputError(
            "RADAR_ORBIT",
            f"Scene {unknown[0]} states no relative orbit while others do.",
            "Give each scene `sat:relative_orbit`, or none.",
        )
    if unknown:
        return _by_phase(items)
    return {name: f"orbit {orbit}" for name, orbit in orbits.items()}


def relative_orbit(item: pystac.Item) -> int | None:
    """Relative orbit 1 to 175 that an item states or that follows from its absolute orbit, None where neither does."""
    stated = item.properties.get("sat:relative_orbit")
    if stated is not None:
        return int(stated)
    absolute = item.properties.get("sat:absolute_orbit")
    shift = _SHIFT.get(_satellite(item))
    if absolute is None or shift is None:
        return None
    return (int(absolute) - shift) % _CYCLE_ORBITS + 1


def _satellite(item: pystac.Item) -> str:
    for name in (item.properties.get("platform"), item.id):
        match = _SATELLITE.match(str(name or ""))
        if match:
            return match[1].lower()
    return ""


def _phase(item: pystac.Item) -> timedelta:
    return (acquired_at(item) - _EPOCH) % _HALF_CYCLE


def _by_phase(items: Sequence[pystac.Item]) -> dict[str, str]:
    """Scenes whose phases lie close together share a track, named by its earliest phase; the half cycle is a circle."""
    ordered = sorted(items, key=lambda item: (_phase(item), item.id))
    groups: list[list[pystac.Item]] = []
    for item in ordered:
        if groups and _phase(item) - _phase(groups[-1][-1]) <= _SAME_PASS:
            groups[-1].append(item)
        else:
            groups.append([item])
    if len(groups) > 1 and _phase(groups[0][0]) + _HALF_CYCLE - _phase(groups[-1][-1]) <= _SAME_PASS:
        groups[0] = groups.pop() + groups[0]
    return {item.id: _name(_phase(group[0])) for group in groups for item in group}


def _name(phase: timedelta) -> str:
    minutes = round(phase.total_seconds() / 60)
    return f"phase {minutes // 1440}d{minutes // 60 % 24:02d}h{minutes % 60:02d}"
