"""How well a risk figure separates and how well it is calibrated: KS, Gini, PSI and the calibration table.

`risk` rises with the chance of default: a PD, or a score with its sign turned. Intervals draw whole blocks (branches,
villages) with replacement, since neighbours share weather, officers and markets; rows would look more certain than they
are (Efron and Tibshirani 1993, chapter 8; Cameron, Gelbach and Miller 2008 for few clusters).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import DataError
from scoring.money import Floats

#: Resamples of a bootstrap.
RESAMPLES: Final = 1000

#: Cells of weights held at a time: 32 MB.
_CELLS: Final = 4_000_000

#: Least share of a PSI bin: an empty bin would give infinity. Half a row in ten thousand; a common choice, not a rule.
_LEAST_SHARE: Final = 5e-5

#: PSI from which a shift is usually looked into, and acted on (Siddiqi 2006, chapter 9): rules of thumb.
PSI_LOOK: Final = 0.10
PSI_ACT: Final = 0.25

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % interval; NaN where it cannot be worked out."""

    value: float
    low: float
    high: float

    def as_dict(self) -> dict[str, float | None]:
        """Plain values; None for NaN."""
        return {"value": plain(self.value), "low": plain(self.low), "high": plain(self.high)}


@dataclass(frozen=True, slots=True)
class Separation:
    """KS and Gini of a risk figure."""

    ks: float
    gini: float


@dataclass(frozen=True, slots=True)
class CalibrationRow:
    """One band of predicted PD.

    Attributes:
        rows: applicants in it.
        predicted: their mean PD.
        observed: share that defaulted, with its interval over blocks.
    """

    rows: int
    predicted: float
    observed: Interval


def plain(figure: float) -> float | None:
    """A figure as JSON can hold it: six digits, None for NaN."""
    return None if np.isnan(figure) else round(float(figure), 6)


class RankedRisk:
    """Applicants in the order of their risk, ready to be weighted again and again.

    Args:
        risk: (n,) float64, no NaN.
        default: (n,) bool.

    Raises:
        DataError: shapes differ, or a risk is NaN.
    """

    __slots__ = ("_default", "_order", "_starts")

    def __init__(self, risk: Floats, default: Bools) -> None:
        if risk.shape != default.shape or np.isnan(risk).any():
            raise DataError("RISK_VALUE", "A risk figure is missing, or there is not one for each outcome.")
        self._order = np.argsort(-risk, kind="stable")
        ranked = risk[self._order]
        self._starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]]) if len(risk) else np.zeros(0, np.intp)
        self._default = default[self._order]

    def separation(self, weights: Floats) -> tuple[Floats, Floats]:
        """KS and Gini, (b,) each, under weights (b, n); NaN where one of the two outcomes has no weight."""
        ranked = weights[:, self._order]
        bad = np.add.reduceat(ranked * self._default, self._starts, axis=1)
        good = np.add.reduceat(ranked * ~self._default, self._starts, axis=1)
        with np.errstate(invalid="ignore"):
            bad_share = np.cumsum(bad, axis=1) / bad.sum(axis=1, keepdims=True)
            good_share = np.cumsum(good, axis=1) / good.sum(axis=1, keepdims=True)
            before = np.c_[np.zeros(len(bad)), bad_share[:, :-1]]
            area = ((bad_share + before) / 2 * good / good.sum(axis=1, keepdims=True)).sum(axis=1)
        return np.abs(bad_share - good_share).max(axis=1), 2 * area - 1


def separation(risk: Floats, default: Bools) -> Separation:
    """KS, the greatest distance between the distributions of risk of goods and bads, and Gini = 2 AUC - 1.

    Ties count half. NaN where all or none defaulted.
    """
    if not len(risk):
        return Separation(float("nan"), float("nan"))
    ks, gini = RankedRisk(risk, default).separation(np.ones((1, len(risk))))
    return Separation(float(ks[0]), float(gini[0]))


def separation_intervals(
    risk: Floats, default: Bools, block: npt.NDArray[np.object_], rng: np.random.Generator
) -> tuple[Interval, Interval]:
    """KS and Gini with 95 % intervals over blocks, (n,) each.

    KS is a maximum, and a resample's is a little greater than the sample's: its interval lies high where defaults are
    few.
    """
    found = separation(risk, default)
    ranked = RankedRisk(risk, default)
    draws = [ranked.separation(weights) for weights in block_weights(block, rng)]
    ks, gini = (np.concatenate(parts) for parts in zip(*draws, strict=True))
    return interval(found.ks, ks), interval(found.gini, gini)


