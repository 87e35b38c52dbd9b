from __future__ import annotations

import numpy as np
import pytest

from models.series.sample import SeriesSet, grid_days
from models.training.kernels import convolution_features, kernel_logits, plain_features


def test_features_have_no_gaps_and_repeat(labelled: SeriesSet) -> None:
    values = labelled.values[:20]
    plain = plain_features(values, grid_days())
    assert plain.shape == (20, len(grid_days()) * 15)
    one, again, other = (convolution_features(values, grid_days(), seed) for seed in (1, 1, 2))
    assert np.isfinite(plain).all()
    assert np.isfinite(one).all()
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("convolved", [False, True])
def test_both_ways_of_listening_tell_crops_apart(labelled: SeriesSet, convolved: bool) -> None:
    values, days = labelled.values, grid_days()
    features = convolution_features(values, days, 0) if convolved else plain_features(values, days)
    target = np.unique(labelled.crop, return_inverse=True)[1]
    known = np.arange(len(target)) % 4 == 0
    (said,) = kernel_logits(features[known], target[known], 3, [features[~known]])
    assert np.exp(said).sum(axis=1) == pytest.approx(1)
    assert (said.argmax(axis=1) == target[~known]).mean() > 0.95


def test_frequencies_in_training_do_not_count() -> None:
    rng = np.random.default_rng(0)
    target = np.repeat([0, 1], [900, 100])
    features = rng.normal(target[:, None] * 2.0, 1.0, (1000, 1))
    (said,) = kernel_logits(features, target, 2, [np.array([[1.0], [0.5], [1.5]])])
    assert abs(said[0, 0] - said[0, 1]) < 0.6
    assert said[1].argmax() == 0
    assert said[2].argmax() == 1
