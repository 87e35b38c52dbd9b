"""Building near a site: ground that has turned to gravel, concrete or roofs and stayed so, look by look."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from models.sites.clearing import BUILT, Stay, changed, lasting, shown_kinds
from models.sites.looks import Days, Flags, Floats, Looks, Reflectance
from models.sites.patches import PatchRule, patch_areas

_GREY: Final = 2
_LATER: Final = np.timedelta64(180, "D")


@dataclass(frozen=True, slots=True)
class NearRule:
    """When ground near a site is built on.

    Attributes:
        stay: how likely, for how many days and looks.
        season_days: looks of earlier years within so many days of the same day tell what that season shows.
        season_looks: clear ones that are needed.
        grey_before: part of them that may show grey ground: villages and verges are grey each winter.
        fresh: part of its looks since it is built that must fall in seasons in which it was not.
        patches: what counts as a patch.
    """

    stay: Stay = field(default_factory=lambda: Stay(0.9, 60, 4))
    season_days: int = 45
    season_looks: int = 2
    grey_before: float = 0.55
    fresh: float = 0.7
    patches: PatchRule = field(default_factory=PatchRule)


def built_near_looks(
    reflectance: Reflectance, clear: Flags, days: Days, around: Flags, rule: NearRule | None = None
) -> Looks:
    """Ground near a site that has turned to gravel, concrete or roofs and stayed so, m2.

    Soil that is laid bare is not told from a harvest and does not count. Ground counts from a season on that an earlier
    year has shown too, and did not show grey; so the first year of looks says nothing. What counts does so as long as
    it stays.

    Args:
        reflectance: (t, b, y, x) in the order of geo.bands.BANDS, from a year or more before what is asked.
        clear: (t, y, x) pixels that show the ground.
        days: (t,) datetime64[D], rising.
        around: (y, x) ground to watch, outside the border.
        rule: when it counts.
    """
    rule = rule or NearRule()
    kinds = shown_kinds(reflectance, clear)
    chances = changed(kinds, BUILT)
    stays = lasting(chances, clear, days, rule.stay)
    new = _is_new(chances >= rule.stay.chance, clear, _was_not_grey(kinds[:, _GREY], days, rule), rule)
    counted, so_far = np.zeros_like(stays), np.zeros(stays.shape[1:], dtype=np.bool_)
    for time, now in enumerate(stays):
        so_far = now & (so_far | new[time])
        counted[time] = so_far
    return patch_areas(counted, clear, days, around, rule.patches)


def _is_new(sure: Flags, clear: Flags, fresh: Flags, rule: NearRule) -> Flags:
    """(t, y, x) pixels of which most looks since they are sure fall in seasons that were not grey before."""
    new, looks, of_them = np.zeros_like(sure), np.zeros(sure.shape[1:]), np.zeros(sure.shape[1:])
    for time, now in enumerate(sure):
        looks = np.where(now, looks + clear[time], 0.0)
        of_them = np.where(now, of_them + (clear[time] & fresh[time]), 0.0)
        new[time] = now & (of_them >= rule.fresh * looks)
    return new


def _was_not_grey(grey: Floats, days: Days, rule: NearRule) -> Flags:
    """(t, y, x) pixels that earlier years showed around the same day, and mostly not grey."""
    day_of_year = (days - days.astype("datetime64[Y]")).astype(np.int64)
    plain = np.zeros(grey.shape, dtype=np.bool_)
    for time, day in enumerate(days):
        apart = np.abs(day_of_year - day_of_year[time])
        earlier = (np.minimum(apart, 365 - apart) <= rule.season_days) & (day - days > _LATER)
        count = np.isfinite(grey[earlier]).sum(axis=0)
        total = np.nansum(grey[earlier], axis=0)
        plain[time] = (count >= rule.season_looks) & (total <= rule.grey_before * count)
    return plain
