"""What goes wrong on and around a built site, by look: canopy in the panels, standing water, fire, building near it.

Every measure is an area that was not there before: each pixel is compared with its own past at the site, so that a
pond, a dark roof or grass that was always there says nothing. A hidden pixel says nothing either; a look that shows too
little of the ground has no value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import ndimage

from geo.bands import RESOLUTION_M, band_index
from models.sites.clearing import GRAVEL, Stay, changed, lasting, shown_kinds
from models.sites.looks import Days, Flags, Floats, Looks, Reflectance
from models.sites.water import water_shares

_PIXEL_M2: Final = float(RESOLUTION_M**2)
_RED, _NIR, _SWIR2 = (band_index(name) for name in ("B04", "B08", "B12"))
_AROUND: Final = np.ones((3, 3), dtype=np.bool_)
_SOLID: Final = np.ones((2, 2), dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class OperationRule:
    """When a pixel counts.

    Attributes:
        least_clear: share of the ground that must be clear.
        past_looks: looks of a pixel that make its past, the latest before the one that is judged.
        least_past: looks without which a pixel is not judged.
        canopy: NDVI of a canopy that covers panels at least, and its rise over the pixel's own past in that season.
        canopy_rise: see there.
        season_days: looks of an earlier year within so many days of the same day make the past of a canopy.
        wet_before: share of its past looks up to which a pixel was dry ground.
        burnt_dnbr: fall of NBR at least, from its past to the look (Key and Benson 2006: low severity and more).
        burnt_nbr: NBR of charred ground at most: harvested and ploughed land lies above.
        burnt_nir: B08 of charred ground at most.
        built: chance from which a pixel is built on.
        built_days: days for which it must have been, and looks.
        built_looks: see there.
        least_patch_px: pixels of the smallest patch of any measure; single ones are noise.
    """

    least_clear: float = 0.5
    past_looks: int = 6
    least_past: int = 3
    canopy: float = 0.5
    canopy_rise: float = 0.25
    season_days: int = 45
    wet_before: float = 0.1
    burnt_dnbr: float = 0.27
    burnt_nbr: float = -0.12
    burnt_nir: float = 0.16
    built: float = 0.9
    built_days: int = 60
    built_looks: int = 4
    least_patch_px: int = 8


def canopy_looks(
    reflectance: Reflectance, clear: Flags, days: Days, panels: Flags, rule: OperationRule | None = None
) -> Looks:
    """Canopy that has grown into rows of panels, m2: green in a season in which the same pixels were not before.

    Args:
        reflectance: (t, b, y, x) in the order of geo.bands.BANDS, from completion on.
        clear: (t, y, x) pixels that show the ground.
        days: (t,) datetime64[D], rising.
        panels: (y, x) pixels under rows.
        rule: when a pixel counts.
    """
    rule = rule or OperationRule()
    ndvi = np.where(clear, _index(reflectance[:, _NIR], reflectance[:, _RED]), np.nan)
    usual = _same_season(ndvi, days, rule)
    with np.errstate(invalid="ignore"):
        grown = (ndvi >= rule.canopy) & (ndvi - usual >= rule.canopy_rise)
    return _areas(grown, clear & np.isfinite(usual), days, panels, rule)


def standing_water_looks(
    reflectance: Reflectance, clear: Flags, days: Days, ground: Flags, rule: OperationRule | None = None
) -> Looks:
    """Open water on ground that was dry, m2; arguments as of `canopy_looks`, ground is the site's."""
    rule = rule or OperationRule()
    wet = np.stack([water_shares(image, seen).share for image, seen in zip(reflectance, clear, strict=True)])
    # Shores are mixed: only pixels that both indices call water count as standing water.
    whole = np.where(np.isnan(wet), np.nan, (wet >= 1.0).astype(np.float64))
    usual, count = _past_mean(whole, rule.past_looks)
    able = clear & (count >= rule.least_past) & (usual <= rule.wet_before)
    return _areas(able & (whole > 0), able, days, ground, rule)


