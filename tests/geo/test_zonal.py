from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from exactextract import exact_extract
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox
from shapely.affinity import rotate

import geo.zonal
from geo.coverage import coverage_of
from geo.zonal import ZonalSums, zonal_sums

_CRS = "EPSG:32631"
_SIDE = 24
_GRID = GeoBox((_SIDE, _SIDE), Affine(10, 0, 500_000, 0, -10, 5_600_240), _CRS)


def _random_fields(seed: int, count: int = 7) -> gpd.GeoSeries:
    rng = np.random.default_rng(seed)
    corners = rng.uniform([499_960, 5_599_960], [500_220, 5_600_220], (count, 2))
    sizes = rng.uniform(5, 120, (count, 2))
    boxes = [shapely.box(x, y, x + w, y + h) for (x, y), (w, h) in zip(corners, sizes, strict=True)]
    turned = [rotate(box, angle) for box, angle in zip(boxes, rng.uniform(0, 180, count), strict=True)]
    return gpd.GeoSeries([*turned, None], crs=_CRS)


def _random_cube(seed: int, dates: int = 3, bands: int = 2) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    values = rng.random((dates, bands, _SIDE, _SIDE), dtype=np.float32)
    values[rng.random(values.shape) < 0.05] = np.nan
    return values, rng.random((dates, _SIDE, _SIDE)) < 0.7


