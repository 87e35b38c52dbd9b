"""Crane pads and access roads of a wind farm by date, near the planned places of its turbines.

A pad is a compact patch of ground near a planned place that has turned to gravel for good. Ten metres show a pad of 30
x 40 m as some twelve pixels, half of them mixed; a road of five metres covers half a pixel and shows in part. A patch
as large as a field is a field, not a pad. How often such patches turn up on the ground around, where nothing is
planned, is counted with every look, and taken off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from geo.bands import RESOLUTION_M
from models.sites.clearing import GRAVEL, ClearingRule, Stay, changed, lasting, shown_kinds
from models.sites.looks import Days, Flags, Floats, Looks, Reflectance

_PIXEL_M2: Final = float(RESOLUTION_M**2)
_HALF: Final = 0.5
_AROUND: Final = np.ones((3, 3), dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class PadRule:
    """What counts as a pad.

    Attributes:
        radius_m: a pad lies within so much of its planned place.
        least_px: pixels of the smallest patch, without what is as narrow as a road.
        most_px: pixels of the largest.
        road_m: gravel within so much of a planned place, and joined to a patch there, is a road.
        around_m: patches within so much of a planned place that are at none are counted as pads elsewhere,
        elsewhere_px: with so many pixels at most,
        stay: once they have lasted.
        least_clear: share of the ground within the radius that must be clear for a place to be judged anew.
        least_judged: share of the places that a look must judge to tell anything.
        doubt: standard error of the count that no probability holds, in pads for each place, added in squares.
    """

    radius_m: float = 45.0
    least_px: int = 3
    most_px: int = 60
    road_m: float = 300.0
    around_m: float = 400.0
    elsewhere_px: int = 30
    stay: Stay = field(default_factory=Stay)
    least_clear: float = 0.5
    least_judged: float = 0.5
    doubt: float = 0.15


@dataclass(frozen=True, slots=True)
class PadLooks:
    """Pads of one wind farm with k planned turbines.

    Attributes:
        chances: (t, k) chance that the pad of each planned place is laid; NaN where the look does not show the place.
        pads: how many are laid.
        roads: area of new gravel beside the pads and joined to them, m2.
        elsewhere: patches like pads around the farm that are at no planned place. Ten metres do not tell a pad from a
            yard, a store or a pit: the error lets any one of them, and as many as the root of their number, be none.
    """

    chances: Floats
    pads: Looks
    roads: Looks
    elsewhere: Looks


def pad_looks(
    reflectance: Reflectance,
    clear: Flags,
    days: Days,
    places: Floats,
    rule: PadRule | None = None,
    clearing: ClearingRule | None = None,
    besides: Floats | None = None,
) -> PadLooks:
    """Pads by date; each look rests on itself and on looks before it.

    Args:
        reflectance: (t, b, y, x) in the order of geo.bands.BANDS, from well before the works; 200 m or more around.
        clear: (t, y, x) pixels that show the ground.
        days: (t,) datetime64[D], rising.
        places: (k, 2) planned places, row and column on the grid in pixels.
        rule: what counts as a pad.
        clearing: how the ground is read.
        besides: (m, 2) further planned places of the farm, which are judged with other ground; they may lie off the
            grid. A patch is counted with the place that is nearest to it.
    """
    rule = rule or PadRule()
    gravel = changed(shown_kinds(reflectance, clear, clearing), GRAVEL, clearing)
    away = _distances(places, clear.shape[1:])
    near = away <= rule.radius_m / RESOLUTION_M
    chances, seen = _chances(gravel, clear, near, rule)
    judged = seen.mean(axis=1) >= rule.least_judged
    others = _distances(np.empty((0, 2)) if besides is None else besides, clear.shape[1:])
    planned = np.asarray(near.any(axis=0) | (others <= rule.radius_m / RESOLUTION_M).any(axis=0))
    patches = [_pads(chance, rule) & ~_widened(planned) for chance in gravel]
    lasts = lasting(gravel, clear, days, rule.stay) & ~_widened(planned)
    count, error = _count(chances, patches, near, planned, rule)
    where = np.asarray(near.any(axis=0), dtype=np.bool_)
    share = clear[:, where].mean(axis=1)
    roads = _roads(gravel, away.min(axis=0), where, rule)
    told = np.where(judged, 1.0, np.nan)
    return PadLooks(
        np.where(seen, chances, np.nan),
        Looks(days, told * count, told * error, share),
        Looks(days, told * roads, told * (0.4 * roads + _PIXEL_M2), share),
        _elsewhere(days, clear, lasts, away.min(axis=0), others.min(axis=0, initial=np.inf), rule),
    )


def _distances(places: Floats, shape: tuple[int, ...]) -> Floats:
    """(k, y, x) distance in pixels of pixel centres from each place."""
    rows, columns = np.mgrid[: shape[0], : shape[1]] + _HALF
    apart: Floats = np.hypot(rows - places[:, 0, None, None], columns - places[:, 1, None, None])
    return apart


def _chances(gravel: Floats, clear: Flags, near: Flags, rule: PadRule) -> tuple[Floats, Flags]:
    """(t, k) chance that each place has its pad, and whether the look shows the place."""
    chances, seen = np.empty((len(gravel), len(near))), np.empty((len(gravel), len(near)), dtype=np.bool_)
    for time, chance in enumerate(gravel):
        pads = _pads(chance, rule)
        for place, window in enumerate(near):
            seen[time, place] = clear[time][window].mean() >= rule.least_clear
            chances[time, place] = np.where(pads, chance, np.minimum(chance, _HALF))[window].max()
    return chances, seen


def _pads(chance: Floats, rule: PadRule) -> Flags:
    """(y, x) pixels of compact patches of the size of a pad; a patch that touches the edge counts too."""
    likely = chance > _HALF
    patches, count = ndimage.label(likely, _AROUND)
    if not count:
        return likely
    whole = np.bincount(patches.ravel(), minlength=count + 1)
    solid = ndimage.binary_opening(likely, np.ones((2, 2), dtype=np.bool_))
    core = np.bincount(patches[solid], minlength=count + 1)
    fits = (core >= rule.least_px) & (core <= rule.most_px) & (whole <= 3 * rule.most_px)
    fits[0] = False
    return np.asarray(fits[patches], dtype=np.bool_)


def _widened(planned: Flags) -> Flags:
    """(y, x) planned places with what spills over from their pads."""
    return np.asarray(ndimage.binary_dilation(planned, _AROUND, iterations=4))


def _count(
    chances: Floats, patches: Sequence[Flags], near: Flags, planned: Flags, rule: PadRule
) -> tuple[Floats, Floats]:
    """(t,) pads, free of what turns up by chance, and the standard error."""
    places = near.shape[0]
    windows = max(float((~_widened(planned)).sum()) / float(near.sum(axis=(1, 2)).mean()), 1.0)
    stray = 1.0 - np.exp(-np.array([ndimage.label(each, _AROUND)[1] for each in patches]) / windows)
    total = chances.sum(axis=1)
    count = np.clip((total - places * stray) / (1.0 - stray), 0.0, places)
    noise = (chances * (1.0 - chances)).sum(axis=1) + places * stray * (1.0 - stray) + places * rule.doubt**2
    return count, np.sqrt(noise)


def _elsewhere(days: Days, clear: Flags, lasts: Flags, own: Floats, other: Floats, rule: PadRule) -> Looks:
    """Patches at no planned place whose middle lies near one of the own places, and nearer to it than to any other.

    Args:
        days: (t,) datetime64[D].
        clear: (t, y, x) pixels that show the ground.
        lasts: (t, y, x) gravel that stays, away from planned places.
        own: (y, x) pixels to the nearest of the places that are judged here.
        other: (y, x) the same of all others; inf where there are none.
        rule: what counts as a pad.
    """
    ground = (own <= rule.around_m / RESOLUTION_M) & (own <= other)
    share = clear[:, ground].mean(axis=1)
    small = replace(rule, most_px=rule.elsewhere_px)
    counts = np.empty(len(lasts))
    for time, flags in enumerate(lasts):
        labels, count = ndimage.label(_pads(flags.astype(np.float64), small), _AROUND)
        middles = np.array(ndimage.center_of_mass(flags, labels, np.arange(1, count + 1))).reshape(-1, 2)
        rows, columns = np.rint(middles).astype(np.int64).T
        counts[time] = ground[rows, columns].sum()
    told = np.where(share >= rule.least_clear, 1.0, np.nan)
    return Looks(days, told * counts, told * np.sqrt(1.0 + counts), share)


def _roads(gravel: Floats, away: Floats, near: Flags, rule: PadRule) -> Floats:
    """(t,) area in m2 of gravel outside pads that is joined to one; mixed pixels count by their chance."""
    reach = away <= rule.road_m / RESOLUTION_M
    areas = np.zeros(len(gravel))
    for time, chance in enumerate(gravel):
        likely = (chance > _HALF) & reach
        pads = _pads(chance, rule) & near
        patches, _ = ndimage.label(likely, _AROUND)
        joined = np.isin(patches, np.unique(patches[pads & likely])) & likely
        solid = ndimage.binary_opening(joined, np.ones((2, 2), dtype=np.bool_))
        areas[time] = float((joined & ~solid).sum()) * _HALF * _PIXEL_M2
    return areas


def places_of(
    points: npt.NDArray[np.float64], left_m: float, top_m: float, resolution_m: float = RESOLUTION_M
) -> Floats:
    """(k, 2) row and column in pixels of points (k, 2) east and north in the grid's metres."""
    rows = (top_m - points[:, 1]) / resolution_m
    columns = (points[:, 0] - left_m) / resolution_m
    return np.stack([rows, columns], axis=1)
