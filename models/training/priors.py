"""How often classes occur where a network is used, from its own unlabelled predictions."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from models.training.memberfit import log_prior

Floats = NDArray[np.float64]

_ROUNDS: Final = 500
_ENOUGH: Final = 1e-7


def estimate_prior(logits: Floats) -> Floats:
    """Class frequencies that make unlabelled series most likely, by expectation maximisation.

    Saerens, Latinne and Decaestecker 2002, with one series of each class added, so that no class is ruled out.

    Args:
        logits: (n, classes) calibrated and free of the frequencies in training, as an ensemble gives them.

    Returns:
        (classes,) frequencies that add up to 1.
    """
    classes = logits.shape[1]
    prior = np.full(classes, 1 / classes)
    for _ in range(_ROUNDS):
        expected = softmax(logits + log_prior(prior), axis=1).sum(axis=0) + 1
        moved = expected / expected.sum()
        done = np.abs(moved - prior).max() < _ENOUGH
        prior = moved
        if done:
            break
    return np.asarray(prior, dtype=np.float64)
