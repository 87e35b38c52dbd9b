"""Simulated solar works: truth that only rises, ground that becomes panels, the same for the same seed."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from geo.bands import BANDS
from geo.errors import DataError
from tiles.simulation.sites.frame import Ground, draw_ground, passes, see_ground
from tiles.simulation.sites.solar import SolarWorks, build_solar, draw_solar
from tiles.simulation.sites.surfaces import MISTAKEN, site_surfaces

START = np.datetime64("2023-03-01")
DAYS = passes(date(2022, 9, 1), date(2024, 3, 1), 15)


@pytest.fixture(scope="module")
def ground() -> Ground:
    """Land of one region, 32 x 32 pixels."""
    return draw_ground(np.random.default_rng(5), 32, DAYS, "europe")


@pytest.fixture(scope="module")
def works() -> SolarWorks:
    """Works on it."""
    return draw_solar(np.random.default_rng(5), 32, START)


def test_the_true_share_rises_from_nothing_and_is_what_lies_under_rows(works: SolarWorks) -> None:
    days = START + np.arange(0, 700, 20)
    share = works.share_on(days)
    assert share[0] == 0
    assert (np.diff(share) >= 0).all()
    for at in (8, 20, 34):
        assert works.rows_on(days[at]).sum() * 100 == pytest.approx(share[at] * works.planned_m2, rel=0.12, abs=900)


def test_ground_becomes_panels_inside_and_stays_land_outside(ground: Ground, works: SolarWorks) -> None:
    built = build_solar(np.random.default_rng(6), ground, works)
    assert built.shape == ground.clear.shape
    far = works.inside == 0
    np.testing.assert_allclose(built[:, :, far], np.clip(ground.clear[:, :, far], 0.001, 1.0))
    before = ground.days < START
    np.testing.assert_allclose(built[before], np.clip(ground.clear[before], 0.001, 1.0))
    rows = works.rows_on(ground.days[-1]) > 0.99
    near = BANDS.index("B08")
    between = 0.7 * ground.clear[-1, near][rows].max() + 0.3
    assert built[-1, near][rows].max() < between


def test_the_same_seed_gives_the_same_images(ground: Ground) -> None:
    one, other = (see_ground(np.random.default_rng(9), ground, ground.clear) for _ in range(2))
    np.testing.assert_array_equal(one.reflectance, other.reflectance)
    assert np.isfinite(one.reflectance).all()
    assert one.scl.shape == (len(ground.days), 32, 32)


@pytest.mark.parametrize("laid", MISTAKEN)
def test_other_surfaces_are_laid_too(laid: str) -> None:
    drawn = draw_solar(np.random.default_rng(3), 32, START, laid)
    assert (drawn.spectrum > 0).all()
    assert drawn.laid == laid


def test_unknown_surfaces_are_refused_and_spectra_fit_the_bands() -> None:
    with pytest.raises(DataError):
        draw_solar(np.random.default_rng(3), 32, START, "gold")
    for group in site_surfaces().values():
        for spectrum in group.values():
            assert spectrum.shape == (len(BANDS),)
            assert ((spectrum > 0) & (spectrum < 0.6)).all()
