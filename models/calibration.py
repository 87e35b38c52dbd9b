"""Temperature and conformal threshold, from predictions on blocks that the predicting network had not seen."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

Floats = NDArray[np.float64]


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
    right = np.sort(probabilities[np.arange(len(target)), target])
    rank = math.floor((len(right) + 1) * (1 - level))
    return float(right[rank - 1]) if rank >= 1 else 0.0
