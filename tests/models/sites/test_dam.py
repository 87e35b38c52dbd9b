"""Ground laid bare at a dam: against simulated works, and fields that are bare every year."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from geo.bands import BANDS
from models.sites.dam import dam_looks
from models.sites.ground import shows_ground
from models.sites.looks import Looks
from tiles.simulation.sites.frame import draw_ground, passes, see_ground
from tiles.simulation.sites.hydro import HydroWorks, build_hydro, draw_hydro

CROP = np.array([0.032, 0.068, 0.042, 0.112, 0.298, 0.366, 0.384, 0.398, 0.206, 0.108], dtype=np.float32)
SOIL = np.array([0.090, 0.120, 0.160, 0.190, 0.215, 0.235, 0.255, 0.270, 0.330, 0.290], dtype=np.float32)
SIDE = 40
DAM = (20.0, 20.0)
DAYS = np.arange(np.datetime64("2022-01-05"), np.datetime64("2024-12-20"), 15)
WINTER_DAY = np.datetime64("2023-12-01")


def images(bare: np.ndarray) -> np.ndarray:
    assert len(CROP) == len(BANDS)
    return np.where(bare[:, None], SOIL[None, :, None, None], CROP[None, :, None, None]).astype(np.float32)


def looks_of(bare: np.ndarray) -> Looks:
    return dam_looks(images(bare), np.ones(bare.shape, dtype=bool), DAYS, DAM)


def disc(radius_px: float) -> np.ndarray:
    rows, columns = np.mgrid[:SIDE, :SIDE] + 0.5
    return np.hypot(rows - DAM[0], columns - DAM[1]) <= radius_px


def test_ground_laid_bare_for_good_is_told_by_the_second_look_and_its_area_is_right() -> None:
    bare = np.zeros((len(DAYS), SIDE, SIDE), dtype=bool)
    bare[np.datetime64("2024-05-01") <= DAYS] = disc(6.0)
    looks = looks_of(bare)
    told = DAYS[np.nan_to_num(looks.values) > 0]
    assert np.datetime64("2024-05-15") <= told[0] <= np.datetime64("2024-06-05")
    assert looks.values[-1] == pytest.approx(disc(6.0).sum() * 100, rel=0.01)


def test_fields_that_are_bare_every_autumn_are_none() -> None:
    month = DAYS.astype("datetime64[M]").astype(int) % 12 + 1
    bare = np.zeros((len(DAYS), SIDE, SIDE), dtype=bool)
    bare[np.isin(month, (9, 10, 11))] = True
    assert np.nanmax(looks_of(bare).values) == 0


def test_the_first_year_says_nothing() -> None:
    bare = np.zeros((len(DAYS), SIDE, SIDE), dtype=bool)
    bare[np.datetime64("2022-06-01") <= DAYS] = disc(6.0)
    values = looks_of(bare).values
    assert np.isnan(values[np.datetime64("2022-12-01") > DAYS]).all()


def winters(stripped: np.ndarray, soil: np.ndarray) -> Looks:
    """Ground that is bare every winter; from a winter day on a disc of it is stripped to a soil."""
    month = DAYS.astype("datetime64[M]").astype(int) % 12 + 1
    seen = images(np.broadcast_to(np.isin(month, (10, 11, 12, 1, 2, 3))[:, None, None], (len(DAYS), SIDE, SIDE)))
    rng = np.random.default_rng(4)
    seen = seen * np.exp(rng.normal(0.0, 0.08, (len(DAYS), 1, 1, 1)))  # haze and wet soil, alike everywhere
    seen[DAYS >= WINTER_DAY] = np.where(stripped, soil[:, None, None], seen[DAYS >= WINTER_DAY])
    return dam_looks(seen.astype(np.float32), np.ones((len(DAYS), SIDE, SIDE), dtype=bool), DAYS, DAM)


def test_in_winter_only_ground_of_another_colour_is_told() -> None:
    subsoil = winters(disc(6.0), SOIL * np.linspace(1.7, 1.1, len(SOIL)))
    told = DAYS[np.nan_to_num(subsoil.values) > 0]
    assert WINTER_DAY < told[0] <= WINTER_DAY + 35
    whole = disc(6.0).sum() * 100  # its rim shares its pixels with what lies around
    assert 0.7 * whole <= subsoil.values[DAYS >= WINTER_DAY][3] <= whole
    same = winters(disc(6.0), SOIL)
    assert np.nanmax(same.values[(DAYS >= WINTER_DAY) & (np.datetime64("2024-04-01") > DAYS)]) == 0


def test_one_odd_look_lays_nothing_bare() -> None:
    month = DAYS.astype("datetime64[M]").astype(int) % 12 + 1
    seen = images(np.broadcast_to(np.isin(month, (10, 11, 12, 1, 2, 3))[:, None, None], (len(DAYS), SIDE, SIDE)))
    odd = int(np.searchsorted(DAYS, WINTER_DAY))
    seen[odd, :, disc(6.0)] *= np.linspace(1.7, 1.1, len(SOIL))
    assert np.nanmax(dam_looks(seen, np.ones((len(DAYS), SIDE, SIDE), dtype=bool), DAYS, DAM).values) == 0


def test_bare_ground_that_does_not_reach_the_dam_is_a_field() -> None:
    bare = np.zeros((len(DAYS), SIDE, SIDE), dtype=bool)
    bare[np.datetime64("2024-05-01") <= DAYS] = disc(14.0) & ~disc(8.0)
    assert np.nanmax(looks_of(bare).values) == 0


def test_what_is_green_again_is_no_longer_bare() -> None:
    bare = np.zeros((len(DAYS), SIDE, SIDE), dtype=bool)
    bare[(np.datetime64("2024-05-01") <= DAYS) & (np.datetime64("2024-08-01") > DAYS)] = disc(6.0)
    values = looks_of(bare).values
    assert np.nanmax(values) > 0
    assert values[-1] == 0


def simulated(seed: int) -> tuple[HydroWorks, Looks]:
    """A dam that is begun after two years, on seeds that no rule was set on."""
    rng = np.random.default_rng([seed, 11])
    first = date(2021, 1, 1) + timedelta(days=int(rng.integers(0, 365)))
    ground = draw_ground(rng, 40, passes(first, first + timedelta(days=1100)), ("europe", "huanghuai")[seed % 2])
    works = draw_hydro(rng, 40, ground.days[int(len(ground.days) * rng.uniform(0.65, 0.75))])
    seen = see_ground(rng, ground, build_hydro(rng, ground, works))
    clear = shows_ground(seen.reflectance, seen.scl)
    return works, dam_looks(seen.reflectance, clear, seen.days, works.dam_at)


def test_simulated_dams_are_told_after_they_are_stripped_and_hardly_ever_before() -> None:
    before, after = 0, 0
    for seed in range(910_000, 910_004):
        works, looks = simulated(seed)
        low = looks.values - 1.645 * looks.errors
        told = looks.days[np.nan_to_num(low) > 1500.0]
        before += bool(len(told) and told[0] < works.stripped[0])
        after += bool(len(told) and told[-1] > works.stripped[1])
    assert before <= 1
    assert after >= 2
