from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox

from geo.errors import DataError
from geo.raster import read_raster, read_window, write_cog

_GRID = GeoBox((600, 700), Affine(10, 0, 500_000, 0, -10, 5_600_000), "EPSG:32631")
_CLASSES = np.random.default_rng(1).integers(0, 5, _GRID.shape, dtype=np.uint8)
_COLOURS = {0: (0, 0, 0, 0), 1: (217, 164, 65, 255), 4: (1, 2, 3, 255)}


def test_classes_keep_grid_colours_and_names(tmp_path: Path) -> None:
    path = tmp_path / "new" / "crop.tif"
    write_cog(path, _CLASSES, _GRID, nodata=0, descriptions=["crop"], tags={"RUN": "r1"}, colormap=_COLOURS)
    raster = read_raster(path)
    assert raster.geobox == _GRID
    assert (raster.nodata, raster.descriptions, raster.tags["RUN"]) == (0, ("crop",), "r1")
    assert {value: raster.colormap[value] for value in _COLOURS} == _COLOURS
    np.testing.assert_array_equal(raster.array, _CLASSES[np.newaxis])
    assert list(path.parent.iterdir()) == [path]


def test_is_cloud_optimised_and_its_overviews_hold_only_known_classes(tmp_path: Path) -> None:
    write_cog(tmp_path / "crop.tif", np.where(_CLASSES > 2, 4, 0).astype(np.uint8), _GRID, nodata=0)
    with rasterio.open(tmp_path / "crop.tif") as source:
        assert source.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert source.block_shapes == [(256, 256)]
        assert source.overviews(1)
        assert set(np.unique(source.read(out_shape=(1, 150, 175)))) <= {0, 4}


def test_averaged_overviews_are_means(tmp_path: Path) -> None:
    values = np.tile(np.array([[0, 100], [0, 100]], np.uint8), (300, 350))
    write_cog(tmp_path / "vigour.tif", values, _GRID, nodata=255, overviews="average")
    with rasterio.open(tmp_path / "vigour.tif") as source:
        assert set(np.unique(source.read(out_shape=(1, 300, 350)))) == {50}


@pytest.mark.parametrize("kind", ["uint8", "int16", "uint16", "float32"])
def test_bands_come_back_exactly_and_bytes_repeat(tmp_path: Path, kind: str) -> None:
    array = (np.random.default_rng(2).random((3, *_GRID.shape)) * 200).astype(kind)
    for name in ("a.tif", "b.tif"):
        write_cog(tmp_path / name, array, _GRID, nodata=None, descriptions=["r", "g", "b"])
    np.testing.assert_array_equal(read_raster(tmp_path / "a.tif").array, array)
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()
    assert read_raster(tmp_path / "a.tif").nodata is None


@pytest.mark.parametrize(
    ("array", "extra"),
    [
        (np.zeros((10, 10), np.uint8), {}),
        (np.zeros((2, *_GRID.shape), np.uint8), {"descriptions": ["one"]}),
        (np.zeros((2, *_GRID.shape), np.uint8), {"colormap": _COLOURS}),
        (np.zeros(_GRID.shape, np.float32), {"colormap": _COLOURS}),
    ],
)
def test_what_does_not_fit_is_refused_and_writes_nothing(tmp_path: Path, array: np.ndarray, extra: dict) -> None:
    with pytest.raises(ValueError, match=r"fit|descriptions|colour"):
        write_cog(tmp_path / "x.tif", array, _GRID, nodata=0, **extra)
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def numbered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("raster") / "numbered.tif"
    write_cog(path, np.arange(600 * 700, dtype=np.int32).reshape(_GRID.shape), _GRID, nodata=None)
    return path


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 599), st.integers(0, 699), st.integers(1, 600), st.integers(1, 700))
def test_a_window_is_the_part_of_the_whole(numbered: Path, top: int, left: int, height: int, width: int) -> None:
    bottom, right = min(600, top + height), min(700, left + width)
    window = _GRID[top:bottom, left:right]
    part = read_window(numbered, tuple(window.boundingbox))
    whole = np.arange(600 * 700).reshape(_GRID.shape)
    np.testing.assert_array_equal(part.array[0], whole[top:bottom, left:right])
    assert part.geobox == window


def test_a_window_takes_the_pixels_it_touches_and_is_cut_at_the_edge(numbered: Path) -> None:
    part = read_window(numbered, (499_000.0, 5_599_985.0, 500_015.0, 5_601_000.0))
    assert part.array.tolist() == [[[0, 1], [700, 701]]]


def test_a_window_elsewhere_is_an_error(numbered: Path) -> None:
    with pytest.raises(DataError, match=r"outside numbered\.tif"):
        read_window(numbered, (0.0, 0.0, 10.0, 10.0))


def test_missing_and_damaged_files_are_named(tmp_path: Path, numbered: Path) -> None:
    with pytest.raises(DataError, match=r"B04\.tif does not exist"):
        read_raster(tmp_path / "B04.tif")
    (tmp_path / "B04.tif").write_bytes(b"no raster")
    with pytest.raises(DataError, match=r"B04\.tif cannot be read"):
        read_raster(tmp_path / "B04.tif")
    content = numbered.read_bytes()
    (tmp_path / "cut.tif").write_bytes(content[: len(content) // 2])
    with pytest.raises(DataError, match=r"cut\.tif cannot be read"):
        read_raster(tmp_path / "cut.tif")
