"""Limits of novelty: from where on a series is too unlike all that was learned from to be decided."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


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