def block_weights(
    block: npt.NDArray[np.object_], rng: np.random.Generator, resamples: int = RESAMPLES
) -> Iterator[Floats]:
    """Weights (b, n) of rows in resamples of whole blocks, some resamples at a time: how often each row was drawn."""
    names, inverse = np.unique(block.astype(str), return_inverse=True)
    at_once = max(1, _CELLS // max(len(block), 1))
    for start in range(0, resamples, at_once):
        size = min(at_once, resamples - start)
        times = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=size)
        yield times[:, inverse].astype(np.float64)


def interval(value: float, draws: Floats) -> Interval:
    """Interval from the percentiles of resamples; those that hold one outcome only are left out."""
    usable = draws[~np.isnan(draws)]
    if not len(usable):
        return Interval(value, float("nan"), float("nan"))
    low, high = np.quantile(usable, [0.025, 0.975])
    return Interval(value, float(low), float(high))


def stability_index(expected: npt.NDArray[np.generic], actual: npt.NDArray[np.generic], bins: int = 10) -> float:
    """Population stability index: sum of (a - e) ln(a / e) over bins.

    Numbers are cut at quantiles of `expected`; missing values (NaN, None) are a bin of their own. Words are bins.

    Args:
        expected: (n,) values when the card was made.
        actual: (m,) values now.
        bins: of numbers.

    Raises:
        DataError: one of the two holds nothing.
    """
    if not len(expected) or not len(actual):
        raise DataError("RISK_EMPTY", "A stability index needs rows on both sides.")
    cut = _cut_numbers if expected.dtype.kind in "biuf" else _cut_words
    left, right = cut(expected, actual, bins)
    size = int(max(left.max(), right.max())) + 1
    shares = [np.bincount(side, minlength=size) / len(side) for side in (left, right)]
    was, now = (np.maximum(share, _LEAST_SHARE) for share in shares)
    return float(np.sum((now - was) * np.log(now / was)))


def calibration_table(
    predicted: Floats,
    default: Bools,
    block: npt.NDArray[np.object_],
    rng: np.random.Generator,
    bands: int = 10,
) -> list[CalibrationRow]:
    """Predicted against observed default by bands of predicted PD, about equally full; equal PDs stay together.

    Args:
        predicted: (n,) PD, no NaN.
        default: (n,) bool.
        block: (n,) block of each row; intervals draw whole blocks.
        rng: of the bootstrap.
        bands: at most so many.
    """
    edges = np.unique(np.quantile(predicted, np.linspace(0, 1, bands + 1)[1:-1]))
    places = np.searchsorted(edges, predicted, side="left")
    member = np.equal.outer(np.unique(places), places)
    draws = np.concatenate([_rates(weights, member, default) for weights in block_weights(block, rng)])
    return [
        CalibrationRow(
            int(rows.sum()), float(predicted[rows].mean()), interval(float(default[rows].mean()), draws[:, number])
        )
        for number, rows in enumerate(member)
    ]


def _rates(weights: Floats, member: Bools, default: Bools) -> Floats:
    """Observed rate (b, bands) of each resample."""
    with np.errstate(invalid="ignore"):
        return np.asarray((weights @ (member & default).T) / (weights @ member.T), dtype=np.float64)


def _cut_numbers(
    expected: npt.NDArray[np.generic], actual: npt.NDArray[np.generic], bins: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    was, now = expected.astype(np.float64), actual.astype(np.float64)
    known = was[~np.isnan(was)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, bins + 1)[1:-1])) if len(known) else np.zeros(0)
    places = (np.searchsorted(edges, side, side="left") for side in (was, now))
    left, right = (
        np.where(np.isnan(side), len(edges) + 1, place) for side, place in zip((was, now), places, strict=True)
    )
    return left.astype(np.intp), right.astype(np.intp)


def _cut_words(
    expected: npt.NDArray[np.generic], actual: npt.NDArray[np.generic], _bins: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    _, places = np.unique(np.r_[expected.astype(str), actual.astype(str)], return_inverse=True)
    return places[: len(expected)].astype(np.intp), places[len(expected) :].astype(np.intp)
