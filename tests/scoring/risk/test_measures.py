"""KS, Gini, PSI and calibration, against scikit-learn and against hand-made cases."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import roc_auc_score, roc_curve

from geo.errors import DataError, InputError
from scoring.risk.measures import (
    RankedRisk,
    block_weights,
    calibration_table,
    separation,
    separation_intervals,
    stability_index,
)
from scoring.risk.report import measure_pd

outcomes = st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=60)


@settings(max_examples=30)
@given(outcomes)
def test_gini_and_ks_agree_with_scikit_learn(rows) -> None:
    risk = np.array([row[0] for row in rows], dtype=float)
    default = np.array([row[1] for row in rows])
    found = separation(risk, default)
    if default.all() or not default.any():
        assert np.isnan([found.gini, found.ks]).all()
        return
    false_rate, true_rate, _ = roc_curve(default, risk, drop_intermediate=False)
    assert found.gini == pytest.approx(2 * roc_auc_score(default, risk) - 1)
    assert found.ks == pytest.approx(np.abs(true_rate - false_rate).max())


def test_weights_count_rows_as_often_as_they_say() -> None:
    rng = np.random.default_rng(0)
    risk, default = rng.integers(0, 9, 80).astype(float), rng.random(80) < 0.3
    weights = rng.integers(0, 4, (5, 80)).astype(float)
    _, gini = RankedRisk(risk, default).separation(weights)
    said = [2 * roc_auc_score(default, risk, sample_weight=weight) - 1 for weight in weights]
    assert gini.tolist() == pytest.approx(said)


def test_resamples_draw_whole_blocks() -> None:
    block = np.array(["a", "a", "b", "c", "c", "c"], dtype=object)
    weights = np.concatenate(list(block_weights(block, np.random.default_rng(0), 50)))
    assert (weights[:, 0] == weights[:, 1]).all()
    assert (weights[:, [0, 2, 3]].sum(axis=1) == 3).all()


def test_intervals_over_blocks_are_wider_than_over_rows_where_blocks_matter() -> None:
    rng = np.random.default_rng(3)
    block = np.repeat(np.arange(20), 50).astype(object)
    level = rng.standard_normal(20)[block.astype(int)]
    default = rng.random(1000) < 1 / (1 + np.exp(1 - 2 * level))
    wide = separation_intervals(level, default, block, np.random.default_rng(0))[1]
    narrow = separation_intervals(level, default, np.arange(1000).astype(object), np.random.default_rng(0))[1]
    assert wide.low < wide.value < wide.high
    assert wide.high - wide.low > 1.5 * (narrow.high - narrow.low)


def test_calibration_agrees_with_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    predicted = rng.random(5000) * 0.4
    default = rng.random(5000) < predicted
    block = rng.integers(0, 40, 5000).astype(object)
    rows = calibration_table(predicted, default, block, np.random.default_rng(0))
    observed, mean = calibration_curve(default, predicted, n_bins=10, strategy="quantile")
    assert [row.observed.value for row in rows] == pytest.approx(observed.tolist())
    assert [row.predicted for row in rows] == pytest.approx(mean.tolist())
    assert sum(row.rows for row in rows) == 5000
    assert sum(row.observed.low <= row.predicted <= row.observed.high for row in rows) >= 8


def test_equal_predictions_make_one_band() -> None:
    block = np.array(["a", "b"] * 10, dtype=object)
    rows = calibration_table(np.full(20, 0.5), block == "a", block, np.random.default_rng(0))
    assert [(row.rows, row.predicted, row.observed.value) for row in rows] == [(20, 0.5, 0.5)]


def test_stability_by_hand() -> None:
    was = np.array(["a"] * 50 + ["b"] * 50, dtype=object)
    now = np.array(["a"] * 80 + ["b"] * 20, dtype=object)
    assert stability_index(was, now) == pytest.approx(0.3 * np.log(1.6) - 0.3 * np.log(0.4))


def test_stability_is_nothing_without_a_shift_and_finite_with_new_values() -> None:
    was = np.arange(1000.0)
    assert stability_index(was, was[::-1]) == 0
    assert 1 < stability_index(was, was + 2000) < 10
    assert stability_index(was, np.where(was < 300, np.nan, was)) > 0.25


def test_stability_of_nothing_refuses() -> None:
    with pytest.raises(DataError, match="both sides"):
        stability_index(np.zeros(0), np.ones(3))


def test_a_missing_risk_refuses() -> None:
    with pytest.raises(DataError, match="missing"):
        RankedRisk(np.array([0.1, np.nan]), np.array([True, False]))


def _judged(**changed) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    chance = rng.random(400) * 0.5
    columns = {"pd": chance, "default": (rng.random(400) < chance).astype(int), "branch": rng.integers(0, 25, 400)}
    return pd.DataFrame(columns | changed)


def test_everything_of_a_pd_at_once() -> None:
    found = measure_pd(_judged(), "default", "pd", "branch", earlier=_judged(pd=np.linspace(0, 1, 400)))
    assert found.gini.low < found.gini.value < found.gini.high
    assert found.blocks == 25
    assert found.stability > 0.25
    assert set(found.as_dict()) == {"rows", "defaults", "blocks", "gini", "ks", "calibration", "psi"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"pd": 1.5}, "no probability"),
        ({"default": 2}, "neither 0 nor 1"),
        ({"branch": None}, "no 'branch'"),
    ],
)
def test_a_table_that_cannot_be_measured_is_named(changed, said) -> None:
    with pytest.raises(InputError, match=said):
        measure_pd(_judged(**changed), "default", "pd", "branch")
