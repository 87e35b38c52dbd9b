from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pystac
import pytest
import rasterio
from affine import Affine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox
from rasterio.warp import transform_bounds

from geo.errors import DataError, InputError
from geo.season import Season
from tiles.radar.build import RadarBuild, build_radar
from tiles.radar.cube import joint_decibels, radar_block, track_steps
from tiles.radar.plan import plan_radar
from tiles.radar.scenes import radar_items
from tiles.radar.speckle import lee_filter
from tiles.reader import Window
from tiles.store import open_cube

LEFT, TOP, SIDE = 600_000, 5_600_000, 40
GRID = GeoBox((SIDE, SIDE), Affine(10, 0, LEFT, 0, -10, TOP), "EPSG:32631")


def _write(path, values, *, step=10, left=LEFT, nodata=None):
    profile = {
        "driver": "GTiff",
        "height": values.shape[0],
        "width": values.shape[1],
        "count": 1,
        "dtype": values.dtype,
    }
    with rasterio.open(
        path, "w", crs="EPSG:32631", transform=Affine(step, 0, left, 0, -step, TOP), nodata=nodata, **profile
    ) as file:
        file.write(values, 1)


def _power(seed):
    return (0.1 * np.random.default_rng(seed).gamma(4.4, 1 / 4.4, (SIDE, SIDE))).astype(np.float32)


@pytest.fixture
def scene(tmp_path, radar_item):
    """Writes a scene's two rasters and gives its item."""

    def make(when, seed=1, values=None, band=None, nodata=None, **properties):
        item = radar_item(when=when, band=band, **properties)
        item.bbox = list(transform_bounds("EPSG:32631", "EPSG:4326", LEFT, TOP - 10 * SIDE, LEFT + 10 * SIDE, TOP))
        for place, name in enumerate(("vv", "vh")):
            path = tmp_path / f"{item.id}_{name}.tif"
            _write(path, _power(seed + 100 * place) if values is None else values, nodata=nodata)
            item.assets[name].href = str(path)
        return item

    return make


def test_a_pass_is_read_filtered_and_described(scene):
    (item,) = radar_items([scene("2019-05-01T17:32:00Z", sat__relative_orbit=161, sat__orbit_state="ascending")], "x")
    plan = plan_radar([item], GRID)
    block = radar_block(plan, Window(0, SIDE, 0, SIDE))
    np.testing.assert_array_equal(block[0], lee_filter(np.stack([_power(1), _power(101)])))
    (only,) = plan.passes
    assert (only.track, only.direction, only.day) == ("orbit 161", "ascending", date(2019, 5, 1))


def test_decibels_are_filtered_as_power(scene):
    decibels = np.rint(1000 * np.log10(_power(1))).astype(np.int16)
    decibels[0, 0] = -32768
    stored = {"scale": 0.01, "offset": 0.0, "unit": "dB", "nodata": -32768}
    (item,) = radar_items([scene("2019-05-01T17:32:00Z", values=decibels, band=stored, nodata=-32768)], "x")
    block = radar_block(plan_radar([item], GRID), Window(0, SIDE, 0, SIDE))
    power = np.power(10, decibels / 1000).astype(np.float32)
    power[0, 0] = np.nan
    np.testing.assert_allclose(block[0, 0], lee_filter(power), rtol=1e-5)
    assert np.isnan(block[0, 0, 0, 0])


def test_tracks_of_one_day_stay_two_layers(scene):
    items = [
        scene("2019-05-01T05:58:00Z", sat__relative_orbit=110),
        scene("2019-05-01T17:32:00Z", sat__relative_orbit=161),
    ]
    plan = plan_radar(radar_items(items, "x"), GRID)
    assert [each.track for each in plan.passes] == ["orbit 110", "orbit 161"]
    assert plan.tracks == ("orbit 110", "orbit 161")


def test_slices_of_one_pass_are_one_layer(scene):
    items = [
        scene(f"2019-05-01T17:32:{second}Z", seed=i, sat__relative_orbit=161) for i, second in ((1, "00"), (2, "25"))
    ]
    plan = plan_radar(radar_items(items, "x"), GRID)
    assert [len(each.scenes) for each in plan.passes] == [2]


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    top=st.integers(0, SIDE - 1), left=st.integers(0, SIDE - 1), rows=st.integers(1, SIDE), columns=st.integers(1, SIDE)
)
def test_a_pixel_does_not_depend_on_the_window(plan_of_two, top, left, rows, columns):
    plan, whole = plan_of_two
    window = Window(top, min(top + rows, SIDE), left, min(left + columns, SIDE))
    np.testing.assert_array_equal(radar_block(plan, window), whole[:, :, *window.slices])


@pytest.fixture
def plan_of_two(scene):
    items = [scene("2019-05-01T17:32:00Z", seed=1), scene("2019-05-07T17:33:00Z", seed=2)]
    plan = plan_radar(radar_items(items, "x"), GRID)
    return plan, radar_block(plan, Window(0, SIDE, 0, SIDE))


