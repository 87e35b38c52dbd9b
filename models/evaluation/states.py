"""Labelled series as a lender may know them: seen until some month only, and in few clear steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.series.sample import SeriesSet, grid_starts
from models.timegrid import month_of_main_year

Indices = NDArray[np.intp]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Logits (n, classes) of series on the training grid by the network of the fold that had left them out.
HeldOutLogits = Callable[[SeriesSet], Floats]

#: Novelty (n,) of the same for what their logits (n, classes) call them, by machines that had not seen their blocks.
HeldOutNovelty = Callable[[SeriesSet, Floats], Floats]

#: Months of the main year after which a figure is given.
MONTHS: Final = tuple(range(1, 13))

#: Least clear ten-day steps of each class of series.
CLEAR_STEPS: Final = (1, 4, 7, 11, 16, 24)

_REFERENCE_YEAR: Final = 2018


@dataclass(frozen=True, slots=True)
class State:
    """Series seen until the end of a month, in a class of clear steps.

    Attributes:
        month: last month seen, of the main year.
        column: place of the class in CLEAR_STEPS.
        rows: (k,) which of the series have as many clear steps by then; any that have more were thinned at random.
        whole: (k,) those that were not thinned.
        logits: (k, classes) by networks that had not seen their blocks.
        novelty: (k,) by machines that had not seen them either; 0 where none was asked.
    """

    month: int
    column: int
    rows: Indices
    whole: Bools
    logits: Floats
    novelty: Floats


def until(series: SeriesSet, month: int) -> SeriesSet:
    """The same series with nothing after the last day of a month of the main year."""
    following = date(_REFERENCE_YEAR + month // 12, month % 12 + 1, 1)
    last = following - timedelta(days=1)
    return series.within(-np.inf, (last - date(_REFERENCE_YEAR, 1, 1)).days)


def clear_steps_of(values: NDArray[np.float32]) -> Indices:
    """Clear ten-day steps of series (n, slots, bands), (n,)."""
    return np.asarray(np.isfinite(values).all(axis=2).sum(axis=1), dtype=np.intp)


def last_months_of(values: NDArray[np.float32]) -> Indices:
    """Last month of the main year in which series (n, slots, bands) on the training grid are clear, (n,) 1 to 12."""
    clear = np.asarray(np.isfinite(values).all(axis=2))
    last = clear.shape[1] - 1 - clear[:, ::-1].argmax(axis=1)
    months = [month_of_main_year(start, _REFERENCE_YEAR) for start in grid_starts(_REFERENCE_YEAR)]
    return np.where(clear.any(axis=1), np.array(months, dtype=np.intp)[last], 1)


def states(
    series: SeriesSet,
    logits: HeldOutLogits,
    novelty: HeldOutNovelty | None = None,
    months: Sequence[int] = MONTHS,
    seed: int = 0,
) -> Iterator[State]:
    """All states that some of the series can be in.

    Args:
        series: labelled series.
        logits: of the same series in another state, in the same order.
        novelty: likewise; None for a network that ships without.
        months: of the main year.
        seed: of the thinning.
    """
    for month in months:
        cut = until(series, month)
        count = clear_steps_of(cut.values)
        for column, least in enumerate(CLEAR_STEPS):
            rows = np.flatnonzero(count >= least)
            if not rows.size:
                break
            most = CLEAR_STEPS[column + 1] - 1 if column + 1 < len(CLEAR_STEPS) else int(count.max())
            thinned = _thinned(cut, least, most, np.random.default_rng((seed, month, column)))
            said = logits(thinned)
            strange = np.zeros(len(rows)) if novelty is None else novelty(thinned, said)[rows]
            yield State(month, column, rows, count[rows] <= most, said[rows], strange)


def _thinned(series: SeriesSet, least: int, most: int, rng: np.random.Generator) -> SeriesSet:
    """Series with more than `most` clear steps lose some at random until `least` to `most` are left."""
    clear = np.asarray(np.isfinite(series.values).all(axis=2))
    kept = np.where(clear.sum(axis=1) > most, rng.integers(least, most + 1, len(series)), clear.shape[1])
    place = np.argsort(np.argsort(-np.where(clear, rng.random(clear.shape), -1.0), axis=1), axis=1)
    gone = (place >= kept[:, None])[..., None]
    return replace(series, values=np.where(gone, np.float32(np.nan), series.values))
