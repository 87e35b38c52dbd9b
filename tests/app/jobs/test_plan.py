from __future__ import annotations

from datetime import UTC, datetime

import geopandas as gpd
import numpy as np
import pystac
import pytest
from shapely import MultiPolygon, box

from app.jobs.area import lonlat_bounds
from app.jobs.plan import ALIGN_PX, HALO_PX, plan_zones
from geo.errors import InputError
from geo.grid import TILE_M
from geo.parcels import _zone

_EDGE = 56 * TILE_M  # border between two tiles of zone 31N


def _book(*boxes: tuple[float, float, float, float], valid: list[bool] | None = None) -> gpd.GeoDataFrame:
    shapes = gpd.GeoSeries([box(*bounds) for bounds in boxes], crs=32631).to_crs(4326)
    return gpd.GeoDataFrame({"epsg": 32631, "valid": valid or [True] * len(boxes)}, geometry=shapes, crs=4326)


def _scene(left: float, bottom: float, right: float, top: float) -> pystac.Item:
    bounds = gpd.GeoSeries([box(left, bottom, right, top)], crs=32631).to_crs(4326).total_bounds
    return pystac.Item("scene", None, list(bounds), datetime(2019, 5, 1, tzinfo=UTC), {})


def test_a_parcel_on_a_tile_border_is_in_both_tiles() -> None:
    book = _book((_EDGE - 200, 5_622_000, _EDGE + 300, 5_622_400), (_EDGE - 900, 5_622_000, _EDGE - 700, 5_622_200))
    (zone,) = plan_zones(book, [_scene(_EDGE - 5000, 5_620_000, _EDGE + 5000, 5_625_000)])
    west, east = zone.tiles
    assert (west.key.name, east.key.name) == ("32631_55_549", "32631_56_549")
    assert west.parcels.tolist() == [0, 1]
    assert east.parcels.tolist() == [0]
    assert west.core.boundingbox.right == east.core.boundingbox.left == _EDGE


def test_the_cube_carries_a_halo_beyond_the_tile() -> None:
    book = _book((_EDGE - 200, 5_622_000, _EDGE + 300, 5_622_400))
    (zone,) = plan_zones(book, [_scene(_EDGE - 5000, 5_620_000, _EDGE + 5000, 5_625_000)])
    for tile in zone.tiles:
        row, column = tile.offset
        assert (row, column) == (HALO_PX, HALO_PX)
        assert tile.cube.affine * (column, row) == tile.core.affine * (0, 0)


def test_cores_are_cut_to_the_imagery() -> None:
    book = _book((_EDGE + 100, 5_622_000, _EDGE + 400, 5_622_400))
    (zone,) = plan_zones(book, [_scene(_EDGE + 100, 5_622_000, _EDGE + 740, 5_622_640)])
    height, width = zone.tiles[0].core.shape
    assert 64 <= height <= 64 + 2 * ALIGN_PX
    assert 64 <= width <= 64 + 2 * ALIGN_PX
    assert zone.tiles[0].cube == zone.tiles[0].core


def test_windows_start_on_the_networks_grid() -> None:
    book = _book((_EDGE + 130, 5_622_010, _EDGE + 470, 5_622_440))
    (zone,) = plan_zones(book, [_scene(_EDGE - 5000, 5_620_000, _EDGE + 5000, 5_625_000)])
    for grid in (zone.tiles[0].core, zone.tiles[0].cube):
        edges = grid.boundingbox
        assert all(edge % (ALIGN_PX * 10) == 0 for edge in (edges.left, edges.bottom, edges.right, edges.top))


def test_parcels_without_any_imagery_are_an_error() -> None:
    book = _book((_EDGE, 5_622_000, _EDGE + 300, 5_622_400))
    with pytest.raises(InputError, match="None of the 1 parcels touches a scene"):
        plan_zones(book, [_scene(_EDGE + 50_000, 5_622_000, _EDGE + 51_000, 5_623_000)])


