"""What scenes hold, as far as it can be told before a cube is built: their hashes, their faults, their reflectance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import pystac

from app.jobs.patience import patiently
from geo.errors import AcrelineError
from geo.grid import Bounds
from tiles.facts import content_hashes
from tiles.guard.season import assess_items
from tiles.guard.verdicts import Assessment

_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class Contents:
    """What scenes hold, as far as it can be told without their pixels.

    Attributes:
        hashes: content hash by item id.
        faults: why a scene cannot be used, by item id.
    """

    hashes: Mapping[str, str]
    faults: Mapping[str, AcrelineError]


def look_into(items: Sequence[pystac.Item]) -> Contents:
    """Content hash of every scene; a scene whose files cannot be read is a fault of its own, not of the others."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = dict(zip([item.id for item in items], pool.map(_hash_or_fault, items), strict=True))
    return Contents(
        hashes={name: said for name, said in found.items() if isinstance(said, str)},
        faults={name: said for name, said in found.items() if isinstance(said, AcrelineError)},
    )


def _hash_or_fault(item: pystac.Item) -> str | AcrelineError:
    try:
        return patiently(content_hashes, [item])[item.id]
    except AcrelineError as error:
        return error


def judged(items: Sequence[pystac.Item], contents: Contents, area: Bounds) -> Assessment:
    """What the guard says of the scenes that can be read.

    Args:
        items: scenes of an area and season.
        contents: of them.
        area: box in degrees whose pixels are looked at.

    Raises:
        DataError: a group of scenes is no reflectance that can be used (REFLECTANCE_REFUSED).
    """
    usable = [item for item in items if item.id not in contents.faults]
    return patiently(assess_items, usable, area).required() if usable else Assessment({}, ())


def require_usable(items: Iterable[pystac.Item], contents: Contents) -> None:
    """Raise why the first of some scenes cannot be used; nothing where all can."""
    for item in items:
        if item.id in contents.faults:
            raise contents.faults[item.id]
