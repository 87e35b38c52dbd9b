"""The network that tells panels: samples of scenes, and the same weights from the same samples."""

from __future__ import annotations

import numpy as np

from models.sites.panels import FEATURES
from models.training.panels import FIRST_SEED, PanelPlan, draw_samples, fit_panels


def test_scenes_of_what_is_taken_for_panels_hold_no_panels_and_the_others_do() -> None:
    without = next(seed for seed in range(FIRST_SEED, FIRST_SEED + 3) if seed % 3 == 0)
    features, shares = draw_samples(without)
    assert features.shape == (len(shares), FEATURES)
    assert len(shares) > 0
    assert (shares == 0).all()
    assert draw_samples(without + 1)[1].max() > 0.9


def test_the_same_samples_give_the_same_weights_and_these_tell_what_they_learned() -> None:
    random = np.random.default_rng(5)
    features = random.normal(size=(6000, FEATURES)).astype(np.float32)
    shares = (features[:, 0] > 0).astype(np.float32)
    plan = PanelPlan(epochs=20, batch=500)
    one, other = fit_panels(features, shares, plan), fit_panels(features, shares, plan)
    for name, values in one.items():
        np.testing.assert_array_equal(values, other[name])
    layer = np.maximum((features - one["centre"]) / one["spread"] @ one["matrix0"] + one["offset0"], 0)
    layer = np.maximum(layer @ one["matrix1"] + one["offset1"], 0)
    said = (layer @ one["matrix2"] + one["offset2"])[:, 0] > 0
    assert (said == (shares > 0)).mean() > 0.95
