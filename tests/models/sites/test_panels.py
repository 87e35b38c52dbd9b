"""Panels by pixel, over looks, of a site and of a wide area."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from geo.sites import SiteMeasure
from models.sites.ground import shows_ground
from models.sites.panels import LEAST_PAST, load_panel_net, panel_features, panel_shares, past_of
from models.sites.scan import panels_found, patches, scan
from models.sites.settled import settled
from models.sites.solar import SolarEvidence, SolarImages, solar_evidence, solar_looks
from tiles.simulation.sites.frame import Seen, draw_ground, passes, see_ground
from tiles.simulation.sites.solar import SolarWorks, build_solar, draw_solar
from tiles.simulation.sites.surfaces import PANELS, site_surfaces
from tiles.simulation.spectra import load_spectra

START = np.datetime64("2023-03-01")
#: Bare soil, a green field, half panels over soil, panels.
GOLDEN = [0.0053, 0.0002, 0.9731, 0.9999]
DAYS = passes(date(2022, 6, 1), date(2024, 4, 1), 10)


def built(laid: str, seed: int = 30_001) -> tuple[SolarWorks, Seen]:
    """A site of 48 x 48 pixels."""
    rng = np.random.default_rng(seed)
    ground = draw_ground(rng, 48, DAYS, "huanghuai")
    works = draw_solar(rng, 48, START, laid)
    return works, see_ground(rng, ground, build_solar(rng, ground, works))


@pytest.fixture(scope="module")
def site() -> tuple[SolarWorks, Seen, SolarEvidence]:
    """A site with panels, as seen, and what looks say of it."""
    works, seen = built(PANELS)
    return works, seen, solar_evidence(SolarImages(seen.days, seen.reflectance, seen.scl, works.inside, START))


def test_area_by_look_follows_the_truth(site: tuple[SolarWorks, Seen, SolarEvidence]) -> None:
    works, _, evidence = site
    panels = solar_looks(evidence)[SiteMeasure.PANELS]
    told = np.isfinite(panels.values)
    assert told.sum() > 10
    off = panels.values[told] / works.planned_m2 - works.share_on(panels.days[told])
    assert np.abs(off).mean() < 0.08
    assert abs(off[-1]) < 0.05
    assert (panels.errors[told] > 0).all()
    assert (np.diff(panels.values[told]) >= 0).all()


def test_nothing_is_said_to_be_outside_and_all_is_cleared_in_the_end(
    site: tuple[SolarWorks, Seen, SolarEvidence],
) -> None:
    works, _, evidence = site
    looks = solar_looks(evidence)
    outside, cleared = (looks[name].values for name in (SiteMeasure.PANELS_OUTSIDE, SiteMeasure.CLEARED))
    assert np.nanmax(outside) <= 200
    last = cleared[np.isfinite(cleared)][-1] / (works.inside.sum() * 100)
    assert last > 0.7


def beyond(evidence: SolarEvidence) -> float:
    """Area outside the border that the last look tells, m2."""
    outside = solar_looks(evidence)[SiteMeasure.PANELS_OUTSIDE].values
    return float(outside[np.isfinite(outside)][-1])


def test_rows_outside_are_told_where_they_last_and_did_not_look_so_before(
    site: tuple[SolarWorks, Seen, SolarEvidence],
) -> None:
    works, seen, _ = site
    inside = works.inside.copy()
    inside[:, 24:] = 0.0
    evidence = solar_evidence(SolarImages(seen.days, seen.reflectance, seen.scl, inside, START))
    truth = float((works.rows_on(seen.days[-1]) * (inside == 0)).sum()) * 100
    told = beyond(evidence)
    assert 0.5 * truth < told < 1.1 * truth
    assert beyond(replace(evidence, already=inside == 0)) == 0
    begun = int((evidence.days < START + 1).sum())
    assert np.isnan(evidence.shares[:begun]).all() or beyond(evidence.until(max(begun, 8))) == 0


def test_a_small_patch_outside_is_left_out() -> None:
    days = START + 10 * np.arange(20)
    shares = np.full((20, 30, 30), 0.01, dtype=np.float32)
    inside = np.zeros((30, 30), dtype=np.float32)
    inside[2:20, 2:12] = 1.0
    shares[5:, 2:6, 20:25] = 0.99
    evidence = SolarEvidence(days, shares, np.zeros(shares.shape, dtype=bool), inside)
    assert beyond(evidence) == 0
    shares[5:, 2:14, 20:25] = 0.99
    assert beyond(evidence) == 6000
    assert beyond(evidence.until(9)) == 0


def test_evidence_around_the_border_alone_says_the_same(site: tuple[SolarWorks, Seen, SolarEvidence]) -> None:
    evidence = site[2]
    whole, near = (solar_looks(each)[SiteMeasure.PANELS] for each in (evidence, evidence.near(3)))
    np.testing.assert_allclose(whole.values, near.values, rtol=1e-4)


def test_a_scan_finds_the_site_whatever_its_windows(site: tuple[SolarWorks, Seen, SolarEvidence]) -> None:
    works, seen, _ = site

    def read(window: tuple[slice, slice]) -> tuple[np.ndarray, np.ndarray]:
        return seen.reflectance[:, :, window[0], window[1]], seen.scl[:, window[0], window[1]]

    one, many = (scan(read, (48, 48), seen.days, START, window_px=side) for side in (48, 17))
    assert one == many
    centre = np.average(np.indices((48, 48)).reshape(2, -1), axis=1, weights=works.inside.ravel())
    assert np.hypot(one[0].row - centre[0], one[0].column - centre[1]) < 12


@pytest.mark.parametrize("laid", ["greenhouse", "asphalt"])
def test_what_is_taken_for_panels_is_not(laid: str) -> None:
    works, seen = built(laid)
    evidence = solar_evidence(SolarImages(seen.days, seen.reflectance, seen.scl, works.inside, START))
    found, since = panels_found(evidence.shares, evidence.days)
    assert found[works.inside > 0.5].mean() < 0.02
    assert patches(found, since, evidence.days) == ()


def test_evidence_of_looks_is_brought_together() -> None:
    shares = np.full((12, 1, 4), 0.1, dtype=np.float32)
    shares[5:, 0, 1] = 0.9
    shares[5, 0, 2] = 0.9
    shares[:, 0, 3] = np.nan
    chance = settled(shares, 0.5)[:, 0]
    assert (np.diff(chance, axis=0) >= -1e-6).all()
    assert chance[4, 1] < 0.2
    assert chance[5, 1] > 0.8
    assert chance[-1, 0] < 0.05
    assert chance[-1, 2] < 0.05
    assert chance[-1, 3] < 0.2


def test_where_many_pixels_change_the_first_look_is_believed_and_where_none_does_it_is_not() -> None:
    shares = np.full((12, 20, 20), 0.1, dtype=np.float32)
    shares[11, :, :10] = 0.9
    weights = np.ones((20, 20), dtype=np.float32)
    usual, learned = settled(shares, 0.5), settled(shares, 0.5, weights=weights)
    assert learned[11, :, :10].min() > usual[11, :, :10].max() + 0.2
    assert learned[11, :, 10:].max() < 0.05
    few = np.full((12, 20, 20), 0.1, dtype=np.float32)
    few[11, 0, 0] = 0.9
    assert settled(few, 0.5, weights=weights)[11, 0, 0] <= settled(few, 0.5)[11, 0, 0] + 0.05
    outside = np.zeros((20, 20), dtype=np.float32)
    outside[:, 10:] = 1.0
    assert settled(shares, 0.5, weights=outside)[11, :, :10].max() < learned[11, :, :10].min()


def test_a_pixel_without_a_past_is_not_judged_and_shadow_is_ground() -> None:
    random = np.random.default_rng(1)
    images = random.uniform(0.02, 0.4, (4, 10, 2, 2)).astype(np.float32)
    scl = np.full((4, 2, 2), 4, dtype=np.uint8)
    scl[0] = 2
    seen = shows_ground(images, scl)
    assert seen.all()
    seen[: 5 - LEAST_PAST, 0, 0] = False
    past = past_of(images, seen)
    assert np.isnan(past[0, 0]).all()
    assert np.isfinite(past[1, 1]).all()
    np.testing.assert_allclose(past[1, 1, :10], np.log(np.sort(images[:, :, 1, 1], axis=0)[2]), rtol=1e-5)
    shares = panel_shares(images, seen, past)
    assert np.isnan(shares[:, 0, 0]).all()
    assert ((shares[:, 1, 1] >= 0) & (shares[:, 1, 1] <= 1)).all()


def test_the_network_that_ships_is_the_one_that_was_measured() -> None:
    spectra = load_spectra()
    bare, green = spectra.soil["loam"], spectra.canopy["wheat"]
    panel = site_surfaces()["panel"]["monocrystalline"]
    past = np.log(np.concatenate([0.5 * (bare + green), np.stack([green, bare], axis=1)[[0, 2, 6, 8]].ravel()]))
    looks = np.stack([bare, green, panel * 0.5 + bare * 0.4, panel * 0.9])
    shares = load_panel_net().share(panel_features(looks, np.tile(past, (4, 1)).astype(np.float32)))
    np.testing.assert_allclose(shares, GOLDEN, atol=2e-3)
