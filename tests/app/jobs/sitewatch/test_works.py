"""A wind farm and a reservoir looked at end to end, with Sentinel-1, against what was painted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from app.jobs.sitewatch.asking import SiteWatchRequest
from app.jobs.sitewatch.files import SitesLooked
from app.sites.plans import PlannedSite
from geo.area import geodesic_area_ha
from geo.errors import InputError
from geo.sites import SiteType
from tests.app.jobs.sitewatch.painted import Painted, hydro, outline_of, planned, points_of, wind, write_painted

DUE = (date(2024, 3, 1), date(2024, 8, 1))

Look = Callable[[SiteWatchRequest, list[PlannedSite]], SitesLooked]
Ask = Callable[[Painted, Path], SiteWatchRequest]


@pytest.fixture(scope="module")
def ask(scheduler: str) -> Ask:
    def request(painted: Painted, runs: Path) -> SiteWatchRequest:
        catalog, day = str(painted.catalog), date(2024, 9, 30)
        return SiteWatchRequest(catalog=catalog, radar=catalog, runs=runs, as_of=day, scheduler=scheduler)

    return request


def _values(looked: SitesLooked, measure: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows = looked.looks[looked.looks.measure == measure]
    assert rows.date.is_unique
    return rows.date.to_numpy().astype("datetime64[D]"), rows.value.to_numpy(), rows.error.to_numpy()


@pytest.fixture(scope="module")
def park(tmp_path_factory: pytest.TempPathFactory) -> Painted:
    return write_painted(tmp_path_factory.mktemp("park"), wind, 5)


@pytest.fixture(scope="module")
def park_looked(park: Painted, ask: Ask, tmp_path_factory: pytest.TempPathFactory, look: Look) -> SitesLooked:
    site = planned("park", shapely.MultiPoint(points_of(park.works.planned)), due=DUE, kind=SiteType.WIND)
    return look(ask(park, tmp_path_factory.mktemp("park-runs")), [site])


def test_pads_and_towers_are_counted_as_they_were_built(park: Painted, park_looked: SitesLooked) -> None:
    count = len(park.works.planned)
    for measure, truth in (("pads", park.works.pads_on), ("turbines", park.works.turbines_on)):
        days, counts, _ = _values(park_looked, measure)
        assert len(days) >= 10
        assert np.abs(counts - truth(days)).mean() <= 0.15 * count
        assert counts[-1] == pytest.approx(count, abs=0.3)
        assert counts[0] == pytest.approx(0.0, abs=0.3)


def test_radar_tells_of_days_that_clouds_hide(park: Painted, park_looked: SitesLooked) -> None:
    days, _, _ = _values(park_looked, "turbines")
    assert len(set(days) - set(park.days)) >= 20


def test_every_place_has_its_chances_by_day(park: Painted, park_looked: SitesLooked) -> None:
    places = park_looked.places
    assert set(places.place) == set(range(len(park.works.planned)))
    assert not places.duplicated(["site_id", "place", "date"]).any()
    last = places.sort_values("date").groupby("place")[["pad", "tower"]].last()
    assert (last.pad > 0.9).all()
    assert (last.tower > 0.9).all()
    assert (last.tower <= 0.97 + 1e-6).all()


def test_a_pad_is_drawn_where_it_is_planned(park: Painted, park_looked: SitesLooked) -> None:
    drawn = park_looked.footprints
    assert drawn.kind.tolist() == ["inside"]
    points = [shapely.Point(point) for point in points_of(park.works.planned)]
    assert all(drawn.geometry.iloc[0].contains(point) for point in points)


@pytest.fixture(scope="module")
def valley(tmp_path_factory: pytest.TempPathFactory) -> Painted:
    return write_painted(tmp_path_factory.mktemp("valley"), hydro, 3)


@pytest.fixture(scope="module")
def valley_site(valley: Painted) -> PlannedSite:
    works = valley.works
    dam = points_of(np.array([[works.dam_at[1] * 10, works.dam_at[0] * 10]]))
    border = outline_of(np.asarray(works.border) > 0)
    return planned("valley", border, due=DUE, kind=SiteType.HYDRO, points=dam, built_ha=works.planned_m2 / 1e4)


@pytest.fixture(scope="module")
def valley_looked(
    valley: Painted, valley_site: PlannedSite, ask: Ask, tmp_path_factory: pytest.TempPathFactory, look: Look
) -> SitesLooked:
    return look(ask(valley, tmp_path_factory.mktemp("valley-runs")), [valley_site])


def test_water_follows_the_filling_in_both_kinds_of_look(valley: Painted, valley_looked: SitesLooked) -> None:
    days, areas, errors = _values(valley_looked, "water_m2")
    truth = valley.works.area_on(days)
    assert truth.max() > 0.9 * valley.works.planned_m2
    assert np.abs(areas - truth).mean() < 0.06 * valley.works.planned_m2
    assert np.mean(np.abs(areas - truth) <= 2.0 * errors + 1.0) > 0.8
    optical = np.isin(days, valley.days)
    assert optical.sum() >= 10
    assert (~optical).sum() >= 10


def test_water_is_drawn_as_it_lies_on_the_latest_look(valley: Painted, valley_looked: SitesLooked) -> None:
    days, areas, _ = _values(valley_looked, "water_m2")
    optical = np.isin(days, valley.days)
    drawn = float(geodesic_area_ha(valley_looked.footprints.geometry)[0]) * 1e4
    assert drawn == pytest.approx(areas[optical][-1], rel=0.15)


def test_ground_at_the_dam_is_a_measure_of_its_own(valley_looked: SitesLooked) -> None:
    rows = valley_looked.looks[valley_looked.looks.measure == "cleared_m2"]
    assert len(rows)
    assert rows.value.between(0.0, np.pi * 150.0**2 * 1.05).all()


def test_a_catalogue_without_radar_is_refused_where_radar_is_asked_for(
    farm: Painted, farm_site: PlannedSite, ask: Ask, tmp_path: Path, look: Look
) -> None:
    with pytest.raises(InputError) as caught:
        look(ask(farm, tmp_path / "runs"), [farm_site])
    assert caught.value.code == "NO_SENTINEL1"


def test_rows_rest_on_nothing_that_became_known_later(park_looked: SitesLooked) -> None:
    for _, rows in park_looked.known.groupby("measure"):
        known = rows.sort_values("date").known_at
        assert known.is_monotonic_increasing
        assert (known.dt.tz_convert("UTC").dt.date >= rows.sort_values("date").date).all()
    pd.testing.assert_frame_equal(park_looked.known, park_looked.looks)
