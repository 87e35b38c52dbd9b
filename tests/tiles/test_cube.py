from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import dask
import numpy as np
import pytest
import rasterio
from affine import Affine
from dask.distributed import Client, LocalCluster
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox
from rasterio.enums import Resampling
from rasterio.warp import reproject

from geo.bands import BANDS, SCL, band_index
from geo.errors import DataError, InputError
from geo.grid import snapped_geobox
from geo.season import Season
from tiles.clear import Masking
from tiles.cube import (
    Block,
    CubePlan,
    Window,
    content_hashes,
    days_of,
    geobox_of,
    plan_cube,
    read_block,
    season_cube,
    solar_day,
)
from tiles.guard import ReflectanceRule
from tiles.sources.local import LocalCatalog

YEAR = Season(date(2020, 1, 1), date(2020, 12, 31))
FLANDERS = Season(date(2018, 10, 1), date(2019, 10, 31))


def scenes(path: Path) -> list[Any]:
    return LocalCatalog(path).search((4.0, 50.0, 5.0, 51.0), YEAR)


def spread(pixels: np.ndarray[Any, Any], side: int) -> np.ndarray[Any, Any]:
    """A coarse raster with every pixel repeated onto a finer grid."""
    times = side // len(pixels)
    return np.repeat(np.repeat(pixels, times, axis=0), times, axis=1)


def test_reflectance_is_that_of_the_files(catalogue: Any, new_scene: Any, grid: GeoBox) -> None:
    scene = new_scene(scl=5)
    cube = season_cube(scenes(catalogue(scene)), grid)
    assert cube.reflectance.dims == ("time", "band", "y", "x")
    assert cube.reflectance.dtype == np.float32
    assert cube.scl.dtype == np.uint8
    assert list(cube.band.values) == list(BANDS)
    for band in BANDS:
        direct = (spread(scene.pixels(band), 16) / 10_000).astype(np.float32)
        np.testing.assert_array_equal(cube.reflectance.sel(band=band)[0], direct)
    assert (cube.scl == 5).all()


def test_the_cube_is_lazy(catalogue: Any, new_scene: Any, grid: GeoBox) -> None:
    cube = season_cube(scenes(catalogue(new_scene())), grid)
    assert dask.is_dask_collection(cube.reflectance)
    assert dask.is_dask_collection(cube.scl)


def test_each_scene_has_its_own_offset(catalogue: Any, new_scene: Any, grid: GeoBox) -> None:
    before = new_scene(id="S2_A_L2A", number=2000)
    after = new_scene(id="S2_B_L2A", when="2020-06-01T10:50:00Z", number=3000, baseline="05.10", offset=-0.1)
    cube = season_cube(scenes(catalogue(before, after)), grid).compute()
    np.testing.assert_array_equal(cube.reflectance[0], cube.reflectance[1])
    assert cube.verified.all()


def test_digital_numbers_below_the_offset_stay_negative(catalogue: Any, new_scene: Any, grid: GeoBox) -> None:
    cube = season_cube(scenes(catalogue(new_scene(number=900, baseline="05.10", offset=-0.1))), grid)
    assert float(cube.reflectance[0, 0, 0, 0]) == np.float32(-0.01)


def test_number_zero_is_no_data(catalogue: Any, new_scene: Any, grid: GeoBox) -> None:
    cube = season_cube(scenes(catalogue(new_scene(number=0))), grid).compute()
    first = cube.reflectance.sel(band="B02")[0]
    assert np.isnan(first[0, 0])
    assert int(first.isnull().sum()) == 1


def test_pixels_outside_a_scene_are_no_data(catalogue: Any, new_scene: Any, grid: GeoBox) -> None:
    cube = season_cube(scenes(catalogue(new_scene())), grid.pad(3)).compute()
    inside = np.zeros((22, 22), dtype=bool)
    inside[3:19, 3:19] = True
    for band in BANDS:
        np.testing.assert_array_equal(np.isfinite(cube.reflectance.sel(band=band)[0]), inside)
    np.testing.assert_array_equal(cube.scl[0] > 0, inside)


def test_scenes_of_one_solar_day_are_one_layer(catalogue: Any, new_scene: Any, grid: GeoBox) -> None:
    west = new_scene(id="S2_W_L2A", left=600_000 - 80)
    east = new_scene(id="S2_E_L2A", left=600_000 + 80, when="2020-05-01T10:50:14Z", number=4000)
    cube = season_cube(scenes(catalogue(west, east)), grid).compute()
    assert days_of(cube) == (date(2020, 5, 1),)
    assert cube["items"].values.tolist() == ["S2_E_L2A S2_W_L2A"]
    blue = cube.reflectance.sel(band="B02")[0]
    np.testing.assert_array_equal(blue[:, :8], (west.pixels("B02")[:, 8:] / 10_000).astype(np.float32))
    np.testing.assert_array_equal(blue[:, 8:], (east.pixels("B02")[:, :8] / 10_000).astype(np.float32))


