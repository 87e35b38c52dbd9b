"""Weighted medians and trimmed means of costs, with percentile intervals of a bootstrap over farms."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import numpy as np

from scoring.money import Floats

#: Resampled counts held at once; a survey of any size takes little memory.
_CELLS: Final = 2_000_000
#: Sums of weights closer than this share are equal: weights are binary numbers.
_TINY: Final = 1e-12


class Statistic(StrEnum):
    """What stands for the farms of a group."""

    MEDIAN = "median"
    TRIMMED_MEAN = "trimmed_mean"


def central(values: Floats, weights: Floats, statistic: Statistic, trim: float) -> float:
    """Weighted median or trimmed mean; with equal weights the usual ones.

    Args:
        values: (n,), n at least 1.
        weights: (n,), positive.
        statistic: which one.
        trim: share of the weight that a trimmed mean leaves out at each end, below 0.5.
    """
    order = np.argsort(values, kind="stable")
    return float(_rows(values[order], weights[order][None, :], statistic, trim)[0])


def bootstrap(
    values: Floats, weights: Floats, statistic: Statistic, trim: float, *,
    confidence: float, resamples: int, seed: int,
) -> tuple[float, float]:  # fmt: skip
    """Percentile interval (Efron) over farms drawn with replacement.

    Farms count as independent: where neighbours resemble each other the true interval is wider.

    Args:
        values: (n,), n at least 1.
        weights: (n,), positive.
        statistic: which one.
        trim: as central's.
        confidence: 0.95.
        resamples: number of draws.
        seed: the same seed gives the same interval.
    """
    order = np.argsort(values, kind="stable")
    values, weights = values[order], weights[order]
    random = np.random.default_rng(seed)
    step = max(1, _CELLS // len(values))
    drawn = [
        _rows(values, weights * _counts(random, len(values), min(step, resamples - start)), statistic, trim)
        for start in range(0, resamples, step)
    ]
    tail = (1 - confidence) / 2
    low, high = np.quantile(np.concatenate(drawn), [tail, 1 - tail])
    return float(low), float(high)


def _counts(random: np.random.Generator, farms: int, draws: int) -> Floats:
    return random.multinomial(farms, np.full(farms, 1 / farms), size=draws).astype(np.float64)


def _rows(values: Floats, weights: Floats, statistic: Statistic, trim: float) -> Floats:
    """Statistic of each row of weights (m, n) over the sorted values (n,)."""
    return _medians(values, weights) if statistic is Statistic.MEDIAN else _trimmed(values, weights, trim)


def _medians(values: Floats, weights: Floats) -> Floats:
    """Middle value: half of the weight on either side, the mean of two where the weight splits between them."""
    reached = np.cumsum(weights, axis=1)
    half, slack = reached[:, -1:] / 2, reached[:, -1:] * _TINY
    lower = np.argmax(reached >= half - slack, axis=1)
    upper = np.argmax(reached > half + slack, axis=1)
    return np.asarray((values[lower] + values[upper]) / 2)


def _trimmed(values: Floats, weights: Floats, trim: float) -> Floats:
    """Mean of what lies between the shares `trim` and 1 - `trim` of the weight; a farm on the edge counts in part."""
    reached = np.cumsum(weights, axis=1)
    whole = reached[:, -1:]
    within = np.clip(reached, trim * whole, (1 - trim) * whole)
    share = np.diff(within, axis=1, prepend=trim * whole)
    return np.asarray(share @ values / share.sum(axis=1))
