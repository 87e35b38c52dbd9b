"""A wind farm: pads, roads and towers near the planned places, cluster by cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from app.jobs.sitewatch.passes import RadarStack
from app.jobs.sitewatch.stacks import SiteStack, around, disc
from geo.sites import SiteMeasure
from models.sites.looks import Days, Flags, Floats, Looks, Reflectance
from models.sites.turbines import Evidence, TowerLooks, radar_evidence, shadow_evidence, tower_looks
from models.sites.wind import PadLooks, PadRule, pad_looks
from tiles.clear import Mask
from tiles.reader import Window

#: Places whose pixels lie in the same square of this side are looked at together, and so much of the land around them.
_CLUSTER_PX: Final = 100
_AROUND_M: Final = 400.0


@dataclass(frozen=True, slots=True)
class FarmLooks:
    """What is told of a farm of k places.

    Attributes:
        measures: PADS, PADS_ELSEWHERE, ROADS and, where anything shows towers, TURBINES.
        pads: (t,) days and (t, k) chances that pads are laid.
        towers: (s,) days and (s, k) chances that towers stand.
    """

    measures: Mapping[SiteMeasure, Looks]
    pads: tuple[Days, Floats]
    towers: tuple[Days, Floats]


@dataclass(frozen=True, slots=True)
class _Cluster:
    """Places that lie together: their numbers, and what the land around them shows."""

    numbers: np.ndarray
    pads: PadLooks
    evidence: tuple[Evidence, ...]


def farm_looks(stack: SiteStack, places: Floats, sun: Floats, radar: RadarStack | None) -> FarmLooks:
    """Looks at a farm.

    Args:
        stack: all optical looks.
        places: (k, 2) planned places, row and column on the grid in pixels.
        sun: (t, 2) elevation and azimuth of the sun in degrees; NaN where a scene does not say.
        radar: passes of Sentinel-1; None: none were asked for.
    """
    clusters = [_cluster(stack, places, numbers, sun, radar) for numbers in _clusters(places)]
    order = np.argsort(np.concatenate([cluster.numbers for cluster in clusters]))
    pads = _pads_together([cluster.pads for cluster in clusters], order)
    kinds = zip(*(cluster.evidence for cluster in clusters), strict=True)
    evidence = [_side_by_side(kind, order) for kind in kinds]
    known = [one for one in evidence if np.isfinite(one.values).any()]
    measures = {
        SiteMeasure.PADS: pads.pads,
        SiteMeasure.PADS_ELSEWHERE: pads.elsewhere,
        SiteMeasure.ROADS: pads.roads,
    }
    if not known:
        return FarmLooks(measures, (stack.days, pads.chances), (stack.days[:0], pads.chances[:0]))
    towers: TowerLooks = tower_looks(known)
    measures[SiteMeasure.TURBINES] = towers.towers
    return FarmLooks(measures, (stack.days, pads.chances), (towers.days, towers.chances))


def _clusters(places: Floats) -> Iterator[np.ndarray]:
    squares = (places // _CLUSTER_PX).astype(np.int64)
    for square in np.unique(squares, axis=0):
        yield np.flatnonzero((squares == square).all(axis=1))


def _cluster(stack: SiteStack, places: Floats, numbers: np.ndarray, sun: Floats, radar: RadarStack | None) -> _Cluster:
    near = np.logical_or.reduce([disc(at, _AROUND_M, stack.shape) for at in places[numbers]])
    window = around(near, stack.shape)
    here = places - np.array([window.top, window.left])
    own, others = here[numbers], np.delete(here, numbers, axis=0)
    images, _ = stack.read(window)
    # Unlike panels, gravel is no darker than shadow: what is dark or bright on one day only is a cloud's.
    clear = stack.masks(window) == Mask.CLEAR
    images = np.nan_to_num(images, nan=1e-4)
    # Whether enough of the places were shown is asked of the whole farm.
    pads = pad_looks(images, clear, stack.days, own, PadRule(least_judged=0.0), besides=others)
    return _Cluster(numbers, pads, tuple(_evidence(stack, images, clear, own, window, sun, radar)))


def _evidence(
    stack: SiteStack,
    images: Reflectance,
    clear: Flags,
    places: Floats,
    window: Window,
    sun: Floats,
    radar: RadarStack | None,
) -> Iterator[Evidence]:
    lit = np.isfinite(sun).all(axis=1)
    yield shadow_evidence(images[lit], clear[lit], stack.days[lit], sun[lit], places)
    if radar is not None:
        power = radar.read(window)
        for track in np.unique(radar.tracks):
            own = radar.tracks == track
            yield radar_evidence(power[own], radar.days[own], places)


def _side_by_side(kind: Sequence[Evidence], order: np.ndarray) -> Evidence:
    """Evidence of one kind of all clusters, places in the order of the plan."""
    return replace(kind[0], values=np.concatenate([one.values for one in kind], axis=1)[:, order])


def _pads_together(parts: Sequence[PadLooks], order: np.ndarray) -> PadLooks:
    """Pads of all clusters: counts add up, their errors in squares, those of roads in full."""
    chances = np.concatenate([part.chances for part in parts], axis=1)[:, order]
    told = np.where(np.isfinite(chances).mean(axis=1) >= PadRule().least_judged, 1.0, np.nan)
    weights = np.array([part.chances.shape[1] for part in parts], dtype=np.float64)
    clear = np.average([part.pads.clear for part in parts], axis=0, weights=weights)
    pads = Looks(
        parts[0].pads.days,
        told * np.sum([part.pads.values for part in parts], axis=0),
        told * np.sqrt(np.sum([part.pads.errors**2 for part in parts], axis=0)),
        clear,
    )
    roads = Looks(
        parts[0].roads.days,
        told * np.sum([part.roads.values for part in parts], axis=0),
        told * np.sum([part.roads.errors for part in parts], axis=0),
        clear,
    )
    elsewhere = Looks(
        parts[0].elsewhere.days,
        np.sum([part.elsewhere.values for part in parts], axis=0),
        np.sqrt(1.0 + np.sum([part.elsewhere.values for part in parts], axis=0)),
        np.average([part.elsewhere.clear for part in parts], axis=0, weights=weights),
    )
    return PadLooks(chances, pads, roads, elsewhere)


def sun_of(angles: Mapping[str, tuple[float, float]], items: Sequence[str]) -> Floats:
    """(t, 2) elevation and azimuth of the sun in degrees by look, given the ids of its scenes; NaN where unsaid."""
    found = np.full((len(items), 2), np.nan)
    for time, names in enumerate(items):
        said = [angles[name] for name in str(names).split() if name in angles]
        if said:
            found[time] = np.mean(said, axis=0)
    return found
