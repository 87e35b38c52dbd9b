"""What the pixels of a site ought to show on a day: from their own level and from the whole ground on that day.

Rain, growth, haze and light move the ground of a site together, by more than a mishap between rows of panels does. So
what a pixel ought to show is its own level over its past looks, put through a line by band that is fitted to all
pixels of the ground on the day, such that a third of them may differ. What ordinary pixels show beyond it, averaged
with their neighbours, gives the covariance against which a change is measured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from scipy import ndimage

from models.sites.looks import Flags, Floats, Reflectance

_SIDE: Final = 3
_FITS: Final = 4
_KEPT: Final = 0.67
_STEEPEST: Final = 1.5
_PLAIN: Final = 0.98
_TINY: Final = 1e-4


@dataclass(frozen=True, slots=True)
class ExpectedRule:
    """How the past is learned.

    Attributes:
        least_px: clear pixels of the ground without which a look tells nothing.
        least_past: looks of a pixel, and of the ground, before it is judged.
        memory: looks over which a pixel's level and the covariance are averaged.
        recent: looks over which its latest state is.
        odd: part of its weight that a look has which shows a pixel changed.
    """

    least_px: int = 60
    least_past: int = 8
    memory: float = 20.0
    recent: float = 5.0
    odd: float = 0.1


@dataclass(frozen=True, slots=True)
class Beyond:
    """What n pixels show beyond what they ought to.

    Attributes:
        expected: (b, n) reflectance that they ought to show.
        beyond: (b, n) what they show beyond it, averaged with their neighbours.
        recent: (b, n) the same beyond their latest state.
        inverse: (b, b) inverse of the covariance of `beyond` on ordinary looks.
    """

    expected: Floats
    beyond: Floats
    recent: Floats
    inverse: Floats


#: Says which of n pixels have changed, given the look's number and the (y, x) pixels that these are: (n,). Looks that
#: show a pixel changed hardly count towards its past.
Judge: TypeAlias = Callable[[int, Flags, Beyond], Flags]


@dataclass(slots=True)
class _Past:
    """Of the looks so far: level and latest state (b, y, x), looks by pixel (y, x), covariance (b, b), its weight."""

    level: Floats
    latest: Floats
    looks: Floats
    spread: Floats
    weight: float


def judge_looks(
    reflectance: Reflectance, clear: Flags, ground: Flags, judge: Judge, rule: ExpectedRule | None = None
) -> Flags:
    """(t, y, x) pixels of the ground that a look could judge; the judge is asked look by look, in order.

    Args:
        reflectance: (t, b, y, x), reflectance with 1 = 100 %, no NaN.
        clear: (t, y, x) pixels that show the ground.
        ground: (y, x) pixels that a day moves together.
        judge: says what has changed.
        rule: how the past is learned.
    """
    rule = rule or ExpectedRule()
    _, bands, rows, columns = reflectance.shape
    empty = np.zeros((bands, rows, columns))
    past = _Past(empty, empty.copy(), np.zeros((rows, columns)), np.zeros((bands, bands)), 0.0)
    judged = np.zeros(clear.shape, dtype=np.bool_)
    for time, seen in _enough(clear & ground, rule):
        image = reflectance[time].astype(np.float64)
        known = seen & (past.looks > 0)
        if known.sum() < rule.least_px:
            _begin(image, seen, past)
            continue
        expected = _expected(image, known, past.level)
        beyond = _averaged(image - expected, known)
        changed = np.zeros(seen.shape, dtype=np.bool_)
        able = known & (past.looks >= rule.least_past)
        if able.any() and past.weight >= rule.least_past:
            judged[time] = able
            recent = _averaged(image - past.latest, known)
            inverse = np.asarray(np.linalg.inv(past.spread / past.weight + 1e-6 * np.eye(bands)), dtype=np.float64)
            parts = Beyond(expected[:, able], beyond[:, able], recent[:, able], inverse)
            changed[able] = judge(time, able, parts)
        _learn(image, expected, known, np.where(changed, rule.odd, 1.0), past, rule)
        _spread(beyond[:, known & ~changed], past, rule)
        shift = (expected - past.level)[:, known].mean(axis=1)
        _begin(image, seen & ~known, past, shift)
    return judged


def _enough(seen: Flags, rule: ExpectedRule) -> Iterator[tuple[int, Flags]]:
    return ((time, one) for time, one in enumerate(seen) if one.sum() >= rule.least_px)


def _begin(image: Floats, new: Flags, past: _Past, shift: Floats | None = None) -> None:
    """A pixel that is seen for the first time gets the level that others have, were it an ordinary day."""
    past.level[:, new] = image[:, new] if shift is None else image[:, new] - shift[:, None]
    past.latest[:, new] = image[:, new]
    past.looks[new] = 1.0


def _expected(image: Floats, known: Flags, level: Floats) -> Floats:
    """(b, y, x): a line by band through the known pixels, fitted anew without the third that lies farthest from it."""
    now, usual = image[:, known], level[:, known]
    kept = np.ones(now.shape[1], dtype=np.bool_)
    fitted = now
    for _ in range(_FITS):
        middle, usually = now[:, kept].mean(axis=1, keepdims=True), usual[:, kept].mean(axis=1, keepdims=True)
        apart = usual - usually
        slope = ((now - middle) * apart)[:, kept].sum(axis=1) / ((apart[:, kept] ** 2).sum(axis=1) + _TINY)
        fitted = middle + np.clip(slope, 0.0, _STEEPEST)[:, None] * apart
        off = np.abs(now - fitted)
        far = (off / (np.median(off, axis=1, keepdims=True) + _TINY)).mean(axis=0)
        kept = far <= np.quantile(far, _KEPT)
    expected = np.zeros_like(image)
    expected[:, known] = fitted
    return expected


def _averaged(values: Floats, seen: Flags) -> Floats:
    """(b, y, x) mean of the seen pixels around each, 0 where a pixel is not seen."""
    count = ndimage.uniform_filter(seen.astype(np.float64), _SIDE, mode="constant")
    total = ndimage.uniform_filter(np.where(seen, values, 0.0), (0, _SIDE, _SIDE), mode="constant")
    return np.where(seen, total / np.maximum(count, _TINY), 0.0)


def _learn(image: Floats, expected: Floats, known: Flags, weight: Floats, past: _Past, rule: ExpectedRule) -> None:
    """Levels from a look; weight (y, x) of it by pixel."""
    looks, part = past.looks[known] + 1.0, weight[known]
    past.level[:, known] += part * (image - expected)[:, known] / np.minimum(looks, rule.memory)
    past.latest[:, known] += part * (image - past.latest)[:, known] / np.minimum(looks, rule.recent)
    past.looks[known] = looks


def _spread(values: Floats, past: _Past, rule: ExpectedRule) -> None:
    """Covariance of what ordinary pixels (b, n) show beyond the line; the outermost of them are none."""
    if not values.size:
        return
    far = np.abs(values).max(axis=0)
    values = values[:, far <= np.quantile(far, _PLAIN)]
    kept = 1.0 - 1.0 / rule.memory if past.weight >= rule.memory else 1.0
    past.spread = kept * past.spread + values @ values.T / values.shape[1]
    past.weight = kept * past.weight + 1.0
