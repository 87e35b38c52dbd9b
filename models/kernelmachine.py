"""Kernel machine on whole series: least-squares classification, which knows little far from what it was shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.spatial.distance import cdist

from geo.bands import band_index
from models.network import INDEX_PAIRS

Floats = NDArray[np.float64]
Values = NDArray[np.float32]

#: Days over which the deviation of a series from the mean course is alike, and the share of its variance that is noise.
_ALIKE_DAYS: Final = 35.0
_NOISE: Final = 0.2

#: Keeps the system of a compact machine solvable, as a share of the number of series.
_JITTER: Final = 1e-7

#: Stands for no observation: so much noise that a gap tells nothing.
_GAP: Final = 1e6


@dataclass(frozen=True, slots=True)
class Course:
    """The mean course of some series, against which any series is smoothed and scaled.

    Attributes:
        days: (slots,) middle of the slots.
        mean: (slots, bands) mean of clear values, interpolated where no series is clear.
        spread: (bands,) standard deviation about it.
    """

    days: Values
    mean: Floats
    spread: Floats

    @classmethod
    def of(cls, values: Values, days: Values) -> Course:
        """Course of series (n, slots, bands) with NaN gaps; at least one slot must be clear in one of them."""
        known = np.asarray(np.isfinite(values).all(axis=2))
        total = np.where(known[..., None], values, 0).sum(axis=0, dtype=np.float64)
        count = known.sum(axis=0)
        seen = count > 0
        bands = values.shape[2]
        mean = np.stack([np.interp(days, days[seen], total[seen, band] / count[seen]) for band in range(bands)], axis=1)
        return cls(days, mean, (values - mean)[known].std(axis=0) + 1e-6)

    def smoothed(self, values: Values) -> Floats:
        """Series without gaps, (n, slots, bands): the mean course plus the likeliest smooth deviation from it.

        Gaussian process regression over time with a squared-exponential covariance (Rasmussen and Williams 2006, 2.2).
        A series without any clear slot is the mean course.
        """
        known = np.asarray(np.isfinite(values).all(axis=2))
        apart = np.where(known[..., None], (values - self.mean) / self.spread, 0.0)
        alike = np.exp(-0.5 * ((self.days[:, None] - self.days[None]) / _ALIKE_DAYS) ** 2)
        noise = np.where(known, _NOISE, _GAP)
        solved = np.linalg.solve(alike + noise[:, :, None] * np.eye(len(self.days)), apart)
        return np.asarray(self.mean + (alike @ solved) * self.spread, dtype=np.float64)

    def features(self, values: Values) -> Floats:
        """Smoothed bands and normalised differences laid out flat, (n, features)."""
        smooth = self.smoothed(values)
        pairs = [(band_index(first), band_index(second)) for first, second in INDEX_PAIRS]
        indices = [
            (smooth[..., first] - smooth[..., second]) / np.maximum(smooth[..., first] + smooth[..., second], 0.02)
            for first, second in pairs
        ]
        return np.concatenate([smooth.reshape(len(smooth), -1), *indices], axis=1)


@dataclass(frozen=True, slots=True)
class KernelPlan:
    """How a machine is fitted; the defaults were chosen on the Bavarian parcels (docs/model.md).

    Attributes:
        sharpness: how fast likeness falls with distance: exp(-sharpness x squared distance / its mean).
        ridge: noise variance of a target against the variance of the function.
        balance: power by which rare classes count more.
    """

    sharpness: float = 0.3
    ridge: float = 0.02
    balance: float = 0.5


@dataclass(frozen=True, slots=True)
class KernelMachine:
    """Regression of class indicators on series (least-squares classification, Rasmussen and Williams 2006, 6.5).

    Scores fall to zero far from all training series, so the greatest score of a series says how much any class vouches
    for it.

    Attributes:
        course: course of the training series.
        centre, scale: (features,) standardise features.
        shown: (n, features) standardised training series.
        dual: (n, classes) coefficients.
        sharpness: of the kernel, in units of squared distance.
    """

    course: Course
    centre: Floats
    scale: Floats
    shown: Floats
    dual: Floats
    sharpness: float

    @classmethod
    def fit(cls, values: Values, days: Values, target: Floats, plan: KernelPlan) -> KernelMachine:
        """Fit a machine.

        Args:
            values: (n, slots, bands) reflectance, NaN gaps.
            days: (slots,) middle of the slots.
            target: (n, classes) class indicators; a row of zeros is a series that no class shall vouch for.
            plan: how.
        """
        course = Course.of(values, days)
        raw = course.features(values)
        centre, scale = raw.mean(axis=0), raw.std(axis=0) + 1e-9
        shown = (raw - centre) / scale
        apart = cdist(shown, shown, "sqeuclidean")
        sharpness = plan.sharpness / max(float(apart.mean()), 1e-9)
        noise = plan.ridge / _weights(target, plan.balance)
        dual = cho_solve(cho_factor(np.exp(-sharpness * apart) + np.diag(noise)), target)
        return cls(course, centre, scale, shown, np.asarray(dual, dtype=np.float64), sharpness)

    @classmethod
    def compact(
        cls, values: Values, days: Values, target: Floats, plan: KernelPlan, landmarks: NDArray[np.intp]
    ) -> KernelMachine:
        """Fit a machine that keeps a few of the series only (subset of regressors: Rasmussen and Williams 2006, 8.3.1).

        Args:
            values: (n, slots, bands) reflectance, NaN gaps.
            days: (slots,) middle of the slots.
            target: (n, classes) class indicators.
            plan: how.
            landmarks: (m,) rows of the series that are kept, rounded to half precision.
        """
        course = Course.of(values, days)
        raw = course.features(values)
        centre, scale = raw.mean(axis=0), raw.std(axis=0) + 1e-9
        standard = (raw - centre) / scale
        shown = standard[landmarks].astype(np.float16).astype(np.float64)
        apart = _squared(standard, shown)
        sharpness = plan.sharpness / max(float(apart.mean()), 1e-9)
        alike = np.exp(-sharpness * apart)
        among = np.exp(-sharpness * _squared(shown, shown))
        heavy = alike * _weights(target, plan.balance)[:, None]
        system = heavy.T @ alike + plan.ridge * among + _JITTER * len(values) * np.eye(len(shown))
        dual = cho_solve(cho_factor(system), heavy.T @ target)
        return cls(course, centre, scale, shown, np.asarray(dual, dtype=np.float64), sharpness)

    def scores(self, values: Values) -> Floats:
        """Score of each class, (n, classes): near 1 for what looks like its training series, near 0 far from them."""
        features = (self.course.features(values) - self.centre) / self.scale
        alike = np.exp(-self.sharpness * _squared(features, self.shown))
        return np.asarray(alike @ self.dual, dtype=np.float64)


def _squared(some: Floats, others: Floats) -> Floats:
    """Squared distances (n, m) by one matrix product, many times as fast as one by one."""
    lengths = (some**2).sum(axis=1)[:, None] + (others**2).sum(axis=1)
    return np.asarray(np.maximum(lengths - 2 * some @ others.T, 0.0), dtype=np.float64)


def _weights(target: Floats, balance: float) -> Floats:
    """Weight of each series, (n,), mean 1: a class of n series counts n to the 1 - balance; rows of zeros are one."""
    group = np.where(target.any(axis=1), target.argmax(axis=1), target.shape[1])
    weights = np.bincount(group)[group].astype(np.float64) ** -balance
    return np.asarray(weights / weights.mean(), dtype=np.float64)
