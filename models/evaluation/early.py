"""How sure the network is as the season goes on: figures for series that end with each month."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.calibration import conformal_threshold, fit_temperature, probabilities_of
from models.card import EarlySeason
from models.evaluation.heldout import targets_of
from models.evaluation.scores import block_interval
from models.series.sample import CYCLES, SeriesSet

Indices = NDArray[np.intp]

#: Logits (n, classes) of series on the training grid by the network of the fold that had left them out.
HeldOutLogits = Callable[[SeriesSet], NDArray[np.float64]]

#: Months of the main year after which a figure is given.
MONTHS: Final = tuple(range(1, 13))

#: Whole seasons, with something clear by then, from which a source gets a figure.
_LEAST: Final = 30
_REFERENCE_YEAR: Final = 2018


def until(series: SeriesSet, month: int) -> SeriesSet:
    """The same series with nothing after the last day of a month of the main year."""
    following = date(_REFERENCE_YEAR + month // 12, month % 12 + 1, 1)
    last = following - timedelta(days=1)
    return series.within(-np.inf, (last - date(_REFERENCE_YEAR, 1, 1)).days)


def early_season(
    series: SeriesSet,
    classes: tuple[str, ...],
    fold: Indices,
    logits: HeldOutLogits,
    level: float,
    months: Sequence[int] = MONTHS,
) -> tuple[EarlySeason, ...]:
    """Accuracy of each real source by the last month seen, from networks that had not seen the block.

    Temperature and threshold are fitted anew for every month, since a short series knows less; those of a fold come
    from the other folds, so that no series is judged by a threshold that it helped to set. Single cycles and series
    with nothing clear by then are left out.

    Args:
        series: labelled series, n of them.
        classes: legend keys in channel order.
        fold: (n,) fold in which each was held out.
        logits: of series cut at a month, in the same order.
        level: of the sets, 0.9.
        months: of the main year.
    """
    whole = ~series.simulated & np.array([not str(name).endswith(CYCLES) for name in series.source])
    target = targets_of(series, classes)
    rows: list[EarlySeason] = []
    for month in months:
        cut = until(series, month)
        known = np.flatnonzero(whole & np.asarray(np.isfinite(cut.values).all(axis=2)).any(axis=1))
        said = logits(cut)
        chance, inside = _calibrated_elsewhere(said[known], target[known], fold[known], level)
        rows += _by_source(series.take(known), month, target[known], chance, inside)
    return tuple(rows)


def _calibrated_elsewhere(
    logits: NDArray[np.float64], target: Indices, fold: Indices, level: float
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Probabilities (n, classes) and membership of sets, each fold by temperature and threshold of the others."""
    chance = np.zeros_like(logits)
    inside = np.zeros(logits.shape, dtype=bool)
    for number in np.unique(fold):
        here, others = fold == number, fold != number
        if not others.any():
            raise ValueError("early_season needs at least two folds")
        temperature = fit_temperature(logits[others], target[others])
        threshold = conformal_threshold(probabilities_of(logits[others], temperature), target[others], level)
        chance[here] = probabilities_of(logits[here], temperature)
        inside[here] = chance[here] >= threshold
    return chance, inside


def _by_source(
    series: SeriesSet, month: int, target: Indices, chance: NDArray[np.float64], inside: NDArray[np.bool_]
) -> list[EarlySeason]:
    right = chance.argmax(axis=1) == target
    decided = inside.sum(axis=1) == 1
    covered = inside[np.arange(len(target)), target]
    rows = []
    for source in np.unique(series.source.astype(str)):
        of = series.source == source
        if of.sum() < _LEAST:
            continue
        low, high = block_interval(right[of], series.block[of].astype(str), np.random.default_rng(0))
        sure = of & decided
        rows.append(
            EarlySeason(
                source=str(source),
                month=month,
                series=int(of.sum()),
                overall=round(float(right[of].mean()), 4),
                low=round(low, 4),
                high=round(high, 4),
                coverage=round(float(covered[of].mean()), 4),
                share_decided=round(float(decided[of].mean()), 4),
                right_of_decided=round(float(covered[sure].mean()), 4) if sure.any() else None,
            )
        )
    return rows
