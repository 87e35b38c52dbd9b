from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import geopandas as gpd
import numpy as np
import pystac
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, box
from shapely.geometry import mapping

from app.jobs.looks import at_least, expected_looks

LEAST = 2


def _scene(
    number: int, day: int, cover: float | None, bounds: tuple[float, ...] = (4.0, 50.0, 5.0, 51.0)
) -> pystac.Item:
    properties = {} if cover is None else {"eo:cloud_cover": cover}
    outline = mapping(box(*bounds))
    return pystac.Item(f"S2A_{number}", outline, list(bounds), datetime(2019, 5, day, 10, 50, tzinfo=UTC), properties)


def _centres(*points: tuple[float, float] | None) -> gpd.GeoSeries:
    return gpd.GeoSeries([None if point is None else Point(point) for point in points], crs=4326)


@given(st.lists(st.floats(0, 1), max_size=7), st.integers(1, 4))
def test_the_chance_of_enough_clear_days_agrees_with_counting_every_outcome(chances: list[float], least: int) -> None:
    expected = sum(
        np.prod([chance if clear else 1 - chance for chance, clear in zip(chances, outcome, strict=True)])
        for outcome in product([True, False], repeat=len(chances))
        if sum(outcome) >= least
    )
    assert at_least(np.array(chances), least) == pytest.approx(float(expected), abs=1e-12)


def test_clear_looks_add_up_over_days_and_a_pass_counts_once() -> None:
    items = [_scene(1, 1, 20), _scene(2, 1, 40), _scene(3, 6, 50), _scene(4, 11, 100, (8.0, 50.0, 9.0, 51.0))]
    looks = expected_looks(_centres((4.5, 50.5), (8.5, 50.5), None, (20.0, 0.0)), items, LEAST)
    assert looks.passes.tolist() == [2, 1, 0, 0]
    np.testing.assert_allclose(looks.clear, [0.7 + 0.5, 0.0, 0.0, 0.0])
    np.testing.assert_allclose(looks.enough, [0.7 * 0.5, 0.0, 0.0, 0.0])
    assert looks.months == (frozenset({5}), frozenset({5}), frozenset(), frozenset())


def test_scenes_that_state_no_cover_count_with_the_mean_of_the_others() -> None:
    looks = expected_looks(_centres((4.5, 50.5)), [_scene(1, 1, 0), _scene(2, 6, 50), _scene(3, 11, None)], LEAST)
    assert looks.without_cover == 1
    assert looks.cover_known
    np.testing.assert_allclose(looks.clear, [1 + 0.5 + 0.75])


def test_without_any_cover_clear_looks_are_not_known() -> None:
    looks = expected_looks(_centres((4.5, 50.5)), [_scene(1, 1, None), _scene(2, 6, None)], LEAST)
    assert not looks.cover_known
    assert np.isnan(looks.clear).all()
    assert looks.enough.tolist() == [1.0]


def test_the_swath_counts_not_the_box_around_it() -> None:
    swath = mapping(box(4.0, 50.0, 4.4, 51.0))
    item = pystac.Item("S2A_1", swath, [4.0, 50.0, 5.0, 51.0], datetime(2019, 5, 1, tzinfo=UTC), {"eo:cloud_cover": 0})
    assert expected_looks(_centres((4.2, 50.5), (4.8, 50.5)), [item], 1).passes.tolist() == [1, 0]
