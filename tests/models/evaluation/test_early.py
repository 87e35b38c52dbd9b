from __future__ import annotations

import numpy as np

from models.evaluation.early import early_season
from models.evaluation.heldout import targets_of
from models.evaluation.states import states
from models.evaluation.zones import CrossFitted
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


def test_figures_rise_once_the_crop_shows(labelled: SeriesSet) -> None:
    fold = np.arange(len(labelled)) % 3
    target = targets_of(labelled, CLASSES)
    seen = list(states(labelled, lambda cut: _separable_from(cut, 120), months=(3, 7)))
    rows = early_season(labelled, target, CrossFitted.of(labelled, target, fold, seen), seen)
    march, july = rows
    assert (march.month, july.month) == (3, 7)
    assert march.series == july.series == len(labelled)
    assert march.overall < 0.6
    assert march.share_decided == 0
    assert march.right_of_decided is None
    assert march.coverage >= 0.8
    assert july.overall > 0.95
    assert july.share_decided > 0.8
    assert july.right_of_decided is not None
    assert july.right_of_decided > 0.95
