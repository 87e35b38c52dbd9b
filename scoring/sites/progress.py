"""How much of a site is built: never less than before, as an interval, from noisy dated observations with gaps.

What was built stays built (a site that is torn down is another finding), so that progress is an isotonic function of
time. Every observation before and after a day says something of that day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from geo.errors import DataError

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]

#: Share of intervals that hold the truth.
COVERAGE: Final = 0.9

#: An observation counts this many standard errors at most against those beside it: clouds and shadow have heavy tails.
_FAR: Final = 2.0

#: Standard error that all looks at panels of a site share, as a part of what is built (`Observed.shared`): rows may
#: look unlike those that the network was trained on. Set on simulated works over real land (seeds 940000 to 940023); on
#: other works over that land the intervals held the truth less often than they state (docs/sites.md).
PANELS_SHARED: Final = 0.09

_ROUNDS: Final = 10


@dataclass(frozen=True, slots=True)
class Observed:
    """t observations of one site, in the order of their days.

    Attributes:
        days: (t,) datetime64[D], rising, each once.
        shares: (t,) share of the plan that looks built; NaN where the site was not seen.
        errors: (t,) standard error of each, above 0; NaN where it was not seen.
        shared: standard error that all looks at the site have in common, as a part of the share: what is built there
            may look unlike what the measure was made for.
        clear: (t,) share 0..1 of the site that each look shows; None: all of it.
    """

    days: Days
    shares: Floats
    errors: Floats
    shared: float = 0.0
    clear: Floats | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Share of the plan that is built by some days, (d,) each, 0..1 and never falling.

    Attributes:
        low: lower bound.
        share: estimate.
        high: upper bound; 1 after the last observation, since nobody saw what was built since.
        seen_on: datetime64[D], latest observation up to the day; NaT before the first.
    """

    low: Floats
    share: Floats
    high: Floats
    seen_on: Days


def progress_on(observed: Observed, days: Days) -> Progress:
    """Progress by some days, from all observations up to the last of them.

    The bounds of a day come from every run of observations that ends by then (for the lower) or begins then or later
    (for the upper): since progress never falls, the mean of such a run is not above (not below) the truth of the day
    but for noise. The tightest of these bounds is taken with normal quantiles of a Bonferroni share of the error, so
    that they hold together. They are conservative. Between two looks the estimate lies on the line between theirs.

    Args:
        observed: observations of the site.
        days: (d,) datetime64[D], rising.

    Raises:
        DataError: observations are out of order, or an error is not above 0.
    """
    seen = np.isfinite(observed.shares) & (observed.days <= days[-1])
    at, shares, errors = observed.days[seen], np.clip(observed.shares[seen], 0, 1), observed.errors[seen]
    _check(observed, errors)
    if not len(at):
        nothing = np.zeros(len(days))
        return Progress(nothing, nothing.copy(), np.ones(len(days)), np.full(len(days), np.datetime64("NaT", "D")))
    fitted, errors = _robust(shares, errors)
    low, high = _bounds(shares, errors, fitted, observed.shared)
    before = np.searchsorted(at, days, side="right") - 1
    after = np.searchsorted(at, days, side="left")
    inside = before >= 0
    lows = np.where(inside, low[np.maximum(before, 0)], 0.0)
    highs = np.append(high, 1.0)[after]
    middle = np.where(inside, np.interp(days.astype(np.int64), at.astype(np.int64), fitted), 0.0)
    last = np.where(inside, at[np.maximum(before, 0)], np.datetime64("NaT", "D"))
    return Progress(lows, np.clip(middle, lows, highs), highs, last)


def _check(observed: Observed, errors: Floats) -> None:
    if (np.diff(observed.days) <= np.timedelta64(0, "D")).any():
        raise DataError("SITES_OBSERVED_ORDER", "Observations of a site are not in the order of their days.")
    if not (errors > 0).all():
        raise DataError("SITES_OBSERVED_ERROR", "An observation of a site has no standard error above 0.")


def isotonic(values: Floats, weights: Floats) -> Floats:
    """(t,) the never falling numbers nearest to values by weighted squares (pool adjacent violators)."""
    means: list[float] = []
    sums: list[float] = []
    sizes: list[int] = []
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        means.append(value)
        sums.append(weight)
        sizes.append(1)
        while len(means) > 1 and means[-2] >= means[-1]:
            mean, total, size = means.pop(), sums.pop(), sizes.pop()
            means[-1] = (means[-1] * sums[-1] + mean * total) / (sums[-1] + total)
            sums[-1] += total
            sizes[-1] += size
    return np.repeat(np.array(means), sizes)


def _robust(shares: Floats, errors: Floats) -> tuple[Floats, Floats]:
    """Isotonic fit, and errors widened where an observation lies far off it (Huber's weights)."""
    widened = errors
    for _ in range(_ROUNDS):
        fitted = isotonic(shares, widened**-2.0)
        far = np.abs(shares - fitted) / errors
        widened = errors * np.sqrt(np.maximum(far / _FAR, 1.0))
    return isotonic(shares, widened**-2.0), widened


def _bounds(shares: Floats, errors: Floats, fitted: Floats, shared: float) -> tuple[Floats, Floats]:
    """Lower and upper bounds at the observations, each never falling, around the fit."""
    count = len(shares)
    level = float(norm.isf((1 - COVERAGE) / 2 / count))
    weights = errors**-2.0
    total = np.concatenate([[0.0], np.cumsum(weights)])
    summed = np.concatenate([[0.0], np.cumsum(weights * shares)])
    weight = total[None, 1:] - total[:-1, None]  # of the run from row i to column j
    real = np.triu(np.ones((count, count), dtype=np.bool_))
    safe = np.where(real, weight, 1.0)
    mean = (summed[None, 1:] - summed[:-1, None]) / safe
    apart = level * np.sqrt(1 / safe + (shared * mean) ** 2)
    lows = np.where(real, mean - apart, -np.inf).max(axis=0)
    highs = np.where(real, mean + apart, np.inf).min(axis=1)
    low = np.maximum.accumulate(np.clip(lows, 0, 1))
    high = np.minimum.accumulate(np.clip(highs, 0, 1)[::-1])[::-1]
    return np.minimum(low, fitted), np.maximum(high, fitted)


def reported(progress: Progress, before: Floats) -> Progress:
    """Progress with what was reported before it: never less than that, whatever later observations say.

    Args:
        progress: as of now.
        before: (d,) the share that earlier reports stated for the days or for days before them; NaN for none.
    """
    floor = np.maximum.accumulate(np.nan_to_num(before, nan=0.0))
    share = np.maximum(progress.share, floor)
    return Progress(progress.low, share, np.maximum(progress.high, share), progress.seen_on)
