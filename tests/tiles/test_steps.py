from __future__ import annotations

import warnings
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from geo.season import Season
from tiles.cube import NODATA, STEPS_PER_UNIT, as_reflectance
from tiles.steps import Statistic, series_steps, step_members, stored_means, ten_day_steps

MONTH = Season(date(2020, 2, 1), date(2020, 2, 29))


def image(*values: float) -> np.ndarray[Any, Any]:
    return np.array(values, dtype=np.float32).reshape(-1, 1, 1, 1)


def seen(*flags: bool) -> np.ndarray[Any, Any]:
    return np.array(flags).reshape(-1, 1, 1)


def test_mean_of_the_clear_ones() -> None:
    days = [date(2020, 2, day) for day in (1, 4, 10, 11, 25)]
    steps = ten_day_steps(image(0.1, 0.3, 0.9, 0.5, 0.7), seen(True, True, False, True, False), days, MONTH)
    np.testing.assert_allclose(steps.values.ravel(), [0.2, 0.5, np.nan], rtol=1e-6)
    assert steps.values.dtype == np.float32
    assert steps.dates == (date(2020, 2, 6), date(2020, 2, 16), date(2020, 2, 26))


def test_no_data_is_left_out_band_by_band() -> None:
    values = np.array([[0.1, np.nan], [0.3, 0.4]], dtype=np.float32).reshape(2, 2, 1, 1)
    steps = ten_day_steps(values, seen(True, True), [date(2020, 2, 1), date(2020, 2, 2)], MONTH)
    np.testing.assert_allclose(steps.values[0].ravel(), [0.2, 0.4], rtol=1e-6)


def test_days_outside_the_season_do_not_count() -> None:
    season = Season(date(2020, 2, 5), date(2020, 2, 18))
    days = [date(2020, 2, 4), date(2020, 2, 5), date(2020, 2, 18), date(2020, 2, 19)]
    steps = ten_day_steps(image(9.0, 0.2, 0.4, 9.0), seen(*[True] * 4), days, season)
    np.testing.assert_allclose(steps.values.ravel(), [0.2, 0.4], rtol=1e-6)


def test_a_day_less_is_an_error() -> None:
    with pytest.raises(ValueError, match="1 days, 2 images"):
        ten_day_steps(image(0.1, 0.2), seen(True, True), [date(2020, 2, 1)], MONTH)


@st.composite
def stacks(draw: st.DrawFn) -> tuple[Any, Any, list[date]]:
    dates = draw(st.lists(st.dates(date(2019, 12, 20), date(2020, 4, 10)), min_size=1, max_size=12))
    reflectance = st.floats(-0.125, 2.0, width=32) | st.just(float("nan"))
    values = draw(npst.arrays(np.float32, (len(dates), 2, 3, 4), elements=reflectance))
    clear = draw(npst.arrays(np.bool_, (len(dates), 3, 4)))
    return values, clear, dates


SPRING = Season(date(2020, 1, 4), date(2020, 3, 28))


@given(stacks())
def test_same_as_a_plain_loop(stack: tuple[Any, Any, list[date]]) -> None:
    values, clear, days = stack
    steps = ten_day_steps(values, clear, days, SPRING)
    assert len(steps.dates) == len(steps.values) == 9
    for step, middle in enumerate(steps.dates):
        start = middle - timedelta(days=5)
        end = start + timedelta(days=9) if start.day < 21 else (start + timedelta(days=15)).replace(day=1)
        last = end if start.day < 21 else end - timedelta(days=1)
        taken = [i for i, day in enumerate(days) if start <= day <= last and day in SPRING]
        kept = np.where(clear[taken][:, None] & np.isfinite(values[taken]), values[taken].astype(float), 0.0)
        count = (clear[taken][:, None] & np.isfinite(values[taken])).sum(axis=0)
        wanted = np.where(count > 0, kept.sum(axis=0) / np.maximum(count, 1), np.nan)
        np.testing.assert_allclose(steps.values[step], wanted, rtol=1e-6, atol=1e-7)