def _expected(weights: np.ndarray, values: np.ndarray, clear: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means and standard deviations, one parcel, date and band at a time."""
    mean = np.full((*values.shape[:2], len(weights)), np.nan)
    std = mean.copy()
    for date, band, parcel in np.ndindex(mean.shape):
        usable = clear[date] & np.isfinite(values[date]).all(axis=0)
        weight = (weights[parcel].reshape(clear[date].shape) * usable).ravel()
        if weight.sum() > 0:
            pixels = np.nan_to_num(values[date, band].astype(np.float64)).ravel()
            mean[date, band, parcel] = np.average(pixels, weights=weight)
            std[date, band, parcel] = np.sqrt(np.average((pixels - mean[date, band, parcel]) ** 2, weights=weight))
    return mean, std


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from([1, 40, 1 << 17]))
def test_means_and_deviations_are_those_of_the_plain_loops(seed: int, block: int) -> None:
    coverage = coverage_of(_random_fields(seed), _GRID)
    values, clear = _random_cube(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(geo.zonal, "_BLOCK_WEIGHTS", block)
        sums = zonal_sums(coverage, values, clear)
    mean, std = _expected(coverage.matrix.toarray(), values, clear)
    np.testing.assert_allclose(sums.mean(), mean, rtol=1e-6)
    np.testing.assert_allclose(sums.std(), std, atol=1e-6)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.integers(1, _SIDE - 1))
def test_parcels_across_two_grids_add_their_sums(seed: int, cut: int) -> None:
    fields = _random_fields(seed)
    values, clear = _random_cube(seed)
    whole = zonal_sums(coverage_of(fields, _GRID), values, clear)
    west, east = slice(None, cut), slice(cut, None)
    parts = [
        zonal_sums(coverage_of(fields, _GRID[:, part]), values[..., part], clear[..., part]) for part in (west, east)
    ]
    both = parts[0] + parts[1]
    for name in ("area", "clear", "total", "squares"):
        np.testing.assert_allclose(getattr(both, name), getattr(whole, name), rtol=1e-5, atol=1e-4)
    kept = whole.clear > 1e-3
    np.testing.assert_allclose(both.mean()[:, 0][kept], whole.mean()[:, 0][kept], rtol=1e-4)


def test_the_number_of_threads_does_not_matter() -> None:
    coverage = coverage_of(_random_fields(1), _GRID)
    one, four = (zonal_sums(coverage, *_random_cube(1, dates=9), threads=threads) for threads in (1, 4))
    np.testing.assert_array_equal(one.total, four.total)
    np.testing.assert_array_equal(one.squares, four.squares)


def test_one_bad_band_takes_the_pixel_out_of_all_bands() -> None:
    field = gpd.GeoSeries([shapely.box(500_000, 5_600_220, 500_020, 5_600_240)], crs=_CRS)
    values = np.ones((1, 2, _SIDE, _SIDE), np.float32)
    values[0, 0, 0, 0] = np.nan
    values[0, 1, 0, 1] = np.inf
    values[0, :, 1, :2] = 3.0
    sums = zonal_sums(coverage_of(field, _GRID), values, np.ones((1, _SIDE, _SIDE), np.bool_))
    assert sums.clear.tolist() == [[2.0]]
    assert sums.clear_share().tolist() == [[0.5]]
    assert sums.mean().tolist() == [[[3.0], [3.0]]]
    assert sums.std().tolist() == [[[0.0], [0.0]]]


def test_what_was_never_clear_is_nan_not_zero() -> None:
    coverage = coverage_of(_random_fields(2), _GRID)
    values, clear = _random_cube(2)
    sums = zonal_sums(coverage, values, np.zeros_like(clear))
    assert np.isnan(sums.mean()).all()
    assert np.isnan(sums.std()).all()
    assert sums.clear_share()[:, sums.area > 0].max() == 0
    assert np.isnan(sums.clear_share()[:, -1]).all()


def test_without_squares_there_is_no_deviation_but_the_same_mean() -> None:
    coverage = coverage_of(_random_fields(3), _GRID)
    with_squares, without = (zonal_sums(coverage, *_random_cube(3), squares=squares) for squares in (True, False))
    np.testing.assert_array_equal(with_squares.mean(), without.mean())
    assert np.isnan(without.std()).all()


def test_a_constant_parcel_has_no_deviation_even_far_from_zero() -> None:
    coverage = coverage_of(_random_fields(4), _GRID)
    values = np.full((1, 1, _SIDE, _SIDE), 9_999.7, np.float32)
    std = zonal_sums(coverage, values, np.ones((1, _SIDE, _SIDE), np.bool_)).std()
    assert np.nanmax(std) < 1e-3


def test_no_parcel_at_all() -> None:
    coverage = coverage_of(gpd.GeoSeries([None, None], crs=_CRS), _GRID)
    sums = zonal_sums(coverage, *_random_cube(5))
    assert isinstance(sums, ZonalSums)
    assert sums.total.shape == (3, 2, 2)
    assert not sums.total.any()


def test_shapes_that_do_not_fit_are_refused() -> None:
    coverage = coverage_of(_random_fields(6), _GRID)
    values, clear = _random_cube(6)
    with pytest.raises(ValueError, match="do not fit"):
        zonal_sums(coverage, values[..., 1:], clear[..., 1:])
    with pytest.raises(ValueError, match="do not fit"):
        zonal_sums(coverage, values, clear[1:])


@pytest.mark.shared_data
@pytest.mark.parametrize("turned", [False, True], ids=["as given", "buffered and turned"])
def test_real_scenes_agree_with_exactextract_and_with_plain_intersections(shared_data: Path, turned: bool) -> None:
    folder = shared_data / "flanders-2019"
    scenes = sorted(band.parent for band in (folder / "sentinel-2-l2a").glob("*/B04.tif"))[::8]
    values, clear, profile = _read_scenes(scenes)
    geobox = GeoBox(clear.shape[1:], profile["transform"], "EPSG:32631")
    fields = gpd.read_file(folder / "parcels.gpkg").geometry.to_crs(32631)
    if turned:
        fields = gpd.GeoSeries([rotate(field, 17) for field in fields.buffer(-3)], crs=32631)
    means = zonal_sums(coverage_of(fields, geobox), values, clear).mean()

    dates = range(0, len(scenes), 3)
    for date in dates:
        np.testing.assert_allclose(means[date, 0], _exactextract_means(scenes[date], fields, clear[date]), rtol=1e-5)
    np.testing.assert_allclose(means[:, 1, 5], _plain_means(geobox, fields[5], values[:, 1], clear), rtol=1e-4)


def _read_scenes(scenes: list[Path]) -> tuple[np.ndarray, np.ndarray, dict]:
    layers, masks = [], []
    for scene in scenes:
        bands = []
        for band in ("B04", "B08"):
            with rasterio.open(scene / f"{band}.tif") as source:
                bands.append(source.read(1).astype(np.float32) / 10_000)
                profile = source.profile
        with rasterio.open(scene / "SCL.tif") as source:
            masks.append(np.kron(source.read(1), np.ones((2, 2), np.uint8)) != 0)  # 20 m to 10 m
        layers.append(bands)
    return np.asarray(layers), np.asarray(masks), profile


def _exactextract_means(scene: Path, fields: gpd.GeoSeries, clear: np.ndarray) -> np.ndarray:
    assert clear.all(), "pick scenes without gaps for the comparison by file"
    found = exact_extract(scene / "B04.tif", gpd.GeoDataFrame(geometry=fields), ["mean"], output="pandas")
    return found["mean"].to_numpy() / 10_000


def _plain_means(geobox: GeoBox, field: shapely.Geometry, values: np.ndarray, clear: np.ndarray) -> np.ndarray:
    box = geobox.boundingbox
    left, top = np.meshgrid(box.left + 10 * np.arange(geobox.shape[1]), box.top - 10 * np.arange(geobox.shape[0]))
    weight = shapely.area(shapely.intersection(shapely.box(left, top - 10, left + 10, top), field)) * clear
    return (weight * values).sum(axis=(1, 2)) / weight.sum(axis=(1, 2))
