"""What a look should show: the parcel's own earlier green, carried on by what its same-crop neighbours did meanwhile.

A fall counts only beyond the fall of the neighbours' median, and in units of the noise of a look and of the spread of
the same change among the neighbours: while some of them ripen the spread is wide and little is told; over a closed
canopy it is narrow. Where neighbours rise, nothing is taken off, and a field that was ahead of them has lost nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from scoring.growth.neighbours import LEAST_NEIGHBOURS, median_of_neighbours, spread_of_neighbours

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]

#: What two looks of the same canopy differ by (haze, view and soil moisture included), NDVI.
NOISE: Final = 0.05
#: Days for which a neighbour's look stands for it.
CARRIED_DAYS: Final = 7
#: Most that the spread counts while the neighbours rise: how fast they rise says nothing of a fall.
_RISING_SPREAD: Final = 0.03
#: Without neighbours: NDVI a day that a canopy may lose, and the noise.
_LONE_FADING: Final = 0.004
_LONE_NOISE: Final = 0.10


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the neighbours of n parcels show at t looks; (n, t) each, NaN where fewer than LEAST_NEIGHBOURS were seen.

    Attributes:
        level: median NDVI of the neighbours, each by its latest look of the last CARRIED_DAYS.
        spread: standard deviation of the neighbours' changes since their own last looks, from the median of their
            distances to the median.
    """

    level: Floats
    spread: Floats

    @classmethod
    def of(cls, ndvi: Floats, changes: Floats, days: Days, neighbours: Ints) -> Expectation:
        """Medians and spreads of neighbours.

        Args:
            ndvi: (n, t) of clear looks, NaN without one.
            changes: (n, t) of each look against the parcel's own earlier looks, NaN where unknown.
            days: (t,) datetime64[D], ascending.
            neighbours: (n, k) positions, -1 for none.
        """
        level = median_of_neighbours(carried(ndvi, days), neighbours, least=LEAST_NEIGHBOURS)[0]
        spread = spread_of_neighbours(carried(changes, days), neighbours, least=LEAST_NEIGHBOURS)[1]
        return cls(level, spread)

    @classmethod
    def unknown(cls, shape: tuple[int, ...]) -> Expectation:
        """Of parcels without neighbours."""
        return cls(np.full(shape, np.nan), np.full(shape, np.nan))


def carried(values: Floats, days: Days) -> Floats:
    """(n, t) each value, and for CARRIED_DAYS after it where there is no other; NaN elsewhere."""
    number = days.astype(np.int64)
    last = np.where(np.isfinite(values), np.arange(values.shape[1]), -1)
    last = np.maximum.accumulate(last, axis=1)
    at = np.maximum(last, 0)
    fresh = (last >= 0) & (number - number[at] <= CARRIED_DAYS)
    return np.where(fresh, np.take_along_axis(values, at, axis=1), np.nan)


def beyond(fall: Floats, before: Floats, now: Floats, spread: Floats, age: Floats) -> Floats:
    """How far a fall goes beyond what the neighbours did, in standard deviations.

    Args:
        fall: NDVI that the parcel lost since its reference.
        before: level of the neighbours at the reference, NaN where unknown.
        now: their level now.
        spread: of their change.
        age: days since the reference, for parcels without neighbours.
    """
    lone = ~(np.isfinite(before) & np.isfinite(now) & np.isfinite(spread))
    theirs = np.where(lone, _LONE_FADING * age, np.maximum(before - now, 0.0))
    width = np.where(now > before, np.minimum(spread, _RISING_SPREAD), spread)
    noise = np.where(lone, _LONE_NOISE, np.hypot(NOISE, width))
    score: Floats = (fall - theirs) / noise
    return score


def still_green(before: Floats, now: Floats, least_before: float, least_now: float) -> Flags:
    """Whether the neighbours stood and still stand; so where nothing is known of them."""
    stood: Flags = ~(before < least_before) & ~(now < least_now)
    return stood
