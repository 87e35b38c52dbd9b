from __future__ import annotations

import math
from datetime import date

import numpy as np

from models.novelty import NoveltyModel, novelty_limit, on_training_grid, risk_limit
from models.series.sample import SeriesSet, grid_starts


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


def _fitted(labelled: SeriesSet, keys: tuple[str, ...]) -> NoveltyModel:
    known = labelled.take(np.isin(labelled.crop.astype(str), keys))
    return NoveltyModel.fit(known, np.array([keys.index(crop) for crop in known.crop]), len(keys), seed=0)


def _named(series: SeriesSet, keys: tuple[str, ...]) -> np.ndarray:
    """What each is called: its own crop where that is known, else the first."""
    return np.array([keys.index(crop) if crop in keys else 0 for crop in series.crop])


def test_a_crop_that_was_never_shown_is_more_novel(labelled: SeriesSet) -> None:
    learn = np.arange(len(labelled)) % 2 == 0
    model = _fitted(labelled.take(learn), ("wheat", "grass"))
    asked = labelled.take(~learn)
    novelty = model.novelty(asked.values, _named(asked, ("wheat", "grass")))
    strange = asked.crop == "maize"
    assert np.median(novelty[~strange]) < 0.3
    assert (novelty[strange] > np.quantile(novelty[~strange], 0.95)).mean() > 0.9


def test_it_ships_in_few_bytes_and_says_the_same(labelled: SeriesSet) -> None:
    model = _fitted(labelled, ("wheat", "maize", "grass"))
    tensors = model.tensors()
    assert sum(tensor.nbytes for tensor in tensors.values()) < 1_000_000
    again = NoveltyModel.from_tensors(tensors)
    named = _named(labelled, ("wheat", "maize", "grass"))
    np.testing.assert_allclose(again.novelty(labelled.values, named), model.novelty(labelled.values, named), atol=1e-3)


def test_nothing_clear_has_no_novelty_and_no_series_none(labelled: SeriesSet) -> None:
    model = _fitted(labelled, ("wheat", "maize"))
    nobody = np.zeros(2, dtype=int)
    assert np.isnan(model.novelty(np.full_like(labelled.values[:2], np.nan), nobody)).all()
    assert model.novelty(labelled.values[:0], nobody[:0]).shape == (0,)


def test_steps_of_any_season_find_their_slots() -> None:
    dates = [date(2018, 7, 26), date(2018, 12, 5), date(2019, 5, 16)]
    values = np.arange(3, dtype=np.float32)[None, :, None] * np.ones((1, 1, 10), dtype=np.float32)
    laid = on_training_grid(values, dates, 2019)
    seen = {grid_starts(2019)[slot]: laid[0, slot, 0] for slot in np.flatnonzero(np.isfinite(laid[0, :, 0]))}
    assert seen == {date(2018, 12, 1): 1.0, date(2019, 5, 11): 2.0}