def test_the_store_gives_back_what_was_read(plan_of_two, tmp_path):
    plan, whole = plan_of_two
    build = RadarBuild(
        plan, str(tmp_path / "radar"), Season(date(2019, 5, 1), date(2019, 5, 20)), str(tmp_path / "steps")
    )
    build_radar(build)
    cube = open_cube(tmp_path / "radar")
    np.testing.assert_array_equal(cube.backscatter.to_numpy(), whole)
    assert cube.attrs["kind"] == "gamma0"
    assert list(cube.polarisation.values) == ["vv", "vh"]
    assert [str(day)[:10] for day in cube.day.values] == ["2019-05-01", "2019-05-07"]
    steps = open_cube(tmp_path / "steps")
    np.testing.assert_allclose(steps.backscatter.to_numpy()[0, 0], whole.mean(axis=0), rtol=1e-6)
    assert np.isnan(steps.backscatter.to_numpy()[1]).all()
    assert steps.pass_count.to_numpy()[:, 0, 3, 3].tolist() == [2, 0]
    assert not build.begin()  # committed: nothing is left to write


def test_gamma0_and_sigma0_are_not_mixed(scene):
    one = radar_items([scene("2019-05-01T17:32:00Z")], "x")
    two = radar_items([scene("2019-05-07T17:32:00Z", collection="sentinel-1-grd")], "x", declared="sigma0")
    with pytest.raises(InputError) as caught:
        plan_radar([*one, *two], GRID)
    assert str(caught.value) == (
        "Scene S1A_IW_20190501T173200 holds gamma0 and scene S1A_IW_20190507T173200 sigma0. Name a source of one kind."
    )


def test_a_missing_file_is_named(scene, tmp_path):
    items = radar_items([scene("2019-05-01T17:32:00Z")], "x")
    plan = plan_radar(items, GRID)
    (tmp_path / "S1A_IW_20190501T173200_vh.tif").unlink()
    with pytest.raises(DataError, match=r"S1A_IW_20190501T173200_vh\.tif"):
        radar_block(plan, Window(0, SIDE, 0, SIDE))


def test_steps_are_means_of_power_within_a_track():
    start = datetime(2019, 5, 1, tzinfo=UTC).date()
    days = [start + timedelta(days=shift) for shift in (0, 1, 6, 12)]
    tracks = ["orbit 1", "orbit 2", "orbit 1", "orbit 1"]
    power = np.array([0.1, 9.0, 0.3, 0.5], dtype=np.float32)[:, None, None, None] * np.ones((4, 2, 3, 3), np.float32)
    power[2, 1, 0, 0] = np.nan  # one polarisation without data: the pass does not count for the pixel
    steps = track_steps(power, tracks, days, Season(start, date(2019, 5, 20)))
    assert sorted(steps) == ["orbit 1", "orbit 2"]
    np.testing.assert_allclose(steps["orbit 1"].values[:, 0, 1, 1], [0.2, 0.5], rtol=1e-6)
    np.testing.assert_allclose(steps["orbit 1"].values[0, :, 0, 0], [0.1, 0.1], rtol=1e-6)
    assert np.isnan(steps["orbit 2"].values[1]).all()
    assert steps["orbit 1"].counts[0, 1, 1] == 2


@pytest.mark.shared_data
def test_real_passes_lie_on_the_optical_grid(shared_data):
    catalogue = pystac.Catalog.from_file(str(shared_data / "flanders-2019" / "catalog.json"))
    items = radar_items(catalogue.get_items(recursive=True), "flanders-2019", declared="sigma0")[:6]
    grid = GeoBox((64, 64), Affine(10, 0, 574_680, 0, -10, 5_622_440), "EPSG:32631")
    block = radar_block(plan_radar(items, grid), Window(0, 64, 0, 64))
    assert block.shape == (6, 2, 64, 64)
    assert np.isfinite(block).all()
    vv, vh = (10 * np.log10(np.median(block[:, place])) for place in (0, 1))
    assert -14 < vv < -7  # farmland, C band
    assert -22 < vh < -14


def test_the_network_gets_decibels_of_mean_power_over_all_tracks() -> None:
    power = np.full((4, 2, 1, 3), 0.01, dtype=np.float32)
    power[1] = 0.1
    power[1, 1, 0, 1] = np.nan  # one polarisation alone does not count
    power[2:, :, 0, 2] = np.nan
    days = [date(2019, 5, 2), date(2019, 5, 9), date(2019, 5, 30), date(2019, 7, 1)]
    decibels = joint_decibels(power, days, Season(date(2019, 5, 1), date(2019, 5, 31)))
    both = 10 * np.log10(0.055)
    np.testing.assert_allclose(decibels[0, :, 0], [[both, -20, both]] * 2, rtol=1e-6)
    assert np.isnan(decibels[1]).all()
    np.testing.assert_allclose(decibels[2, :, 0], [[-20, -20, np.nan]] * 2, rtol=1e-6)
    assert decibels.dtype == np.float32
