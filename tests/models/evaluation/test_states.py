from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.evaluation.states import CLEAR_STEPS, clear_steps_of, last_months_of, states, until
from models.series.sample import SeriesSet, grid_days


def test_nothing_after_the_month_is_left(labelled: SeriesSet) -> None:
    cut = until(labelled, 5)
    clear = np.isfinite(cut.values).all(axis=2).any(axis=0)
    assert grid_days()[clear].max() < 151  # 31 May is day 150 from 1 January
    assert set(last_months_of(cut.values)) <= {4, 5}
    assert np.isfinite(until(labelled, 12).values).all(axis=2).any(axis=0)[grid_days() > 330].any()


def test_a_series_never_clear_ends_before_the_year(labelled: SeriesSet) -> None:
    nothing = replace(labelled, values=np.full_like(labelled.values, np.nan))
    assert set(last_months_of(nothing.values)) == {1}


def test_states_hold_as_many_clear_steps_as_their_class_says(labelled: SeriesSet) -> None:
    shown: list[SeriesSet] = []

    def logits(cut: SeriesSet) -> np.ndarray:
        shown.append(cut)
        return np.zeros((len(cut), 3))

    seen = list(states(labelled, logits, months=(6, 12)))
    assert {state.month for state in seen} == {6, 12}
    for state, cut in zip(seen, shown, strict=True):
        steps = clear_steps_of(cut.values)[state.rows]
        least = CLEAR_STEPS[state.column]
        most = CLEAR_STEPS[state.column + 1] - 1 if state.column + 1 < len(CLEAR_STEPS) else np.inf
        assert least <= steps.min()
        assert steps.max() <= most
        full = clear_steps_of(until(labelled, state.month).values)[state.rows]
        assert (steps[state.whole] == full[state.whole]).all()
        assert (steps[~state.whole] < full[~state.whole]).all()
