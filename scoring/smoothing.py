"""Whittaker smoothing of many series at once, towards the upper envelope.

The smoother minimises sum w (y - z)^2 + lambda sum (second difference of z)^2 (Eilers 2003, 10.1021/ac034173t).
Cloud shadow and haze only ever pull NDVI down, so values below the curve lose weight from round to round (asymmetric
least squares, Eilers and Boelens 2005). Each series is a pentadiagonal system; the steps of its factors are taken
over all series at once, which is some four times as fast as LAPACK's band solver on bands as narrow as these.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: Keeps a block without observations solvable; far below any real weight.
_RIDGE: Final = 1e-9
_BLOCK_ROWS: Final = 2_000


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
    """Minimise for some thousand series at a time: their steps stay in the processor's cache."""
    solved = np.empty(values.shape)
    for start in range(0, len(values), _BLOCK_ROWS):
        part = slice(start, start + _BLOCK_ROWS)
        weight = np.ascontiguousarray(weights[part].T)
        factors = _factored(weight + _RIDGE, stiffness)
        solved[part] = _substituted(weight * values[part].T, factors).T
    return solved


def _factored(weight: Floats, stiffness: float) -> tuple[Floats, Floats, Floats]:
    """L D L' of diag(weight) + stiffness * D'D, (t, n) each: first and second band of L, and 1 / D."""
    steps, count = weight.shape
    penalty = _penalty(steps, stiffness)
    first, second = np.diag(penalty, 1), np.diag(penalty, 2)
    near, far, inverse = np.zeros((steps, count)), np.zeros((steps, count)), np.empty((steps, count))
    pivot = weight + np.diag(penalty)[:, None]
    for k in range(steps):
        if k > 1:
            far[k] = second[k - 2] * inverse[k - 2]
            pivot[k] -= second[k - 2] * far[k]
        if k > 0:
            # Until it is divided by its pivot, the first band still holds what the rows before have left of it.
            left = first[k - 1] - second[k - 2] * near[k - 1] if k > 1 else np.full(count, first[0])
            near[k] = left * inverse[k - 1]
            pivot[k] -= left * near[k]
        np.divide(1.0, pivot[k], out=inverse[k])
    return near, far, inverse


def _substituted(right: Floats, factors: tuple[Floats, Floats, Floats]) -> Floats:
    """(t, n) solution for right-hand sides (t, n), which are overwritten."""
    near, far, inverse = factors
    for k in range(1, len(right)):
        right[k] -= near[k] * right[k - 1]
        if k > 1:
            right[k] -= far[k] * right[k - 2]
    right *= inverse
    for k in range(len(right) - 2, -1, -1):
        right[k] -= near[k + 1] * right[k + 1]
        if k < len(right) - 2:
            right[k] -= far[k + 2] * right[k + 2]
    return right


def _penalty(steps: int, stiffness: float) -> Floats:
    """(t, t) stiffness * D'D of second differences."""
    difference = np.diff(np.eye(steps), n=2, axis=0)
    return stiffness * difference.T @ difference