def test_two_rules_in_one_solar_day_are_merged_after_calibration(catalogue: Any, new_scene: Any, grid: GeoBox) -> None:
    old = new_scene(id="S2_OLD_L2A", left=600_000 - 80, number=2000)
    new = new_scene(id="S2_NEW_L2A", number=3000, baseline="05.10", offset=-0.1)
    later = new_scene(id="S2_LATER_L2A", when="2020-05-06T10:50:00Z")
    cube = season_cube(scenes(catalogue(old, new, later)), grid.pad(4)).compute()
    assert days_of(cube) == (date(2020, 5, 1), date(2020, 5, 6))
    blue = cube.reflectance.sel(band="B02")[0].values
    # the newer baseline lies on top, the older fills what it leaves
    np.testing.assert_array_equal(blue[4:20, 4:20], (old.pixels("B02") / 10_000).astype(np.float32))
    np.testing.assert_array_equal(blue[4:20, :4], (old.pixels("B02")[:, 4:8] / 10_000).astype(np.float32))
    assert np.isnan(blue[4:20, 20:]).all()
    assert (cube.scl[0, 4:20, :20] == 4).all()


def test_a_scene_in_two_baselines_shows_the_newer(catalogue: Any, new_scene: Any, grid: GeoBox) -> None:
    old = new_scene(id="S2_A_N0214_L2A", number=2500)
    new = new_scene(id="S2_A_N0510_L2A", number=3000, baseline="05.10", offset=-0.1)
    cube = season_cube(scenes(catalogue(old, new)), grid)
    assert float(cube.reflectance[0, 0, 0, 0]) == np.float32(0.2)
    assert cube.sizes["time"] == 1


def test_one_doubtful_scene_makes_its_day_unverified(catalogue: Any, new_scene: Any, grid: GeoBox) -> None:
    sure = new_scene(id="S2_A_L2A")
    doubtful = new_scene(id="S2_B_L2A", baseline="05.10", offset=0.0)
    other = new_scene(id="S2_C_L2A", when="2020-06-01T10:50:00Z")
    cube = season_cube(scenes(catalogue(sure, doubtful, other)), grid)
    assert cube.verified.values.tolist() == [False, True]
    assert "05.10" in cube.rule.values[0]


def test_a_better_informed_caller_sets_the_rule(catalogue: Any, new_scene: Any, grid: GeoBox) -> None:
    items = scenes(catalogue(new_scene(number=3000, baseline="05.10", offset=0.0)))
    rule = ReflectanceRule(1e-4, -0.1, verified=True, reason="Checked against water.")
    cube = season_cube(items, grid, rules={items[0].id: rule})
    assert float(cube.reflectance[0, 0, 0, 0]) == np.float32(0.2)
    assert cube.verified.all()


def test_facts_along_time(catalogue: Any, new_scene: Any, grid: GeoBox) -> None:
    path = catalogue(
        new_scene(id="S2_A_L2A", more={"created": "2020-05-02T03:00:00Z", "updated": "2021-01-01T00:00:00Z"}),
        new_scene(id="S2_B_L2A", when="2020-06-01T10:50:00Z"),
    )
    cube = season_cube(scenes(path), grid)
    assert cube.level.values.tolist() == ["L2A", "L2A"]
    assert cube.time.dtype == "datetime64[ns]"
    known = [str(when)[:19] for when in cube.known_at.values]
    assert known == ["2020-05-02T03:00:00", "2020-06-01T10:50:00"]
    sensed = [str(when)[:19] for when in cube.sensed_at.values]
    assert sensed == ["2020-05-01T10:50:00", "2020-06-01T10:50:00"]


def test_a_publication_time_that_is_none_is_named(catalogue: Any, new_scene: Any, grid: GeoBox) -> None:
    with pytest.raises(InputError, match=r"S2_A_L2A.*soon"):
        season_cube(scenes(catalogue(new_scene(id="S2_A_L2A", more={"published": "soon"}))), grid)


