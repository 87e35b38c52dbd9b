"""How likely each date of change makes each series, with the site's own levels integrated out.

A site's two levels are normal, so that every hypothesis has a closed form in sums of the measurements before, at and
after the change: two unknowns, and the precisions of what was measured add up (Bayesian linear regression; Bishop,
Pattern Recognition and Machine Learning, 2006, 3.3). That the level after is the higher one is a half-plane, whose
share of the prior and of the posterior is one normal integral each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import log_ndtr, logsumexp

from scoring.sites.change.levels import Levels
from scoring.sites.change.series import Floats

#: A stray measurement is this many times as uncertain (variance).
_STRAY: Final = 16.0

#: Of the change, what the first built date may show, and what the date before it may: ground that is cleared, first
#: rows. More than half counts as built, as the largest jump of a series would say.
_SHARES: Final = (1.0, 2 / 3, 1 / 3)


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums of n series on t dates, by which measurement is stray (t + 1: none comes first) and change k (t + 1).

    Change k means that date k is the first that shows it; 0: it was there from the start, t: it never came. Weights
    are 1, 1/16 for the stray measurement, 0 where nothing was measured.

    Attributes:
        before: (3, n, t+1, t+1) weights, weighted values and squares of dates before k.
        at: (3, n, t+1, t+1) the same of date k; 0 for k = t.
        after: (3, n, t+1, t+1) the same of dates after k.
        counts: (3, n, 1, t+1) measurements before, at and after.
        possible: (n, t+1, 1) whether the stray one was measured; True for none.
    """

    before: Floats
    at: Floats
    after: Floats
    counts: Floats
    possible: Floats


def sums_of(values: Floats) -> Sums:
    """Sums of series (n, t), NaN where nothing was measured."""
    n, t = values.shape
    seen = np.isfinite(values)
    x = np.where(seen, values, 0.0)
    down = np.vstack([np.ones(t), 1 - (1 - 1 / _STRAY) * np.eye(t)])
    weights = seen[:, None, :] * down
    each = np.stack([weights, weights * x[:, None, :], weights * x[:, None, :] ** 2])
    at = np.concatenate([each, np.zeros((3, n, t + 1, 1))], axis=-1)
    before = np.concatenate([np.zeros((3, n, t + 1, 1)), np.cumsum(each, axis=-1)], axis=-1)
    after = each.sum(axis=-1, keepdims=True) - before - at
    here = np.concatenate([seen, np.zeros((n, 1), dtype=np.bool_)], axis=1).astype(np.float64)
    earlier = np.concatenate([np.zeros((n, 1)), np.cumsum(seen, axis=1)], axis=1)
    counts = np.stack([earlier, here, seen.sum(axis=1, keepdims=True) - earlier - here])[:, :, None, :]
    possible = np.concatenate([np.ones((n, 1), dtype=np.bool_), seen], axis=1)[:, :, None]
    return Sums(before, at, after, counts, possible)


def log_likelihood(sums: Sums, levels: Levels) -> Floats:
    """(n, t+1) log-likelihood of each series by its change k; a series without a value has 0 everywhere."""
    t = sums.at.shape[-1] - 1
    whole, most, little = (_given(sums, levels, share) for share in _SHARES)
    terms = np.full((len(_SHARES), *whole.shape), -np.inf)
    terms[0] = whole
    terms[0, ..., 1:t] += np.log1p(-levels.partly)
    terms[1, ..., 1:t] = most[..., 1:t] + np.log(levels.partly / 2)
    terms[2, ..., 1:t] = little[..., : t - 1] + np.log(levels.partly / 2)
    by_stray = logsumexp(terms, axis=0)
    odds = np.where(np.arange(t + 1) == 0, np.log1p(-levels.stray), np.log(levels.stray / t))[None, :, None]
    by_stray = np.where(sums.possible, by_stray + odds, -np.inf)
    unseen = np.log1p(-levels.stray * (1 - sums.possible[:, 1:, 0].mean(axis=1)))
    summed: Floats = logsumexp(by_stray, axis=1) - unseen[:, None]
    return summed


def _given(sums: Sums, levels: Levels, share: float) -> Floats:
    """(n, t+1, t+1) log-likelihood by stray measurement and change, the first date showing a share of the change."""
    early, late = levels.before_noise**-2.0, levels.after_noise**-2.0
    rest = 1 - share
    (w0, x0, q0), (w1, x1, q1), (w2, x2, q2) = sums.before * early, sums.at * late, sums.after * late
    prior, mean = _precision(levels), np.array([levels.before, levels.after])
    pull = prior @ mean
    a, b, c = prior[0, 0] + w0 + rest**2 * w1, prior[0, 1] + rest * share * w1, prior[1, 1] + w2 + share**2 * w1
    u, v = pull[0] + x0 + rest * x1, pull[1] + x2 + share * x1
    determinant = a * c - b * b
    low, high = (c * u - b * v) / determinant, (a * v - b * u) / determinant
    n0, n1, n2 = sums.counts
    scale = n0 * np.log(early) + (n1 + n2) * np.log(late) - (n0 + n1 + n2) * np.log(2 * np.pi)
    stray = np.where(np.arange(w0.shape[-1]) > 0, np.log(1 / _STRAY), 0.0)[None, :, None]
    scale = scale + stray + np.log(np.linalg.det(prior)) - np.log(determinant)
    fit = q0 + q1 + q2 + mean @ prior @ mean - u * low - v * high
    rises = log_ndtr((high - low) / np.sqrt((a + c + 2 * b) / determinant))
    rises -= log_ndtr((levels.after - levels.before) / np.sqrt(np.array([-1, 1]) @ np.linalg.inv(prior) @ [-1, 1]))
    found: Floats = 0.5 * (scale - fit) + rises
    return found


def _precision(levels: Levels) -> Floats:
    """(2, 2) precision of a site's levels before and after."""
    joint = levels.together * levels.before_spread * levels.after_spread
    spread = np.array([[levels.before_spread**2, joint], [joint, levels.after_spread**2]])
    precision: Floats = np.linalg.inv(spread)
    return precision
