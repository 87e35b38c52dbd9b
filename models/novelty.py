"""Novelty: how much a series is unlike all that a network was trained on, and from where on it is not decided."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def neighbour_distance(features: Floats, known: Floats, nearest: int = 1) -> Floats:
    """Distance to the k-th nearest known series between features scaled to length 1 (Sun et al. 2022), (n,).

    Args:
        features: (n, features) of the series in question.
        known: (m, features) of training series.
        nearest: k; the farthest of all where there are fewer known ones.
    """
    apart = cdist(_unit(features), _unit(known))
    place = min(nearest, apart.shape[1]) - 1
    return np.asarray(np.partition(apart, place, axis=1)[:, place], dtype=np.float64)


def class_distance(features: Floats, known: Floats, target: NDArray[np.intp]) -> Floats:
    """Least Mahalanobis distance to a class mean, with one covariance for all (Lee et al. 2018), (n,).

    Args:
        features: (n, features) of the series in question.
        known: (m, features) of training series.
        target: (m,) their class index.
    """
    means = np.stack([known[target == place].mean(axis=0) for place in np.unique(target)])
    at = np.searchsorted(np.unique(target), target)
    within = known - means[at]
    covariance = within.T @ within / len(within)
    covariance += 1e-3 * np.trace(covariance) / len(covariance) * np.eye(len(covariance))
    return np.asarray(cdist(features, means, "mahalanobis", VI=np.linalg.inv(covariance)).min(axis=1), dtype=np.float64)


def novelty_limit(known: Floats, share: float) -> float:
    """Novelty up to which a series may be decided: at least `share` of further known series stay below.

    Args:
        known: (n,) novelty of known series that the scoring model had not seen.
        share: 0.95 leaves out one known series in twenty.

    Returns:
        The finite-sample quantile, infinity where the known series are too few for the share.
    """
    rank = math.ceil((len(known) + 1) * share)
    return float(np.sort(known)[rank - 1]) if rank <= len(known) else math.inf


def risk_limit(strangers: Floats, decidable: Bools, allowed: float) -> float:
    """Novelty up to which at most a share of further strangers would be decided.

    Args:
        strangers: (n,) novelty of series of none of the classes, which the scoring model had not seen.
        decidable: (n,) those that would be decided were they not novel.
        allowed: share that may be decided: on average over exchangeable strangers no more are (Angelopoulos et al.
            2024, conformal risk control).

    Returns:
        A limit that no decidable stranger beyond the allowed number stays below; infinity where all may be decided.
    """
    spare = math.floor(allowed * (len(strangers) + 1) - 1)
    inside = np.sort(strangers[decidable])
    if spare < 0:
        return -math.inf
    return float(np.nextafter(inside[spare], -math.inf)) if spare < len(inside) else math.inf


def _unit(features: Floats) -> Floats:
    length = np.linalg.norm(features, axis=1, keepdims=True)
    return np.asarray(features / np.maximum(length, 1e-12), dtype=np.float64)
