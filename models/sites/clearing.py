"""Ground that is laid bare or gravelled, pixel by pixel, against each pixel's own past.

Every clear look shows a pixel green, bare and red (soil) or bare and grey (gravel, concrete): soils here have blue over
red from 0.40 to 0.63, gravel more. How often land shows each is learned on the pixel itself, look by look, so that a
field that is bare every autumn or a road that was always there is no change. The chance that a pixel has become a
worked surface follows from a two-state filter: land that may change for good, told by what such a surface shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import ndimage

from geo.bands import band_index
from models.sites.looks import Days, Flags, Floats, Reflectance

_BLUE, _GREEN, _RED, _NIR, _SWIR = (band_index(name) for name in ("B02", "B03", "B04", "B08", "B11"))
#: Green, red, grey, in this order on an axis of three.
_KINDS: Final = 3


@dataclass(frozen=True, slots=True)
class Surface:
    """What becomes of the ground.

    Attributes:
        shows: how often it shows green, red and grey; adds up to 1.
        blur_px: standard deviation of the weights (Gaussian) of the pixels around that change together; 0 for none.
        weight: looks that they count for: neighbours err together.
        against: how often ground shows them that is no such surface, whatever it showed before: only what tells the
            surface from it counts. None: only the pixel's past is asked.
    """

    shows: tuple[float, float, float]
    blur_px: float
    weight: float
    against: tuple[float, float, float] | None = None


#: Crane pads and roads of gravel; ground that is stripped, whatever it is covered with then.
GRAVEL: Final = Surface((0.05, 0.2, 0.75), 0.6, 3.0)
STRIPPED: Final = Surface((0.05, 0.55, 0.4), 0.0, 1.0)
#: Yards, roofs and gravel for good, told from fields that are bare for the first time since they are looked at.
BUILT: Final = Surface((0.05, 0.2, 0.75), 0.6, 3.0, (0.1, 0.8, 0.1))


@dataclass(frozen=True, slots=True)
class ClearingRule:
    """How looks are read and the past is learned.

    Attributes:
        green: NDVI at which a look is as likely green as bare.
        green_sd: half width of the way between.
        grey: blue over red (B02 / B04) at which bare ground is as likely red as grey.
        grey_sd: half width of the way between.
        pale: green over red (B03 / B04) at which it is; haze lifts it less than blue, so both are asked.
        pale_sd: half width of the way between.
        least_swir: B11 below which bare ground is too wet or too dark to tell: wet soil is as grey as gravel.
        before: looks of green, red and grey that a pixel is taken to have had before the first.
        least_past: looks of a pixel before any change is believed.
        hazard: chance of a change between two looks.
        most: greatest weight of evidence of one look, in natural logarithms.
    """

    green: float = 0.3
    green_sd: float = 0.03
    grey: float = 0.66
    grey_sd: float = 0.02
    pale: float = 0.845
    pale_sd: float = 0.012
    least_swir: float = 0.14
    before: tuple[float, float, float] = (2.0, 1.0, 0.2)
    least_past: int = 5
    hazard: float = 0.002
    most: float = 4.0


@dataclass(frozen=True, slots=True)
class Stay:
    """How long a pixel must have been a surface: for so many days and clear looks, with this chance on each."""

    chance: float = 0.9
    days: int = 60
    looks: int = 4


def shown_kinds(reflectance: Reflectance, clear: Flags, rule: ClearingRule | None = None) -> Floats:
    """(t, 3, y, x) chance that a look shows green, red or grey ground; NaN where it shows none.

    Args:
        reflectance: (t, b, y, x) in the order of geo.bands.BANDS, reflectance with 1 = 100 %.
        clear: (t, y, x) pixels that show the ground.
        rule: how looks are read.
    """
    rule = rule or ClearingRule()
    shown = (reflectance[:, band].astype(np.float64) for band in (_BLUE, _GREEN, _RED, _NIR, _SWIR))
    blue, middle, red, near, swir = shown
    ndvi = (near - red) / np.maximum(near + red, 1e-4)
    green = _step((ndvi - rule.green) / rule.green_sd)
    over_red = np.stack([blue, middle]) / np.maximum(red, 1e-4)
    grey = _step(((over_red[0] - rule.grey) / rule.grey_sd + (over_red[1] - rule.pale) / rule.pale_sd) / 2.0)
    kinds = np.stack([green, (1.0 - green) * (1.0 - grey), (1.0 - green) * grey], axis=1)
    told = clear & ((swir >= rule.least_swir) | (ndvi > rule.green))
    kinds[~np.broadcast_to(told[:, None], kinds.shape)] = np.nan
    return kinds


def _step(ratio: Floats) -> Floats:
    steep: Floats = 0.01 + 0.98 / (1.0 + np.exp(-np.clip(ratio, -30.0, 30.0)))
    return steep


def changed(kinds: Floats, surface: Surface, rule: ClearingRule | None = None) -> Floats:
    """(t, y, x) chance that a pixel has become a surface by each look, from looks up to it; 0 before any evidence.

    Args:
        kinds: (t, 3, y, x) from `shown_kinds`.
        surface: what it may become.
        rule: how the past is learned.
    """
    rule = rule or ClearingRule()
    shape = kinds.shape[-2:]
    past = np.broadcast_to(np.array(rule.before)[:, None, None], (_KINDS, *shape)).copy()
    odds, looks = np.zeros(shape), np.zeros(shape)
    chances = np.empty((len(kinds), *shape))
    shows = np.array(surface.shows)[:, None, None]
    for time, shown in enumerate(kinds):
        seen = np.isfinite(shown[0])
        with np.errstate(invalid="ignore"):
            ratio = np.log((shows * shown).sum(axis=0) / _otherwise(past / past.sum(axis=0), shown, surface))
        evidence = surface.weight * _together(np.clip(ratio, -rule.most, rule.most), seen, surface.blur_px)
        believed = seen & (looks >= rule.least_past)
        chance = odds / (1.0 + odds)
        hazarded = (chance + rule.hazard * (1.0 - chance)) / ((1.0 - rule.hazard) * (1.0 - chance) + 1e-12)
        odds = np.where(believed, np.clip(hazarded * np.exp(evidence), 0.0, 1e9), odds)
        chance = odds / (1.0 + odds)
        past = past + np.where(seen, shown * (1.0 - chance), 0.0)
        looks = looks + seen
        chances[time] = chance
    return chances


def _otherwise(usual: Floats, shown: Floats, surface: Surface) -> Floats:
    """(y, x) how likely a look (3, y, x) is if the ground has not become the surface."""
    likely: Floats = (usual * shown).sum(axis=0)
    if surface.against is None:
        return likely
    either: Floats = np.maximum(likely, (np.array(surface.against)[:, None, None] * shown).sum(axis=0))
    return either


def lasting(chances: Floats, clear: Flags, days: Days, stay: Stay | None = None) -> Flags:
    """(t, y, x) pixels that have become a surface and have stayed so.

    Args:
        chances: (t, y, x) from `changed`.
        clear: (t, y, x) pixels that show the ground.
        days: (t,) datetime64[D], rising.
        stay: how long is long enough.
    """
    stay = stay or Stay()
    found = np.zeros(chances.shape, dtype=np.bool_)
    since = np.full(chances.shape[1:], np.datetime64("NaT", "D"))
    looks = np.zeros(chances.shape[1:], dtype=np.int64)
    for time, day in enumerate(days):
        sure = chances[time] >= stay.chance
        since = np.where(sure, np.where(np.isnat(since), day, since), np.datetime64("NaT", "D"))
        looks = np.where(sure, looks + clear[time], 0)
        found[time] = sure & (day - since >= np.timedelta64(stay.days, "D")) & (looks >= stay.looks)
    return found


def _together(values: Floats, seen: Flags, blur_px: float) -> Floats:
    """(y, x) weighted mean of the seen pixels around each; 0 where the pixel itself is not seen."""
    if not blur_px:
        return np.where(seen, values, 0.0)
    total = ndimage.gaussian_filter(np.where(seen, values, 0.0), blur_px, mode="nearest")
    count = ndimage.gaussian_filter(seen.astype(np.float64), blur_px, mode="nearest")
    return np.where(seen, total / np.maximum(count, 1e-9), 0.0)
