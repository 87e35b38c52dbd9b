"""Ground around a dam that has been laid bare: the first that shows of a reservoir, before any water is held.

Fields are bare too, every year and for months. So ground counts as laid bare only where it shows no green on looks on
which, by its own past, it would: around the same day of an earlier year; or where it is bare as it never was, in a
colour or a brightness that no earlier look of it showed (`unseen.py`). Both are silent in the first year of looks. In
winter, where land is bare anyway, only the second speaks, and only where the ground that comes up is another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import ndimage

from geo.bands import RESOLUTION_M
from models.sites.clearing import shown_kinds
from models.sites.looks import Days, Flags, Floats, Looks, Reflectance
from models.sites.unseen import unlike_past

_PIXEL_M2: Final = float(RESOLUTION_M**2)
_AROUND: Final = np.ones((3, 3), dtype=np.bool_)
_YEAR_DAYS: Final = 365


@dataclass(frozen=True, slots=True)
class DamRule:
    """What counts as the cleared site of a dam.

    Attributes:
        radius_m: ground within so much of the dam's place.
        at_dam_m: a patch reaches so near to the dam's place: fields around it may be bare too.
        season_days: looks of an earlier year within so many days of the same day tell what is usual.
        season_looks: such looks of a pixel without which it is not judged.
        usual: share of them that show green from which a bare look is unusual.
        bare: greatest chance of green of a bare look.
        unlike: root mean square difference in logarithms of reflectance from the nearest earlier look from which bare
            ground is another than before; set on simulated seeds 900100 to 900159.
        looks: such looks without a green one between from which a pixel counts.
        least_px: pixels of the smallest patch, which hang together: single ones are noise.
        least_clear: share of the ground that must be clear and have a past.
        error: standard error of any look, as a share of the ground.
        edge: pixels by which the edge of a patch may lie wrong as a whole.
    """

    radius_m: float = 150.0
    at_dam_m: float = 40.0
    season_days: int = 30
    season_looks: int = 2
    usual: float = 0.85
    bare: float = 0.3
    unlike: float = 0.15
    looks: int = 2
    least_px: int = 8
    least_clear: float = 0.5
    error: float = 0.02
    edge: float = 0.25


def dam_looks(
    reflectance: Reflectance, clear: Flags, days: Days, dam: tuple[float, float], rule: DamRule | None = None
) -> Looks:
    """Ground laid bare near a dam by date, m2; each look rests on itself and on looks before it.

    What was laid bare counts until it shows green again: concrete and water that take its place are no green.

    Args:
        reflectance: (t, b, y, x) in the order of geo.bands.BANDS, reflectance with 1 = 100 %, from a year or more
            before the works.
        clear: (t, y, x) pixels that show the ground.
        days: (t,) datetime64[D], rising.
        dam: row and column of the dam on the grid, in pixels.
        rule: what counts.
    """
    rule = rule or DamRule()
    rows, columns = np.mgrid[: clear.shape[1], : clear.shape[2]] + 0.5
    away_m = np.hypot(rows - dam[0], columns - dam[1]) * RESOLUTION_M
    ground = away_m <= rule.radius_m
    size = float(ground.sum())
    green = shown_kinds(reflectance, clear)[:, 0]
    bare, judged = _laid_bare(green, days, rule)
    unlike = unlike_past(reflectance, clear, days, ground)
    bare |= _as_never(green, unlike, rule)
    shown = ((judged | np.isfinite(unlike)) & clear & ground).sum(axis=(1, 2)) / size
    values, errors = np.full(len(days), np.nan), np.full(len(days), np.nan)
    for time in np.flatnonzero(shown >= rule.least_clear):
        patches = _patches(bare[time] & ground, away_m <= rule.at_dam_m, rule.least_px)
        edge = float((patches & ~ndimage.binary_erosion(patches, _AROUND)).sum())
        parts = rule.error * size, rule.edge * edge, (1.0 - float(shown[time])) * size / 4.0
        values[time] = float(patches.sum()) * _PIXEL_M2
        errors[time] = float(np.sqrt(np.square(parts).sum())) * _PIXEL_M2
    return Looks(days, values, errors, shown)


def _laid_bare(green: Floats, days: Days, rule: DamRule) -> tuple[Flags, Flags]:
    """(t, y, x) pixels that are laid bare by each look, and those of which the season's past is known.

    Args:
        green: (t, y, x) chance that a look shows green; NaN where it shows nothing.
        days: (t,).
        rule: what counts.
    """
    streak = np.zeros(green.shape[1:], dtype=np.int64)
    bare, judged = np.zeros(green.shape, dtype=np.bool_), np.zeros(green.shape, dtype=np.bool_)
    of_year = (days - days.astype("datetime64[Y]")).astype(np.int64)
    for time, now in enumerate(green):
        apart = np.abs(of_year - of_year[time])
        season = np.minimum(apart, _YEAR_DAYS - apart) <= rule.season_days
        earlier = green[season & (days[time] - days > np.timedelta64(_YEAR_DAYS // 2, "D"))]
        count = np.isfinite(earlier).sum(axis=0)
        usual = np.nansum(earlier, axis=0) / np.maximum(count, 1)
        judged[time] = count >= rule.season_looks
        unusual = judged[time] & (usual >= rule.usual) & (np.nan_to_num(now, nan=1.0) <= rule.bare)
        streak = np.where(np.nan_to_num(now, nan=0.0) >= 1.0 - rule.bare, 0, streak + unusual)
        bare[time] = streak >= rule.looks
    return bare, judged


def _as_never(green: Floats, unlike: Floats, rule: DamRule) -> Flags:
    """(t, y, x) pixels that by each look are bare as they never were: on looks without a usual or a green one between.

    Args:
        green: (t, y, x) chance that a look shows green; NaN where it shows nothing.
        unlike: (t, y, x) from `unlike_past`.
        rule: what counts.
    """
    streak = np.zeros(green.shape[1:], dtype=np.int64)
    found = np.zeros(green.shape, dtype=np.bool_)
    for time, now in enumerate(green):
        other = (np.nan_to_num(unlike[time]) >= rule.unlike) & (np.nan_to_num(now, nan=1.0) <= rule.bare)
        usual = np.isfinite(unlike[time]) & ~other & (streak < rule.looks)
        ended = usual | (np.nan_to_num(now, nan=0.0) >= 1.0 - rule.bare)
        streak = np.where(ended, 0, streak) + other
        found[time] = streak >= rule.looks
    return found


def _patches(pixels: Flags, at_dam: Flags, least_px: int) -> Flags:
    """Pixels of patches that are large enough and reach the dam."""
    labels, count = ndimage.label(pixels, _AROUND)
    large = np.bincount(labels.ravel(), minlength=count + 1) >= least_px
    large &= np.isin(np.arange(len(large)), labels[at_dam])
    large[0] = False
    return np.asarray(large[labels], dtype=np.bool_)