def burnt_looks(
    reflectance: Reflectance, clear: Flags, days: Days, ground: Flags, rule: OperationRule | None = None
) -> Looks:
    """Charred ground that was not charred before, m2; arguments as of `canopy_looks`, ground is the site's."""
    rule = rule or OperationRule()
    ratio = np.where(clear, _index(reflectance[:, _NIR], reflectance[:, _SWIR2]), np.nan)
    usual, count = _past_mean(ratio, rule.past_looks)
    able = clear & (count >= rule.least_past)
    with np.errstate(invalid="ignore"):
        dark = (ratio <= rule.burnt_nbr) & (reflectance[:, _NIR] <= rule.burnt_nir)
        burnt = able & dark & (usual - ratio >= rule.burnt_dnbr)
    return _areas(burnt, able, days, ground, rule)


def built_near_looks(
    reflectance: Reflectance, clear: Flags, days: Days, around: Flags, rule: OperationRule | None = None
) -> Looks:
    """Ground near a site that has turned to gravel, concrete or roofs and stayed so, m2.

    Arguments as of `canopy_looks`; around is the ground to watch, outside the border. Soil that is laid bare is not
    told from a harvest and does not count.
    """
    rule = rule or OperationRule()
    chance = changed(shown_kinds(reflectance, clear), GRAVEL)
    stays = lasting(chance, clear, days, Stay(rule.built, rule.built_days, rule.built_looks))
    return _areas(stays, clear, days, around, rule)


def _index(one: Reflectance, other: Reflectance) -> Floats:
    return np.asarray((one - other) / np.maximum(one + other, 1e-4), dtype=np.float64)


def _past_mean(values: Floats, looks: int) -> tuple[Floats, Floats]:
    """(t, y, x) mean of each pixel's latest looks before each, and how many there were."""
    mean, count = np.full(values.shape, np.nan), np.zeros(values.shape)
    recent = np.full((looks, *values.shape[1:]), np.nan)
    for time, now in enumerate(values):
        seen = np.isfinite(recent)
        count[time] = seen.sum(axis=0)
        total = np.where(seen, recent, 0.0).sum(axis=0)
        mean[time] = np.divide(total, count[time], out=np.full(now.shape, np.nan), where=count[time] > 0)
        new = np.isfinite(now)
        recent[:-1, new], recent[-1, new] = recent[1:, new], now[new]
    return mean, count


def _same_season(values: Floats, days: Days, rule: OperationRule) -> Floats:
    """(t, y, x) highest value of earlier years around the same day; NaN where none showed the pixel."""
    usual = np.full(values.shape, np.nan)
    day_of_year = (days - days.astype("datetime64[Y]")).astype(np.int64)
    for time, day in enumerate(days):
        apart = np.abs(day_of_year - day_of_year[time])
        season = np.minimum(apart, 365 - apart) <= rule.season_days
        earlier = season & (day - days > np.timedelta64(180, "D"))
        if earlier.sum() >= rule.least_past:
            usual[time] = np.fmax.reduce(values[earlier], axis=0)
    return usual


def _areas(counted: Flags, able: Flags, days: Days, ground: Flags, rule: OperationRule) -> Looks:
    """Area by look of what counts on the ground, in patches; its error from edges, hidden ground and single pixels."""
    size = max(int(ground.sum()), 1)
    shown = (able & ground).sum(axis=(1, 2)) / size
    values, errors = np.full(len(days), np.nan), np.full(len(days), np.nan)
    for time in np.flatnonzero(shown >= rule.least_clear):
        patches = _patches(counted[time] & ground, rule.least_patch_px)
        area, edge = int(patches.sum()), int((patches & ~ndimage.binary_erosion(patches, _AROUND)).sum())
        hidden = area * (1.0 / float(shown[time]) - 1.0)
        values[time] = area * _PIXEL_M2
        errors[time] = float(np.sqrt((edge / 4.0) ** 2 + hidden**2 + 1.0)) * _PIXEL_M2
    return Looks(days, values, errors, shown)


def _patches(pixels: Flags, least: int) -> Flags:
    """Pixels of patches that are large enough where they are two pixels wide or more: what is narrower is an edge."""
    solid = ndimage.binary_opening(pixels, _SOLID)
    labels, count = ndimage.label(solid, _AROUND)
    if not count:
        return solid
    large = np.bincount(labels.ravel(), minlength=count + 1) >= least
    large[0] = False
    return np.asarray(large[labels], dtype=np.bool_)
