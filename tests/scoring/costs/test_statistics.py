from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from scoring.costs.statistics import Statistic, bootstrap, central

FIGURES = st.lists(st.floats(0, 1e6), min_size=1, max_size=40).map(np.array)


@given(FIGURES)
def test_equal_weights_give_the_usual_median(values: np.ndarray) -> None:
    weights = np.full(len(values), 0.3)
    assert central(values, weights, Statistic.MEDIAN, 0.1) == pytest.approx(np.median(values))


@given(FIGURES)
def test_equal_weights_give_the_usual_trimmed_mean(values: np.ndarray) -> None:
    ten = np.repeat(values, 10)  # a tenth is then a whole number of farms
    found = central(ten, np.ones(len(ten)), Statistic.TRIMMED_MEAN, 0.1)
    assert found == pytest.approx(stats.trim_mean(ten, 0.1), abs=1e-6)


@given(FIGURES, st.data())
def test_a_weight_of_three_is_three_farms(values: np.ndarray, data: st.DataObject) -> None:
    weights = np.array(data.draw(st.lists(st.integers(1, 4), min_size=len(values), max_size=len(values))))
    for statistic in Statistic:
        repeated = np.repeat(values, weights)
        assert central(values, weights.astype(float), statistic, 0.2) == pytest.approx(
            central(repeated, np.ones(len(repeated)), statistic, 0.2), abs=1e-6
        )


def test_an_untrimmed_mean_is_the_mean() -> None:
    values = np.array([1.0, 2.0, 9.0])
    assert central(values, np.ones(3), Statistic.TRIMMED_MEAN, 0.0) == pytest.approx(4.0)


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    random = np.random.default_rng(4)
    hits = 0
    for trial in range(200):
        values = np.exp(random.normal(0, 0.5, 60))
        low, high = bootstrap(values, np.ones(60), Statistic.MEDIAN, 0.1, confidence=0.9, resamples=200, seed=trial)
        hits += low <= 1 <= high
    assert 0.84 <= hits / 200 <= 0.96


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.arange(50.0)
    first, again = (
        bootstrap(values, np.ones(50), Statistic.TRIMMED_MEAN, 0.1, confidence=0.95, resamples=300, seed=7)
        for _ in range(2)
    )
    assert first == again
    assert first[0] < 24.5 < first[1]
