from __future__ import annotations

import geopandas as gpd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer
from shapely import box

from app.jobs.area import tiles_of_box, tiles_of_parcels
from geo.errors import InputError
from geo.grid import TILE_M, TileKey
from geo.utm import utm_epsg

_EDGE = 56 * TILE_M


def _book(*boxes: tuple[float, float, float, float], epsg: int = 32631) -> gpd.GeoDataFrame:
    shapes = gpd.GeoSeries([box(*bounds) for bounds in boxes], crs=epsg).to_crs(4326)
    return gpd.GeoDataFrame({"epsg": [epsg] * len(boxes), "valid": [True] * len(boxes)}, geometry=shapes, crs=4326)


def test_parcels_need_the_tiles_that_they_touch_and_no_others() -> None:
    book = _book(
        (_EDGE - 200, 5_622_000, _EDGE + 300, 5_622_400),
        (_EDGE + 3 * TILE_M + 100, 5_622_000, _EDGE + 3 * TILE_M + 300, 5_622_200),
    )
    assert [key.name for key in tiles_of_parcels(book)] == ["32631_55_549", "32631_56_549", "32631_59_549"]


def test_a_parcel_without_outline_needs_none() -> None:
    book = _book(
        (_EDGE + 200, 5_622_000, _EDGE + 300, 5_622_400), (_EDGE + 30_000, 5_622_000, _EDGE + 30_300, 5_622_200)
    )
    book["valid"] = [True, False]
    assert len(tiles_of_parcels(book)) == 1


def test_a_box_over_two_zones_has_tiles_in_both() -> None:
    assert {key.epsg for key in tiles_of_box((5.9, 50.0, 6.1, 50.1))} == {32631, 32632}


def test_a_box_over_the_equator_has_tiles_in_both_hemispheres() -> None:
    assert {key.epsg for key in tiles_of_box((30.2, -0.1, 30.4, 0.1))} == {32636, 32736}


def test_a_box_over_the_antimeridian_has_tiles_on_both_sides() -> None:
    tiles = tiles_of_box((179.9, -17.1, -179.9, -17.0))
    assert {key.epsg for key in tiles} == {32760, 32701}
    assert len(tiles) < 20


@given(lon=st.floats(-179.9, 179.8), lat=st.floats(-79, 83), dx=st.floats(0, 1), dy=st.floats(0, 1))
def test_every_point_of_a_box_lies_in_one_of_its_tiles(lon: float, lat: float, dx: float, dy: float) -> None:
    tiles = tiles_of_box((lon, lat, lon + 0.1, lat + 0.1))
    x, y = lon + 0.1 * dx, lat + 0.1 * dy
    epsg = utm_epsg(x, y)
    east, north = Transformer.from_crs(4326, epsg, always_xy=True).transform(x, y)
    assert TileKey(epsg, int(east // TILE_M), int(north // TILE_M)) in tiles


@pytest.mark.parametrize("bounds", [(4, 51, 5, 50), (4, 50, 4, 51), (4, 50, 5, 91), (-200, 50, 5, 51)])
def test_what_is_no_box_is_refused(bounds: tuple[float, float, float, float]) -> None:
    with pytest.raises(InputError, match=r"is not a box\. Give --bbox WEST,SOUTH,EAST,NORTH\."):
        tiles_of_box(bounds)