def test_source_hash_follows_content(catalogue: Any, new_scene: Any, grid: GeoBox) -> None:
    path = catalogue(new_scene(id="S2_A_L2A"), new_scene(id="S2_B_L2A", when="2020-06-01T10:50:00Z"))
    items = scenes(path)
    before = season_cube(items, grid).source_hash.values.tolist()
    assert season_cube(items, grid, hashes=content_hashes(items)).source_hash.values.tolist() == before
    with rasterio.open(items[0].assets["B02"].href, "r+") as file:
        file.write(file.read() + 1)
    after = season_cube(items, grid).source_hash.values.tolist()
    assert after[0] != before[0]
    assert after[1] == before[1]
    assert len(set(before)) == 2


def test_source_hash_follows_corrected_metadata(catalogue: Any, new_scene: Any) -> None:
    (item,) = scenes(catalogue(new_scene(baseline="05.10", offset=0.0)))
    before = content_hashes([item])
    item.properties["earthsearch:boa_offset_applied"] = True
    assert content_hashes([item]) != before


def test_scenes_elsewhere_are_left_out(catalogue: Any, new_scene: Any, grid: GeoBox) -> None:
    near = new_scene(id="S2_A_L2A")
    far = new_scene(id="S2_B_L2A", left=620_000, when="2020-06-01T10:50:00Z")
    items = scenes(catalogue(near, far))
    assert season_cube(items, grid).sizes["time"] == 1
    with pytest.raises(InputError, match="EPSG:32631"):
        season_cube(items, grid.translate_pix(-5000, 0))


def test_grid_comes_back_also_from_a_part(catalogue: Any, new_scene: Any, grid: GeoBox) -> None:
    cube = season_cube(scenes(catalogue(new_scene())), grid)
    assert geobox_of(cube) == grid
    assert geobox_of(cube.isel(y=slice(2, 9), x=slice(5, 6))) == grid[2:9, 5:6]


def test_solar_day_is_one_pass_of_the_satellite(catalogue: Any, new_scene: Any) -> None:
    (item,) = scenes(catalogue(new_scene(when="2020-05-01T23:30:00Z")))
    assert solar_day(item, 0.0) == date(2020, 5, 1)
    assert solar_day(item, 178.0) == date(2020, 5, 2)


def spoil(path: Path, how: str) -> None:
    whole = path.read_bytes()
    if how == "empty":
        path.write_bytes(b"")
    elif how == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    elif how == "garbled":
        path.write_bytes(whole[:-120] + b"\xff" * 120)
    else:
        path.write_text("<html>503 Service Unavailable</html>")


@pytest.mark.parametrize("how", ["empty", "cut", "garbled", "page"])
@pytest.mark.parametrize("band", ["B08", "B11", "SCL"])
def test_a_damaged_file_is_named_in_one_line(catalogue: Any, new_scene: Any, grid: GeoBox, how: str, band: str) -> None:
    items = scenes(catalogue(new_scene(id="S2_A_L2A"), new_scene(id="S2_B_L2A", when="2020-06-01T10:50:00Z")))
    spoil(Path(items[1].assets[band].href), how)
    with pytest.raises(DataError) as caught:
        season_cube(items, grid).compute()
    assert caught.value.code == "UNREADABLE_RASTER"
    assert items[1].assets[band].href in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_damaged_file_is_named_by_a_worker_too(catalogue: Any, new_scene: Any, grid: GeoBox) -> None:
    items = scenes(catalogue(new_scene()))
    spoil(Path(items[0].assets["B12"].href), "cut")
    cluster = LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1")
    with cluster, Client(cluster), pytest.raises(DataError) as caught:
        season_cube(items, grid).compute()
    assert items[0].assets["B12"].href in str(caught.value)


def test_a_truncated_file_is_said_to_be(catalogue: Any, new_scene: Any, grid: GeoBox) -> None:
    items = scenes(catalogue(new_scene()))
    path = Path(items[0].assets["B08"].href)
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(DataError) as caught:
        season_cube(items, grid).compute()
    assert str(caught.value) == (
        f"{path} cannot be read: B08.tif, band 1: IReadBlock failed at X offset 0, Y offset 0: "
        "TIFFReadEncodedStrip() failed. Fetch the file again, or take its scene out of the catalogue."
    )


def test_a_missing_file_is_said_to_be(catalogue: Any, new_scene: Any, grid: GeoBox) -> None:
    items = scenes(catalogue(new_scene()))
    plan = plan_cube(items, grid)
    path = Path(items[0].assets["B08"].href)
    path.unlink()
    with pytest.raises(DataError) as caught:
        read_block(plan, Window(0, 16, 0, 16))
    assert caught.value.code == "MISSING_ASSET"
    assert str(caught.value) == (f"There is no file {path}. Fetch it again, or take its scene out of the catalogue.")


