"""Whole tiles from the stand-in to COGs that a local catalogue reads, without paying twice."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pystac
import pytest
import rasterio
from fastapi import Response
from rasterio.warp import transform_bounds

from geo.bands import BANDS, SCL
from geo.errors import AcrelineError, DataError
from geo.files import sha256_of
from geo.grid import TILE_PX, TileKey, snapped_geobox
from geo.season import Season
from tests.tiles.sources.sentinel_hub.stand_in import Shown, StandIn, expected
from tiles.cube import season_cube
from tiles.guard import reflectance_rule
from tiles.sources.local import LocalCatalog
from tiles.sources.sentinel_hub.connection import Connection
from tiles.sources.sentinel_hub.fetching import fetch
from tiles.sources.sentinel_hub.planning import FetchPlan, plan_fetch, search_boxes

SEASON = Season(date(2020, 4, 1), date(2020, 6, 30))
AROUND = (4.0, 50.0, 5.0, 51.0)


def _plan(connection: Connection, *tiles: TileKey, max_cloud: int | None = None) -> FetchPlan:
    products = [found for box in search_boxes(tiles) for found in connection.products(box, SEASON)]
    return plan_fetch(products, tiles, SEASON, max_cloud_pct=max_cloud)


def _fields(path: str) -> np.ndarray:
    """Middle of each field of the chessboard, (8, 8)."""
    with rasterio.open(path) as file:
        pixels = file.read(1)
    step = len(pixels) // 8
    assert all((pixels[row * step : (row + 1) * step, :step] == pixels[row * step, 0]).all() for row in range(8))
    return pixels[step // 2 :: step, step // 2 :: step]


def _rule(item: pystac.Item) -> tuple[float, float, bool]:
    rule = reflectance_rule(item)
    return rule.scale, rule.offset, rule.verified


@pytest.mark.parametrize("service", ["sentinel-hub", "copernicus"], indirect=True)
def test_a_fetched_season_is_a_local_catalogue(
    service: StandIn, connection: Connection, tile: TileKey, tmp_path: Path
) -> None:
    early = Shown(cloudy=16, empty=32)
    late = Shown(sensed="2020-05-11T10:56:29Z", baseline="0500", made="20230401T080000")
    service.archive = [early, late]

    outcome = fetch(connection, _plan(connection, tile), tmp_path)

    assert outcome.catalog == tmp_path / "catalog.json"
    assert (outcome.fetched, outcome.kept, outcome.outdated) == (2, 0, 0)
    items = LocalCatalog(outcome.catalog).search(AROUND, SEASON)
    assert [item.id for item in items] == ["S2_32631_60_550_20200501_L2A", "S2_32631_60_550_20200511_L2A"]
    for item, shown in zip(items, (early, late), strict=True):
        for band in (*BANDS, SCL):
            assert np.array_equal(_fields(item.assets[band].href), expected(shown, band)), (item.id, band)


def test_a_cube_of_what_was_fetched(service: StandIn, connection: Connection, tile: TileKey, tmp_path: Path) -> None:
    shown = Shown(baseline="0510", made="20231115T221500")
    service.archive = [shown]
    items = LocalCatalog(fetch(connection, _plan(connection, tile), tmp_path).catalog).search(AROUND, SEASON)
    left, _, _, top = tile.bounds
    window = (left + 1270, top - 1330, left + 1330, top - 1270)  # where four fields of 128 px meet
    cube = season_cube(items, snapped_geobox(window, tile.epsg))
    assert cube.time.dt.strftime("%Y-%m-%d").item() == "2020-05-01"
    assert cube.known_at.values[0] == np.datetime64("2023-11-15T22:15:00")
    assert cube.verified.all()
    for band in ("B02", "B12"):
        corners = cube.reflectance.sel(band=band).isel(time=0).values[[0, 0, -1, -1], [0, -1, 0, -1]]
        assert corners == pytest.approx(expected(shown, band)[:2, :2].ravel() * 1e-4, abs=1e-6)
    assert (cube.scl == 4).all()


def test_bands_lie_on_their_own_grids(service: StandIn, connection: Connection, tile: TileKey, tmp_path: Path) -> None:
    service.archive = [Shown()]
    fetch(connection, _plan(connection, tile), tmp_path)
    folder = tmp_path / "sentinel-2-l2a" / "S2_32631_60_550_20200501_L2A"
    for band, resolution in (("B08", 10), ("B11", 20), ("SCL", 20)):
        with rasterio.open(folder / f"{band}.tif") as file:
            assert file.crs.to_epsg() == tile.epsg
            assert tuple(file.bounds) == tile.bounds
            assert file.shape == (TILE_PX * 10 // resolution,) * 2
            assert file.dtypes == ("uint8" if band == "SCL" else "uint16",)
            assert file.nodata == 0
            assert file.overviews(1) == [2] if resolution == 20 else [2, 4]


def test_items_say_what_is_known(service: StandIn, connection: Connection, tile: TileKey, tmp_path: Path) -> None:
    service.archive = [Shown(baseline="0510", made="20231115T221500", cloudy=16, empty=32, cloud=3.0)]
    catalog = fetch(connection, _plan(connection, tile), tmp_path).catalog
    (item,) = LocalCatalog(catalog).search(AROUND, SEASON)
    said = {key: item.properties[key] for key in sorted(item.properties)}
    assert said == {
        "acreline:catalogue": "sentinel-hub-process",
        "acreline:harmonised": True,
        "acreline:processing_units": pytest.approx(23 / 3, abs=1e-3),
        "acreline:products": ["S2B_MSIL2A_20200501T105631_N0510_R094_T31UES_20231115T221500"],
        "acreline:tile": "32631_60_550",
        "constellation": "sentinel-2",
        "created": "2023-11-15T22:15:00Z",
        "datetime": "2020-05-01T10:56:31Z",
        "eo:cloud_cover": 50.0,
        "gsd": 10,
        "proj:code": "EPSG:32631",
        "platform": "sentinel-2b",
        "s2:nodata_pixel_percentage": 50.0,
        "s2:processing_baseline": "05.10",
        "s2:product_type": "S2MSI2A",
    }
    assert item.bbox == pytest.approx(transform_bounds("EPSG:32631", "EPSG:4326", *tile.bounds), abs=1e-6)
    red = item.assets["B04"]
    assert red.extra_fields["file:checksum"] == "1220" + sha256_of(Path(red.href))
    assert red.extra_fields["file:size"] == Path(red.href).stat().st_size
    assert red.extra_fields["raster:bands"] == [
        {"data_type": "uint16", "nodata": 0, "scale": 0.0001, "offset": 0.0, "spatial_resolution": 10}
    ]
    stored = json.loads((tmp_path / "sentinel-2-l2a" / item.id / f"{item.id}.json").read_text())
    assert stored["assets"]["B04"]["href"] == "./B04.tif"


def test_times_stated_by_the_catalogue_go_before_those_in_names(
    service: StandIn, connection: Connection, tile: TileKey, tmp_path: Path
) -> None:
    service.archive = [Shown(properties={"created": "2020-05-02T06:00:00Z"})]
    catalog = fetch(connection, _plan(connection, tile), tmp_path).catalog
    (item,) = LocalCatalog(catalog).search(AROUND, SEASON)
    assert item.properties["created"] == "2020-05-02T06:00:00Z"


def test_a_name_older_than_the_acquisition_gives_no_time(
    service: StandIn, connection: Connection, tile: TileKey, tmp_path: Path
) -> None:
    service.archive = [Shown(made="20200501T105621")]
    catalog = fetch(connection, _plan(connection, tile), tmp_path).catalog
    (item,) = LocalCatalog(catalog).search(AROUND, SEASON)
    assert "created" not in item.properties


def test_harmonised_numbers_are_never_no_data(
    service: StandIn, connection: Connection, tile: TileKey, tmp_path: Path
) -> None:
    service.archive = [Shown(baseline="0400", number=-1030, made="20220401T080000")]  # B02 is stored as 70 and more
    fetch(connection, _plan(connection, tile), tmp_path)
    blue = _fields(str(tmp_path / "sentinel-2-l2a" / "S2_32631_60_550_20200501_L2A" / "B02.tif"))
    assert (blue == 1).all()


def test_the_guard_takes_harmonised_numbers_as_they_are(
    service: StandIn, connection: Connection, tile: TileKey, tmp_path: Path
) -> None:
    service.archive = [Shown(baseline="0510", made="20231115T221500")]
    catalog = fetch(connection, _plan(connection, tile), tmp_path).catalog
    (item,) = LocalCatalog(catalog).search(AROUND, SEASON)
    assert _rule(item) == (0.0001, 0.0, True)


def test_products_of_two_baselines_give_none(
    service: StandIn, connection: Connection, tile: TileKey, tmp_path: Path
) -> None:
    service.archive = [Shown(empty=32), Shown(mgrs="31UFS", baseline="0400", made="20220401T080000", number=4000)]
    catalog = fetch(connection, _plan(connection, tile), tmp_path).catalog
    (item,) = LocalCatalog(catalog).search(AROUND, SEASON)
    assert "s2:processing_baseline" not in item.properties
    assert len(item.properties["acreline:products"]) == 2
    assert _rule(item) == (0.0001, 0.0, True)


def test_what_is_there_is_not_fetched_again(
    service: StandIn, connection: Connection, tile: TileKey, tmp_path: Path
) -> None:
    service.archive = [Shown()]
    fetch(connection, _plan(connection, tile), tmp_path)
    before = {path: path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file()}
    asked = len(service.processes)

    again = fetch(connection, _plan(connection, tile), tmp_path)

    assert (again.fetched, again.kept, len(service.processes)) == (0, 1, asked)
    assert again.units == pytest.approx(23 / 3, abs=1e-3)
    assert {path: path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file()} == before


def test_newer_products_are_counted_and_not_fetched(
    service: StandIn, connection: Connection, tile: TileKey, tmp_path: Path
) -> None:
    service.archive = [Shown()]
    fetch(connection, _plan(connection, tile), tmp_path)
    service.archive = [Shown(), Shown(baseline="0500", made="20230401T080000")]
    again = fetch(connection, _plan(connection, tile), tmp_path)
    assert (again.fetched, again.kept, again.outdated) == (0, 1, 1)
    assert service.delivered == 2


def test_an_answer_that_came_before_an_end_is_not_paid_again(
    service: StandIn, connection: Connection, tile: TileKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.archive = [Shown()]
    plan = _plan(connection, tile)

    class KilledError(Exception):
        pass

    def die(*_arguments: object, **_keywords: object) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr("tiles.sources.sentinel_hub.fetching.write_cog", die)
        with pytest.raises(KilledError):
            fetch(connection, plan, tmp_path)
    assert not (tmp_path / "catalog.json").exists()
    assert service.delivered == 2

    outcome = fetch(connection, plan, tmp_path)
    assert (outcome.fetched, service.delivered) == (1, 2)
    assert outcome.units == pytest.approx(23 / 3, abs=1e-3)
    assert not (tmp_path / "incoming").exists()


def test_the_catalogue_grows_with_a_second_tile(
    service: StandIn, connection: Connection, tile: TileKey, tmp_path: Path
) -> None:
    service.archive = [Shown()]
    fetch(connection, _plan(connection, tile), tmp_path)
    other = TileKey(tile.epsg, tile.x + 1, tile.y)
    outcome = fetch(connection, _plan(connection, other), tmp_path)
    assert (outcome.fetched, outcome.kept) == (1, 0)
    assert len(LocalCatalog(outcome.catalog).search(AROUND, SEASON)) == 2


def test_what_leaves_the_house_are_whole_tiles(
    service: StandIn, connection: Connection, tile: TileKey, tmp_path: Path
) -> None:
    service.archive = [Shown()]
    fetch(connection, _plan(connection, tile), tmp_path)
    (search,) = service.searches
    assert search["bbox"] == pytest.approx(transform_bounds("EPSG:32631", "EPSG:4326", *tile.bounds), abs=1e-6)
    assert "intersects" not in search
    bounds = [request["input"]["bounds"] for request in service.processes]
    crs = {"crs": "http://www.opengis.net/def/crs/EPSG/0/32631"}
    assert bounds == [{"properties": crs, "bbox": list(tile.bounds)}] * 2


def test_requests_state_what_matters(service: StandIn, connection: Connection, tile: TileKey, tmp_path: Path) -> None:
    service.archive = [Shown()]
    fetch(connection, _plan(connection, tile, max_cloud=57), tmp_path)
    fine, coarse = sorted(service.processes, key=lambda body: -body["output"]["width"])
    assert fine["input"]["data"] == [
        {
            "type": "sentinel-2-l2a",
            "dataFilter": {
                "timeRange": {"from": "2020-04-30T23:41:12Z", "to": "2020-05-01T23:41:11Z"},
                "mosaickingOrder": "mostRecent",
                "maxCloudCoverage": 57,
            },
            "processing": {"upsampling": "NEAREST", "downsampling": "NEAREST", "harmonizeValues": True},
        }
    ]
    assert coarse["input"] == fine["input"]
    assert (fine["output"]["width"], coarse["output"]["width"]) == (1024, 512)


def test_a_damaged_answer_is_an_error(service: StandIn, connection: Connection, tile: TileKey, tmp_path: Path) -> None:
    service.archive = [Shown()]
    service.failures.append(Response(b"II*\0 not a TIFF", media_type="image/tiff"))
    with pytest.raises(DataError) as caught:
        fetch(connection, _plan(connection, tile), tmp_path)
    assert caught.value.code == "UNREADABLE_RASTER"
    assert str(caught.value) == (
        "The answer for tile 32631_60_550 on 2020-05-01 (10m) is not a whole image. Run the same command again; "
        "report it if that does not help."
    )


def test_a_damaged_item_is_named(service: StandIn, connection: Connection, tile: TileKey, tmp_path: Path) -> None:
    service.archive = [Shown()]
    plan = _plan(connection, tile)
    fetch(connection, plan, tmp_path)
    place = tmp_path / "sentinel-2-l2a" / plan.acquisitions[0].id / f"{plan.acquisitions[0].id}.json"
    place.write_text("{")
    with pytest.raises(AcrelineError) as caught:
        fetch(connection, plan, tmp_path)
    assert str(caught.value) == f"{place} is damaged. Remove its folder; it is fetched again."


def test_the_catalogue_is_valid_stac(service: StandIn, connection: Connection, tile: TileKey, tmp_path: Path) -> None:
    service.archive = [Shown()]
    catalog = pystac.Catalog.from_file(str(fetch(connection, _plan(connection, tile), tmp_path).catalog))
    (item,) = catalog.get_items(recursive=True)
    assert item.collection_id == "sentinel-2-l2a"
    assert item.get_parent().id == "sentinel-2-l2a"
    assert [link.href for link in item.links if link.rel == "root"] == ["../../catalog.json"]
