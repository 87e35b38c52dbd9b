from __future__ import annotations

import math

import numpy as np
import pytest

from models.novelty import class_distance, neighbour_distance, novelty_limit, risk_limit


def test_what_lies_apart_is_farther_by_either_distance() -> None:
    rng = np.random.default_rng(0)
    target = np.repeat([0, 3], 50).astype(np.intp)
    known = rng.normal(0, 0.1, (100, 4)) + np.where(target[:, None] == 0, [1, 0, 0, 0], [0, 1, 0, 0])
    near, far = known[:5] + 0.01, np.tile([0.0, 0, 1, 1], (5, 1))
    assert neighbour_distance(near, known).max() < neighbour_distance(far, known).min()
    assert class_distance(near, known, target).max() < class_distance(far, known, target).min()
    assert neighbour_distance(near, known[:1], nearest=7).shape == (5,)


def test_neighbours_are_ranked_by_distance() -> None:
    known = np.array([[1.0, 0], [0, 1], [-1, 0]])
    asked = np.array([[2.0, 0]])
    found = [neighbour_distance(asked, known, nearest)[0] for nearest in (1, 2, 3)]
    assert found == pytest.approx([0, math.sqrt(2), 2])


def test_the_limit_lets_the_share_pass_and_refuses_what_it_cannot_promise() -> None:
    passed = []
    for seed in range(300):
        drawn = np.random.default_rng(seed).normal(size=200)
        passed.append((drawn[100:] <= novelty_limit(drawn[:100], 0.9)).mean())
    assert 0.895 <= np.mean(passed) <= 0.915
    assert novelty_limit(np.zeros(5), 0.95) == math.inf


def test_at_most_the_allowed_share_of_strangers_is_decided() -> None:
    decided = []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        novelty, single = rng.random(80), rng.random(80) < 0.7
        limit = risk_limit(novelty[:40], single[:40], 0.25)
        decided.append((single[40:] & (novelty[40:] <= limit)).mean())
    assert 0.2 <= np.mean(decided) <= 0.25


def test_few_strangers_allow_nothing_and_harmless_ones_everything() -> None:
    assert risk_limit(np.array([0.5, 0.6]), np.array([True, True]), 0.25) == -math.inf
    assert risk_limit(np.arange(40.0), np.zeros(40, dtype=bool), 0.25) == math.inf
