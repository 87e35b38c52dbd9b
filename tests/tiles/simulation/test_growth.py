from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tiles.simulation.calendars import load_region
from tiles.simulation.growth import cover_of, draw_effects

YEAR = [date(2023, 10, 1) + timedelta(days=5 * step) for step in range(79)]
CROPS = load_region().crops


@settings(max_examples=25, deadline=None)
@given(crop=st.sampled_from(CROPS), seed=st.integers(0, 2**32 - 1))
def test_cover_stays_between_none_and_all(crop: str, seed: int):
    rng = np.random.default_rng(seed)
    cover = cover_of(load_region().pick(crop, rng), draw_effects(7, rng), YEAR)
    for part in (cover.green, cover.dry, cover.flower, cover.flood):
        assert part.shape == (7, len(YEAR))
        assert part.dtype == np.float32
        assert ((part >= 0) & (part <= 1)).all()
    assert (cover.green + cover.dry <= 1 + 1e-6).all()


@pytest.mark.parametrize(("crop", "first", "last"), [("wheat", (4, 5), (5, 15)), ("maize", (7, 25), (9, 5))])
def test_crops_peak_in_their_months(crop: str, first: tuple[int, int], last: tuple[int, int]):
    cover = cover_of(load_region().calendars[crop][0], draw_effects(200, np.random.default_rng(3)), YEAR)
    peak = YEAR[int(np.median(cover.green, axis=0).argmax())]
    assert date(2024, *first) <= peak <= date(2024, *last)


def test_better_stands_cover_more_and_ripen_later():
    effects = draw_effects(50, np.random.default_rng(1))
    wheat = load_region().calendars["wheat"][0]
    poor = cover_of(wheat, effects.with_vigour(np.full(50, 0.2, dtype=np.float32)), YEAR).green
    good = cover_of(wheat, effects.with_vigour(np.full(50, 0.9, dtype=np.float32)), YEAR).green
    assert (good.max(axis=1) > poor.max(axis=1)).all()
    late = YEAR.index(date(2024, 5, 18))
    assert good[:, late].mean() / good.max() > poor[:, late].mean() / poor.max()


def test_the_cut_takes_the_green_and_leaves_straw():
    effects = draw_effects(80, np.random.default_rng(2))
    cover = cover_of(load_region().calendars["wheat"][0], effects, YEAR)
    after = YEAR.index(date(2024, 6, 27))
    assert cover.green[:, after].max() < 0.05
    assert cover.dry[:, after].mean() > 0.1


def test_plots_of_an_area_differ_by_weeks():
    effects = draw_effects(400, np.random.default_rng(5))
    green = cover_of(load_region().calendars["maize"][0], effects, [date(2024, 7, 10)]).green[:, 0]
    assert green.std() > 0.1
