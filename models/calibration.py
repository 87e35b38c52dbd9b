"""Temperatures, conformal thresholds and risk control, from predictions on blocks that the network had not seen."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from scipy.stats import binom

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Strings = NDArray[np.str_]

#: Threshold that no probability reaches: nothing is decided.
NEVER: Final = 2.0

#: Thresholds that are tried, lowest first: below one half another crop may be as likely.
_SURE: Final = np.round(np.arange(0.5, 0.996, 0.01), 2)

#: Draws of one member of each block over which an exact test is averaged.
_DRAWS: Final = 200


def fit_temperature(logits: Floats, target: NDArray[np.intp]) -> float:
    """Temperature that makes held-out probabilities most likely (Guo et al. 2017).

    Args:
        logits: (n, classes).
        target: (n,) class index.

    Returns:
        What logits are to be divided by, between 0.1 and 10.
    """

    def loss(log_temperature: float) -> float:
        scores = log_softmax(logits / math.exp(log_temperature), axis=1)
        return -float(scores[np.arange(len(target)), target].mean())

    found = minimize_scalar(loss, bounds=(math.log(0.1), math.log(10)), method="bounded")
    return float(math.exp(found.x))


def probabilities_of(logits: Floats, temperature: float) -> Floats:
    """Calibrated probabilities, (n, classes)."""
    return np.asarray(softmax(logits / temperature, axis=1), dtype=np.float64)


def conformal_threshold(probabilities: Floats, target: NDArray[np.intp], level: float) -> float:
    """Smallest probability that a crop needs to enter a set, by split conformal prediction.

    The set of all classes with at least this probability holds the right one with a chance of at least `level` for a
    further exchangeable series (Sadinle, Lei and Wasserman 2019; the finite-sample quantile of Vovk et al. 2005).

    Args:
        probabilities: (n, classes) of calibration series.
        target: (n,) class index.
        level: 0.9 for sets that are right nine times in ten.

    Returns:
        Threshold, 0 where the calibration series are too few for the level.
    """
    found = series_threshold(probabilities[np.arange(len(target)), target], level)
    return 0.0 if found is None else found


def series_threshold(scores: Floats, level: float) -> float | None:
    """The same from the scores of the right crops, (n,); None where they are too few for the level."""
    rank = math.floor((len(scores) + 1) * (1 - level))
    return float(np.sort(scores)[rank - 1]) if rank >= 1 else None


def sure_threshold(top: Floats, right: Bools, blocks: Strings, risk: float) -> float:
    """Smallest greatest probability with which a series is decided: of the decided at most a share is wrong.

    Selective classification (Geifman and El-Yaniv 2017) by the rule of conformal risk control (Angelopoulos et al.
    2024): with one more unit that is decided and wrong the share is still no more than `risk`. Series of a block are
    alike, so units are fewer than series: their number is divided by the design effect of the blocks (Kish 1965).

    Args:
        top: (n,) greatest probability.
        right: (n,) whether its crop is the right one.
        blocks: (n,) names of blocks.
        risk: 0.05 for one in twenty.

    Returns:
        One of a few thresholds from 0.5 on; NEVER where none keeps the risk.
    """
    _, inverse = np.unique(blocks, return_inverse=True)
    for threshold in _SURE:
        decided = top >= threshold
        units = decided.sum() / max(design_effect(~right[decided], inverse[decided]), 1.0)
        wrong = float((~right[decided]).mean()) if units else 0.0
        if wrong * units + 1 <= risk * (units + 1):
            return float(threshold)
    return NEVER


def design_effect(hits: Bools, blocks: NDArray[np.intp]) -> float:
    """By how much the variance of a share grows since series come in blocks; 1 where it cannot be told.

    Variance of the ratio estimator over blocks against that of independent series (Kish 1965, 5.4).
    """
    _, inverse = np.unique(blocks, return_inverse=True)
    share = float(hits.mean()) if len(hits) else 0.0
    count = int(inverse.max()) + 1 if len(hits) else 0
    if count < 2 or not 0 < share < 1:  # noqa: PLR2004 - a spread needs two
        return 1.0
    apart = np.bincount(inverse, weights=hits - share)
    return float(count / (count - 1) * (apart @ apart) / (len(hits) * share * (1 - share)))


def block_test(hits: Bools, blocks: Strings, share: float, *, seed: int = 0) -> float:
    """How well hits agree with a rate of at least `share`: p-value of an exact one-sided test, blocks as units.

    One member of each block is drawn at random: these are independent, so the number of hits among them is binomial.
    The p-values of many draws are averaged and doubled, which keeps the level whatever their dependence (Vovk and
    Wang 2020).

    Args:
        hits: (n,).
        blocks: (n,) names of blocks.
        share: rate that is tested.
        seed: of the draws.

    Returns:
        A small figure speaks against the rate; 1 without any series.
    """
    if not len(hits):
        return 1.0
    _, first, sizes = np.unique(np.sort(blocks), return_index=True, return_counts=True)
    ordered = hits[np.argsort(blocks, kind="stable")]
    drawn = first + np.random.default_rng(seed).integers(0, sizes, (_DRAWS, len(sizes)))
    return float(min(1.0, 2 * binom.cdf(ordered[drawn].sum(axis=1), len(sizes), share).mean()))
