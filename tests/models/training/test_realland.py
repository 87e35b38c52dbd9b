"""Real points as land: what is read, how gaps are filled, and what plots then show."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from geo.errors import InputError
from models.training.panels import FIRST_REAL_SEED, draw_samples
from models.training.realland import RealPoints, draw_real_ground, read_land
from tiles.simulation.sites.frame import passes

STEPS = 36


def points(seed: int = 3, count: int = 12) -> RealPoints:
    """Points that turn green in summer, each a little darker or brighter."""
    rng = np.random.default_rng(seed)
    green = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(STEPS) / STEPS)
    bare, full = np.linspace(0.08, 0.3, 10), np.array([0.03, 0.06, 0.03, 0.1, 0.3, 0.4, 0.45, 0.45, 0.2, 0.1])
    years = bare + green[:, None] * (full - bare)
    level = rng.uniform(0.9, 1.1, (count, 1, 1))
    return RealPoints("france-2023", (years * level).astype(np.float32), 1.0, 47.0)


def test_plots_show_the_points_through_the_year() -> None:
    land = points()
    days = passes(date(2022, 6, 1), date(2024, 6, 1), 10)
    ground = draw_real_ground(np.random.default_rng(1), 32, days, land)
    assert ground.clear.shape == (len(ground.days), 10, 32, 32)
    assert np.isfinite(ground.clear).all()
    near = ground.clear[:, 6].mean(axis=(1, 2))
    month = ground.days.astype("datetime64[M]").astype(int) % 12 + 1
    assert near[np.isin(month, (6, 7))].min() > 1.3 * near[month == 1].max()
    assert abs(near[np.isin(month, (6, 7))].mean() - land.years[:, 15:21, 6].mean()) < 0.03
    again = draw_real_ground(np.random.default_rng(1), 32, days, land)
    np.testing.assert_array_equal(ground.clear, again.clear)


def test_scenes_on_real_land_hold_other_pasts_than_simulated_ones() -> None:
    seed = FIRST_REAL_SEED + 1
    real, shares = draw_samples(seed, (points(),))
    simulated, _ = draw_samples(seed)
    assert len(real) == len(shares)
    assert shares.max() > 0.9
    assert abs(float(real[:, 10:].mean() - simulated[:, 10:].mean())) > 0.01


def test_a_folder_without_the_points_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"2023_FRA_LPIS_POLY_110\.dekad\.parquet is missing"):
        read_land(tmp_path)


@pytest.mark.shared_data
def test_points_of_the_shared_data_are_whole_years_of_reflectance(shared_data: Path) -> None:
    land = {each.source: each for each in read_land(shared_data)}
    assert set(land) == {"france-2023", "corsica-2022", "canada-2017", "arkansas", "california"}
    assert sum(len(each) for each in land.values()) > 9000
    for each in land.values():
        assert each.years.shape[1:] == (STEPS, 10)
        assert np.isfinite(each.years).all()
        assert each.years.min() > 0.0
        assert each.years[..., 0].max() <= 0.15 + 1e-6
    summer = land["france-2023"].years[:, 12:15]
    ndvi = (summer[..., 6] - summer[..., 2]) / (summer[..., 6] + summer[..., 2])
    assert np.median(ndvi) > 0.6
