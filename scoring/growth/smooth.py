"""Curves with uncertainty through irregular looks: live from the past alone, in hindsight from both sides.

The state of a parcel is level and slope of an integrated random walk; filtered forward it is what was known at each
day, smoothed backward (Rauch, Tung and Striebel 1965) it is the continuous-time form of the Whittaker smoother of
scoring.smoothing, with standard errors and without a grid. Shadow and haze only pull NDVI down: a look far below what
was expected has its noise widened by the square of the excess (Huber-like, on the lower side only).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]

#: Standard error of one look by default: what neighbouring clear looks of a closed canopy differ by.
NOISE: Final = 0.03
#: Variance of the slope gained per day, (NDVI/day)^2/day; lets a curve turn within some three weeks.
_TURN: Final = 4e-6
_LOW_LIMIT: Final = 2.0
_FIRST = np.array([[0.25, 0.0], [0.0, 4e-4]])
_NOISE_BOUNDS: Final = (0.01, 0.1)
_LEAST_DIFFERENCES: Final = 5
_BLOCK_ROWS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Curves:
    """Curves of n parcels at t days: level and standard error, (n, t) float64; NaN before a parcel's first look."""

    level: Floats
    error: Floats


def measured_noise(ndvi: Floats, days: Days) -> Floats:
    """Standard error of one look by parcel: (n,), from each look against the line between its neighbours.

    The lower quartile of the absolute differences counts, so that shadow and loss do not widen it; NOISE where fewer
    than five looks have two neighbours.

    Args:
        ndvi: (n, t), NaN without a look.
        days: (t,) ascending.
    """
    at = days.astype(np.int64).astype(np.float64)
    before, day_before = _previous(ndvi, at)
    after, day_after = (part[:, ::-1] for part in _previous(ndvi[:, ::-1], at[::-1]))
    with np.errstate(invalid="ignore"):
        share = (at - day_before) / (day_after - day_before)
        away = np.abs(ndvi - before - share * (after - before)) / np.sqrt(1 + share**2 + (1 - share) ** 2)
    enough = np.isfinite(away).sum(axis=1) >= _LEAST_DIFFERENCES
    out = np.full(len(ndvi), NOISE)
    if enough.any():
        quartile = np.nanquantile(away[enough], 0.25, axis=1)
        out[enough] = np.clip(quartile / 0.3186, *_NOISE_BOUNDS)  # the quartile of |N(0, 1)|
    return out


def live_curves(ndvi: Floats, days: Days, noise: Floats | float = NOISE) -> Curves:
    """At each day what the looks up to that day say.

    Args:
        ndvi: (n, t), NaN without a look.
        days: (t,) ascending.
        noise: standard error of a look, by parcel (n,) or one for all.
    """
    return _in_blocks(_live, ndvi, days, noise)


def hindsight_curves(ndvi: Floats, days: Days, noise: Floats | float = NOISE) -> Curves:
    """At each day what all looks say; arguments as of `live_curves`."""
    return _in_blocks(_hindsight, ndvi, days, noise)


def _in_blocks(
    curves: Callable[[Floats, Days, Floats], Curves], ndvi: Floats, days: Days, noise: Floats | float
) -> Curves:
    """The curves of some thousand parcels at a time: states and covariances of all would not fit."""
    own = np.broadcast_to(np.asarray(noise, dtype=np.float64), (len(ndvi),))
    level, error = np.empty(ndvi.shape), np.empty(ndvi.shape)
    for start in range(0, len(ndvi), _BLOCK_ROWS):
        part = slice(start, start + _BLOCK_ROWS)
        found = curves(ndvi[part], days, own[part])
        level[part], error[part] = found.level, found.error
    return Curves(level, error)


def _live(ndvi: Floats, days: Days, noise: Floats) -> Curves:
    state, cover, _, _ = _forward(ndvi, days, noise)
    return _curves(ndvi, state, cover)


def _hindsight(ndvi: Floats, days: Days, noise: Floats) -> Curves:
    state, cover, ahead, ahead_cover = _forward(ndvi, days, noise)
    steps = _steps(days)
    for k in range(len(days) - 2, -1, -1):
        move = _move(steps[k + 1])
        gain = cover[k] @ move.T @ np.linalg.inv(ahead_cover[k + 1])
        state[k] += np.einsum("nij,nj->ni", gain, state[k + 1] - ahead[k + 1])
        cover[k] += gain @ (cover[k + 1] - ahead_cover[k + 1]) @ gain.transpose(0, 2, 1)
    return _curves(ndvi, state, cover)


def _forward(ndvi: Floats, days: Days, noise: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Filtered and predicted states (t, n, 2) and covariances (t, n, 2, 2)."""
    count, steps = ndvi.shape
    variance = noise**2
    state, cover = np.zeros((steps, count, 2)), np.zeros((steps, count, 2, 2))
    ahead, ahead_cover = np.zeros_like(state), np.zeros_like(cover)
    now, spread = np.tile([0.4, 0.0], (count, 1)), np.tile(_FIRST, (count, 1, 1))
    for k, step in enumerate(_steps(days)):
        move = _move(step)
        ahead[k] = now = now @ move.T
        ahead_cover[k] = spread = move @ spread @ move.T + _turned(step)
        now, spread = _met(now, spread, ndvi[:, k], variance)
        state[k], cover[k] = now, spread
    return state, cover, ahead, ahead_cover


def _met(now: Floats, spread: Floats, look: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """State and covariance after a look; unchanged where there is none."""
    seen = np.isfinite(look)
    surprise = np.where(seen, look - now[:, 0], 0.0)
    total = spread[:, 0, 0] + variance
    excess = np.maximum(-surprise / np.sqrt(total) / _LOW_LIMIT, 1.0)
    gain = np.where(seen[:, None], spread[:, :, 0] / (spread[:, 0, 0] + variance * excess**4)[:, None], 0.0)
    return now + gain * surprise[:, None], spread - gain[:, :, None] * spread[:, None, 0, :]


def _curves(ndvi: Floats, state: Floats, cover: Floats) -> Curves:
    begun = np.cumsum(np.isfinite(ndvi), axis=1) > 0
    error = np.sqrt(np.maximum(cover[:, :, 0, 0], 0.0)).T
    return Curves(np.where(begun, state[:, :, 0].T, np.nan), np.where(begun, error, np.nan))


def _previous(values: Floats, at: Floats) -> tuple[Floats, Floats]:
    """Value and day of the look before each day, (n, t) each; NaN where there is none."""
    order = np.where(np.isfinite(values), np.arange(values.shape[1]), -1)
    last = np.maximum.accumulate(order, axis=1)
    last = np.hstack([np.full((len(values), 1), -1), last[:, :-1]])
    there = last >= 0
    value = np.take_along_axis(values, np.maximum(last, 0), axis=1)
    return np.where(there, value, np.nan), np.where(there, at[np.maximum(last, 0)], np.nan)


def _steps(days: Days) -> Floats:
    return np.diff(days.astype(np.int64), prepend=days[:1].astype(np.int64)).astype(np.float64)


def _move(step: float) -> Floats:
    return np.array([[1.0, step], [0.0, 1.0]])


def _turned(step: float) -> Floats:
    return _TURN * np.array([[step**3 / 3, step**2 / 2], [step**2 / 2, step]])
