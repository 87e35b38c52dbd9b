"""Pixels that are dark or bright on one date only: shadow and haze that a single image does not give away.

A clear date is held against the nearest clear date before and after it. Shadow takes light from the near and the
short-wave infrared alike and is gone on the next date; haze adds light to the blue. Whatever stays (harvest, clear-cut,
snowmelt) or changes the short-wave infrared the other way (mowing) is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

#: Bands that the test reads, in this order.
OUTLIER_BANDS: Final = ("B02", "B08", "B11")
#: Values held at once, per array: keeps what is worked on in the processor's cache.
_CHUNK_VALUES: Final = 2_000_000
#: Rounds: a second date beside a first one is found once that is gone.
_ROUNDS: Final = 3
#: Median of absolute deviations to standard deviation.
_MAD: Final = 1.4826

_Floats = NDArray[np.float32]
_Bools = NDArray[np.bool_]


class Outlier(IntEnum):
    """What a pixel of an acquisition looks like against its neighbours in time."""

    NONE = 0
    DARK = 1
    BRIGHT = 2


@dataclass(frozen=True, slots=True)
class OutlierRule:
    """Limits of the test.

    Attributes:
        least_dates: clear dates that a pixel needs.
        reach_days: longest wait for the clear date before, and for the one after.
        dark_share: part of the light of the darker neighbour that has to be missing, near and short-wave infrared.
        dark_least: and the least drop, reflectance.
        bright_least: least rise of the blue over the brighter neighbour, reflectance.
        deviations: drop and rise in robust deviations of the pixel's own series.
    """

    least_dates: int = 6
    reach_days: int = 30
    dark_share: float = 0.25
    dark_least: float = 0.03
    bright_least: float = 0.03
    deviations: float = 3.0


def outliers(
    bands: Sequence[_Floats], clear: _Bools, days: Sequence[date], rule: OutlierRule | None = None
) -> NDArray[np.uint8]:
    """Dates on which a pixel is dark or bright against the clear dates around it.

    Each pixel is judged by its own series, so the result does not depend on how an image is cut into windows.

    Args:
        bands: reflectance of `OUTLIER_BANDS`, each (time, y, x) float32; finite where clear.
        clear: (time, y, x), True where the ground seems to show; others are neither judged nor compared with.
        days: day of each acquisition, in any order.
        rule: limits; by default those that were measured (see docs).

    Returns:
        (time, y, x) uint8, codes of `Outlier`.
    """
    found = np.zeros(clear.shape, dtype=np.uint8)
    order = np.argsort([day.toordinal() for day in days], kind="stable")
    when = np.array([days[index].toordinal() for index in order], dtype=np.float32)
    rows = max(1, _CHUNK_VALUES // max(1, clear.shape[0] * clear.shape[2]))
    for top in range(0, clear.shape[1], rows):
        part = np.s_[:, top : top + rows]
        values = [band[part][order].reshape(len(order), -1) for band in bands]
        seen = clear[part][order].reshape(len(order), -1)
        found[part][order] = _judge(values, seen, when, rule or OutlierRule()).reshape(found[part].shape)
    return found


def _judge(values: list[_Floats], clear: _Bools, when: _Floats, rule: OutlierRule) -> NDArray[np.uint8]:
    """Codes (time, pixel) of dates in order."""
    found = np.zeros(clear.shape, dtype=np.uint8)
    open_ = np.flatnonzero(clear.sum(axis=0) >= rule.least_dates)
    for _ in range(_ROUNDS):
        left = clear[:, open_] & (found[:, open_] == Outlier.NONE)
        dark, bright = _round([band[:, open_] for band in values], left, when, rule)
        hit = (dark | bright).any(axis=0)
        if not hit.any():
            break
        open_ = open_[hit]
        codes = found[:, open_]
        codes[dark[:, hit]] = Outlier.DARK
        codes[bright[:, hit]] = Outlier.BRIGHT
        found[:, open_] = codes
    return found


def _round(values: list[_Floats], clear: _Bools, when: _Floats, rule: OutlierRule) -> tuple[_Bools, _Bools]:
    before, after = _neighbours(values, clear, when, rule), _neighbours(values, clear, when, rule, backwards=True)
    dark = clear.copy()
    for band, one, other in zip(values[1:], before[1:], after[1:], strict=True):
        expected = np.minimum(one, other)
        least = np.maximum(rule.dark_least, rule.deviations * _deviation(band, one, other, clear))
        dark &= expected - band > np.maximum(least, rule.dark_share * expected)
    blue, one, other = values[0], before[0], after[0]
    least = np.maximum(rule.bright_least, rule.deviations * _deviation(blue, one, other, clear))
    bright = clear & ~dark & (blue - np.maximum(one, other) > least)
    return dark, bright


def _neighbours(
    values: list[_Floats], clear: _Bools, when: _Floats, rule: OutlierRule, *, backwards: bool = False
) -> list[_Floats]:
    """Value of the nearest clear date before (or after) each date, per band (time, pixel); NaN where none is near."""
    steps = range(len(when))[:: -1 if backwards else 1]
    near = [np.full(clear.shape, np.nan, dtype=np.float32) for _ in values]
    last = [np.full(clear.shape[1], np.nan, dtype=np.float32) for _ in values]
    last_day = np.full(clear.shape[1], np.nan, dtype=np.float32)
    for step in steps:
        close = np.abs(when[step] - last_day) <= rule.reach_days
        for band, kept, out in zip(values, last, near, strict=True):
            np.copyto(out[step], kept, where=close)
            np.copyto(kept, band[step], where=clear[step])
        np.copyto(last_day, when[step], where=clear[step])
    return near


def _deviation(band: _Floats, before: _Floats, after: _Floats, clear: _Bools) -> _Floats:
    """Robust deviation (pixel,) of a band from the mean of its neighbours in time."""
    away = np.where(clear, np.abs(band - (before + after) / 2), np.float32(np.nan))
    away.sort(axis=0)
    count = np.isfinite(away).sum(axis=0)
    middle = np.take_along_axis(away, np.maximum(count - 1, 0)[None] // 2, axis=0)[0]
    return np.asarray(_MAD * middle, dtype=np.float32)
