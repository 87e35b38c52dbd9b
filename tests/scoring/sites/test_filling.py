"""Filling: levels by the user's curve, draw-down that takes no progress back, faults of curves."""

from __future__ import annotations

import numpy as np
import pytest

from geo.errors import InputError
from scoring.sites.filling import filled, filling, filling_progress, level_at, level_curve
from scoring.sites.progress import Observed

DAYS = np.datetime64("2024-01-05") + 10 * np.arange(12)
CURVE = level_curve([100.0, 110.0, 120.0], [0.0, 4e5, 1e6])


def test_levels_follow_the_curve_and_are_unknown_beyond_it() -> None:
    levels = level_at(CURVE, np.array([0.0, 4e5, 7e5, 1e6, 2e6]))
    assert levels[[0, 1, 3]].tolist() == [100.0, 110.0, 120.0]
    assert 110.0 < levels[2] < 120.0
    assert np.isnan(levels[4])


@pytest.mark.parametrize(
    ("levels", "areas"),
    [([100.0], [0.0]), ([100.0, 99.0], [0.0, 5.0]), ([100.0, 101.0], [5.0, 4.0]), ([1.0, 2.0], [float("nan"), 4.0])],
)
def test_curves_that_do_not_rise_are_refused(levels: list[float], areas: list[float]) -> None:
    with pytest.raises(InputError) as refused:
        level_curve(levels, areas)
    assert refused.value.code == "SITES_LEVEL_CURVE"


def test_a_look_that_tells_nothing_is_left_out_and_bounds_hold_the_level() -> None:
    areas = np.array([1e5, np.nan, 4e5])
    found = filling(DAYS[:3], areas, np.array([1e4, np.nan, 1e4]), CURVE)
    assert found.days.tolist() == DAYS[[0, 2]].tolist()
    assert (found.level_low_m < found.level_m).all()
    assert (found.level_m < found.level_high_m).all()


def test_a_draw_down_lowers_the_area_and_not_the_progress() -> None:
    areas = np.array([0, 1, 3, 5, 7, 9, 10, 10, 8, 6, 4, 4]) * 1e5
    progress = filling_progress(DAYS, areas, np.full(12, 2e4), 1e6, DAYS)
    assert (np.diff(progress.share) >= 0).all()
    assert progress.share[-1] > 0.97
    assert filling(DAYS, areas, np.full(12, 2e4)).area_m2[-1] == 4e5


def test_one_stray_look_makes_no_reservoir_drawn_down() -> None:
    areas = np.array([0, 0, 9, 0, 1, 1, 2, 2, 3, 3, 4, 4]) * 1e5
    progress = filling_progress(DAYS, areas, np.full(12, 2e4), 1e6, DAYS)
    assert progress.share[-1] < 0.6


def test_a_planned_area_of_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="planned area"):
        filling_progress(DAYS, np.zeros(12), np.ones(12), 0.0, DAYS)


def shares(values: list[float], error: float = 0.03) -> Observed:
    return Observed(DAYS[: len(values)], np.array(values), np.full(len(values), error))


def test_a_reservoir_is_filled_where_filling_ended_about_the_plan_whatever_the_measure_is_off() -> None:
    for off in (0.95, 1.0, 1.1):
        true = np.array([0.1, 0.4, 0.7, 0.85, 0.9, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])
        assert filled(shares((true * off).tolist())).argmax() == 5, off


def test_a_pause_is_no_end_of_filling() -> None:
    assert not filled(shares([0.1, 0.4, 0.7, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9])).any()
    assert filled(shares([0.1, 0.4, 0.7, 0.9, 0.9, 0.9, 0.9, 1.0, 1.0, 1.0, 1.0, 1.0])).argmax() == 7


def test_a_reservoir_that_is_drawn_down_again_stays_filled() -> None:
    found = filled(shares([0.1, 0.5, 0.9, 1.05, 1.05, 0.9, 0.7, 0.5, 0.5, 0.5]))
    assert found.argmax() == 3
    assert found[3:].all()


def test_nothing_seen_is_nothing_filled() -> None:
    assert not len(filled(shares([float("nan")] * 3)))
