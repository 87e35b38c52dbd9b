"""Scenes that a catalogue holds twice, since ESA has processed their acquisition again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, TypeAlias

import pystac

from tiles.guard import baseline_of
from tiles.sources.base import acquired_at

_Acquisition: TypeAlias = tuple[str, str, str]

_DATATAKE: Final = ("s2:datatake_id", "eopf:datatake_id")
_DATASTRIP: Final = ("s2:datastrip_id", "eopf:datastrip_id")
_TILE: Final = ("grid:code", "s2:mgrs_tile")
_TILE_IN_ID = re.compile(r"(?:^|_)T?(\d{2}[C-HJ-NP-X][A-HJ-NP-Z]{2})(?:_|$)")
_STRIP_START = re.compile(r"_S(\d{8}T\d{6})")
_NUMBERS = re.compile(r"\d+")


def newest_only(items: Sequence[pystac.Item]) -> list[pystac.Item]:
    """Items without those that the same catalogue also holds from a later processing baseline.

    Two items are the same acquisition if datatake (or time, where none is stated), datastrip start and tile are the
    same. Parts of one tile from two datastrips, and items of the same baseline, all stay.
    """
    newest: dict[_Acquisition, tuple[int, ...]] = {}
    for item in items:
        key = _acquisition(item)
        newest[key] = max(newest.get(key, ()), _baseline(item))
    return [item for item in items if _baseline(item) == newest[_acquisition(item)]]


def _acquisition(item: pystac.Item) -> _Acquisition:
    datatake = _said(item, _DATATAKE).rpartition("_N")[0]  # it ends with the baseline
    strip = _STRIP_START.search(_said(item, _DATASTRIP))
    return datatake or acquired_at(item).isoformat(timespec="seconds"), strip[1] if strip else "", _tile(item)


def _tile(item: pystac.Item) -> str:
    stated = _said(item, _TILE).removeprefix("MGRS-").removeprefix("T")
    found = None if stated else _TILE_IN_ID.search(item.id)
    return found[1] if found else stated or item.id


def _baseline(item: pystac.Item) -> tuple[int, ...]:
    return tuple(map(int, _NUMBERS.findall(baseline_of(item))))


def _said(item: pystac.Item, keys: tuple[str, ...]) -> str:
    return next((str(item.properties[key]) for key in keys if item.properties.get(key)), "")
