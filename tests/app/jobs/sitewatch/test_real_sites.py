"""Parcels in Flanders as sites: real fields on which nobody built anything."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from app.jobs.sitewatch.asking import SiteWatchRequest
from app.jobs.sitewatch.files import SitesLooked
from app.sites.plans import PlannedSite
from geo.sites import SiteType
from tests.app.jobs.sitewatch.painted import planned

pytestmark = pytest.mark.shared_data

DUE = (date(2019, 7, 1), date(2019, 10, 1))
FIELDS = 3


@pytest.fixture(scope="module")
def fields(shared_data: Path) -> gpd.GeoDataFrame:
    book = gpd.read_file(shared_data / "flanders-2019" / "parcels.gpkg").to_crs(4326)
    return book.iloc[book.to_crs(32631).area.argsort()[::-1][:FIELDS]]


@pytest.fixture(scope="module")
def looked(
    shared_data: Path,
    fields: gpd.GeoDataFrame,
    scheduler: str,
    tmp_path_factory: pytest.TempPathFactory,
    look: Callable[[SiteWatchRequest, list[PlannedSite]], SitesLooked],
) -> SitesLooked:
    sites = [planned(f"field-{number}", shape, due=DUE, built_ha=1.0) for number, shape in enumerate(fields.geometry)]
    middles = shapely.MultiPoint([shape.representative_point() for shape in fields.geometry])
    sites.append(planned("mills", middles, due=DUE, kind=SiteType.WIND))
    request = SiteWatchRequest(
        catalog=str(shared_data / "flanders-2019" / "catalog.json"),
        runs=tmp_path_factory.mktemp("real") / "runs",
        as_of=date(2019, 11, 30),
        scheduler=scheduler,
    )
    return look(request, sites)


def test_every_site_is_seen_and_not_simulated(looked: SitesLooked) -> None:
    assert not looked.failures
    assert set(looked.looks.site_id) == {*(f"field-{number}" for number in range(FIELDS)), "mills"}
    assert not looked.record.simulated


def test_no_panels_are_seen_on_fields(looked: SitesLooked, fields: gpd.GeoDataFrame) -> None:
    areas = dict(enumerate(fields.to_crs(32631).area))
    for frame in (looked.looks, looked.known):
        for number, area_m2 in areas.items():
            rows = frame[(frame.site_id == f"field-{number}") & (frame.measure == "panels_m2")]
            assert rows.date.nunique() >= 20
            assert (rows.value - 1.645 * rows.error).max() < 0.005 * area_m2
            assert rows.value.max() < 0.05 * area_m2
    outside = looked.looks[looked.looks.measure == "panels_outside_m2"]
    assert outside.value.max() == 0.0
    assert looked.footprints.empty


def test_hardly_a_pad_and_no_tower_is_seen_on_fields(looked: SitesLooked) -> None:
    mills = looked.looks[looked.looks.site_id == "mills"]
    pads = mills[mills.measure == "pads"]
    assert len(pads) >= 20
    assert pads.value.max() < 1.0
    assert set(looked.places.place) == set(range(FIELDS))
    assert np.nanmax(looked.places.pad) < 0.9
    assert np.nanmax(looked.places.tower.to_numpy(dtype=np.float64)) <= 0.9
