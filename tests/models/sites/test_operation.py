"""Canopy, standing water and fire on a built site: told where they happen, and silent where they do not."""

from __future__ import annotations

import numpy as np
import pytest

from geo.sites import SiteMeasure
from models.sites.looks import Looks
from models.sites.operation import operation_measures
from tiles.simulation.sites.mishaps import Mishap, MishapKind, befall, draw_mishap, happening
from tiles.simulation.sites.surfaces import site_surfaces
from tiles.simulation.spectra import load_spectra

SIDE, LOOKS, SECOND = 30, 66, 44
DAYS = np.datetime64("2022-01-05") + 11 * np.arange(LOOKS)
SINCE = DAYS[SECOND]
CLEAR = np.ones((LOOKS, SIDE, SIDE), dtype=bool)
SITE = np.zeros((SIDE, SIDE), dtype=bool)
SITE[4:26, 4:26] = True
NONE = np.zeros((SIDE, SIDE), dtype=bool)
MEASURE = {
    MishapKind.CANOPY: SiteMeasure.CANOPY_IN_PANELS,
    MishapKind.WATER: SiteMeasure.STANDING_WATER,
    MishapKind.BURNT: SiteMeasure.BURNT,
}


def land(spectrum: np.ndarray) -> np.ndarray:
    """(t, b, y, x) the same ground through two years, wetter and drier, greener and barer as a whole, with a track."""
    rng = np.random.default_rng(3)
    image = np.repeat(spectrum[:, None], SIDE * SIDE, axis=1).reshape(-1, SIDE, SIDE)
    image = image * rng.uniform(0.9, 1.1, (SIDE, SIDE))
    image[:, :, 8] = site_surfaces()["surface"]["gravel"][:, None]
    days = rng.normal(1.0, 0.06, (LOOKS, 1, 1, 1)) * rng.normal(1.0, 0.015, (LOOKS, 10, 1, 1))
    return np.asarray(image * days * rng.normal(1.0, 0.015, (LOOKS, 10, SIDE, SIDE)), dtype=np.float32)


def under_rows(images: np.ndarray, cover: float) -> np.ndarray:
    panel = site_surfaces()["panel"]["monocrystalline"][:, None, None]
    return np.asarray(images + (cover * SITE).astype(np.float32) * (panel - images))


