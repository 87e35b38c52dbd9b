"""Grids and spans of sites, and requests that are refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
import shapely

from app.jobs.sitewatch.asking import SiteWatchRequest, check_sites_request
from app.jobs.sitewatch.grounds import EARLY_DAYS, MARGIN_M, place_of, start_of
from geo.errors import InputError
from geo.sites import SiteType
from tests.app.jobs.sitewatch.painted import EPSG, LEFT_M, TOP_M, in_degrees, planned

DUE = (date(2024, 3, 1), date(2024, 8, 1))
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_a_grid_holds_the_site_and_its_margin_and_falls_on_coarse_pixels() -> None:
    border = in_degrees(shapely.box(LEFT_M + 13, TOP_M - 211, LEFT_M + 317, TOP_M - 17))
    place = place_of(planned("A", border, due=DUE).plan)
    box = place.geobox.boundingbox
    assert str(place.geobox.crs) == f"EPSG:{EPSG}"
    assert box.left <= LEFT_M + 13 - MARGIN_M < box.left + 80
    assert box.top >= TOP_M - 17 + MARGIN_M > box.top - 80
    assert {edge % 80 for edge in (box.left, box.right, box.top, box.bottom)} == {0.0}
    inside = place.inside()
    assert inside.shape == place.geobox.shape.yx
    assert inside.sum() * 100 == pytest.approx(304 * 194, rel=1e-3)
    west, south, east, north = place.bounds
    assert shapely.box(west, south, east, north).contains(border)


def test_points_are_rows_and_columns_and_without_a_border_their_discs_are_the_ground() -> None:
    spots = [in_degrees(shapely.Point(LEFT_M + 405, TOP_M - 295)), in_degrees(shapely.Point(LEFT_M + 905, TOP_M - 95))]
    outline = shapely.MultiPoint([(spot.x, spot.y) for spot in spots])
    place = place_of(planned("W", outline, due=DUE, kind=SiteType.WIND).plan)
    box = place.geobox.boundingbox
    metres = ((405, 295), (905, 95))
    wanted = [[(box.top - TOP_M + south) / 10, (LEFT_M + east - box.left) / 10] for east, south in metres]
    np.testing.assert_allclose(place.points(), wanted, atol=1e-3)
    assert place.inside().sum() * 100 == pytest.approx(2 * np.pi * 150**2, rel=0.01)


def test_works_may_begin_well_before_the_first_day_of_the_plan() -> None:
    site = planned("A", shapely.box(4.0, 50.0, 4.01, 50.01), due=DUE)
    assert (DUE[0] - start_of(site.plan)).days == EARLY_DAYS
    sooner = replace(site.plan, curve=((date(2024, 1, 1), 0.1), (date(2024, 8, 1), 1.0)))
    assert (date(2024, 1, 1) - start_of(sooner)).days == EARLY_DAYS


def test_names_of_folders_hold_no_letter_of_an_id() -> None:
    border = shapely.box(4.0, 50.0, 4.01, 50.01)
    names = {place_of(planned(name, border, due=DUE).plan).folder for name in ("../a", "a/b", "光伏 1", "A" * 300)}
    assert len(names) == 4
    assert all(name.isalnum() and len(name) == 16 for name in names)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"as_of": date(2026, 11, 24)}, "AS_OF_AHEAD"),
        ({"past_days": 0}, "SITES_DAYS"),
        ({"known_after": -1}, "SITES_DAYS"),
        ({"protect": frozenset({"wheat", "gold"})}, "SITES_USE_UNKNOWN"),
    ],
)
def test_a_request_that_cannot_be_served_is_refused(change: dict[str, object], code: str) -> None:
    request = SiteWatchRequest(catalog="c", runs=Path("runs"), as_of=date(2026, 11, 22), protect=frozenset({"wheat"}))
    check_sites_request(request, NOW)
    with pytest.raises(InputError) as caught:
        check_sites_request(replace(request, **change), NOW)
    assert caught.value.code == code
