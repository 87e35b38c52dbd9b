from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.calibration import conformal_threshold, fit_temperature, probabilities_of
from models.decide import best_guess, crop_sets
from models.release import Release


def draw(count: int, rng: np.random.Generator, classes: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Logits and classes drawn from them: perfectly calibrated."""
    logits = rng.normal(0, 2, (count, classes))
    chance = probabilities_of(logits, 1.0)
    target = (chance.cumsum(axis=1) < rng.random((count, 1))).sum(axis=1)
    return logits, target.astype(np.intp)


def test_temperature_undoes_overconfidence() -> None:
    logits, target = draw(4000, np.random.default_rng(0))
    assert fit_temperature(logits, target) == pytest.approx(1, abs=0.1)
    assert fit_temperature(3 * logits, target) == pytest.approx(3, rel=0.1)


def test_sets_hold_the_right_class_nine_times_in_ten() -> None:
    covered = []
    for seed in range(100):
        logits, target = draw(1250, np.random.default_rng(seed))
        chance = probabilities_of(logits, 2.0)  # wrongly calibrated: the guarantee does not need more
        threshold = conformal_threshold(chance[:250], target[:250], 0.9)
        covered.append((chance[250:][np.arange(1000), target[250:]] >= threshold).mean())
    assert 0.893 <= np.mean(covered) <= 0.91


def test_too_few_series_give_sets_of_everything() -> None:
    assert conformal_threshold(np.full((5, 2), 0.5), np.zeros(5, dtype=np.intp), 0.9) == 0


@settings(max_examples=50, deadline=None)
@given(st.integers(9, 400), st.integers(0, 1000))
def test_threshold_is_the_smallest_that_keeps_the_level(count: int, seed: int) -> None:
    chance = np.random.default_rng(seed).dirichlet((1, 1, 1), count)
    target = np.zeros(count, dtype=np.intp)
    threshold = conformal_threshold(chance, target, 0.9)
    assert (chance[:, 0] >= threshold).sum() >= 0.9 * (count + 1) - 1e-9


def test_sets_are_ranked_and_may_be_empty(release: Release) -> None:
    chance = np.array([[0.3, 0.6, 0.1], [0.19, 0.19, 0.62], [np.nan] * 3], dtype=np.float32)
    assert crop_sets(chance, release.card) == [("maize", "wheat"), ("grass",), ()]
    strict = release.card.model_copy(update={"conformal": release.card.conformal.model_copy(update={"threshold": 0.7})})
    assert crop_sets(chance, strict) == [(), (), ()]
    assert best_guess(chance, release.card) == ["maize", "grass", None]
