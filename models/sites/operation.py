"""What goes wrong on a built site, by look: canopy in the panels, standing water, fire.

Every measure is an area that was not there before: each pixel is compared with its own past at the site, so that a
pond, a dark roof or grass that was always there says nothing. Two kinds of evidence: what a pixel has turned to beyond
what the whole ground did (`models.sites.turned`), which also sees between rows; and levels of open water, charred
ground and canopy that need no comparison with the rest, for what takes all of a pixel or most of a site. A hidden pixel
says nothing; a look that shows too little of the ground has no value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from scipy import ndimage

from geo.bands import band_index
from geo.sites import SiteMeasure
from models.sites.looks import Days, Flags, Floats, Looks, Reflectance
from models.sites.patches import PatchRule, patch_areas
from models.sites.turned import Became, TurnedRule, again, turned
from models.sites.water import water_shares

_RED, _NIR, _SWIR1, _SWIR2 = (band_index(name) for name in ("B04", "B08", "B11", "B12"))
_AROUND: Final = np.ones((3, 3), dtype=np.bool_)
_HALF: Final = 0.5


@dataclass(frozen=True, slots=True)
class OperationRule:
    """When a pixel counts by its levels.

    Attributes:
        past_looks: looks of a pixel that make its past, the latest before the one that is judged.
        least_past: looks without which a pixel is not judged.
        canopy: NDVI of a canopy that covers panels at least, and its rise over the pixel's own past in that season.
        canopy_rise: see there.
        canopy_share: share of the rows that it must cover: less of it is told by comparison with the others.
        season_days: looks of an earlier year within so many days of the same day make the past of a canopy.
        wet_before: share of its past looks up to which a pixel was dry ground.
        burnt_dnbr: fall of NBR at least, from its past to the look (Key and Benson 2006: low severity and more).
        burnt_nbr: NBR of charred ground at most: harvested and ploughed land lies above.
        burnt_nir: B08 of charred ground at most.
        burnt_nbr2: NBR2, (B11 - B12) / (B11 + B12), of it at most.
        stubble: the same for stubble and bare ground that burns, of which two looks are asked: greatest NBR, least
            fall of NBR, greatest NBR2 (of soil and straw .03 and more), least fall of NBR2, greatest B08, and greatest
            part of the former B08.
        again_days: two looks of the same pixel are at most so many days apart.
        patches: what counts as a patch.
        turned: when a pixel has turned.
    """

    past_looks: int = 6
    least_past: int = 3
    canopy: float = 0.5
    canopy_rise: float = 0.25
    canopy_share: float = 0.33
    season_days: int = 45
    wet_before: float = 0.1
    burnt_dnbr: float = 0.27
    burnt_nbr: float = -0.12
    burnt_nir: float = 0.16
    burnt_nbr2: float = 0.12
    stubble: tuple[float, float, float, float, float, float] = (-0.14, 0.06, 0.045, 0.03, 0.14, 0.75)
    again_days: int = 60
    patches: PatchRule = field(default_factory=PatchRule)
    turned: TurnedRule = field(default_factory=TurnedRule)


def operation_measures(
    reflectance: Reflectance, clear: Flags, days: Days, ground: Flags, rows: Flags, rule: OperationRule | None = None
) -> Mapping[SiteMeasure, Looks]:
    """CANOPY_IN_PANELS (of the rows), STANDING_WATER and BURNT (of the ground) by look, m2.

    Args:
        reflectance: (t, b, y, x) in the order of geo.bands.BANDS, from completion on; no NaN.
        clear: (t, y, x) pixels that show the ground.
        days: (t,) datetime64[D], rising.
        ground: (y, x) the site's own.
        rows: (y, x) pixels under rows of panels; none of a site without.
        rule: when a pixel counts.
    """
    rule = rule or OperationRule()
    found, judged = turned(reflectance, clear, days, ground | rows, rows, rule.turned)
    # Rows over bare soil are as dark as charred ground: under rows only the comparison counts.
    levels = {
        Became.WATER: _open_water(reflectance, clear & ~rows, rule),
        Became.CHAR: _charred(reflectance, clear & ~rows, days, rule),
        Became.CANOPY: _overgrown(reflectance, clear, days, rows, rule),
    }
    asked = {
        SiteMeasure.CANOPY_IN_PANELS: (Became.CANOPY, rows),
        SiteMeasure.STANDING_WATER: (Became.WATER, ground),
        SiteMeasure.BURNT: (Became.CHAR, ground),
    }
    return {
        measure: patch_areas(found[what] | levels[what][0], judged | levels[what][1], days, where, rule.patches)
        for measure, (what, where) in asked.items()
    }


def _open_water(reflectance: Reflectance, clear: Flags, rule: OperationRule) -> tuple[Flags, Flags]:
    """Open water on ground that was dry, and pixels that could tell: its shore counts where it is half water."""
    wet = np.stack([water_shares(image, seen).share for image, seen in zip(reflectance, clear, strict=True)])
    whole = np.nan_to_num(wet) >= 1.0
    reach = np.stack([ndimage.binary_dilation(one, _AROUND) for one in whole])
    now = whole | (reach & (np.nan_to_num(wet) >= _HALF))
    usual, count = _past_mean(np.where(np.isnan(wet), np.nan, whole.astype(np.float64)), rule.past_looks)
    able = clear & (count >= rule.least_past) & (usual <= rule.wet_before)
    return able & now, able


def _charred(reflectance: Reflectance, clear: Flags, days: Days, rule: OperationRule) -> tuple[Flags, Flags]:
    """Charred ground that was not charred before, and pixels that could tell."""
    near = np.where(clear, reflectance[:, _NIR], np.nan).astype(np.float64)
    ratio = np.where(clear, _index(reflectance[:, _NIR], reflectance[:, _SWIR2]), np.nan)
    second = np.where(clear, _index(reflectance[:, _SWIR1], reflectance[:, _SWIR2]), np.nan)
    usual, count = _past_mean(ratio, rule.past_looks)
    able = clear & (count >= rule.least_past)
    most, fall, most_second, fall_second, most_near, part = rule.stubble
    with np.errstate(invalid="ignore"):
        dark = (ratio <= rule.burnt_nbr) & (near <= rule.burnt_nir) & (second <= rule.burnt_nbr2)
        green = able & dark & (usual - ratio >= rule.burnt_dnbr)
        stubble = able & (ratio <= most) & (second <= most_second) & (near <= most_near) & (usual - ratio >= fall)
        stubble &= _past_mean(second, rule.past_looks)[0] - second >= fall_second
        stubble &= near <= part * _past_mean(near, rule.past_looks)[0]
    return green | again(stubble, able, days, rule.again_days), able


def _overgrown(
    reflectance: Reflectance, clear: Flags, days: Days, rows: Flags, rule: OperationRule
) -> tuple[Flags, Flags]:
    """Canopy over a third of the rows or more, against the same season of earlier years; pixels that could tell."""
    ndvi = np.where(clear, _index(reflectance[:, _NIR], reflectance[:, _RED]), np.nan)
    usual = _same_season(ndvi, days, rule)
    able = clear & np.isfinite(usual)
    with np.errstate(invalid="ignore"):
        grown = (ndvi >= rule.canopy) & (ndvi - usual >= rule.canopy_rise)
    wide = (grown & rows).sum(axis=(1, 2)) >= rule.canopy_share * np.maximum((able & rows).sum(axis=(1, 2)), 1)
    return grown & wide[:, None, None], able


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
