"""Building near a site: told once it has stayed, and not where fields are bare or villages grey in winter."""

from __future__ import annotations

import numpy as np
import pytest

from models.sites.near import built_near_looks
from tiles.simulation.sites.surfaces import site_surfaces
from tiles.simulation.spectra import load_spectra

SIDE, LOOKS, SECOND = 30, 66, 44
DAYS = np.datetime64("2022-01-05") + 11 * np.arange(LOOKS)
SINCE = DAYS[SECOND]
CLEAR = np.ones((LOOKS, SIDE, SIDE), dtype=bool)
AROUND = np.ones((SIDE, SIDE), dtype=bool)
AROUND[8:26, 4:26] = False
GRASS = load_spectra().canopy["grass"][None, :, None, None]
GRAVEL = site_surfaces()["surface"]["gravel"][None, :, None, None]
PART = np.s_[:, :, :4, 5:25]


def land() -> np.ndarray:
    noise = np.random.default_rng(3).normal(1.0, 0.015, (LOOKS, 10, SIDE, SIDE))
    return np.asarray(GRASS * noise, dtype=np.float32)


def areas(images: np.ndarray) -> np.ndarray:
    return np.nan_to_num(built_near_looks(images, CLEAR, DAYS, AROUND).values)


def test_building_near_counts_when_it_stays() -> None:
    images = land()
    images[SECOND:][PART] = GRAVEL
    told = areas(images)
    assert told[DAYS < SINCE + 60].max() == 0
    assert told[-1] == pytest.approx(4 * 20 * 100, rel=0.15)
    images[SECOND + 4 :][PART] = GRASS
    assert areas(images).max() == 0


def test_a_field_that_is_bare_for_the_first_time_is_not_built_on() -> None:
    images = land()
    soil = load_spectra().soil["loam"][None, :, None, None]
    images[SECOND:][PART] = soil * np.random.default_rng(5).normal(1.0, 0.02, (LOOKS - SECOND, 10, 4, 20))
    images[SECOND + 2][PART[1:]] = soil[0] * np.linspace(1.35, 1.0, 10)[:, None, None]  # haze that no mask knows
    assert areas(images).max() == 0


def test_what_is_grey_each_winter_is_not_built_on() -> None:
    images = land()
    months = DAYS.astype("datetime64[M]").astype(int) % 12 + 1
    winter = np.isin(months, [11, 12, 1, 2, 3])
    images[winter, :, :4, 5:25] = GRAVEL
    assert areas(images).max() == 0
