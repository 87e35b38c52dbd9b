"""The visits of a list as a round: from the unit's own place from village to village, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np
from shapely.geometry.base import BaseGeometry

from app.alerts.visits.way import At, length_m, short_way
from app.book.villages import InVillage


class Visit(Protocol):
    """What a round needs to know of a visit; places are None where they are not known."""

    @property
    def list_unit(self) -> str:
        """Code of the unit whose list it is on."""

    @property
    def village(self) -> InVillage | None:
        """Where the parcel lies."""

    @property
    def unit(self) -> tuple[str, str] | None:
        """Code and name of the parcel's unit, which stands for a village that is not known."""

    @property
    def done(self) -> bool:
        """Whether it is over."""

    @property
    def outline(self) -> BaseGeometry | None:
        """Of the parcel (EPSG:4326)."""


_Visit = TypeVar("_Visit", bound=Visit)


@dataclass(frozen=True, slots=True)
class _Group(Generic[_Visit]):
    """Visits of a village: those that are left and have a place, those left without one, those that are done."""

    placed: Sequence[tuple[_Visit, At]]
    elsewhere: Sequence[_Visit]
    done: Sequence[_Visit]

    @property
    def middle(self) -> At | None:
        if not self.placed:
            return None
        longitude, latitude = np.mean([at for _, at in self.placed], axis=0)
        return float(longitude), float(latitude)


def in_rounds(visits: Sequence[_Visit], starts: Mapping[str, At]) -> list[_Visit]:
    """Visits in the order in which to drive, one round for each list.

    What is left comes village by village, the villages and the visits within them by a short way from the unit's place
    back to it; where that is not known, the round begins and ends in the village of the first visit. Visits without a
    place come last of their village, then what is done; villages where all is done come last.

    Args:
        visits: of lists, each list by its ranks.
        starts: where units are, by code.
    """
    lists = list(dict.fromkeys(visit.list_unit for visit in visits))
    return [
        visit
        for unit in lists
        for visit in _round([each for each in visits if each.list_unit == unit], starts.get(unit))
    ]


def way_m(visits: Sequence[_Visit], starts: Mapping[str, At]) -> float | None:
    """Metres as the crow flies of the rounds of what is left; None where nothing that is left has a place.

    Each round leads from the unit's place through its visits back to it; where that is not known, from its first visit
    back to that.

    Args:
        visits: in the order of in_rounds.
        starts: where units are, by code.
    """
    rounds: dict[str, list[At]] = {}
    for visit in visits:
        place = None if visit.done else _middle(visit.outline)
        if place is not None:
            rounds.setdefault(visit.list_unit, []).append(place)
    homes = {unit: starts.get(unit, stops[0]) for unit, stops in rounds.items()}
    return sum(length_m([homes[unit], *stops, homes[unit]]) for unit, stops in rounds.items()) if rounds else None


def _round(visits: Sequence[_Visit], start: At | None) -> list[_Visit]:
    groups = _groups(visits)
    middles = [(group, group.middle) for group in groups]
    near = [(group, middle) for group, middle in middles if middle is not None]
    home = start or (near[0][1] if near else None)
    driven = [near[at] for at in short_way([middle for _, middle in near], home, home)]
    here, found = home, list[_Visit]()
    for place, (group, _) in enumerate(driven):
        onward = driven[place + 1][1] if place + 1 < len(driven) else home
        stops = [at for _, at in group.placed]
        begin = here if start is not None or place else None
        order = short_way(stops, begin, onward)
        found += [group.placed[at][0] for at in order] + [*group.elsewhere, *group.done]
        here = stops[order[-1]]
    left = [group for group, middle in middles if middle is None]
    left.sort(key=lambda group: not group.elsewhere)
    return found + [visit for group in left for visit in (*group.elsewhere, *group.done)]


def _groups(visits: Sequence[_Visit]) -> list[_Group[_Visit]]:
    """By village, and by unit where that is not known, in the order of their first visit."""
    names = list(dict.fromkeys(_named(visit) for visit in visits))
    return [_group([visit for visit in visits if _named(visit) == name]) for name in names]


def _group(visits: Sequence[_Visit]) -> _Group[_Visit]:
    places = [(visit, _middle(visit.outline)) for visit in visits if not visit.done]
    return _Group(
        placed=[(visit, at) for visit, at in places if at is not None],
        elsewhere=[visit for visit, at in places if at is None],
        done=[visit for visit in visits if visit.done],
    )


def _named(visit: Visit) -> tuple[str, str]:
    if visit.village is not None:
        return "village", visit.village.code
    return "unit", "" if visit.unit is None else visit.unit[0]


def _middle(outline: BaseGeometry | None) -> At | None:
    if outline is None or outline.is_empty:
        return None
    point = outline.centroid
    return float(point.x), float(point.y)