def test_bounds_need_one_usable_outline() -> None:
    book = _book((_EDGE, 5_622_000, _EDGE + 300, 5_622_400), valid=[False])
    with pytest.raises(InputError, match="No parcel has a usable outline"):
        lonlat_bounds(book)


def test_bounds_hold_all_valid_parcels() -> None:
    book = _book((_EDGE, 5_622_000, _EDGE + 300, 5_622_400), (_EDGE + 900, 5_622_000, _EDGE + 990, 5_622_400))
    left, bottom, right, top = lonlat_bounds(book)
    assert np.allclose((left, bottom, right, top), book.total_bounds)


def _lonlat_book(*shapes: object) -> gpd.GeoDataFrame:
    epsg = [_zone(shape) for shape in shapes]
    return gpd.GeoDataFrame({"epsg": epsg, "valid": [True] * len(shapes)}, geometry=list(shapes), crs=4326)


_TAVEUNI = box(179.95, -16.83, 179.951, -16.829), box(-179.951, -16.83, -179.95, -16.829)


def _scene_lonlat(name: str, *bbox: float) -> pystac.Item:
    return pystac.Item(name, None, list(bbox), datetime(2019, 5, 1, tzinfo=UTC), {})


def test_a_book_on_both_sides_of_180_degrees_keeps_to_itself() -> None:
    book = _lonlat_book(*_TAVEUNI)
    assert book.epsg.tolist() == [32760, 32701]
    assert lonlat_bounds(book) == (179.95, -16.83, -179.95, -16.829)
    scene = _scene_lonlat("across", 179.5, -17.5, -179.5, -16.5)
    east, west = plan_zones(book, [scene])
    assert (east.epsg, west.epsg) == (32701, 32760)
    assert [len(zone.tiles) for zone in (east, west)] == [1, 1]
    for zone in (east, west):
        assert max(zone.tiles[0].cube.shape) < 250


def test_a_parcel_cut_at_180_degrees_is_one_parcel_of_one_zone() -> None:
    halves = MultiPolygon([box(179.999, -16.83, 180.0, -16.829), box(-180.0, -16.83, -179.9985, -16.829)])
    book = _lonlat_book(halves)
    assert book.epsg.tolist() == [32701]
    assert lonlat_bounds(book) == (179.999, -16.83, -179.9985, -16.829)
    (zone,) = plan_zones(book, [_scene_lonlat("across", 179.5, -17.5, -179.5, -16.5)])
    assert max(side for tile in zone.tiles for side in tile.cube.shape) < 250


def test_two_zones_use_their_own_scenes() -> None:
    book = _lonlat_book(box(5.99, 50.0, 5.992, 50.001), box(6.01, 50.0, 6.012, 50.001))
    far = _scene_lonlat("far", 80.0, 49.9, 81.0, 50.1)
    (alone, beside) = (
        plan_zones(book, [_scene_lonlat("near", 5.9, 49.9, 6.1, 50.1)]),
        plan_zones(book, [_scene_lonlat("near", 5.9, 49.9, 6.1, 50.1), far]),
    )
    assert [zone.epsg for zone in alone] == [32631, 32632]
    assert [[tile.cube for tile in zone.tiles] for zone in beside] == [
        [tile.cube for tile in zone.tiles] for zone in alone
    ]


def test_a_zone_without_imagery_has_no_tiles_and_the_other_goes_on() -> None:
    book = _lonlat_book(box(5.0, 50.0, 5.002, 50.001), box(7.0, 50.0, 7.002, 50.001))
    west, east = plan_zones(book, [_scene_lonlat("west", 4.9, 49.9, 5.1, 50.1)])
    assert (len(west.tiles), len(east.tiles)) == (1, 0)


def test_parcels_across_180_degrees_without_imagery() -> None:
    with pytest.raises(InputError) as caught:
        plan_zones(_lonlat_book(*_TAVEUNI), [_scene_lonlat("away", 4.0, -17.5, 5.0, -16.5)])
    assert str(caught.value) == (
        "None of the 2 parcels touches a scene of the season. Check the parcels' CRS and the catalogue's extent."
    )
