"""How sure the network is as the season goes on: figures for series that end with each month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.cardtables import EarlySeason
from models.evaluation.scores import block_interval
from models.evaluation.states import State
from models.evaluation.zones import CrossFitted, whole_seasons
from models.series.sample import SeriesSet

Indices = NDArray[np.intp]
Bools = NDArray[np.bool_]

#: Whole seasons, with something clear by then, from which a source gets a figure.
_LEAST: Final = 30


@dataclass(frozen=True, slots=True)
class _Seen:
    """Series seen until the end of a month: which, and whether right, covered and decided."""

    rows: Indices
    right: Bools
    covered: Bools
    decided: Bools

    @classmethod
    def of(cls, target: Indices, use: Bools, fitted: CrossFitted, parts: Sequence[State]) -> _Seen:
        """Series that no state has thinned, from all states of a month."""
        kept = [state.whole & use[state.rows] for state in parts]
        said = [fitted.judge_state(state) for state in parts]
        rows = np.concatenate([state.rows[of] for state, of in zip(parts, kept, strict=True)])
        chance, inside = (np.concatenate([each[k][of] for each, of in zip(said, kept, strict=True)]) for k in (0, 1))
        own = target[rows]
        return cls(
            rows, chance.argmax(axis=1) == own, inside[np.arange(len(own)), own].astype(bool), inside.sum(axis=1) == 1
        )

    def take(self, chosen: Bools) -> _Seen:
        return _Seen(self.rows[chosen], self.right[chosen], self.covered[chosen], self.decided[chosen])


def early_season(
    series: SeriesSet, target: Indices, fitted: CrossFitted, seen: Sequence[State]
) -> tuple[EarlySeason, ...]:
    """Accuracy of each real source by the last month seen, from networks that had not seen the block.

    Temperatures and thresholds are those of the month and of as many clear steps, fitted on the other folds. Single
    cycles and series with nothing clear by then are left out.

    Args:
        series: labelled series, n of them.
        target: (n,) class indices.
        fitted: calibrations of every fold by the others.
        seen: states of the series.
    """
    use = whole_seasons(series) & ~series.simulated
    rows: list[EarlySeason] = []
    for month in sorted({state.month for state in seen}):
        known = _Seen.of(target, use, fitted, [state for state in seen if state.month == month])
        rows += _by_source(series, month, known)
    return tuple(rows)


def _by_source(series: SeriesSet, month: int, seen: _Seen) -> list[EarlySeason]:
    source = series.source[seen.rows].astype(str)
    parts = ((str(name), seen.take(source == name)) for name in np.unique(source))
    return [
        _row(name, month, part, series.block[part.rows].astype(str)) for name, part in parts if len(part.rows) >= _LEAST
    ]


def _row(source: str, month: int, seen: _Seen, blocks: NDArray[np.str_]) -> EarlySeason:
    low, high = block_interval(seen.right, blocks, np.random.default_rng(0))
    sure = seen.right[seen.decided]
    return EarlySeason(
        source=source,
        month=month,
        series=len(seen.rows),
        overall=round(float(seen.right.mean()), 4),
        low=round(low, 4),
        high=round(high, 4),
        coverage=round(float(seen.covered.mean()), 4),
        share_decided=round(float(seen.decided.mean()), 4),
        right_of_decided=round(float(sure.mean()), 4) if sure.size else None,
    )
