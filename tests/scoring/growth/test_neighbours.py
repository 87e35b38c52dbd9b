"""z-scores against neighbours of the same crop and ten days, and the condition against the own past."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import DataError
from geo.season import dekads
from scoring.growth.neighbours import (
    LEAST_SPREAD,
    against_neighbours,
    nearest_of_crop,
    ten_day_best,
    ten_day_means,
    vegetation_condition,
)


def test_ten_day_means_take_clear_looks_only() -> None:
    days = [date(2018, 5, 1), date(2018, 5, 9), date(2018, 5, 12), date(2018, 6, 3)]
    ndvi = np.array([[0.4, 0.6, 0.1, np.nan]])
    means, steps = ten_day_means(ndvi, np.array([[1.0, 0.5, 0.2, 1.0]]), days)
    assert steps == (date(2018, 5, 1), date(2018, 5, 11), date(2018, 5, 21), date(2018, 6, 1))
    assert means[0, 0] == pytest.approx(0.5)
    assert np.isnan(means[0, 1:]).all()
    assert ten_day_best(ndvi, np.array([[1.0, 0.5, 0.2, 1.0]]), days)[0, 0] == pytest.approx(0.6)


def test_neighbours_are_near_and_of_the_same_crop() -> None:
    points = np.array([[0, 0], [100, 0], [200, 0], [300, 0], [50_000, 0], [0, 0]], dtype=float)
    found = nearest_of_crop(points, np.array([0, 0, 1, 0, 0, 0]), most=3, within_m=1000)
    assert set(found[0]) == {5, 1, 3}
    assert found[2].tolist() == [-1, -1, -1]
    assert found[4].tolist() == [-1, -1, -1]
    assert all(row not in found[row] for row in range(6))
    assert nearest_of_crop(points[:2], np.array([-1, -1])).max() == -1


def test_a_fallen_parcel_stands_out_and_failed_neighbours_do_not_move_the_measure() -> None:
    rng = np.random.default_rng(1)
    values = 0.7 + rng.normal(0, 0.03, (40, 3))
    values[0, 1] = 0.3
    values[1:9, 1] = 0.2
    neighbours = np.array([[other for other in range(40) if other != row][:30] for row in range(40)])
    standing = against_neighbours(values, neighbours)
    assert standing.z[0, 1] < -5
    assert abs(standing.z[20, 1]) < 3
    assert standing.median[0, 1] == pytest.approx(np.median(values[neighbours[0], 1]))


def test_too_few_neighbours_give_no_score() -> None:
    values = np.full((9, 2), 0.5)
    values[1, 1] = np.nan
    neighbours = np.array([[other for other in range(9) if other != row] for row in range(9)])
    standing = against_neighbours(values, neighbours)
    assert standing.seen[0].tolist() == [8, 7]
    assert standing.z[0, 0] == 0.0
    assert np.isnan(standing.z[0, 1])
    assert standing.spread[0, 0] == LEAST_SPREAD
    with pytest.raises(DataError, match="do not fit"):
        against_neighbours(values, neighbours[:3])


@given(st.integers(0, 2**32 - 1), st.floats(-0.2, 0.2))
def test_a_shift_of_all_parcels_moves_no_score(seed: int, shift: float) -> None:
    values = np.random.default_rng(seed).uniform(0.2, 0.9, (15, 4))
    neighbours = np.array([[other for other in range(15) if other != row] for row in range(15)])
    moved = against_neighbours(values + shift, neighbours).z
    assert np.allclose(moved, against_neighbours(values, neighbours).z, atol=1e-9)


def _past() -> tuple[np.ndarray, tuple[date, ...]]:
    steps = dekads(date(2015, 1, 1), date(2019, 12, 31))
    return np.array([[0.5 + 0.1 * (step.year - 2015) for step in steps]]), steps


def test_the_condition_is_read_against_the_same_time_of_earlier_years() -> None:
    values, steps = _past()
    condition = vegetation_condition(values, steps, date(2018, 1, 1))
    assert condition.shape == (1, 72)
    assert np.allclose(condition[0, :36], 150.0)
    assert np.isnan(vegetation_condition(values, steps, date(2017, 1, 1))[0, 1:35]).all()


def test_a_season_that_was_not_seen_or_never_varied_has_no_condition() -> None:
    values, steps = _past()
    values[0, -1] = np.nan
    assert np.isnan(vegetation_condition(values, steps, date(2019, 12, 21))).all()
    assert np.isnan(vegetation_condition(np.full_like(values, 0.5), steps, date(2019, 12, 1))).all()
    assert vegetation_condition(values, steps, date(2015, 1, 1)).shape == values.shape
