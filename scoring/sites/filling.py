"""How full a reservoir is: area of water by date, level by the curve that the user gives, progress of the filling.

A reservoir may be drawn down, so its area does not only rise. What never falls is the largest area that it has held:
that, against the planned area, is its progress. Area, level and share of full on a day follow the looks as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.interpolate import PchipInterpolator
from scipy.stats import norm

from geo.errors import InputError
from scoring.sites.progress import COVERAGE, Days, Floats, Observed, Progress, isotonic, progress_on

Flags = npt.NDArray[np.bool_]

#: Standard errors on each side that hold a share COVERAGE of looks.
_NORMAL: Final = float(norm.isf((1 - COVERAGE) / 2))

#: Standard errors on each side by which a look lies apart from those before it. More would let a slow draw-down pull
#: down what was held, less would leave out the lower half of the noise.
_APART: Final = 0.8


@dataclass(frozen=True, slots=True)
class LevelCurve:
    """Level and area of a reservoir, both rising; at least two points.

    Attributes:
        levels_m: (n,) level of the water in metres over the user's datum.
        areas_m2: (n,) area of the water at that level.
    """

    levels_m: Floats
    areas_m2: Floats


@dataclass(frozen=True, slots=True)
class FilledRule:
    """When a reservoir counts as filled. Set on simulated seeds 900000 to 900099.

    Attributes:
        complete: share of the plan, or of the level at which filling ended, from which it is. The last of its area
            fills slowly and the fit of a rise lags behind its end, so that .95 as it is measured comes late.
        top: part of the highest level from which the level is the end of filling.
        days: for which it has been there.
        looks: at it, at least.
        least: lowest such level that is about the whole plan; lower ones may be a pause.
        most: highest.
    """

    complete: float = 0.935
    top: float = 0.965
    days: float = 20.0
    looks: int = 3
    least: float = 0.95
    most: float = 1.2


@dataclass(frozen=True, slots=True)
class Filling:
    """A reservoir on the days of its looks, (t,) each.

    Attributes:
        days: datetime64[D].
        area_m2: area of water.
        area_low_m2: lower bound.
        area_high_m2: upper bound.
        level_m: level by the curve; NaN without a curve or beyond its ends.
        level_low_m: lower bound; -inf below the curve's lowest point.
        level_high_m: upper bound; inf above its highest.
    """

    days: Days
    area_m2: Floats
    area_low_m2: Floats
    area_high_m2: Floats
    level_m: Floats
    level_low_m: Floats
    level_high_m: Floats


def level_curve(levels_m: Sequence[float], areas_m2: Sequence[float]) -> LevelCurve:
    """A curve of level and area, checked.

    Args:
        levels_m: levels in metres, rising.
        areas_m2: area at each, 0 or more, rising.

    Raises:
        InputError: fewer than two points, a number is missing, or a level or an area does not rise.
    """
    levels, areas = np.asarray(levels_m, dtype=np.float64), np.asarray(areas_m2, dtype=np.float64)
    remedy = "Give level,area rows from the lowest level up, each area larger than the one before."
    if len(levels) < 2 or len(levels) != len(areas):  # noqa: PLR2004 - a line has two ends
        raise InputError("SITES_LEVEL_CURVE", f"A curve of {len(levels)} levels and {len(areas)} areas.", remedy)
    if not (np.isfinite(levels).all() and np.isfinite(areas).all() and areas[0] >= 0):
        raise InputError("SITES_LEVEL_CURVE", "A level or an area is missing or below 0.", remedy)
    for what, values in (("level", levels), ("area", areas)):
        falls = np.flatnonzero(np.diff(values) <= 0)
        if len(falls):
            at = int(falls[0])
            said = f"Row {at + 2} of the curve has {what} {values[at + 1]:g} after {values[at]:g}: it does not rise."
            raise InputError("SITES_LEVEL_CURVE", said, remedy)
    return LevelCurve(levels, areas)


def level_at(curve: LevelCurve, areas_m2: Floats) -> Floats:
    """Level in metres at some areas, any shape: monotone cubic between the points (Fritsch and Carlson 1980).

    NaN beyond the curve's ends: nothing is known of the valley there.
    """
    between = PchipInterpolator(curve.areas_m2, curve.levels_m, extrapolate=False)
    levels: Floats = np.asarray(between(areas_m2), dtype=np.float64)
    return levels


def filling(days: Days, areas_m2: Floats, errors_m2: Floats, curve: LevelCurve | None = None) -> Filling:
    """Area and level with bounds on the days that tell something.

    Args:
        days: (t,) datetime64[D], rising.
        areas_m2: (t,) area of water, NaN where a look tells nothing: such a day is left out, it is not dry.
        errors_m2: (t,) standard errors.
        curve: level and area; None for none.
    """
    told = np.isfinite(areas_m2)
    area, error = areas_m2[told], errors_m2[told]
    low, high = np.maximum(area - _NORMAL * error, 0.0), area + _NORMAL * error
    if curve is None:
        unknown = np.full(len(area), np.nan)
        return Filling(days[told], area, low, high, unknown, unknown.copy(), unknown.copy())
    lows, highs = level_at(curve, low), level_at(curve, high)
    lows = np.where(low < curve.areas_m2[0], -np.inf, np.where(low > curve.areas_m2[-1], curve.levels_m[-1], lows))
    highs = np.where(high > curve.areas_m2[-1], np.inf, np.where(high < curve.areas_m2[0], curve.levels_m[0], highs))
    return Filling(days[told], area, low, high, level_at(curve, area), lows, highs)


def held(observed: Observed) -> Observed:
    """Observations without those on which the reservoir was drawn down: these say nothing of what it has held.

    A look is drawn down where its upper bound lies below what two looks before it showed at least. One look alone
    proves no larger area: a stray one would make all that follow seem drawn down.

    Args:
        observed: area of water as a share of the planned area, and standard errors.
    """
    low = np.nan_to_num(observed.shares - _APART * observed.errors, nan=0.0)
    first, second = 0.0, 0.0
    kept = np.isfinite(observed.shares)
    for look in np.flatnonzero(kept):
        kept[look] = observed.shares[look] + _APART * observed.errors[look] >= second
        if low[look] > first:
            first, second = float(low[look]), first
        else:
            second = max(second, float(low[look]))
    return replace(
        observed, shares=np.where(kept, observed.shares, np.nan), errors=np.where(kept, observed.errors, np.nan)
    )


def filled(observed: Observed, rule: FilledRule | None = None) -> Flags:
    """(t,) whether a reservoir has been filled by each of the looks that tell something; stays so.

    The measure of a site is some per cent off as a whole. Where filling ended at about the planned area, that end is
    the measure of the whole: what follows counts as a part of it.

    Args:
        observed: area of water as a share of the planned area, and standard errors.
        rule: when it counts.
    """
    rule = rule or FilledRule()
    days = observed.days[np.isfinite(observed.shares)]
    if not len(days):
        return np.zeros(0, dtype=np.bool_)
    most = held(observed)
    scaled = replace(most, shares=most.shares / _full(most, days[-1], rule))
    complete: Flags = progress_on(scaled, days).share >= rule.complete
    return complete


def _full(most: Observed, last: np.datetime64, rule: FilledRule) -> float:
    """Share of the plan at which filling ended, if that is about the whole plan; else 1."""
    told = np.isfinite(most.shares)
    level = isotonic(most.shares[told], most.errors[told] ** -2.0)
    top = level >= rule.top * level[-1]
    since = (last - most.days[told][top][0]) / np.timedelta64(1, "D")
    end = float(np.median(level[top]))
    ended = since >= rule.days and int(top.sum()) >= rule.looks
    return end if ended and rule.least <= end <= rule.most else 1.0


def filling_progress(days: Days, areas_m2: Floats, errors_m2: Floats, planned_m2: float, asked: Days) -> Progress:
    """Largest area held so far against the planned area, by some days.

    Args:
        days: (t,) datetime64[D], rising.
        areas_m2: (t,) area of water, NaN where a look tells nothing.
        errors_m2: (t,) standard errors.
        planned_m2: area at the planned level.
        asked: (d,) datetime64[D], rising.

    Raises:
        InputError: the planned area is not above 0.
    """
    if not 0 < planned_m2 < float("inf"):
        raise InputError("SITES_AREA", f"A planned area of {planned_m2:g} m2.", "Give the planned area, above 0.")
    return progress_on(held(Observed(days, areas_m2 / planned_m2, errors_m2 / planned_m2)), asked)
