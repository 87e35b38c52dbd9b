from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InputError
from models.evaluation.areas import area_weighted

#: The worked example of Olofsson et al. (2014): deforestation, forest gain, stable forest, stable other land.
COUNTS = np.array([[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]])
PIXELS = np.array([200_000.0, 150_000.0, 3_200_000.0, 6_450_000.0])
PIXEL_HA = 0.09


def test_the_published_example_gives_the_published_figures() -> None:
    found = area_weighted(COUNTS, PIXELS * PIXEL_HA)
    assert found.users == pytest.approx([0.88, 0.73, 0.93, 0.96], abs=0.005)
    assert found.producers == pytest.approx([0.75, 0.85, 0.93, 0.96], abs=0.005)
    assert 1.96 * found.users_error == pytest.approx([0.07, 0.10, 0.04, 0.02], abs=0.005)
    assert 1.96 * found.producers_error[[0, 2]] == pytest.approx([0.21, 0.03], abs=0.005)
    assert found.overall == pytest.approx(0.95, abs=0.005)
    assert 1.96 * found.overall_error == pytest.approx(0.02, abs=0.005)
    assert found.area[0] == pytest.approx(21_158, abs=1)
    assert 1.96 * found.area_error[0] == pytest.approx(6_158, abs=2)


def test_standard_errors_are_the_spread_over_samples() -> None:
    rng = np.random.default_rng(4)
    truth = np.array([[0.8, 0.15, 0.05], [0.1, 0.85, 0.05], [0.02, 0.04, 0.94]])
    mapped, drawn = np.array([20.0, 30.0, 50.0]), (120, 150, 200)
    found = [
        area_weighted(np.array([rng.multinomial(n, row) for n, row in zip(drawn, truth, strict=True)]), mapped)
        for _ in range(3000)
    ]
    for name in ("overall", "users", "producers", "area"):
        spread = np.std([getattr(each, name) for each in found], axis=0)
        stated = np.mean([getattr(each, f"{name}_error") for each in found], axis=0)
        assert stated == pytest.approx(spread, rel=0.05)


@given(st.lists(st.integers(2, 40), min_size=2, max_size=5), st.integers(1, 10**6))
def test_a_map_without_errors_is_right_everywhere(drawn: list[int], unit: int) -> None:
    mapped = np.arange(1.0, len(drawn) + 1) * unit
    found = area_weighted(np.diag(drawn), mapped)
    assert found.overall == pytest.approx(1)
    assert found.area == pytest.approx(mapped)
    assert found.area_error == pytest.approx(np.zeros(len(drawn)))


def test_a_class_that_is_not_mapped_may_be_found() -> None:
    found = area_weighted(np.array([[8, 2], [0, 0]]), np.array([100.0, 0.0]))
    assert found.area == pytest.approx([80, 20])
    assert found.producers == pytest.approx([1, 0])
    assert np.isnan(found.users[1])


def test_a_class_with_one_unit_is_refused() -> None:
    with pytest.raises(InputError, match="Mapped class 1 has fewer than 2 sample units"):
        area_weighted(np.array([[8, 2], [0, 1]]), np.array([100.0, 5.0]))


def test_tables_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputError, match="do not fit 3 mapped areas"):
        area_weighted(np.array([[8, 2], [0, 1]]), np.ones(3))
