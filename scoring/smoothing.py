"""Whittaker smoothing of many series at once, towards the upper envelope.

The smoother minimises sum w (y - z)^2 + lambda sum (second difference of z)^2 (Eilers 2003, 10.1021/ac034173t).
Cloud shadow and haze only ever pull NDVI down, so values below the curve lose weight from round to round (asymmetric
least squares, Eilers and Boelens 2005). All series form one block-diagonal band matrix: one LAPACK call.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.linalg import solveh_banded

Floats = npt.NDArray[np.float64]

#: Keeps a block without observations solvable; far below any real weight.
_RIDGE: Final = 1e-9


def upper_envelope(
    values: Floats, weights: Floats, *, stiffness: float, below_weight: float = 0.3, rounds: int = 3
) -> Floats:
    """Smooth curves through the upper part of scattered values.

    Args:
        values: shape (n, t) on a regular grid; NaN where nothing was observed.
        weights: shape (n, t), not negative; 0 counts as not observed.
        stiffness: lambda; with unit weights it halves a wave of P steps where lambda = (2 sin(pi/P))^-4.
        below_weight: share of its weight that a value keeps when it lies below the curve.
        rounds: fits; the first is symmetric.

    Returns:
        Shape (n, t), never NaN; meaningless in a row without observations.
    """
    seen = np.isfinite(values) & (weights > 0)
    known = np.where(seen, values, 0.0)
    base = np.where(seen, weights, 0.0)
    curve = _solve(known, base, stiffness)
    for _ in range(rounds - 1):
        curve = _solve(known, np.where(known < curve, base * below_weight, base), stiffness)
    return curve


def _solve(values: Floats, weights: Floats, stiffness: float) -> Floats:
    bands = _penalty_bands(values.shape, stiffness)
    bands[2] += weights.ravel() + _RIDGE
    solved: Floats = solveh_banded(bands, (weights * values).ravel(), overwrite_ab=True, check_finite=False)
    return solved.reshape(values.shape)


def _penalty_bands(shape: tuple[int, ...], stiffness: float) -> Floats:
    """Upper bands (3, n*t) of D'D, with no tie between one series and the next."""
    count, steps = shape
    difference = np.diff(np.eye(steps), n=2, axis=0)
    product = stiffness * difference.T @ difference
    bands = np.zeros((3, count, steps))
    bands[2] = np.diag(product)
    bands[1, :, 1:] = np.diag(product, 1)
    bands[0, :, 2:] = np.diag(product, 2)
    return bands.reshape(3, count * steps)