def mishap(kind: MishapKind) -> Mishap:
    """A disc of 1.3 ha in the middle, in the second year."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    disc = np.clip(6.5 - np.hypot(rows - 15, columns - 15) + 0.5, 0.0, 1.0).astype(np.float32)
    return Mishap(kind, disc, SINCE, SINCE + 100, 0.95)


def happened(kind: MishapKind, images: np.ndarray, cover: float) -> np.ndarray:
    """Over rows or open ground: canopy closes over rows, water and fire lie below them."""
    if kind is MishapKind.CANOPY:
        return befall(np.random.default_rng(4), under_rows(images, cover), DAYS, mishap(kind))
    return under_rows(befall(np.random.default_rng(4), images, DAYS, mishap(kind)), cover)


def measured(images: np.ndarray, rows: np.ndarray = NONE) -> dict[SiteMeasure, Looks]:
    return dict(operation_measures(images, CLEAR, DAYS, SITE, rows))


SOIL = load_spectra().soil["loam"]
GRASS = load_spectra().canopy["grass"]


@pytest.mark.parametrize(
    ("kind", "under", "cover", "least"),
    [
        (MishapKind.CANOPY, SOIL, 0.5, 0.7),
        (MishapKind.CANOPY, GRASS, 0.5, 0.7),
        (MishapKind.WATER, GRASS, 0.0, 0.7),
        (MishapKind.WATER, GRASS, 0.3, 0.7),
        (MishapKind.WATER, GRASS, 0.7, 0.7),
        (MishapKind.WATER, SOIL, 0.5, 0.7),
        (MishapKind.BURNT, GRASS, 0.0, 0.7),
        (MishapKind.BURNT, SOIL, 0.0, 0.7),
        (MishapKind.BURNT, GRASS, 0.5, 0.6),
        (MishapKind.BURNT, SOIL, 0.3, 0.6),
    ],
)
def test_what_happens_is_measured_and_nothing_is_before(
    kind: MishapKind, under: np.ndarray, cover: float, least: float
) -> None:
    rows = SITE if cover else NONE
    found = measured(happened(kind, land(under), cover), rows)
    looks = found[MEASURE[kind]]
    before = looks.values[np.isfinite(looks.values) & (looks.days < SINCE)]
    assert len(before) > 5
    assert (before == 0).all()
    during = looks.values[(looks.days >= SINCE) & (looks.days < SINCE + 100)]
    assert least <= np.nanmax(during) / mishap(kind).area_m2 <= 1.25
    assert (looks.errors[np.isfinite(looks.values)] > 0).all()
    others = [
        one.values for measure, one in found.items() if measure is not MEASURE[kind] and (rows.any() or cover == 0)
    ]
    assert all(np.nan_to_num(values).max() == 0 for values in others)


def test_a_canopy_is_told_in_the_first_year_by_comparison_with_other_rows() -> None:
    images = happened(MishapKind.CANOPY, land(SOIL), 0.5)
    start = SECOND - 12
    looks = operation_measures(images[start:], CLEAR[start:], DAYS[start:], SITE, SITE)[SiteMeasure.CANOPY_IN_PANELS]
    assert DAYS[-1] - DAYS[start] < np.timedelta64(400, "D")
    assert np.nanmax(looks.values) > 0.7 * mishap(MishapKind.CANOPY).area_m2


def test_ground_that_turns_as_a_whole_is_no_mishap_of_a_part() -> None:
    grass, soil = land(GRASS), land(SOIL)
    images = under_rows(grass, 0.5)
    images[SECOND:] = under_rows(0.7 * soil[SECOND:], 0.5)  # mown everywhere, then wet
    assert all(np.nan_to_num(looks.values).max() == 0 for looks in measured(images, SITE).values())


def test_one_dark_look_is_no_water() -> None:
    images = under_rows(land(GRASS), 0.5)
    shade = np.array([0.62, 0.52, 0.46, 0.45, 0.42, 0.41, 0.40, 0.40, 0.34, 0.32], dtype=np.float32)
    images[SECOND, :, 9:20, 9:20] *= shade[:, None, None]
    assert all(np.nan_to_num(looks.values).max() == 0 for looks in measured(images, SITE).values())


def test_rows_that_are_laid_late_are_neither_water_nor_fire() -> None:
    images = land(SOIL)
    rows = under_rows(images, 0.5)
    late = np.zeros((SIDE, SIDE), dtype=bool)
    late[18:26, 4:26] = True
    rows[:SECOND, :, late] = images[:SECOND, :, late]
    found = measured(rows, SITE)
    assert np.nan_to_num(found[SiteMeasure.STANDING_WATER].values).max() == 0
    assert np.nan_to_num(found[SiteMeasure.BURNT].values).max() == 0


def test_harvest_and_ploughing_are_no_fire() -> None:
    images = land(GRASS)
    images[SECOND : SECOND + 5, :, 10:22, 10:22] = load_spectra().dry["straw"][None, :, None, None]
    images[SECOND + 5 :, :, 10:22, 10:22] = 0.6 * SOIL[None, :, None, None]
    assert np.nanmax(measured(images)[SiteMeasure.BURNT].values) == 0


def test_a_pond_that_was_there_is_no_standing_water() -> None:
    images = land(GRASS)
    images[:, :, 10:20, 10:20] = load_spectra().ground["water"][None, :, None, None]
    assert np.nanmax(measured(images)[SiteMeasure.STANDING_WATER].values) == 0


def test_what_happens_below_rows_happens_to_one_look() -> None:
    image = land(SOIL)[SECOND]
    changed = image.copy()
    happening(np.random.default_rng(4), mishap(MishapKind.WATER), DAYS)(SECOND, changed)
    wet = mishap(MishapKind.WATER).where == 1
    assert (changed[8, wet] < 0.05).all()
    np.testing.assert_array_equal(
        changed[:, mishap(MishapKind.WATER).where == 0], image[:, mishap(MishapKind.WATER).where == 0]
    )


def test_mishaps_have_a_truth_by_day() -> None:
    drawn = draw_mishap(np.random.default_rng(2), MishapKind.WATER, SITE, SINCE)
    assert 0 < drawn.area_m2 <= np.pi * 110**2
    assert (drawn.where[~SITE] == 0).all()
    assert drawn.strength_on(np.array([SINCE - 1, SINCE, drawn.until])).tolist() == [0.0, 1.0, 0.0]
    healing = mishap(MishapKind.BURNT).strength_on(SINCE + np.arange(0, 100, 10))
    assert (np.diff(healing) < 0).all()
