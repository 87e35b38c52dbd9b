"""Simulated sites on disk: the files read as real ones do, and show what the truth says."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pystac
import pytest
import rasterio
from scipy.ndimage import binary_erosion

from geo.bands import BANDS
from geo.errors import DataError
from geo.season import Season
from tests.tiles.simulation.sites.small_sites import BEGINS, DONE, PLANNED, small_plan
from tiles.radar.scenes import KIND_PROPERTY, calibration
from tiles.simulation.catalogue import SIMULATED_FLAG
from tiles.simulation.sites.asked import SitesPlan
from tiles.simulation.sites.hydro import HydroWorks
from tiles.simulation.sites.land import Window, draw_land
from tiles.simulation.sites.placed import Placed, place
from tiles.simulation.sites.season import SimulatedSites, write_site_season
from tiles.simulation.sites.solar import SolarWorks
from tiles.simulation.sites.wind import WindWorks, draw_works
from tiles.sources.local import LocalCatalog

AROUND = (115.6, 33.3, 115.8, 33.5)
SEASON = Season(date(2024, 11, 1), date(2025, 12, 31))


@pytest.fixture(scope="module")
def plan() -> SitesPlan:
    """Three sites on 176 x 176 pixels."""
    return small_plan()


@pytest.fixture(scope="module")
def sites(plan: SitesPlan, tmp_path_factory: pytest.TempPathFactory) -> SimulatedSites:
    """The plan, written."""
    return write_site_season(tmp_path_factory.mktemp("sites"), plan)


@pytest.fixture(scope="module")
def placed(plan: SitesPlan) -> dict[str, Placed]:
    """The works of the plan, drawn anew."""
    land = draw_land(np.random.default_rng([plan.seed, 1, 0]), plan.size_px, plan.days, plan.region)
    return {one.site_id: place([plan.seed, 2, at], land, one) for at, one in enumerate(plan.sites)}


def layer(item: pystac.Item, name: str, window: Window | None = None) -> np.ndarray:
    with rasterio.open(item.assets[name].href) as source:
        values = source.read(1).astype(np.float64)
    if values.shape[0] == 88:
        values = values.repeat(2, axis=0).repeat(2, axis=1)
    return values if window is None else values[window.slices]


def reflectance(item: pystac.Item, name: str, window: Window) -> np.ndarray:
    return layer(item, name, window) * 1e-4 - 0.1


def hashes(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest() for path in files}


def clear_of(sites: SimulatedSites, window: Window, since: date) -> tuple[pystac.Item, np.ndarray]:
    """The clearest scene of a window from a day on, and its pixels that are classed as ground."""
    items = LocalCatalog(sites.catalog).search(AROUND, Season(since, SEASON.end))
    found = [(item, np.isin(layer(item, "SCL", window), (2, 4, 5, 6))) for item in items]
    return max(found, key=lambda one: float(one[1].mean()))


def test_both_kinds_of_scenes_come_from_one_catalogue(sites: SimulatedSites, plan: SitesPlan) -> None:
    source = LocalCatalog(sites.catalog)
    optical = source.search(AROUND, SEASON)
    assert 12 <= len(optical) <= len(plan.days)  # overcast ones are not written
    assert {item.datetime.date() for item in optical if item.datetime} <= set(plan.days)
    assert all({*BANDS, "SCL"} <= set(item.assets) for item in optical)
    radar = source.search_radar(AROUND, SEASON)
    assert [item.datetime.date() for item in radar if item.datetime] == list(plan.tracks[0].days)
    assert {item.properties[KIND_PROPERTY] for item in radar} == {"gamma0"}
    stored = calibration(radar[0].assets["vv"], "vv")
    assert (stored.scale, stored.unit, stored.nodata) == (0.01, "dB", -32768)


def test_land_and_radar_have_the_levels_that_they_had(sites: SimulatedSites) -> None:
    """Golden statistics: medians over all land of one spring day with clear sky, and of the first pass."""
    source = LocalCatalog(sites.catalog)
    day = next(item for item in source.search(AROUND, SEASON) if "20250427" in item.id)
    medians = [np.median(layer(day, name)) * 1e-4 - 0.1 for name in ("B02", "B04", "B08", "B11")]
    np.testing.assert_allclose(medians, [0.0499, 0.0608, 0.3309, 0.1788], atol=0.001)
    first = source.search_radar(AROUND, SEASON)[0]
    np.testing.assert_allclose(
        [np.median(layer(first, name)) * 0.01 for name in ("vv", "vh")], [-10.55, -17.51], atol=0.05
    )


def test_everything_says_that_it_is_simulated(sites: SimulatedSites) -> None:
    catalogue = pystac.Catalog.from_file(str(sites.catalog))
    for part in (catalogue, *catalogue.get_children()):
        assert part.extra_fields[SIMULATED_FLAG] is True
        assert "imulated" in (part.title or "")
    assert all(item.properties[SIMULATED_FLAG] is True for item in catalogue.get_items(recursive=True))
    assert json.loads(sites.plans.read_text(encoding="utf-8"))[SIMULATED_FLAG] is True


def test_links_are_relative_so_that_the_folder_can_move(sites: SimulatedSites) -> None:
    for path in sites.catalog.parent.rglob("*.json"):
        document = json.loads(path.read_text(encoding="utf-8"))
        hrefs = [link["href"] for link in document.get("links", [])]
        hrefs += [asset["href"] for asset in document.get("assets", {}).values()]
        assert hrefs
        assert all(href.startswith(".") for href in hrefs), path


def test_the_truth_rises_from_nothing_to_all_between_the_days_asked(sites: SimulatedSites) -> None:
    truth = pd.read_parquet(sites.truth)
    for _, rows in truth.groupby("site_id"):
        assert (rows.share.diff().dropna() >= -1e-9).all()
        assert (rows.share[rows.date < BEGINS] == 0).all()
        assert rows.share[rows.date >= DONE].to_numpy() == pytest.approx(1.0)
        assert ((rows.share > 0) & (rows.share < 1)).sum() >= 2
    outside = truth.groupby("site_id").outside_m2.max()
    assert outside["S-1"] > 5_000
    assert outside[["W-1", "H-1"]].max() == 0


def test_the_plan_is_done_a_month_before_the_works(placed: dict[str, Placed]) -> None:
    for one in placed.values():
        assert one.planned_on([PLANNED])[0] == pytest.approx(1.0)
        assert one.share_on([PLANNED])[0] < 1.0
        assert one.share_on([DONE - timedelta(days=1)])[0] < 1.0
        days = [BEGINS + timedelta(days=at) for at in range(0, 200, 10)]
        assert (one.planned_on(days) >= one.share_on(days) - 1e-9).all()


def test_panels_leave_the_border_by_about_what_was_asked(placed: dict[str, Placed]) -> None:
    one = placed["S-1"]
    assert one.built_m2 is not None
    beyond = one.outside_m2_on([DONE])[0]
    assert beyond / (beyond + one.built_m2) == pytest.approx(0.25, abs=0.12)


def test_rows_of_panels_are_dark_in_the_images_where_the_truth_has_them(
    sites: SimulatedSites, placed: dict[str, Placed]
) -> None:
    one = placed["S-1"]
    assert isinstance(one.works, SolarWorks)
    item, clear = clear_of(sites, one.asked.window, DONE)
    rows = one.works.rows_on(np.datetime64(DONE, "D"))
    near, red = (reflectance(item, name, one.asked.window) for name in ("B08", "B04"))
    panels, land = clear & (rows > 0.95), clear & (rows == 0) & (one.works.inside == 0)
    assert panels.sum() > 100
    ndvi = (near - red) / (near + red)
    assert np.median(near[panels]) < 0.8 * np.median(near[land])
    assert np.median(ndvi[panels]) < np.median(ndvi[land]) - 0.1


def test_water_in_the_images_covers_what_the_truth_says(sites: SimulatedSites, placed: dict[str, Placed]) -> None:
    one = placed["H-1"]
    assert isinstance(one.works, HydroWorks)
    item, clear = clear_of(sites, one.asked.window, DONE)
    assert item.datetime is not None
    green, short = (reflectance(item, name, one.asked.window) for name in ("B03", "B11"))
    wet = (green - short) / (green + short) > 0
    water = one.works.water_on(np.datetime64(item.datetime.date(), "D"))
    assert clear.mean() > 0.6
    deep = binary_erosion(water == 1, iterations=2)  # B11 is measured at 20 m: it mixes across shores
    assert wet[clear & deep].mean() > 0.97
    border = (one.works.border > 0) & clear
    assert wet[border].sum() == pytest.approx(water[border].sum(), rel=0.12)


def test_towers_throw_the_radar_back_once_they_stand(sites: SimulatedSites, placed: dict[str, Placed]) -> None:
    one = placed["W-1"]
    assert isinstance(one.works, WindWorks)
    radar = LocalCatalog(sites.catalog).search_radar(AROUND, SEASON)
    at = (one.works.bases // 10).astype(int)
    levels = np.array([layer(item, "vv", one.asked.window)[at[:, 1], at[:, 0]] * 0.01 for item in radar])
    days = [item.datetime.date() for item in radar if item.datetime]
    before, after = ([day < BEGINS for day in days], [day > DONE for day in days])
    assert levels[before].mean() == pytest.approx(-11.0, abs=3.0)
    assert (levels[after].mean(axis=0) > levels[before].mean(axis=0) + 4.0).all()


def test_plans_state_what_is_built_in_degrees(sites: SimulatedSites, placed: dict[str, Placed]) -> None:
    features = json.loads(sites.plans.read_text(encoding="utf-8"))["features"]
    plans = {one["properties"]["site_id"]: one["properties"] for one in features}
    assert list(plans) == list(placed)
    assert plans["S-1"]["built_ha"] == pytest.approx((placed["S-1"].built_m2 or 0) / 1e4, abs=0.001)
    assert len(plans["W-1"]["points"].split(";")) == 3
    assert plans["W-1"]["capacity_mw"] == 15
    areas = [float(part.split("=")[1]) for part in plans["H-1"]["levels"].split(";")]
    assert areas[0] == 0
    assert areas == sorted(areas)
    assert areas[-1] > plans["H-1"]["built_ha"]
    for one in plans.values():
        shares = [float(part.split("=")[1]) for part in one["curve"].split(";")]
        assert (shares[0], shares[-1], shares) == (0, 1, sorted(shares))
        assert one["complete"] == str(PLANNED)
        assert one["being_built"] < one["complete"] < one["steady"]
        assert sum(value for name, value in one.items() if name.startswith("draws_")) <= 1


def test_the_same_plan_gives_the_same_bytes(sites: SimulatedSites, plan: SitesPlan, tmp_path: Path) -> None:
    few = replace(plan, days=plan.days[5:8], tracks=tuple(replace(one, days=one.days[:1]) for one in plan.tracks))
    assert hashes(write_site_season(tmp_path / "one", few).catalog.parent) == hashes(
        write_site_season(tmp_path / "two", few).catalog.parent
    )
    other = write_site_season(tmp_path / "three", replace(few, seed=8))
    assert other.plans.read_bytes() != sites.plans.read_bytes()


def test_what_is_written_is_left_alone_and_what_is_not_whole_is_written_anew(plan: SitesPlan, tmp_path: Path) -> None:
    few = replace(plan, days=plan.days[:2], tracks=(), sites=plan.sites[:1])
    seen: list[tuple[int, int]] = []
    done = write_site_season(tmp_path, few, lambda at, of: seen.append((at, of)))
    assert seen == [(1, 2), (2, 2)]
    assert done.radar is None
    write_site_season(tmp_path, few, lambda at, of: seen.append((at, of)))
    assert len(seen) == 2
    before = hashes(tmp_path)
    done.catalog.unlink()
    write_site_season(tmp_path, few, lambda at, of: seen.append((at, of)))
    assert len(seen) == 4
    assert hashes(tmp_path) == before
    write_site_season(tmp_path, replace(few, seed=9), lambda at, of: seen.append((at, of)))
    assert len(seen) == 6


def test_a_site_without_room_is_refused(plan: SitesPlan, tmp_path: Path) -> None:
    narrow = replace(plan.sites[1], window=Window(0, 0, 44), turbines=9)
    with pytest.raises(DataError, match="W-1") as caught:
        write_site_season(tmp_path, replace(plan, size_px=64, days=plan.days[:1], tracks=(), sites=(narrow,)))
    assert caught.value.code == "SITE_WITHOUT_BLOCKS"


def test_turbines_without_any_free_field_are_refused() -> None:
    with pytest.raises(DataError) as caught:
        draw_works(np.random.default_rng(1), np.zeros((64, 64), dtype=np.bool_), np.datetime64("2025-01-01"), 3)
    assert caught.value.code == "SITE_WITHOUT_BLOCKS"


def test_a_part_of_the_land_is_what_the_whole_shows(plan: SitesPlan) -> None:
    land = draw_land(np.random.default_rng(3), 48, plan.days[:3], "europe")
    window = Window(10, 6, 20)
    part = land.part(window)
    for time in range(3):
        np.testing.assert_array_equal(part.clear[time], land.on(time)[:, 10:30, 6:26])
    assert part.size_px == 20
