"""Thinning: shares by mixing, what a gap and a greater loss do, live against hindsight, and findings of a watch."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import DataError
from geo.season import Season
from scoring.alerts.findings import Findings
from scoring.alerts.rules import load_rules
from scoring.growth.trees.findings import CLEARING, THINNING, stand_findings
from scoring.growth.trees.thinning import ThinningRule, find_thinning, past_thinning
from scoring.growth.watching.fields import SeasonLooks
from scoring.growth.watching.run import watched_run
from tests.scoring.growth.watched import AT, fields_of

DAYS = np.datetime64("2024-01-05") + 10 * np.arange(36).astype("timedelta64[D]")
_KIND = 0.8 + 0.05 * np.sin(np.arange(36) / 5)
_BARE = np.full(36, 0.3)
_AT = 18


def _lost(share: float, n: int = 20, noise: float = 0.01, seed: int = 1) -> np.ndarray:
    mixed = (1 - share) * _KIND + share * _BARE
    series = np.where(np.arange(36) >= _AT, mixed, _KIND) - 0.02
    return series + np.random.default_rng(seed).normal(0, noise, (n, 36))


@pytest.mark.parametrize("share", [0.2, 0.4, 0.8])
def test_a_known_share_is_found_on_its_day(share: float) -> None:
    index = _lost(share)
    live = find_thinning(index, DAYS, _KIND, _BARE, ThinningRule(limit=1.5))
    assert live.raised[:, -1].all()
    assert np.abs(live.share[:, -1] - share).max() < 0.1
    assert not live.raised[:, :_AT].any()
    past = past_thinning(index, DAYS, _KIND, _BARE)
    assert (past.status == "OK").all()
    assert np.abs((past.day - DAYS[_AT]) / np.timedelta64(1, "D")).max() <= 20
    assert ((past.low <= share) & (share <= past.high)).all()


def test_untouched_stands_lose_nothing() -> None:
    assert not find_thinning(_lost(0.0), DAYS, _KIND, _BARE).raised.any()


def test_haze_over_all_is_no_loss() -> None:
    haze = np.where(np.arange(36) >= _AT, 0.2, 0.0)
    assert not find_thinning(_lost(0.0) - haze, DAYS, _KIND - haze, _BARE).raised.any()


def test_few_looks_tell_nothing() -> None:
    index = np.where(np.arange(36) < 5, _lost(0.5), np.nan)
    assert not find_thinning(index, DAYS, _KIND, _BARE).judged.any()
    past = past_thinning(index, DAYS, _KIND, _BARE)
    assert (past.status == "NOT_VALID").all()
    assert np.isnan(past.share).all()


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(DataError, match="do not fit together"):
        find_thinning(_lost(0.0), DAYS[:5], _KIND, _BARE)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_a_gap_never_raises(seed: int) -> None:
    rng = np.random.default_rng(seed)
    index = np.where(rng.uniform(size=(20, 36)) < 0.5, _lost(rng.uniform(0, 0.8), seed=seed), np.nan)
    found = find_thinning(index, DAYS, _KIND, _BARE)
    assert not (found.judged & np.isnan(index)).any()
    assert not (found.raised & ~found.judged).any()
    cut = int(rng.integers(10, 36))
    gone = np.where(np.arange(36) >= cut, np.nan, index)
    assert not find_thinning(gone, DAYS, _KIND, _BARE).raised[:, cut:].any()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(10, 35))
def test_a_greater_loss_is_never_less(seed: int, since: int) -> None:
    rng = np.random.default_rng(seed)
    index = _lost(rng.uniform(0, 0.6), noise=0.05, seed=seed)
    worse = index - np.where(np.arange(36) >= since, rng.uniform(0, 0.3, index.shape), 0.0)
    one, two = (find_thinning(each, DAYS, _KIND, _BARE) for each in (index, worse))
    assert not (one.raised & ~two.raised).any()
    told = one.judged
    assert (two.share[told] >= one.share[told]).all()
    assert (two.score[told] >= one.score[told]).all()


@settings(max_examples=10, deadline=None)
@given(st.integers(9, 35))
def test_what_was_said_does_not_change_later(until: int) -> None:
    index = _lost(0.5, noise=0.05)
    whole = find_thinning(index, DAYS, _KIND, _BARE)
    part = find_thinning(index[:, :until], DAYS[:until], _KIND[:until], _BARE[:until])
    assert np.array_equal(part.raised, whole.raised[:, :until])
    assert np.array_equal(part.share, whole.share[:, :until], equal_nan=True)


def _orchards(shares: tuple[float, ...], crop: str = "orchard") -> list[Findings]:
    """Findings of some orchards that lose a share of their trees, with twenty whole ones around them."""
    n = len(shares) + 20
    whole = np.full((n, len(AT)), 0.75) + np.random.default_rng(3).normal(0, 0.01, (n, len(AT)))
    lost = np.array([*shares, *[0.0] * 20])[:, None] * (np.arange(len(AT)) >= 30)
    looks = SeasonLooks.of(whole - lost * (whole - 0.2), np.ones_like(whole), AT)
    season = Season(AT[0].item(), date(2018, 12, 20))
    run = watched_run(looks, fields_of([crop] * n), season, date(2019, 3, 1))
    return list(stand_findings(run, run.blocks[0]))


def test_a_watch_tells_clearing_from_thinning() -> None:
    found = _orchards((0.9, 0.5))
    assert [one.day for one in found] == sorted(one.day for one in found)
    last = {one.cause: one for one in found}
    assert last[CLEARING].raised.tolist() == [True] + [False] * 21
    assert last[THINNING].raised.tolist() == [False, True] + [False] * 20
    assert not last[THINNING].judged[0]
    assert last[THINNING].severity[1] == pytest.approx(0.5, abs=0.05)
    assert last[THINNING].event_on[1] == AT[30]
    assert last[THINNING].event_from[1] == AT[29]
    assert last[CLEARING].evidence is not None
    assert last[CLEARING].evidence.shape == (22, len(AT))
    assert {CLEARING, THINNING} <= set(load_rules("growth-1").causes)


def test_annual_crops_are_not_judged() -> None:
    assert not _orchards((0.9,), crop="maize")


def test_replaying_a_day_gives_the_same_whatever_came_later() -> None:
    rng = np.random.default_rng(5)
    n, cut = 26, date(2018, 8, 10)
    values = 0.75 + rng.normal(0, 0.02, (n, len(AT)))
    values[:4, 30:] -= 0.35
    late = AT + rng.choice([0, 1, 2, 40], values.shape, p=[0.3, 0.4, 0.2, 0.1]).astype("timedelta64[D]")
    clear = (rng.uniform(size=values.shape) < 0.7).astype(float)
    by_then = clear * (late <= np.datetime64(cut))
    field, season = fields_of(["orchard"] * n), Season(AT[0].item(), date(2018, 12, 20))
    said = []
    for seen, until in ((clear, date(2018, 12, 20)), (by_then, cut)):
        run = watched_run(SeasonLooks.of(values, seen, AT, late), field, season, until)
        said.append([one for one in stand_findings(run, run.blocks[0]) if one.day <= cut])
    assert [one.day for one in said[0]] == [one.day for one in said[1]]
    assert any(one.raised.any() for one in said[1])
    for one, two in zip(*said, strict=True):
        assert np.array_equal(one.judged, two.judged)
        assert np.array_equal(one.severity, two.severity, equal_nan=True)
