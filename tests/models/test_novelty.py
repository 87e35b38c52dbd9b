from __future__ import annotations

import math

import numpy as np

from models.novelty import novelty_limit, risk_limit


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
