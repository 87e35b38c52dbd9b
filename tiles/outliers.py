"""Pixels that are dark or bright on one date only: shadow and haze that a single image does not give away.

A clear date is held against the nearest clear dates before and after it, and has to lie outside both. Shadow takes
light from the near and the short-wave infrared alike and is gone on the next date; haze adds light to the blue, more
than to the short-wave infrared. Whatever stays (harvest, clear-cut, snowmelt), raises the short-wave infrared (mowing,
tillage) or looks like open water (flood, paddy) is left alone. After the multi-temporal tests of Hagolle et al. (2010,
10.1016/j.rse.2010.03.002) and Zhu and Woodcock (2014, 10.1016/j.rse.2014.06.012), but with both sides of a date.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

#: Bands that the test reads, in this order: blue, near and short-wave infrared.
OUTLIER_BANDS: Final = ("B02", "B08", "B11")
#: Values held at once, per array: keeps what is worked on small and near the processor.
_CHUNK_VALUES: Final = 1_000_000
#: Rounds of each test: what hid behind an outlier is found once that is gone.
_ROUNDS: Final = 3
#: Deviation of even noise over the median of how far a date lies outside its two neighbours (0.3139 of a deviation).
_TO_DEVIATION: Final = 3.186

_Floats = NDArray[np.float32]
_Bools = NDArray[np.bool_]
_Test = Callable[[Sequence[_Floats], _Bools, _Floats, "OutlierRule"], _Bools]


class Outlier(IntEnum):
    """What a pixel of an acquisition looks like against its neighbours in time."""

    NONE = 0
    DARK = 1
    BRIGHT = 2


@dataclass(frozen=True, slots=True)
class OutlierRule:
    """Limits of the test; the defaults are measured by benchmarks/masks.py.

    Attributes:
        least_dates: clear dates that a pixel needs to be judged at all.
        reach_days: longest wait for the clear date before, and for the one after.
        dark_share: part of the light of the darker neighbour that is missing, in B08 and in B11.
        dark_least: and the least drop of each, reflectance.
        bright_least: least rise of B02 over the brighter neighbour, reflectance; more than the rise of B11.
        dark_deviations: least drop in robust deviations of the pixel's own series; two bands have to agree.
        bright_deviations: least rise in the same; one band alone asks for more.
        water_ratio: B08 over B02 up to which a pixel looks like open water, which is no shadow.
    """

    least_dates: int = 6
    reach_days: int = 45
    dark_share: float = 0.30
    dark_least: float = 0.04
    bright_least: float = 0.03
    dark_deviations: float = 2.0
    bright_deviations: float = 3.0
    water_ratio: float = 1.2


def outliers(
    bands: Sequence[_Floats], clear: _Bools, days: Sequence[date], rule: OutlierRule | None = None
) -> NDArray[np.uint8]:
    """Dates on which a pixel is dark or bright against the clear dates around it.

    Each pixel is judged by its own series, so the result does not depend on how an image is cut into windows. The
    first and the last clear date of a pixel, and those with no clear date near on one side, are never marked.

    Args:
        bands: reflectance of `OUTLIER_BANDS`, each (time, y, x) float32; finite where clear.
        clear: (time, y, x), True where the ground seems to show; others are neither judged nor compared with.
        days: day of each acquisition, in any order.
        rule: limits; by default `OutlierRule()`.

    Returns:
        (time, y, x) uint8, codes of `Outlier`.
    """
    found = np.zeros(clear.shape, dtype=np.uint8)
    if not found.size:
        return found
    order = np.argsort([day.toordinal() for day in days], kind="stable")
    when = np.array([days[index].toordinal() for index in order], dtype=np.float32)
    rows = max(1, _CHUNK_VALUES // max(1, clear.shape[0] * clear.shape[2]))
    for top in range(0, clear.shape[1], rows):
        part = np.s_[order, top : top + rows]
        values = [band[part].reshape(len(order), -1) for band in bands]
        codes = _judge(values, clear[part].reshape(len(order), -1), when, rule or OutlierRule())
        found[part] = codes.reshape(clear[part].shape)
    return found


def _judge(values: Sequence[_Floats], clear: _Bools, when: _Floats, rule: OutlierRule) -> NDArray[np.uint8]:
    """Codes (time, pixel) of dates in order: shadows first, for a date between two of them looks bright."""
    found = np.zeros(clear.shape, dtype=np.uint8)
    enough = np.flatnonzero(np.count_nonzero(clear, axis=0) >= rule.least_dates)
    tests: tuple[tuple[Outlier, _Test], ...] = ((Outlier.DARK, _dark), (Outlier.BRIGHT, _bright))
    for code, test in tests:
        pixels = enough
        for _ in range(_ROUNDS):
            left = clear[:, pixels] & (found[:, pixels] == Outlier.NONE)
            hit = test([band[:, pixels] for band in values], left, when, rule)
            dates, columns = np.nonzero(hit)
            if not dates.size:
                break
            found[dates, pixels[columns]] = code
            pixels = pixels[np.unique(columns)]
    return found


def _dark(values: Sequence[_Floats], clear: _Bools, when: _Floats, rule: OutlierRule) -> _Bools:
    """Shadow: B08 and B11 both well below both neighbours."""
    sides = [_neighbours(band, clear, when, rule) for band in values[1:]]
    hit: _Bools = clear & (values[1] > rule.water_ratio * values[0])
    for band, (before, after) in zip(values[1:], sides, strict=True):
        lower = np.minimum(before, after)
        hit &= lower - band > np.maximum(rule.dark_least, rule.dark_share * lower)
    pixels = np.flatnonzero(hit.any(axis=0))
    for band, (before, after) in zip(values[1:], sides, strict=True):
        own = _Own(band[:, pixels], before[:, pixels], after[:, pixels], clear[:, pixels])
        hit[:, pixels] &= np.minimum(own.before, own.after) - own.band > rule.dark_deviations * own.deviation()
    return hit


def _bright(values: Sequence[_Floats], clear: _Bools, when: _Floats, rule: OutlierRule) -> _Bools:
    """Haze: B02 above both neighbours, by more than B11."""
    before, after = _neighbours(values[0], clear, when, rule)
    hit: _Bools = clear & (values[0] - np.maximum(before, after) > rule.bright_least)
    pixels = np.flatnonzero(hit.any(axis=0))
    own = _Own(values[0][:, pixels], before[:, pixels], after[:, pixels], clear[:, pixels])
    rise = own.band - np.maximum(own.before, own.after)
    infrared = values[2][:, pixels]
    hit[:, pixels] &= rise > rule.bright_deviations * own.deviation()
    hit[:, pixels] &= infrared - np.maximum(*_neighbours(infrared, own.clear, when, rule)) < rise
    return hit


def _neighbours(band: _Floats, clear: _Bools, when: _Floats, rule: OutlierRule) -> tuple[_Floats, _Floats]:
    """Values of the nearest clear dates before and after each date (time, pixel); NaN where none is near."""
    before, after = (np.full(band.shape, np.nan, dtype=np.float32) for _ in range(2))
    for steps, out in ((range(len(when)), before), (range(len(when) - 1, -1, -1), after)):
        last = np.full(band.shape[1], np.nan, dtype=np.float32)
        last_day = last.copy()
        for step in steps:
            np.copyto(out[step], last, where=np.abs(when[step] - last_day) <= rule.reach_days)
            np.copyto(last, band[step], where=clear[step])
            np.copyto(last_day, when[step], where=clear[step])
    return before, after


@dataclass(frozen=True, slots=True)
class _Own:
    """One band of some pixels with the neighbours of each date, all (time, pixel)."""

    band: _Floats
    before: _Floats
    after: _Floats
    clear: _Bools

    def deviation(self) -> _Floats:
        """Robust deviation (pixel,) of the noise: steady rise and fall lie between the neighbours and add none."""
        low, high = np.minimum(self.before, self.after), np.maximum(self.before, self.after)
        outside = np.maximum(np.maximum(low - self.band, self.band - high), np.float32(0.0))
        outside[~self.clear] = np.nan
        outside.sort(axis=0)
        middle = np.maximum(np.count_nonzero(np.isfinite(outside), axis=0) - 1, 0) // 2
        return np.asarray(_TO_DEVIATION * np.take_along_axis(outside, middle[None], axis=0)[0], dtype=np.float32)
