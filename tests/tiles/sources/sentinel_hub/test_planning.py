"""What is asked for: boxes of whole tiles, one acquisition per tile and solar day, the cheapest requests."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasterio.warp import transform_bounds

from geo.bands import BANDS, SCL
from geo.grid import TILE_M, TileKey, parse_tile
from geo.lonlat import lonlat_of, meet
from geo.season import Season
from geo.utm import utm_epsg
from tests.tiles.sources.sentinel_hub.stand_in import Shown, run_script
from tiles.sources.sentinel_hub.cost import (
    Cost,
    cheapest_layers,
    cost_of,
    processing_units,
    search_units,
)
from tiles.sources.sentinel_hub.evalscript import ONE_REQUEST, TWO_REQUESTS, Layer, evalscript
from tiles.sources.sentinel_hub.planning import Acquisition, plan_fetch, search_boxes
from tiles.sources.sentinel_hub.products import Product, newest_versions, product_of

SEASON = Season(date(2020, 4, 1), date(2020, 6, 30))
TILE = parse_tile("32631_60_550")

TILES = st.builds(
    TileKey,
    st.sampled_from([32601, 32631, 32649, 32660, 32701, 32723, 32760]),
    st.integers(17, 80),
    st.integers(1, 800),
)


def _product(**changes: Any) -> Product:
    return product_of(Shown(**changes).feature())


def test_two_requests_cost_about_half() -> None:
    assert cost_of(ONE_REQUEST) == Cost(1, pytest.approx(44 / 3), 1024 * 1024 * 11 * 2)
    assert cost_of(TWO_REQUESTS) == Cost(2, pytest.approx(23 / 3), (1024 * 1024 * 4 + 512 * 512 * 7) * 2)
    assert cheapest_layers() == TWO_REQUESTS


def test_layers_hold_every_band_once() -> None:
    for layers in (ONE_REQUEST, TWO_REQUESTS):
        assert sorted(band for layer in layers for band in layer.bands) == sorted((*BANDS, SCL))


def test_a_small_request_has_a_least_charge() -> None:
    assert processing_units(Layer(("B02",), 10 * 1024)) == pytest.approx(0.005)


def test_units_are_those_of_the_documented_example() -> None:
    """1024 x 1024 px of four bands at 16 bits: 4 x 4/3."""
    assert processing_units(Layer(("B02", "B03", "B04", "B08"), 10)) == pytest.approx(5.3333, abs=1e-4)


@pytest.mark.parametrize(
    ("box", "season", "units"),
    [
        ((4.0, 50.0, 5.0, 51.0), Season(date(2020, 4, 1), date(2020, 4, 30)), 0.01),
        ((4.0, 50.0, 5.0, 51.0), Season(date(2020, 4, 1), date(2021, 3, 31)), 0.12),
        ((0.0, -5.0, 10.0, 5.0), Season(date(2020, 4, 1), date(2020, 4, 30)), 1.0),
    ],
)
def test_a_search_is_charged_by_area_and_month(
    box: tuple[float, float, float, float], season: Season, units: float
) -> None:
    assert search_units(box, season) == pytest.approx(units)


@given(st.lists(TILES, min_size=1, max_size=12))
def test_every_tile_is_searched_and_boxes_stay_small(tiles: list[TileKey]) -> None:
    boxes = search_boxes(tiles)
    for tile in tiles:
        assert any(meet(lonlat_of(tile.bounds, tile.epsg), box) for box in boxes)
    for west, south, east, north in boxes:
        assert -180 <= west <= east <= 180
        assert (north - south) * 111.3 < 9 * TILE_M / 1000 * 1.3
        assert (east - west) * 111.3 * math.cos(math.radians((south + north) / 2)) < 9 * TILE_M / 1000 * 1.6


@given(st.lists(TILES, min_size=1, max_size=8, unique=True))
def test_boxes_depend_on_tiles_alone(tiles: list[TileKey]) -> None:
    assert search_boxes(tiles) == search_boxes(tuple(reversed(tiles)))


def test_the_box_of_one_tile_is_the_tile() -> None:
    (box,) = search_boxes([TILE])
    assert box == pytest.approx(transform_bounds("EPSG:32631", "EPSG:4326", *TILE.bounds), abs=1e-6)


def test_a_tile_across_180_degrees_is_searched_on_both_sides() -> None:
    tile = TileKey(32660, 78, 10)  # nearly 800 km east in the last zone, just north of the equator
    while lonlat_of(tile.bounds, tile.epsg)[0] < lonlat_of(tile.bounds, tile.epsg)[2]:
        tile = TileKey(tile.epsg, tile.x + 1, tile.y)
    east, west = search_boxes([tile])
    assert (east[2], west[0]) == (180.0, -180.0)
    shown = [
        _product(footprint=(179.0, 0.0, 180.0, 2.0), mgrs="60NZG", sensed="2020-05-01T22:20:00Z"),
        _product(footprint=(-180.0, 0.0, -179.0, 2.0), mgrs="01NAA", sensed="2020-05-01T22:20:10Z"),
        _product(footprint=(0.0, 0.0, 1.0, 2.0), mgrs="31NAA", sensed="2020-05-01T10:20:10Z"),
    ]
    (found,) = plan_fetch(shown, [tile], SEASON).acquisitions
    assert [product.mgrs for product in found.products] == ["60NZG", "01NAA"]
    assert found.day == date(2020, 5, 1)  # 10:20 in the morning at the middle, beyond the line


def test_one_acquisition_per_tile_and_solar_day() -> None:
    shown = [
        _product(sensed="2020-05-01T10:56:31Z"),
        _product(sensed="2020-05-01T10:56:45Z", mgrs="31UFS"),
        _product(sensed="2020-05-04T11:06:31Z"),
    ]
    plan = plan_fetch(shown, [TILE], SEASON)
    assert [(found.day.day, len(found.products)) for found in plan.acquisitions] == [(1, 2), (4, 1)]
    assert [found.id for found in plan.acquisitions] == [
        "S2_32631_60_550_20200501_L2A",
        "S2_32631_60_550_20200504_L2A",
    ]
    assert plan.cost() == Cost(4, pytest.approx(46 / 3), cost_of(TWO_REQUESTS).size * 2)


def test_products_elsewhere_and_outside_the_season_are_left_out() -> None:
    shown = [
        _product(footprint=(5.5, 50.0, 6.5, 51.0)),
        _product(sensed="2020-07-01T10:56:31Z"),
        _product(sensed="2020-03-31T10:56:31Z"),
    ]
    assert plan_fetch(shown, [TILE], SEASON).acquisitions == ()


def test_a_footprint_that_only_touches_a_tile_is_left_out() -> None:
    west, south, east, _ = lonlat_of(TILE.bounds, TILE.epsg)
    assert plan_fetch([_product(footprint=(west, south - 1, east, south))], [TILE], SEASON).acquisitions == ()


def test_clouds_are_compared_per_product() -> None:
    shown = [_product(cloud=29.0), _product(cloud=29.01, sensed="2020-05-04T10:56:31Z")]
    plan = plan_fetch(shown, [TILE], SEASON, max_cloud_pct=29)
    assert [found.day.day for found in plan.acquisitions] == [1]
    assert plan.max_cloud_pct == 29


def test_reprocessed_products_take_the_place_of_older_ones() -> None:
    old, new = _product(), _product(baseline="0500", made="20230401T080000")
    assert newest_versions([new, old]) == [new]
    assert newest_versions([old, new]) == [new]


@pytest.mark.parametrize("suffix", ["", ".SAFE"])
def test_names_of_both_deployments_are_understood(suffix: str) -> None:
    feature = Shown(baseline="0511", made="20240902T230811").feature()
    product = product_of(feature | {"id": feature["id"] + suffix})
    assert (product.baseline, product.mgrs, product.datatake) == ("05.11", "31UES", "20200501T105631")
    assert product.made_at == datetime(2024, 9, 2, 23, 8, 11, tzinfo=UTC)


@given(st.floats(-179.9, 179.9), st.floats(-70, 70), st.integers(1, 88 * 86_400))
def test_the_window_of_a_day_holds_what_was_grouped_into_it(lon: float, lat: float, second: int) -> None:
    epsg = utm_epsg(lon, lat)
    left, bottom, _, _ = transform_bounds("EPSG:4326", f"EPSG:{epsg}", lon, lat, lon, lat)
    tile = TileKey(epsg, math.floor(left / TILE_M), math.floor(bottom / TILE_M))
    sensed = datetime(2020, 4, 2, tzinfo=UTC) + timedelta(seconds=second)
    west, south, east, north = lonlat_of(tile.bounds, tile.epsg)
    around = (max(min(west, east) - 1, -180), south - 1, min(max(west, east) + 1, 180), north + 1)
    product = _product(sensed=sensed.isoformat(), footprint=around)
    (found,) = plan_fetch([product], [tile], SEASON).acquisitions
    start, end = found.window
    assert start <= sensed <= end
    assert (end - start).total_seconds() == 24 * 3600 - 1


def test_windows_of_neighbouring_days_do_not_meet() -> None:
    one, other = (Acquisition(TILE, date(2020, 5, day), ()) for day in (1, 2))
    assert (other.window[0] - one.window[1]).total_seconds() == 1


def _run(bands: tuple[str, ...], samples: list[dict[str, float]]) -> tuple[dict[str, Any], list[list[float]]]:
    code = f"{evalscript(bands)}\nconst given = {json.dumps(samples)};\n"
    code += "console.log(JSON.stringify([setup(), given.map(evaluatePixel)]));"
    setup, values = json.loads(run_script(code))
    return setup, values


def test_the_script_asks_for_digital_numbers_and_the_mask() -> None:
    setup, _ = _run(TWO_REQUESTS[1].bands, [])
    assert setup == {
        "input": [{"bands": ["B05", "B06", "B07", "B8A", "B11", "B12", "SCL", "dataMask"], "units": "DN"}],
        "mosaicking": "SIMPLE",
        "output": {"id": "default", "bands": 7, "sampleType": "UINT16"},
    }


def test_the_script_keeps_zero_for_no_data() -> None:
    samples = [
        {"B02": 0, "B03": 7, "SCL": 0, "dataMask": 1},
        {"B02": 500, "B03": 17000, "SCL": 11, "dataMask": 1},
        {"B02": 500, "B03": 600, "SCL": 4, "dataMask": 0},
    ]
    _, values = _run(("B02", "B03", SCL), samples)
    assert values == [[1, 7, 0], [500, 17000, 11], [0, 0, 0]]
