"""Canopy, standing water, fire and building near a site: told where they happen, and silent where they do not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from models.sites.looks import Looks
from models.sites.operation import built_near_looks, burnt_looks, canopy_looks, standing_water_looks
from tiles.simulation.sites.frame import Ground
from tiles.simulation.sites.mishaps import Mishap, MishapKind, befall, draw_mishap
from tiles.simulation.sites.surfaces import site_surfaces
from tiles.simulation.spectra import load_spectra

SIDE, LOOKS, SECOND = 30, 66, 44
DAYS = np.datetime64("2022-01-05") + 11 * np.arange(LOOKS)
SINCE = DAYS[SECOND]
CLEAR = np.ones((LOOKS, SIDE, SIDE), dtype=bool)
SITE = np.zeros((SIDE, SIDE), dtype=bool)
SITE[4:26, 4:26] = True
OPEN = np.zeros((SIDE, SIDE), dtype=np.float32)
ROWS = (SITE * 0.5).astype(np.float32)
Measure = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], Looks]


def land(spectrum: np.ndarray, covered: np.ndarray = OPEN) -> Ground:
    """The same ground through two years, with rows of panels over a part of each pixel."""
    panel = site_surfaces()["panel"]["monocrystalline"]
    image = spectrum[:, None, None] + covered * (panel - spectrum)[:, None, None]
    noise = np.random.default_rng(3).normal(1.0, 0.015, (LOOKS, 10, SIDE, SIDE))
    clear = (image * noise).astype(np.float32)
    sun = np.tile([45.0, 150.0], (LOOKS, 1))
    still = np.zeros(LOOKS, dtype=np.float32)
    return Ground(DAYS, clear, sun, still, still, np.tile(load_spectra().canopy["grass"], (LOOKS, 1)))


def mishap(kind: MishapKind) -> Mishap:
    """A disc of 1.3 ha in the middle, in the second year."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    disc = np.clip(6.5 - np.hypot(rows - 15, columns - 15) + 0.5, 0.0, 1.0).astype(np.float32)
    return Mishap(kind, disc, SINCE, SINCE + 100, 0.95)


def seen(kind: MishapKind, spectrum: np.ndarray, covered: np.ndarray = OPEN) -> np.ndarray:
    ground = land(spectrum, covered)
    return befall(np.random.default_rng(4), ground, ground.clear, mishap(kind), covered)


SOIL = load_spectra().soil["loam"]
GRASS = load_spectra().canopy["grass"]


@pytest.mark.parametrize(
    ("kind", "measure", "under", "covered", "least"),
    [
        (MishapKind.CANOPY, canopy_looks, SOIL, ROWS, 0.7),
        (MishapKind.WATER, standing_water_looks, GRASS, OPEN, 0.5),
        (MishapKind.BURNT, burnt_looks, GRASS, OPEN, 0.7),
    ],
)
def test_what_happens_is_measured_and_nothing_is_before(
    kind: MishapKind, measure: Measure, under: np.ndarray, covered: np.ndarray, least: float
) -> None:
    looks = measure(seen(kind, under, covered), CLEAR, DAYS, SITE)
    before = looks.values[np.isfinite(looks.values) & (looks.days < SINCE)]
    assert len(before) > 5
    assert (before == 0).all()
    during = looks.values[(looks.days >= SINCE) & (looks.days < SINCE + 100)]
    assert least <= np.nanmax(during) / mishap(kind).area_m2 <= 1.1
    assert (looks.errors[np.isfinite(looks.values)] > 0).all()


def test_a_canopy_is_not_told_in_the_first_year_nor_where_it_was_green_before() -> None:
    first = canopy_looks(seen(MishapKind.CANOPY, SOIL, ROWS), CLEAR, DAYS, SITE)
    assert np.isnan(first.values[DAYS[0] + 180 > DAYS]).all()
    green = land(GRASS, (SITE * 0.2).astype(np.float32))
    always = canopy_looks(green.clear, CLEAR, DAYS, SITE)
    assert np.nanmax(always.values) == 0


@pytest.mark.parametrize(
    ("kind", "measure"), [(MishapKind.WATER, standing_water_looks), (MishapKind.BURNT, burnt_looks)]
)
def test_water_and_fire_between_rows_are_hidden_by_them(kind: MishapKind, measure: Measure) -> None:
    looks = measure(seen(kind, GRASS, ROWS), CLEAR, DAYS, SITE)
    assert np.nanmax(looks.values) == 0


def test_harvest_and_ploughing_are_no_fire() -> None:
    images = land(GRASS).clear.copy()
    images[SECOND : SECOND + 5] = load_spectra().dry["straw"][None, :, None, None]
    images[SECOND + 5 :] = 0.6 * SOIL[None, :, None, None]
    assert np.nanmax(burnt_looks(images, CLEAR, DAYS, SITE).values) == 0


def test_a_pond_that_was_there_is_no_standing_water() -> None:
    images = land(GRASS).clear.copy()
    images[:, :, 10:20, 10:20] = load_spectra().ground["water"][None, :, None, None]
    assert np.nanmax(standing_water_looks(images, CLEAR, DAYS, SITE).values) == 0


def test_building_near_counts_when_it_stays() -> None:
    around = ~SITE
    gravel = site_surfaces()["surface"]["gravel"][None, :, None, None]
    images = land(GRASS).clear.copy()
    images[SECOND:, :, :4, 5:25] = gravel
    told = built_near_looks(images, CLEAR, DAYS, around)
    assert np.nanmax(told.values[DAYS < SINCE + 60]) == 0
    assert told.values[-1] == pytest.approx(4 * 20 * 100, rel=0.15)
    images[SECOND + 4 :, :, :4, 5:25] = GRASS[None, :, None, None]
    assert np.nanmax(built_near_looks(images, CLEAR, DAYS, around).values) == 0


def test_mishaps_have_a_truth_by_day() -> None:
    drawn = draw_mishap(np.random.default_rng(2), MishapKind.WATER, SITE, SINCE)
    assert 0 < drawn.area_m2 <= np.pi * 110**2
    assert (drawn.where[~SITE] == 0).all()
    assert drawn.strength_on(np.array([SINCE - 1, SINCE, drawn.until])).tolist() == [0.0, 1.0, 0.0]
    healing = mishap(MishapKind.BURNT).strength_on(SINCE + np.arange(0, 100, 10))
    assert (np.diff(healing) < 0).all()
