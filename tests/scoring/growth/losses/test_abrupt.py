"""Abrupt losses: gaps never raise, harder falls stay raised, replay is identical, shadow is withdrawn."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import DataError
from scoring.growth.losses.abrupt import CONFIRMED, OPEN, WITHDRAWN, LossRule, find_losses
from scoring.growth.losses.hindsight import find_losses_in_hindsight, naive_losses
from scoring.growth.series import Series

DAYS = np.datetime64("2024-04-01") + np.arange(0, 180, 5)
CUT = 15


def _meadow(count: int = 1, seed: int = 3) -> np.ndarray:
    at = np.clip(np.arange(len(DAYS)) / 8, 0, 1)
    return 0.4 + 0.45 * at + np.random.default_rng(seed).normal(0, 0.01, (count, len(DAYS)))


def _cut(size: float, lasting: int = 4, seed: int = 3) -> np.ndarray:
    ndvi = _meadow(1, seed)
    ndvi[0, CUT : CUT + lasting] -= size * np.linspace(1, 0.4, lasting)
    return ndvi


def test_a_cut_is_noticed_at_once_and_confirmed_at_the_next_look():
    losses = find_losses(_cut(0.35), DAYS)
    assert losses.day.tolist() == [DAYS[CUT].item()]
    assert losses.before.tolist() == [DAYS[CUT - 1].item()]
    assert losses.settled.tolist() == [DAYS[CUT + 1].item()]
    assert losses.status.tolist() == [CONFIRMED]
    assert losses.size[0] == pytest.approx(0.35, abs=0.05)
    assert losses.confidence[0] > 0.99


def test_a_shadow_of_one_look_is_withdrawn():
    losses = find_losses(_cut(0.35, lasting=1), DAYS)
    assert losses.status.tolist() == [WITHDRAWN]
    assert not len(find_losses_in_hindsight(_cut(0.35, lasting=1), DAYS).row)


def test_the_last_look_leaves_a_notice_open():
    assert find_losses(_cut(0.35)[:, : CUT + 1], DAYS[: CUT + 1]).status.tolist() == [OPEN]


def test_hindsight_dates_a_cut_that_grew_again():
    assert find_losses_in_hindsight(_cut(0.3), DAYS).day.tolist() == [DAYS[CUT].item()]


def test_no_losses_of_no_looks():
    for find in (find_losses, find_losses_in_hindsight, naive_losses):
        assert not len(find(np.full((2, len(DAYS)), np.nan), DAYS).row)
        assert not len(find(np.zeros((0, 0)), DAYS[:0]).row)


def test_what_all_parcels_lose_together_is_not_one_parcels_loss():
    ndvi = _meadow(20)
    ndvi[:, CUT:] -= 0.2
    assert not len(find_losses(ndvi, DAYS).row)
    ndvi[0, CUT:] -= 0.3
    losses = find_losses(ndvi, DAYS)
    assert losses.row.tolist() == [0]
    assert losses.common[0] == pytest.approx(0.2, abs=0.05)


def test_snow_is_no_loss():
    ndvi = _meadow()
    ndvi[0, CUT:] = -0.05
    assert not len(find_losses(ndvi, DAYS).row)


@settings(max_examples=40)
@given(st.integers(0, 1000), st.lists(st.integers(0, len(DAYS) - 1), max_size=30, unique=True))
def test_clouds_raise_nothing(seed, hidden):
    ndvi = _meadow(2, seed)
    ndvi[:, hidden] = np.nan
    assert not len(find_losses(ndvi, DAYS).row)
    assert not len(find_losses_in_hindsight(ndvi, DAYS).row)


def test_a_fall_across_a_long_gap_is_not_called_abrupt():
    ndvi = _cut(0.4, lasting=len(DAYS) - CUT)
    ndvi[0, CUT - 10 : CUT] = np.nan
    assert not len(find_losses(ndvi, DAYS, LossRule(memory_days=40)).row)


@settings(max_examples=40)
@given(st.floats(0.02, 0.5), st.floats(0.0, 0.2), st.integers(0, 100))
def test_a_harder_fall_is_raised_where_a_softer_one_is(size, more, seed):
    softer, harder = find_losses(_cut(size, seed=seed), DAYS), find_losses(_cut(size + more, seed=seed), DAYS)
    if DAYS[CUT] in softer.day:
        assert DAYS[CUT] in harder.day
        assert harder.size[harder.day == DAYS[CUT]] >= softer.size[softer.day == DAYS[CUT]] - 1e-9


@settings(max_examples=30)
@given(st.integers(1, len(DAYS)), st.floats(0.1, 0.5), st.integers(0, 50))
def test_notices_do_not_change_with_what_comes_later(upto, size, seed):
    ndvi = np.vstack([_cut(size, seed=seed), _meadow(12, seed)])
    then, later = find_losses(ndvi[:, :upto], DAYS[:upto]), find_losses(ndvi, DAYS)
    known = later.at(later.day <= DAYS[upto - 1])
    for name in ("row", "day", "before", "size", "common", "confidence"):
        np.testing.assert_array_equal(getattr(then, name), getattr(known, name))


def _table(ndvi: np.ndarray, late: dict[int, int] | None = None) -> pd.DataFrame:
    rows = pd.DataFrame({"parcel_id": "a", "date": DAYS, "ndvi": ndvi[0], "clear": 1.0})
    delays = pd.to_timedelta([(late or {}).get(k, 0) for k in range(len(DAYS))], unit="D")
    rows["known_at"] = (pd.to_datetime(rows.date) + delays).dt.tz_localize(UTC)
    return rows


@settings(max_examples=30)
@given(st.integers(10, len(DAYS) - 1), st.dictionaries(st.integers(0, len(DAYS) - 1), st.integers(6, 60), max_size=8))
def test_replay_is_identical_whatever_arrives_later(upto, late):
    table = _table(_cut(0.3), late)
    instant = pd.Timestamp(DAYS[upto]).tz_localize(UTC)
    as_of = datetime.fromtimestamp(instant.timestamp(), UTC)
    then = Series.of(table[table.known_at <= instant]).as_it_came()
    now = Series.of(table).known(as_of).as_it_came()
    before, after = find_losses(then.ndvi, then.days), find_losses(now.ndvi, now.days)
    for name in ("day", "size", "status"):
        np.testing.assert_array_equal(getattr(before, name), getattr(after, name))
    final = Series.of(table).as_it_came()
    everything = find_losses(final.ndvi, final.days)
    assert set(before.day.tolist()) <= set(everything.day.tolist())


def test_rows_that_are_not_clear_or_out_of_range_are_no_looks():
    table = _table(_meadow())
    table.loc[0, "clear"], table.loc[1, "ndvi"], table.loc[2, "ndvi"] = 0.3, -9999, np.nan
    series = Series.of(table)
    assert series.hidden == 3
    assert np.isfinite(series.ndvi).sum() == len(DAYS) - 3
    assert Series.of(table.drop(columns=["clear", "known_at"])).hidden == 2


def test_rows_of_one_day_become_their_mean():
    table = pd.DataFrame({"parcel_id": ["a", "a"], "date": ["2024-05-01"] * 2, "ndvi": [0.4, 0.6]})
    assert Series.of(table).ndvi.tolist() == [[0.5]]


@pytest.mark.parametrize(
    ("table", "code"),
    [
        (pd.DataFrame({"parcel_id": ["a"], "date": ["2024-05-01"]}), "GROWTH_SERIES_COLUMN"),
        (pd.DataFrame({"parcel_id": ["a"], "date": ["some day"], "ndvi": [0.1]}), "GROWTH_SERIES_DATE"),
        (pd.DataFrame({"parcel_id": ["a"], "date": [None], "ndvi": [0.1]}), "GROWTH_SERIES_DATE"),
    ],
)
def test_a_table_that_cannot_be_read_says_why(table, code):
    with pytest.raises(DataError) as caught:
        Series.of(table)
    assert caught.value.code == code
