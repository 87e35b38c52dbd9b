"""Open water inside a reservoir's border from Sentinel-1: what clouds hide from the optical look.

Calm water throws the beam away, so that a look over water and land has two levels of backscatter; they are parted on
each look by Otsu's threshold (1979, 10.1109/TSMC.1979.4310076), since levels differ by orbit, wind and season. Where
the levels lie close (wind roughens the water, or all is land) the look tells nothing, unless nothing in it is as dark
as water in either polarisation and no water was known before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import ndimage

from geo.bands import RESOLUTION_M
from models.sites.looks import Days, Flags, Floats, Looks, Reflectance
from models.sites.water import joined_to_dam

_PIXEL_M2: Final = float(RESOLUTION_M**2)
_BINS: Final = 128
#: Share of the way from the water's power to the land's at which the filter leaves the shore.
_SHORE: Final = 0.46


@dataclass(frozen=True, slots=True)
class RadarWaterRule:
    """When a pass tells how much water there is.

    Attributes:
        least_seen: share of the ground inside the border that the pass must show.
        least_gap: dB between the levels of water and land, mean of VV and VH.
        least_part: share of the shown ground that either level must have.
        water_db: mean of VV and VH (dB) above which nothing is calm water.
        shore_error: pixels by which a shore may lie wrong as a whole: the speckle filter sees over seven.
        unseen_share: standard error of a pass without water, as a share of the ground: narrow water is not seen.
    """

    least_seen: float = 0.9
    least_gap: float = 5.0
    least_part: float = 0.005
    water_db: float = -18.0
    shore_error: float = 0.4
    unseen_share: float = 0.03


def radar_water_looks(
    power: Reflectance,
    days: Days,
    inside: Floats,
    dam: tuple[float, float] | None = None,
    rule: RadarWaterRule | None = None,
) -> Looks:
    """Water inside a border by date; each pass rests on itself and on passes before it.

    Args:
        power: (t, 2, y, x) linear power of VV and VH with its speckle filtered (tiles.radar), NaN no data.
        days: (t,) datetime64[D], rising.
        inside: (y, x) share of each pixel inside the border, 0 to 1.
        dam: row and column of the dam in pixels, see `models.sites.water.water_looks`.
        rule: limits.

    Returns:
        Area in m2 on the grid.
    """
    rule = rule or RadarWaterRule()
    with np.errstate(invalid="ignore", divide="ignore"):
        level = (10.0 * np.log10(power)).mean(axis=1, dtype=np.float64)
    shown = np.isfinite(level)
    seen = (shown * inside).sum(axis=(1, 2)) / float(inside.sum())
    values, errors = np.full(len(days), np.nan), np.full(len(days), np.nan)
    held = False
    for time in np.flatnonzero(seen >= rule.least_seen):
        water = _water(level[time], shown[time], rule)
        if water is None and (held or bool((level[time][shown[time]] < rule.water_db).any())):
            continue
        wet = np.zeros(inside.shape, dtype=np.bool_) if water is None else water
        if dam is not None:
            wet = joined_to_dam(wet, ~shown[time], dam)
        held = held or bool(wet.any())
        values[time] = float((wet * inside).sum()) / seen[time] * _PIXEL_M2
        errors[time] = _error(wet, inside, float(seen[time]), rule) * _PIXEL_M2
    return Looks(days, values, errors, seen)


def _water(level: Floats, shown: Flags, rule: RadarWaterRule) -> Flags | None:
    """(y, x) pixels at the lower of two levels; None where the look has one level only."""
    values = level[shown]
    threshold = _otsu(values)
    low, high = values[values < threshold], values[values >= threshold]
    least = rule.least_part * len(values)
    if min(len(low), len(high)) < max(least, 1.0) or high.mean() - low.mean() < rule.least_gap:
        return None
    if low.mean() > rule.water_db:
        return None
    # A pixel half under water has half the land's power, hardly less in decibels: the shore lies about there.
    core = shown & (level < threshold)
    calm, land = 10 ** (low.mean() / 10.0), 10 ** (high.mean() / 10.0)
    half = 10.0 * np.log10(calm + _SHORE * (land - calm))
    return np.asarray(core | (ndimage.binary_dilation(core, iterations=2) & shown & (level < half)), dtype=np.bool_)


def _otsu(values: Floats) -> float:
    counts, edges = np.histogram(values, bins=_BINS)
    middle = (edges[1:] + edges[:-1]) / 2.0
    below = np.cumsum(counts)
    total = np.cumsum(counts * middle)
    above = below[-1] - below
    with np.errstate(invalid="ignore", divide="ignore"):
        between = below * above * (total / below - (total[-1] - total) / above) ** 2
    best = np.nan_to_num(between)
    return float(edges[1:][best >= best.max() * (1 - 1e-9)].mean())


def _error(wet: Flags, inside: Floats, seen: float, rule: RadarWaterRule) -> float:
    ring = ndimage.binary_dilation(wet) & ~ndimage.binary_erosion(wet, border_value=1)
    shore = float((ring * inside).sum()) / 2.0
    hidden = (1.0 - seen) * float(inside.sum())
    if not wet.any():
        return rule.unseen_share * float(inside.sum())
    return float(np.sqrt((rule.shore_error * shore) ** 2 + (hidden / 2.0) ** 2 + shore + 4.0))
