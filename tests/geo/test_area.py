from __future__ import annotations

import math
from decimal import Decimal

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import rotate, translate

from geo.area import UNITS, convert_area, geodesic_area_ha


def test_a_quarter_of_the_northern_hemisphere_is_a_known_share_of_the_ellipsoid() -> None:
    # Its surface is 510 065 621.724 km2 (Moritz, Geodetic Reference System 1980, derived constants).
    octant = gpd.GeoSeries([shapely.box(0, 0, 90, 90).segmentize(0.5)], crs=4326)
    assert geodesic_area_ha(octant)[0] == pytest.approx(510_065_621.724 * 100 / 8, rel=1e-4)


def test_missing_and_empty_geometry_has_no_area_and_direction_does_not_matter() -> None:
    square = shapely.box(4, 51, 4.001, 51.001)
    shapes = gpd.GeoSeries([None, shapely.Polygon(), square, square.reverse()], crs=4326)
    areas = geodesic_area_ha(shapes)
    assert areas[:2].tolist() == [0.0, 0.0]
    assert areas[2] == areas[3] > 0


@settings(deadline=None, max_examples=40)
@given(st.floats(-2000, 2000), st.floats(-2000, 2000), st.floats(0, 360), st.floats(20, 400), st.floats(20, 400))
def test_shifting_and_turning_a_field_keeps_its_area(
    east: float, north: float, degrees: float, width: float, height: float
) -> None:
    # 300 km from the central meridian the scale is 0.9996 (1 + 0.5 (x / R)^2), and varies by 1e-5 within 2 km.
    field = shapely.box(200_000, 5_600_000, 200_000 + width, 5_600_000 + height)
    moved = translate(rotate(field, degrees), east, north)
    areas = geodesic_area_ha(gpd.GeoSeries([field, moved], crs=32631))
    scale = 0.9996 * (1 + 0.5 * (300_000 / 6_371_000) ** 2)
    assert areas[1] == pytest.approx(areas[0], rel=1e-4)
    assert areas[0] == pytest.approx(width * height / 1e4 / scale**2, rel=1e-3)


@given(st.decimals(Decimal("0.001"), Decimal(100000), places=3), st.sampled_from(UNITS), st.sampled_from(UNITS))
def test_units_convert_there_and_back(value: Decimal, one: str, other: str) -> None:
    assert math.isclose(convert_area(convert_area(value, one, other), other, one), value, rel_tol=1e-20)


def test_known_conversions() -> None:
    assert convert_area(Decimal(1), "ha", "mu") == pytest.approx(Decimal(15))
    assert float(convert_area(Decimal(1), "acre", "ha")) == pytest.approx(0.40468564224)
    with pytest.raises(KeyError):
        convert_area(Decimal(1), "bigha", "ha")


def test_returns_float64() -> None:
    assert geodesic_area_ha(gpd.GeoSeries([None], crs=4326)).dtype == np.float64


def test_a_hole_is_no_ground_whichever_way_its_ring_runs() -> None:
    border = [(115.60, 33.40), (115.61, 33.40), (115.61, 33.41), (115.60, 33.41)]
    hole = [(115.602, 33.402), (115.608, 33.402), (115.608, 33.408), (115.602, 33.408)]
    rings = [shapely.Polygon(border, [hole]), shapely.Polygon(border, [hole[::-1]]), shapely.Polygon(border)]
    same, turned, whole = geodesic_area_ha(gpd.GeoSeries(rings, crs=4326))
    assert same == pytest.approx(turned)
    assert same == pytest.approx(0.64 * whole, rel=0.001)
