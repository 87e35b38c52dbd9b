from __future__ import annotations

import numpy as np
import pytest

from models.evaluation.early import early_season, until
from models.series.sample import SeriesSet, grid_days

CLASSES = ("wheat", "maize", "grass")


def _separable_from(series: SeriesSet, first_day: float) -> np.ndarray:
    """Logits that know the crop once something of a series after a day is seen, and nothing before."""
    clear = np.isfinite(series.values).all(axis=2)
    seen = clear[:, grid_days() >= first_day].any(axis=1)
    right = np.array([CLASSES.index(crop) for crop in series.crop])
    logits = np.zeros((len(series), len(CLASSES)))
    logits[np.flatnonzero(seen), right[seen]] = 4
    return logits + np.random.default_rng(3).normal(0, 0.1, logits.shape)


def test_nothing_after_the_month_is_left(labelled: SeriesSet) -> None:
    cut = until(labelled, 5)
    clear = np.isfinite(cut.values).all(axis=2).any(axis=0)
    assert grid_days()[clear].max() < 151  # 31 May is day 150 from 1 January
    assert np.isfinite(until(labelled, 12).values).all(axis=2).any(axis=0)[grid_days() > 330].any()


def test_figures_rise_once_the_crop_shows(labelled: SeriesSet) -> None:
    fold = np.arange(len(labelled)) % 3
    rows = early_season(labelled, CLASSES, fold, lambda cut: _separable_from(cut, 120), 0.9, months=(3, 7))
    march, july = rows
    assert (march.month, july.month) == (3, 7)
    assert march.overall < 0.6
    assert march.share_decided < 0.5
    assert march.coverage >= 0.8
    assert july.overall > 0.95
    assert july.share_decided > 0.8
    assert july.right_of_decided is not None
    assert july.right_of_decided > 0.95


def test_a_threshold_is_never_set_by_those_it_judges(labelled: SeriesSet) -> None:
    with pytest.raises(ValueError, match="two folds"):
        early_season(labelled, CLASSES, np.zeros(len(labelled), dtype=int), lambda cut: np.zeros((len(cut), 3)), 0.9)
