from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import dask
import numpy as np
import pytest
import rasterio
import xarray as xr
from odc.geo.geobox import GeoBox

from geo.errors import DataError
from geo.grid import snapped_geobox
from geo.manifest import MANIFEST_NAME
from geo.season import Season
from tiles.cube import geobox_of, season_cube
from tiles.sources.local import LocalCatalog
from tiles.store import is_complete, open_cube, write_cube

YEAR = Season(date(2020, 1, 1), date(2020, 12, 31))


@pytest.fixture
def cube(catalogue: Any, new_scene: Any, grid: GeoBox) -> xr.Dataset:
    path = catalogue(
        new_scene(id="S2_A_L2A", number=0),
        new_scene(id="S2_B_L2A", when="2020-06-01T10:50:00Z", number=900, baseline="05.10", offset=-0.1),
        new_scene(id="S2_C_L2A", when="2020-07-01T10:50:00Z", baseline="05.10"),
    )
    return season_cube(LocalCatalog(path).search((4.0, 50.0, 5.0, 51.0), YEAR), grid)


def test_all_comes_back(cube: xr.Dataset, tmp_path: Path) -> None:
    folder = tmp_path / "stage" / "32631_1_2"
    write_cube(cube, folder)
    stored = open_cube(folder)
    assert dask.is_dask_collection(stored.reflectance)
    xr.testing.assert_equal(stored.compute(), cube.compute())
    for name, coordinate in cube.coords.items():
        assert stored[name].dtype == coordinate.dtype, name
    assert all(type(text) is str for text in stored["items"].values)
    assert stored.attrs == cube.attrs
    assert geobox_of(stored) == geobox_of(cube)
    assert stored.verified.values.tolist() == [True, True, False]


def test_other_readers_of_the_file_see_reflectance(cube: xr.Dataset, tmp_path: Path) -> None:
    write_cube(cube, tmp_path / "c")
    plain = xr.open_zarr(tmp_path / "c" / "cube.zarr", consolidated=False)
    np.testing.assert_allclose(plain.reflectance, cube.reflectance, atol=1e-6)


def test_reflectance_comes_back_rounded_and_within_bounds(cube: xr.Dataset, tmp_path: Path) -> None:
    odd = cube.reflectance.compute()
    odd[1, 0, 0, :5] = [0.12344, 0.12346, 9.0, -9.0, 3.2767]
    write_cube(cube.assign(reflectance=odd), tmp_path / "c")
    found = open_cube(tmp_path / "c").reflectance[1, 0, 0, :5].values
    np.testing.assert_array_equal(found, np.array([0.1234, 0.1235, 3.2767, -3.2767, 3.2767], dtype=np.float32))


def test_large_grids_are_cut_into_chunks(cube: xr.Dataset, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    reflectance = rng.integers(0, 9000, (3, 10, 16, 700)) / 10_000
    wide = xr.Dataset(
        {
            "reflectance": (cube.reflectance.dims, reflectance.astype(np.float32)),
            "scl": (cube.scl.dims, rng.integers(0, 12, (3, 16, 700), dtype=np.uint8)),
        },
        coords={name: coordinate for name, coordinate in cube.coords.items() if name != "x"},
        attrs=cube.attrs,
    ).assign_coords(x=600_005.0 + 10 * np.arange(700))
    write_cube(wide, tmp_path / "c")
    stored = open_cube(tmp_path / "c")
    assert stored.reflectance.chunks == ((3,), (10,), (16,), (512, 188))
    xr.testing.assert_equal(stored.compute(), wide.compute())


def test_a_killed_write_is_never_read_and_is_redone(cube: xr.Dataset, tmp_path: Path) -> None:
    folder = tmp_path / "c"
    assert not is_complete(folder)
    write_cube(cube, folder)
    (folder / MANIFEST_NAME).unlink()
    assert not is_complete(folder)
    with pytest.raises(DataError, match="c has no manifest"):
        open_cube(folder)
    (folder / "left-over").write_text("from the killed write")
    write_cube(cube, folder)
    assert is_complete(folder)
    assert not (folder / "left-over").exists()


def test_what_a_killed_write_left_beside_is_cleared(cube: xr.Dataset, tmp_path: Path) -> None:
    write_cube(cube, tmp_path / "c")
    shutil.move(tmp_path / "c", tmp_path / ".c.partial")
    (tmp_path / ".c.partial" / "cube.zarr" / "left-over").write_text("x")
    assert not is_complete(tmp_path / "c")
    write_cube(cube, tmp_path / "c")
    assert [path.name for path in tmp_path.iterdir() if path.name != "catalogue"] == ["c"]
    assert "cube.zarr/left-over" not in json.loads((tmp_path / "c" / MANIFEST_NAME).read_text())["files"]


def test_a_source_that_fails_leaves_nothing_complete(cube: xr.Dataset, tmp_path: Path) -> None:
    (path,) = tmp_path.glob("catalogue/*/S2_B_L2A/B04.tif")
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(DataError, match=r"B04\.tif"):
        write_cube(cube, tmp_path / "c")
    assert not is_complete(tmp_path / "c")


def test_what_stood_before_stays_until_the_new_one_is_whole(cube: xr.Dataset, tmp_path: Path) -> None:
    write_cube(cube, tmp_path / "c")
    (path,) = tmp_path.glob("catalogue/*/S2_B_L2A/B04.tif")
    path.write_bytes(b"")
    with pytest.raises(DataError):
        write_cube(cube, tmp_path / "c")
    assert open_cube(tmp_path / "c").sizes["time"] == 3


def test_a_damaged_chunk_is_named(cube: xr.Dataset, tmp_path: Path) -> None:
    folder = tmp_path / "c"
    write_cube(cube, folder)
    chunk = max((path for path in folder.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)
    content = bytearray(chunk.read_bytes())
    content[len(content) // 2] ^= 1
    chunk.write_bytes(content)
    assert is_complete(folder)  # sizes alone do not tell
    with pytest.raises(DataError, match=chunk.name):
        open_cube(folder)
    chunk.write_bytes(content[:-1])
    assert not is_complete(folder)


def test_a_refusing_disk_is_a_data_error(cube: xr.Dataset, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataError) as caught:
        write_cube(cube, tmp_path / "file" / "c")
    assert caught.value.code == "STORE_WRITE"


@pytest.mark.shared_data
def test_flanders_round_trip_keeps_every_digital_number(shared_data: Path, tmp_path: Path) -> None:
    season = Season(date(2018, 10, 1), date(2019, 10, 31))
    catalog = LocalCatalog(shared_data / "flanders-2019" / "catalog.json")
    items = catalog.search((4.0, 50.0, 5.0, 51.0), season)[::9]
    write_cube(season_cube(items, snapped_geobox((574_680, 5_621_800, 575_320, 5_622_440), 32631)), tmp_path / "c")
    stored = open_cube(tmp_path / "c")
    for index, item in enumerate(items):
        with rasterio.open(item.assets["B08"].href) as file:
            numbers = file.read(1)
        found = stored.reflectance.sel(band="B08")[index].values
        np.testing.assert_array_equal(np.rint(np.nan_to_num(found) * 10_000).astype(int), numbers)