@given(stacks(), st.randoms(use_true_random=False))
def test_order_of_acquisitions_and_windows_do_not_matter(stack: tuple[Any, Any, list[date]], rng: Any) -> None:
    values, clear, days = stack
    whole = ten_day_steps(values, clear, days, SPRING).values
    order = list(range(len(days)))
    rng.shuffle(order)
    shuffled = ten_day_steps(values[order], clear[order], [days[i] for i in order], SPRING).values
    np.testing.assert_allclose(shuffled, whole, rtol=1e-6, atol=1e-7)
    window = ten_day_steps(values[..., 1:3], clear[..., 1:3], days, SPRING).values
    np.testing.assert_array_equal(window, whole[..., 1:3])


@given(stacks())
def test_series_are_pixels_in_a_row(stack: tuple[Any, Any, list[date]]) -> None:
    values, clear, days = stack
    pixels = np.moveaxis(values.reshape(len(days), 2, 12), -1, 0)
    series = series_steps(pixels, clear.reshape(len(days), 12).T, days, SPRING)
    image_steps = ten_day_steps(values, clear, days, SPRING)
    assert series.values.shape == (12, 9, 2)
    assert series.dates == image_steps.dates
    np.testing.assert_array_equal(np.moveaxis(series.values, 0, -1).reshape(9, 2, 3, 4), image_steps.values)


def test_median_of_the_clear_ones_and_how_many_there_were() -> None:
    days = [date(2020, 2, day) for day in (1, 3, 5, 7, 9, 12, 14, 25)]
    values = image(0.1, 0.9, 0.2, 0.4, 0.8, 0.5, 0.7, 0.3)
    clear = seen(True, True, True, True, False, True, True, False)
    steps = ten_day_steps(values, clear, days, MONTH, "median")
    np.testing.assert_allclose(steps.values.ravel(), [0.3, 0.6, np.nan], rtol=1e-6)
    assert steps.counts.ravel().tolist() == [4, 2, 0]
    assert steps.counts.dtype == np.uint8
    assert steps.acquisitions == ((0, 1, 2, 3, 4), (5, 6), (7,))


def test_acquisitions_come_in_order_of_date_whatever_the_order_of_images() -> None:
    days = [date(2020, 2, 12), date(2020, 2, 3), date(2020, 1, 31), date(2020, 2, 1)]
    assert step_members(days, MONTH) == ((3, 1), (0,), ())


@pytest.mark.parametrize(
    ("statistic", "numbers", "wanted"),
    [
        ("median", (1, 2), 2),
        ("median", (2, 3), 2),
        ("median", (-1, -2), -2),
        ("median", (-1, 0), 0),
        ("median", (32767, 32766), 32766),
        ("median", (-32767, 32767), 0),
        ("median", (NODATA, 7, 9, 8), 8),
        ("mean", (1, 2), 2),
        ("mean", (2, 3), 2),
        ("mean", (-1, -2), -2),
        ("mean", (32767, 32767, 32767), 32767),
        ("mean", (NODATA, 7), 7),
        ("mean", (NODATA, NODATA), NODATA),
        ("median", (NODATA, NODATA), NODATA),
    ],
)
def test_whole_numbers_are_rounded_half_to_even_and_never_overflow(
    statistic: Statistic, numbers: tuple[int, ...], wanted: int
) -> None:
    stored = np.array(numbers, dtype=np.int16).reshape(-1, 1, 1, 1)
    days = [date(2020, 2, 1 + number) for number in range(len(numbers))]
    steps = ten_day_steps(stored, seen(*[True] * len(numbers)), days, MONTH, statistic)
    assert steps.values.dtype == np.int16
    assert steps.values.ravel().tolist() == [wanted, NODATA, NODATA]


