"""Falls of annual crops against neighbours: what raises, what does not, and that more loss is never less severe."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.growth.calendars.windows import Expected
from scoring.growth.losses.falls import FallRule, Falls, find_falls
from scoring.growth.losses.screening import odd_light
from scoring.growth.markers.decline import LIMIT, find_declines
from scoring.growth.series import Series
from tests.scoring.growth.seasons import DAYS, Floats, expected, stand

_DAYS = np.array(DAYS, dtype="datetime64[D]")
_COUNT = 12
_NEIGHBOURS = np.array([[other for other in range(_COUNT) if other != row] for row in range(_COUNT)])
#: A look in July, when maize is green.
_HIT = int(np.searchsorted(_DAYS, np.datetime64("2018-07-10")))


def _fields(seed: int = 0) -> Floats:
    """(12, 72) maize of one village; fields are some days apart."""
    rng = np.random.default_rng(seed)
    rise = rng.integers(20, 30, _COUNT)
    return np.stack([stand(rise=f"05-{day}") for day in rise]) + rng.normal(0, 0.015, (_COUNT, len(DAYS)))


def _lost(share: float, looks: slice, seed: int = 0) -> Floats:
    """The first field without a share of its green from look to look."""
    ndvi = _fields(seed)
    ndvi[0, looks] -= share * np.maximum(ndvi[0, looks] - 0.2, 0.0)
    return ndvi


def _maize(count: int = _COUNT) -> Expected:
    return expected(*["maize"] * count)


def _falls(ndvi: Floats, rule: FallRule | None = None) -> Falls:
    return find_falls(ndvi, _DAYS, _maize(), _NEIGHBOURS, rule)


def test_a_loss_is_raised_by_the_third_look_and_dated_by_the_first() -> None:
    found = _falls(_lost(0.6, slice(_HIT, None)))
    assert found.raised[0].argmax() == _HIT + 2
    assert found.first[0, _HIT + 2] == _DAYS[_HIT]
    assert found.before[0, _HIT + 2] == _DAYS[_HIT - 1]
    assert found.severity[0, _HIT + 2] == pytest.approx(0.6, abs=0.07)
    assert found.expected[0, _HIT + 2] == pytest.approx(0.85, abs=0.05)
    assert not found.raised[1:].any()


def test_a_loss_stays_raised_until_the_canopy_is_back() -> None:
    found = _falls(_lost(0.5, slice(_HIT, _HIT + 6)))
    assert found.raised[0, _HIT + 2 : _HIT + 6].all()
    assert found.judged[0, _HIT + 6]
    assert not found.raised[0, _HIT + 6 :].any()
    assert found.severity[0, _HIT + 6] == 0.0


@pytest.mark.parametrize("looks", [1, 2])
def test_shadow_of_one_or_two_looks_raises_nothing(looks: int) -> None:
    assert not _falls(_lost(0.6, slice(_HIT, _HIT + looks))).raised.any()


def test_what_all_neighbours_lose_is_no_parcels_own_loss_and_harvest_is_none() -> None:
    ndvi = _fields()
    ndvi[:, _HIT:] -= 0.5 * (ndvi[:, _HIT:] - 0.2)
    assert not _falls(ndvi).raised.any()
    assert not _falls(_fields()).raised.any()


def test_a_catch_crop_that_ends_before_the_declared_crop_is_no_loss() -> None:
    ndvi = _fields()
    spring = int(np.searchsorted(_DAYS, np.datetime64("2018-05-05")))
    ndvi[0, :spring] = 0.85
    assert not _falls(ndvi).raised.any()


def test_a_field_that_was_ahead_has_lost_nothing_when_others_catch_up() -> None:
    ndvi = _fields()
    ndvi[0] = stand(rise="05-10")
    assert not _falls(ndvi).raised.any()


def test_without_neighbours_a_fall_counts_until_crops_may_ripen_and_permanent_crops_are_not_judged() -> None:
    ndvi = _lost(0.6, slice(_HIT, None))
    assert find_falls(ndvi, _DAYS, _maize(), None).raised[0].any()
    late = _lost(0.6, slice(int(np.searchsorted(_DAYS, np.datetime64("2018-08-05"))), None))
    assert not find_falls(late, _DAYS, _maize(), None).raised.any()
    assert not find_falls(ndvi, _DAYS, expected(*["grass"] * _COUNT), _NEIGHBOURS).judged.any()
    assert not find_falls(np.zeros((0, 0)), _DAYS[:0], expected(), None).raised.size


@settings(max_examples=20)
@given(st.floats(0.05, 0.9), st.floats(0.0, 0.5), st.integers(24, 50), st.integers(0, 50))
def test_a_larger_loss_never_has_a_lower_severity(share: float, more: float, begins: int, seed: int) -> None:
    lesser = _falls(_lost(share, slice(begins, None), seed))
    larger = _falls(_lost(min(share + more, 1.0), slice(begins, None), seed))
    assert (larger.raised[0] >= lesser.raised[0])[lesser.judged[0] & larger.judged[0]].all()
    before = np.fmax.accumulate(np.nan_to_num(lesser.severity[0]))
    after = np.fmax.accumulate(np.nan_to_num(larger.severity[0]))
    assert (after >= before - 1e-9).all()


@settings(max_examples=20)
@given(st.integers(0, 500), st.lists(st.integers(0, len(DAYS) - 1), max_size=50, unique=True), st.integers(0, 11))
def test_clouds_raise_nothing(seed: int, hidden: list[int], row: int) -> None:
    ndvi = _fields(seed)
    ndvi[:, hidden[::2]] = np.nan
    ndvi[row, hidden] = np.nan
    assert not _falls(ndvi).raised.any()
    found = find_declines(ndvi, _DAYS, _NEIGHBOURS)
    green = np.datetime64("2018-08-15") > _DAYS
    assert not (np.nan_to_num(found.score[:, green]) >= LIMIT).any()


@settings(max_examples=15)
@given(st.integers(10, len(DAYS)), st.floats(0.2, 0.9), st.integers(0, 50))
def test_what_a_look_says_does_not_change_with_what_comes_later(upto: int, share: float, seed: int) -> None:
    ndvi = _lost(share, slice(_HIT, None), seed)
    then, later = find_falls(ndvi[:, :upto], _DAYS[:upto], _maize(), _NEIGHBOURS), _falls(ndvi)
    for name in ("judged", "raised", "severity", "score", "first"):
        np.testing.assert_array_equal(getattr(then, name), getattr(later, name)[:, :upto])
    first, second = (find_declines(part, _DAYS[: part.shape[1]], _NEIGHBOURS) for part in (ndvi[:, :upto], ndvi))
    np.testing.assert_array_equal(first.score, second.score[:, :upto])


def test_a_slow_decline_is_found_and_its_loss_is_shared_out() -> None:
    ndvi = _fields()
    at = (_DAYS - np.datetime64("2018-06-20")) / np.timedelta64(40, "D")
    ndvi[0] -= 0.5 * np.clip(at, 0, 1) * np.maximum(ndvi[0] - 0.2, 0)
    found = find_declines(ndvi, _DAYS, _NEIGHBOURS)
    last = int(np.searchsorted(_DAYS, np.datetime64("2018-08-01")))
    assert found.score[0, last] > LIMIT
    assert not found.abrupt[0, last]
    assert 0.3 < found.share[0, last] < 0.55
    assert (found.score[1:, :last][np.isfinite(found.score[1:, :last])] < LIMIT).all()


def test_a_shadow_of_two_looks_is_no_decline() -> None:
    found = find_declines(_lost(0.6, slice(_HIT, _HIT + 2)), _DAYS, _NEIGHBOURS)
    assert not (np.nan_to_num(found.score[0, : _HIT + 5]) >= LIMIT).any()


def test_haze_snow_and_deep_shadow_are_odd_light_and_soil_is_not() -> None:
    # Canopy, bare soil, haze over canopy, snow, deep shadow, and a look without bands: values of parcels of Bavaria.
    blue = np.array([0.021, 0.070, 0.117, 0.896, 0.015, np.nan])
    red = np.array([0.024, 0.110, 0.122, 0.890, 0.016, 0.1])
    nir = np.array([0.432, 0.320, 0.451, 0.846, 0.085, np.nan])
    swir = np.array([0.148, 0.250, 0.238, 0.099, 0.028, 0.1])
    assert odd_light(blue, red, nir, swir).tolist() == [False, False, True, True, True, False]


def test_looks_of_odd_light_are_hidden_where_the_table_carries_bands() -> None:
    table = pd.DataFrame(
        {"parcel_id": "a", "date": ["2018-07-08", "2018-07-16", "2018-07-26"], "ndvi": [0.8, 0.6, 0.7]}
    )
    bands = {"blue": [0.02, 0.117, 0.015], "red": [0.04, 0.122, 0.016], "nir": [0.48, 0.45, 0.085]}
    assert Series.of(table).hidden == 0
    assert Series.of(table.assign(**bands)).hidden == 1
    found = Series.of(table.assign(**bands, swir=[0.165, 0.238, 0.028]))
    assert found.hidden == 2
    assert found.ndvi.tolist() == [[0.8]]
