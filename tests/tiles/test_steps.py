from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from geo.season import Season
from tiles.steps import series_steps, ten_day_steps

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