@given(stacks())
def test_medians_and_counts_as_numpy_finds_them(stack: tuple[Any, Any, list[date]]) -> None:
    values, clear, days = stack
    steps = ten_day_steps(values, clear, days, SPRING, "median")
    kept = np.where(clear[:, None], values, np.nan)
    for step, members in enumerate(steps.acquisitions):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            wanted = np.nanmedian(kept[list(members)], axis=0) if members else np.full(values.shape[1:], np.nan)
        np.testing.assert_array_equal(steps.values[step], wanted.astype(np.float32))
        np.testing.assert_array_equal(steps.counts[step], clear[list(members)].sum(axis=0))


@given(stacks(), st.sampled_from(["mean", "median"]), st.integers(1, 12))
def test_whole_numbers_are_what_reflectance_gives_whatever_the_strips(
    stack: tuple[Any, Any, list[date]], statistic: Statistic, strip_px: int
) -> None:
    values, clear, days = stack
    stored = np.where(np.isfinite(values), np.rint(np.nan_to_num(values) * 10_000), NODATA).astype(np.int16)
    exact = np.where(stored == NODATA, np.nan, stored).astype(np.float32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tiles.steps._STRIP_PX", strip_px)
        numbers = ten_day_steps(stored, clear, days, SPRING, statistic)
        images = ten_day_steps(exact, clear, days, SPRING, statistic)
    assert numbers.acquisitions == images.acquisitions
    np.testing.assert_array_equal(numbers.counts, images.counts)
    as_float = np.where(numbers.values == NODATA, np.nan, numbers.values).astype(np.float32)
    np.testing.assert_allclose(as_float, images.values, atol=0.5 + 1e-3)
    rounded = np.rint(images.values) if statistic == "median" else as_float
    np.testing.assert_array_equal(as_float, rounded)


@given(stacks(), st.sampled_from(["mean", "median"]))
def test_a_window_and_a_series_give_what_the_whole_gives(
    stack: tuple[Any, Any, list[date]], statistic: Statistic
) -> None:
    values, clear, days = stack
    whole = ten_day_steps(values, clear, days, SPRING, statistic)
    window = ten_day_steps(values[..., 1:, 1:3], clear[..., 1:, 1:3], days, SPRING, statistic)
    np.testing.assert_array_equal(window.values, whole.values[..., 1:, 1:3])
    np.testing.assert_array_equal(window.counts, whole.counts[..., 1:, 1:3])
    pixels = np.moveaxis(values.reshape(len(days), 2, 12), -1, 0)
    series = series_steps(pixels, clear.reshape(len(days), 12).T, days, SPRING, statistic)
    np.testing.assert_array_equal(np.moveaxis(series.values, 0, -1).reshape(whole.values.shape), whole.values)
    np.testing.assert_array_equal(series.counts.T.reshape(whole.counts.shape), whole.counts)


@given(stack=stacks(), missing=st.integers(0, 2**16))
def test_means_of_stored_numbers_are_those_of_reflectance(stack: tuple[Any, Any, list[date]], missing: int) -> None:
    values, clear, days = stack
    numbers = np.nan_to_num(values * STEPS_PER_UNIT, nan=0).astype(np.int16)
    gone = np.random.default_rng(missing).random(clear.shape) < 0.2
    numbers[np.broadcast_to(gone[:, None], numbers.shape)] = NODATA
    means = stored_means(numbers, clear, days, MONTH, STEPS_PER_UNIT)
    wanted = ten_day_steps(as_reflectance(numbers), clear, days, MONTH).values
    assert means.dtype == np.float32
    np.testing.assert_allclose(means, wanted, atol=1e-6)


def test_an_acquisition_with_a_missing_band_does_not_count() -> None:
    numbers = np.array([[1000, NODATA], [3000, 4000]], dtype=np.int16).reshape(2, 2, 1, 1)
    means = stored_means(numbers, seen(True, True), [date(2020, 2, 1), date(2020, 2, 2)], MONTH, STEPS_PER_UNIT)
    np.testing.assert_allclose(means[0].ravel(), [0.3, 0.4], rtol=1e-6)
    assert np.isnan(means[1:]).all()
