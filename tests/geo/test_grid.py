from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from geo.bands import BANDS, band_index
from geo.errors import InputError
from geo.grid import TILE_M, TileKey, grow, intersect, parse_tile, snapped_geobox, tiles_over
from geo.utm import utm_epsg

_METRES = st.floats(0, 1_000_000, allow_nan=False)
_BOXES = st.tuples(_METRES, _METRES, st.floats(1, 30_000), st.floats(1, 30_000)).map(
    lambda box: (box[0], box[1], box[0] + box[2], box[1] + box[3])
)


@given(st.floats(-179.99, 179.99).map(lambda lon: round(lon, 6)), st.floats(-79.9, 83.9).map(lambda lat: round(lat, 6)))
def test_zone_is_the_one_whose_area_of_use_holds_the_point(lon: float, lat: float) -> None:
    crs = CRS.from_epsg(utm_epsg(lon, lat))
    use = crs.area_of_use
    assert use is not None
    assert use.west <= lon <= use.east
    assert use.south <= lat <= use.north


def test_the_date_line_belongs_to_the_last_zone() -> None:
    assert utm_epsg(180.0, 10.0) == 32660


@given(st.sampled_from([32631, 32644, 32722]), st.integers(-100, 200), st.integers(-100, 2000))
def test_tile_name_survives_parsing(epsg: int, x: int, y: int) -> None:
    tile = TileKey(epsg, x, y)
    assert parse_tile(tile.name) == tile


@pytest.mark.parametrize("name", ["", "32631_1", "4326_1_2", "32631_1_2_3", "32631_a_b"])
def test_other_names_are_no_tiles(name: str) -> None:
    with pytest.raises(InputError, match="is not a tile"):
        parse_tile(name)


@given(_BOXES)
def test_tiles_cover_a_box_without_overlap(box: tuple[float, float, float, float]) -> None:
    tiles = list(tiles_over(box, 32631))
    parts = [intersect(tile.bounds, box) for tile in tiles]
    assert len(set(tiles)) == len(tiles)
    assert all(part is not None for part in parts)
    area = sum((part[2] - part[0]) * (part[3] - part[1]) for part in parts if part is not None)
    assert area == pytest.approx((box[2] - box[0]) * (box[3] - box[1]), rel=1e-6)


def test_a_box_on_tile_edges_takes_one_tile() -> None:
    assert list(tiles_over((TILE_M, TILE_M, 2 * TILE_M, 2 * TILE_M), 32631)) == [TileKey(32631, 1, 1)]


@given(_BOXES)
def test_snapped_grid_holds_the_box_with_less_than_a_pixel_to_spare(box: tuple[float, float, float, float]) -> None:
    geobox = snapped_geobox(box, 32631)
    got = geobox.boundingbox
    for inner, outer in ((box[0], got.left), (box[1], got.bottom), (got.right, box[2]), (got.top, box[3])):
        assert 0 <= inner - outer < 10
    assert got.left % 10 == got.top % 10 == 0


def test_boxes_that_only_touch_do_not_intersect() -> None:
    assert intersect((0, 0, 1, 1), (1, 0, 2, 1)) is None
    assert intersect((0, 0, 2, 2), (1, 1, 3, 3)) == (1, 1, 2, 2)
    assert grow((1, 1, 2, 2), 1) == (0, 0, 3, 3)


def test_bands_have_one_fixed_order() -> None:
    assert len(BANDS) == 10
    assert [band_index(name) for name in BANDS] == list(range(10))
    with pytest.raises(ValueError, match="not in tuple"):
        band_index("B10")