def rewrite(path: Path, **change: Any) -> None:
    with rasterio.open(path) as file:
        profile, pixels = file.profile, file.read()
    with rasterio.open(path, "w", **(profile | change)) as file:
        file.write(pixels.astype(change.get("dtype", pixels.dtype)))


def test_float_reflectance_is_refused(catalogue: Any, new_scene: Any, grid: GeoBox) -> None:
    items = scenes(catalogue(new_scene()))
    rewrite(Path(items[0].assets["B03"].href), dtype="float32")
    with pytest.raises(DataError, match=r"B03\.tif holds float32"):
        season_cube(items, grid).compute()


@pytest.mark.filterwarnings("ignore:Dataset has no geotransform")
def test_a_file_without_a_place_is_refused(catalogue: Any, new_scene: Any, grid: GeoBox) -> None:
    items = scenes(catalogue(new_scene()))
    rewrite(Path(items[0].assets["B06"].href), crs=None, transform=None)
    with pytest.raises(DataError, match=r"B06\.tif cannot be read: it has no CRS"):
        season_cube(items, grid).compute()


SIDE = 90
BOX = GeoBox((SIDE, SIDE + 7), Affine(10, 0, 599_650, 0, -10, 5_600_110), "EPSG:32631")


def enlarge(item: Any, place: tuple[str, float, float], seed: int) -> None:
    """Overwrite an item's files with 80 px of random numbers, some without data, at a corner in a CRS."""
    rng = np.random.default_rng(seed)
    crs, left, top = place
    for band in (*BANDS, SCL):
        step = 10 if band in ("B02", "B03", "B04", "B08") else 20
        side = 800 // step
        pixels = rng.integers(0, 12, (side, side)) if band == SCL else rng.integers(0, 5000, (side, side))
        pixels[: side // 4, side // 2 :] = 0
        rewrite_as(Path(item.assets[band].href), pixels, crs, Affine(step, 0, left, 0, -step, top))


def rewrite_as(path: Path, pixels: np.ndarray[Any, Any], crs: str, transform: Affine) -> None:
    with rasterio.open(path) as file:
        profile = file.profile | {"height": len(pixels), "width": len(pixels), "crs": crs, "transform": transform}
    with rasterio.open(path, "w", **profile) as file:
        file.write(pixels.astype(profile["dtype"]), 1)


#: The same zone, aligned, half a pixel off, and the neighbouring zone.
CORNERS = [
    ("EPSG:32631", 600_000, 5_600_000),
    ("EPSG:32631", 599_700, 5_600_100),
    ("EPSG:32631", 599_705, 5_600_105),
    ("EPSG:32632", 174_640, 5_609_160),
]


@pytest.fixture
def hard_plan(catalogue: Any, new_scene: Any) -> CubePlan:
    """Eight dates over four corners, the first of two scenes with different rules."""
    days = [f"2020-05-{day:02}T10:50:00Z" for day in (1, 1, 6, 11, 16, 21, 26, 31)]
    baselines = [{"baseline": "05.10", "offset": -0.1} if index % 3 == 1 else {} for index in range(len(days))]
    made = [
        new_scene(id=f"S2_{index}_L2A", when=day, **more)
        for index, (day, more) in enumerate(zip(days, baselines, strict=True))
    ]
    items = scenes(catalogue(*made))
    for index, item in enumerate(items):
        enlarge(item, CORNERS[index % len(CORNERS)], index)
    return plan_cube(items, BOX, masking=Masking(dilate_px=3))


def cut(block: Block, window: Window) -> list[np.ndarray[Any, Any]]:
    return [layers[..., *window.slices] for layers in (block.reflectance, block.scl, block.mask)]


def test_pixels_do_not_depend_on_the_window(hard_plan: CubePlan) -> None:
    whole = read_block(hard_plan, Window(0, SIDE, 0, SIDE + 7))
    assert {0, 1, 2, 3} <= set(np.unique(whole.mask))
    assert ((whole.reflectance != -32_768).mean(axis=(1, 2, 3)) > 0.1).all()

    @settings(max_examples=20)
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        top, left = data.draw(st.integers(0, SIDE - 1)), data.draw(st.integers(0, SIDE + 6))
        bottom, right = data.draw(st.integers(top + 1, SIDE)), data.draw(st.integers(left + 1, SIDE + 7))
        window = Window(top, bottom, left, right)
        part = read_block(hard_plan, window, threads=data.draw(st.integers(1, 3)))
        for found, wanted in zip(cut(part, Window(0, bottom - top, 0, right - left)), cut(whole, window), strict=True):
            np.testing.assert_array_equal(found, wanted)

    holds()


def test_a_networks_mask_does_not_depend_on_the_window(hard_plan: CubePlan) -> None:
    plan = replace(hard_plan, masking=Masking(method="csmask", dilate_px=2, outliers=False))
    whole, window = read_block(plan, Window(0, SIDE, 0, SIDE + 7)), Window(31, 75, 40, 97)
    part = read_block(plan, window, threads=2)
    for found, wanted in zip(cut(part, Window(0, 44, 0, 57)), cut(whole, window), strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_another_zone_is_warped_as_gdal_does_it(hard_plan: CubePlan) -> None:
    whole = read_block(hard_plan, Window(0, SIDE, 0, SIDE + 7))
    (scene,) = hard_plan.scenes[2]
    for name, band in (("B02", 0), ("B11", 8)):
        wanted = np.zeros((SIDE, SIDE + 7), dtype=np.uint16)
        with rasterio.open(scene.hrefs[name]) as file:
            assert file.crs.to_epsg() == 32632
            reproject(
                file.read(1),
                wanted,
                src_transform=file.transform,
                src_crs=file.crs,
                dst_transform=BOX.affine,
                dst_crs="EPSG:32631",
                resampling=Resampling.nearest,
                tolerance=0,
            )
        assert (wanted > 0).mean() > 0.3
        alike = whole.reflectance[2, band] == np.where(wanted > 0, wanted.astype(int), -32_768)
        assert alike.mean() > 0.999  # GDAL's centres differ by 1/10000 px, ours are those of PROJ


def direct(items: list[Any], band: str) -> np.ndarray[Any, Any]:
    read = []
    for item in items:
        with rasterio.open(item.assets[band].href) as file:
            read.append(spread(file.read(1), 64))
    return np.stack(read)


@pytest.fixture(scope="module")
def flanders_items(shared_data: Path) -> list[Any]:
    catalog = LocalCatalog(shared_data / "flanders-2019" / "catalog.json")
    return catalog.search((4.0, 50.0, 5.0, 51.0), FLANDERS)[::6]


@pytest.fixture(scope="module")
def flanders_grid() -> GeoBox:
    return snapped_geobox((574_680, 5_621_800, 575_320, 5_622_440), 32631)


@pytest.mark.shared_data
def test_flanders_pixels_are_those_of_rasterio(flanders_items: list[Any], flanders_grid: GeoBox) -> None:
    cube = season_cube(flanders_items, flanders_grid).compute()
    assert cube.verified.all()
    for band in BANDS:
        numbers = direct(flanders_items, band)
        wanted = np.where(numbers > 0, numbers / 10_000, np.nan).astype(np.float32)
        np.testing.assert_array_equal(cube.reflectance.sel(band=band), wanted)
    np.testing.assert_array_equal(cube.scl, direct(flanders_items, "SCL"))


@pytest.mark.shared_data
def test_flanders_pixels_stay_put_on_an_odd_grid_within_a_tile(flanders_items: list[Any]) -> None:
    """A window that starts in the middle of 20 m pixels and reaches beyond the scene."""
    odd = snapped_geobox((574_690, 5_621_790, 574_690 + 7000, 5_621_790 + 6000), 32631)
    cube = season_cube(flanders_items[:2], odd).compute()
    for band in ("B02", "B05", "B12"):
        numbers = direct(flanders_items[:2], band)[:, :, 1:]
        wanted = np.where(numbers > 0, numbers / 10_000, np.nan).astype(np.float32)
        found = cube.reflectance.sel(band=band).values
        np.testing.assert_array_equal(found[:, 535:599, :63], wanted)
        assert np.isnan(found[:, :535]).all()
        assert np.isnan(found[:, 599]).all()
        assert np.isnan(found[:, :, 63:]).all()


@pytest.mark.shared_data
def test_flanders_ndvi_is_that_of_digital_numbers(flanders_items: list[Any], flanders_grid: GeoBox) -> None:
    values = season_cube(flanders_items, flanders_grid).reflectance.values.astype(float)
    red, infrared = values[:, band_index("B04")], values[:, band_index("B08")]
    red_dn, infrared_dn = direct(flanders_items, "B04").astype(float), direct(flanders_items, "B08").astype(float)
    wanted = (infrared_dn - red_dn) / (infrared_dn + red_dn)
    seen = (red_dn > 0) & (infrared_dn > 0)
    np.testing.assert_allclose(((infrared - red) / (infrared + red))[seen], wanted[seen], rtol=0, atol=1e-6)
