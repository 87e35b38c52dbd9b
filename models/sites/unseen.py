"""Ground that looks as it never did before: how far each look lies from the nearest earlier look of the same pixel.

Fields are bare every year, in the colours of their own soil. Where topsoil is taken off or earth is moved, bare ground
shows in a colour or a brightness that the pixel never had. What a whole image shares with none before it (haze,
calibration) is taken out first: it is the same on the land around.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import ndimage

from geo.bands import band_index
from models.sites.looks import Days, Flags, Floats, Reflectance

_BANDS: Final = [band_index(name) for name in ("B02", "B03", "B04", "B08", "B11", "B12")]
_AROUND_PX: Final = 3
#: Reflectance below which a logarithm would be noise.
_DARK: Final = 0.005
_ROUNDS: Final = 2
_NONE: Final = 9.0


@dataclass(frozen=True, slots=True)
class UnseenRule:
    """What a look is compared with.

    Attributes:
        apart_days: earlier looks count from so many days before: works are no past of themselves.
        past_days: days from the first look to one that is told: a whole year shows what its seasons look like.
        least_looks: earlier looks without which nothing is told.
        sample_px: every so many pixels of the land, along rows and columns, tell what a whole image shares.
        least_land: pixels of that land without which nothing is told.
    """

    apart_days: int = 60
    past_days: int = 400
    least_looks: int = 15
    sample_px: int = 3
    least_land: int = 30


def unlike_past(
    reflectance: Reflectance, clear: Flags, days: Days, ground: Flags, rule: UnseenRule | None = None
) -> Floats:
    """(t, y, x) root mean square difference, in logarithms of reflectance, from the nearest earlier look.

    NaN where a look shows no ground, has too little past, or outside the ground that is asked for.

    Args:
        reflectance: (t, b, y, x) in the order of geo.bands.BANDS, reflectance with 1 = 100 %, with land around.
        clear: (t, y, x) pixels that show the ground.
        days: (t,) datetime64[D], rising.
        ground: (y, x) pixels that are asked for.
        rule: what a look is compared with.
    """
    rule = rule or UnseenRule()
    shown = _smoothed(reflectance, clear)
    sampled = np.zeros(ground.shape, dtype=np.bool_)
    sampled[:: rule.sample_px, :: rule.sample_px] = True
    land, here = shown[:, :, sampled & ~ground], shown[:, :, ground]
    found = np.full(clear.shape, np.nan)
    for time, day in enumerate(days):
        past = np.flatnonzero(day - days > np.timedelta64(rule.apart_days, "D"))
        if day - days[0] < np.timedelta64(rule.past_days, "D") or len(past) < rule.least_looks:
            continue
        if np.isfinite(land[time, 0]).sum() < rule.least_land:
            continue
        shared = _shared(land[time], land[past])
        away, _ = _nearest(here[time] - shared[:, None], here[past])
        found[time, ground] = away
    return found


def _smoothed(reflectance: Reflectance, clear: Flags) -> Floats:
    """(t, k, y, x) logarithm of some bands, the mean of the clear pixels around each; NaN where it is not clear."""
    weight = clear[:, None].astype(np.float32)
    level = np.log(np.clip(reflectance[:, _BANDS].astype(np.float32), _DARK, 1.0))
    size = (0, 0, _AROUND_PX, _AROUND_PX)
    total = ndimage.uniform_filter(np.where(weight > 0, level, 0.0), size)
    return np.where(weight > 0, total / np.maximum(ndimage.uniform_filter(weight, size), 1e-3), np.nan)


def _shared(now: Floats, past: Floats) -> Floats:
    """(k,) what a whole image has more than the earlier looks that are nearest to it, pixel by pixel."""
    shared = np.zeros(len(now), dtype=now.dtype)
    for _ in range(_ROUNDS):
        _, beyond = _nearest(now - shared[:, None], past)
        told = np.isfinite(beyond[0])
        if not told.any():
            break
        shared = shared + np.median(beyond[:, told], axis=1)
    return shared


def _nearest(now: Floats, past: Floats) -> tuple[Floats, Floats]:
    """(n,) distance to the nearest earlier look, and (k, n) the difference from it; NaN where there is none.

    Args:
        now: (k, n) one look.
        past: (p, k, n) earlier ones.
    """
    apart = now[None] - past
    away = np.sqrt(np.square(apart).mean(axis=1))
    away = np.where(np.isfinite(away), away, _NONE)
    nearest = away.argmin(axis=0)
    beyond = np.take_along_axis(apart, nearest[None, None], axis=0)[0]
    least = away.min(axis=0)
    return np.where(least < _NONE, least, np.nan), beyond
