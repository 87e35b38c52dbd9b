"""Levels and dates of change of a whole population of sites, learned together and without labels.

Sites of one kind share what bare ground and panels look like in a series, so that one site borrows from the others: a
mixture over dates of change, fitted by the greatest likelihood under weak beliefs (empirical Bayes). Labels of some
sites, where there are any, just name their part of the mixture.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import logsumexp, softmax

from scoring.sites.change.levels import COUNT, Guess, Levels, first_guess, levels_of
from scoring.sites.change.likelihood import Sums, log_likelihood, sums_of
from scoring.sites.change.series import Floats

Flags = npt.NDArray[np.bool_]

#: Scales on which noise may be even; all rise. Logarithm and root are for numbers above 0.
SCALES: Final[Mapping[str, Callable[[Floats], Floats]]] = {"as it is": np.array, "root": np.sqrt, "logarithm": np.log}

#: Sites that a fit looks at: more change nothing that can be seen.
_MOST_SITES: Final = 600

#: Numbers held at once by a fit, from which fewer sites are looked at.
_MOST_CELLS: Final = 2_000_000

_STEPS: Final = 120
_SEED: Final = 8


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was learned of a population.

    Attributes:
        scale: key of SCALES on which the levels are.
        falling: whether the number falls on construction.
        levels: levels and noise.
        log_prior: (t+1,) log-probability of each change (0: from the start; t: never).
        log_likelihood: of the sites that were looked at, in the units of the series, so that scales compare.
    """

    scale: str
    falling: bool
    levels: Levels
    log_prior: Floats
    log_likelihood: float

    def posterior(self, values: Floats) -> Floats:
        """(n, t+1) probability of each change; a site without a value has the prior's."""
        laid = _laid(values, self.scale, self.falling)
        size = max(1, _MOST_CELLS // (laid.shape[1] + 1) ** 2)
        parts = [
            log_likelihood(sums_of(laid[first : first + size]), self.levels) for first in range(0, len(laid), size)
        ]
        found: Floats = softmax(np.concatenate(parts) + self.log_prior, axis=1)
        return found


def fit_changes(values: Floats, kinds: npt.NDArray[np.int64], *, falling: bool, known: Flags | None = None) -> Fitted:
    """Learn levels, noise and how often each change is, on the scale that makes the series likeliest.

    Args:
        values: (n, t), NaN where nothing was measured; at least one value in all.
        kinds: (t+1,) from 0 without gaps: changes of one kind (a calendar year) share their probability evenly.
        falling: whether the number falls on construction.
        known: (n, t+1) changes that are still possible for each site; None: all of all.
    """
    rows = _looked_at(values)
    values, known = values[rows], None if known is None else known[rows]
    positive = float(np.nanmin(values)) > 0
    fits = [_fit_on(name, values, kinds, falling, known) for name in SCALES if positive or name == "as it is"]
    return max(fits, key=lambda fit: fit.log_likelihood)


def _fit_on(name: str, values: Floats, kinds: npt.NDArray[np.int64], falling: bool, known: Flags | None) -> Fitted:
    laid = _laid(values, name, falling)
    guess, sums = first_guess(laid), sums_of(laid)
    mask = np.zeros((len(laid), len(kinds))) if known is None else np.where(known, 0.0, -np.inf)
    sizes = np.bincount(kinds)
    start = np.concatenate([guess.at, np.zeros(len(sizes))])
    found = minimize(
        _objective, start, args=(guess, sums, mask, kinds), method="L-BFGS-B", options={"maxiter": _STEPS}
    ).x
    levels, log_prior = levels_of(found[:COUNT]), _log_prior(found[COUNT:], kinds)
    total = logsumexp(log_likelihood(sums, levels) + log_prior + mask, axis=1).sum()
    return Fitted(name, falling, levels, log_prior, float(total + _log_slope(values, name)))


def _objective(point: Floats, guess: Guess, sums: Sums, mask: Floats, kinds: npt.NDArray[np.int64]) -> float:
    """Negative log-posterior: the mixture, weak beliefs about levels, and one site more of each kind of change."""
    log_prior = _log_prior(point[COUNT:], kinds)
    seen = logsumexp(log_likelihood(sums, levels_of(point[:COUNT])) + log_prior + mask, axis=1).sum()
    far = (((point[:COUNT] - guess.at) / guess.width) ** 2).sum() / 2
    each = point[COUNT:] - logsumexp(point[COUNT:])
    return float(far - seen - each.sum())


def _log_prior(weights: Floats, kinds: npt.NDArray[np.int64]) -> Floats:
    shares: Floats = weights - logsumexp(weights) - np.log(np.bincount(kinds))
    return shares[kinds]


def _laid(values: Floats, scale: str, falling: bool) -> Floats:
    """Values on a scale, rising on construction."""
    positive = np.where(values > 0, values, np.nan) if scale != "as it is" else values
    laid = SCALES[scale](positive)
    return -laid if falling else laid


def _log_slope(values: Floats, scale: str) -> float:
    """Sum of the logarithms of the scale's slope at the values."""
    seen = values[np.isfinite(values)]
    if scale == "as it is":
        return 0.0
    slopes = 1 / seen if scale == "logarithm" else 0.5 / np.sqrt(seen)
    return float(np.log(slopes).sum())


def _looked_at(values: Floats) -> npt.NDArray[np.int64]:
    """Rows that a fit looks at: those with a value, at most so many, drawn always alike."""
    rows = np.flatnonzero(np.isfinite(values).any(axis=1))
    most = min(_MOST_SITES, max(20, _MOST_CELLS // (values.shape[1] + 1) ** 2))
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(_SEED).choice(rows, most, replace=False))
