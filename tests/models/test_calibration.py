from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.calibration import (
    NEVER,
    block_test,
    conformal_threshold,
    design_effect,
    fit_temperature,
    probabilities_of,
    sure_threshold,
)
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


def _blocks(count: int, size: int) -> np.ndarray:
    return np.repeat(np.arange(count), size).astype(str)


def test_of_the_decided_no_more_are_wrong_than_the_risk() -> None:
    shares = []
    for seed in range(40):
        logits, target = draw(2000, np.random.default_rng(seed))
        chance = probabilities_of(logits, 1.0)
        top, right = chance.max(axis=1), chance.argmax(axis=1) == target
        sure = sure_threshold(top[:500], right[:500], _blocks(50, 10), 0.05)
        decided = top[500:] >= sure
        shares += [(~right[500:])[decided].mean()] if decided.any() else []
    assert len(shares) > 20
    assert np.mean(shares) <= 0.05


def test_nothing_is_decided_where_errors_are_common_or_series_few() -> None:
    top, right = np.full(400, 0.99), np.arange(400) % 10 > 0
    assert sure_threshold(top, right, _blocks(40, 10), 0.05) == NEVER
    assert sure_threshold(top[:18], np.ones(18, dtype=bool), _blocks(18, 1), 0.05) == NEVER
    assert sure_threshold(top[:19], np.ones(19, dtype=bool), _blocks(19, 1), 0.05) == 0.5


def test_errors_that_come_in_blocks_count_for_fewer_series() -> None:
    top = np.full(400, 0.99)
    scattered, together = np.ones(400, dtype=bool), np.ones(400, dtype=bool)
    scattered[::25] = False
    together[:16] = False
    assert sure_threshold(top, scattered, _blocks(20, 20), 0.05) == 0.5
    assert sure_threshold(top, together, _blocks(20, 20), 0.05) == NEVER
    codes = np.repeat(np.arange(20), 20)
    assert design_effect(~together, codes) > 10
    assert design_effect(~scattered, codes) < 2
    assert design_effect(np.zeros(400, dtype=bool), codes) == 1


def test_the_block_test_keeps_its_level_and_finds_what_falls_short() -> None:
    rng = np.random.default_rng(0)
    blocks = _blocks(60, 20)
    low = [block_test(np.repeat(rng.random(60) < 0.9, 20), blocks, 0.9) <= 0.05 for _ in range(200)]
    assert np.mean(low) <= 0.07
    assert block_test(rng.random(1200) < 0.7, blocks, 0.9) < 0.05
    assert block_test(np.ones(1200, dtype=bool), blocks, 0.9) == 1
    assert block_test(np.zeros(0, dtype=bool), np.zeros(0, dtype=str), 0.9) == 1
