"""What is common to the sites of one series: levels before and after building, how they vary, and the noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import expit

from scoring.sites.change.series import Floats

#: Share of a date that measured something else (cloud, a bad mosaic) is at most this.
_MOST_STRAY: Final = 0.2

#: Numbers that describe the levels.
COUNT: Final = 9


@dataclass(frozen=True, slots=True)
class Levels:
    """Levels of a population of sites, on the scale on which the noise is even.

    A site's level before is normal around `before` with `before_spread`, its level after normal around `after` with
    `after_spread`; the two are correlated by `together`, and the second is the higher one. Measurements vary about
    them by `before_noise` and `after_noise` (standard deviations).

    Attributes:
        stray: probability that one given series holds a measurement that is far off.
        partly: probability that the first built date shows only most of the change, or the date before a little.
    """

    before: float
    after: float
    before_spread: float
    after_spread: float
    together: float
    before_noise: float
    after_noise: float
    stray: float
    partly: float


@dataclass(frozen=True, slots=True)
class Guess:
    """Where a search starts, (9,) each, and how far a parameter is believed to lie from there (standard deviation).

    The belief is wide: it matters where few sites cannot tell a parameter, and not with many.
    """

    at: Floats
    width: Floats


def first_guess(values: Floats) -> Guess:
    """A guess from values alone: least and greatest values of sites tell the two levels roughly.

    Args:
        values: (n, t) of sites with at least one value each, NaN elsewhere.
    """
    low, high = np.nanmin(values, axis=1), np.nanmax(values, axis=1)
    spread = max(float(np.nanstd(values)), 1e-6)
    start, rise = float(np.median(low)), max(float(np.median(high) - np.median(low)), 0.1 * spread)
    at = [start, np.log(rise), np.log(0.5 * spread), np.log(0.5 * spread), 0.0]
    at += [np.log(0.3 * spread), np.log(0.3 * spread), 0.0, -1.0]
    return Guess(np.array(at), np.array([10 * spread, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.5, 1.5]))


def levels_of(point: Floats) -> Levels:
    """Levels from an unbounded point (9,) of the search."""
    return Levels(
        before=float(point[0]),
        after=float(point[0] + np.exp(point[1])),
        before_spread=float(np.exp(point[2])),
        after_spread=float(np.exp(point[3])),
        together=float(0.99 * np.tanh(point[4])),
        before_noise=float(np.exp(point[5])),
        after_noise=float(np.exp(point[6])),
        stray=float(_MOST_STRAY * expit(point[7])),
        partly=float(expit(point[8])),
    )
