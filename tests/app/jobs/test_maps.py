from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import torch
import xarray as xr
from shapely import box

from app.jobs.maps import CROP_NODATA, Network, Stores, chunk_file, chunks_of, encode_chunk, map_block
from app.jobs.plan import HALO_PX
from geo.bands import BANDS
from geo.coverage import Coverage, coverage_of
from geo.errors import DataError
from geo.grid import snapped_geobox
from geo.legend import load_legend
from geo.season import Season
from models.network import CropNet
from models.predict import encode, predict
from models.release import load_release, save_release
from tests.models.conftest import SPEC, make_card
from tiles.clear import Mask
from tiles.cube import NODATA, STEPS_PER_UNIT, as_reflectance
from tiles.radar.cube import joint_decibels
from tiles.reader import Window
from tiles.steps import step_dates, stored_means, ten_day_steps
from tiles.store import begin, commit, write_block

SEASON = Season(date(2019, 3, 1), date(2019, 6, 30))
DAYS = tuple(date(2019, 3, 3) + timedelta(days=17 * number) for number in range(7))
SHAPE = (280, 272)
CORE = Window(HALO_PX, SHAPE[0] - HALO_PX, HALO_PX, SHAPE[1] - HALO_PX)
BLOCKS = [Window(top, min(top + 96, 184), left, min(left + 96, 176)) for top in (0, 96) for left in (0, 96)]


def season() -> tuple[np.ndarray, np.ndarray]:
    """Numbers as stored and what is clear; a corner is never seen."""
    rng = np.random.default_rng(5)
    numbers = rng.integers(100, 5000, (len(DAYS), len(BANDS), *SHAPE), dtype=np.int16)
    numbers[0, :, :30] = NODATA
    clear = rng.random((len(DAYS), *SHAPE)) < 0.5
    clear[:, 100:180] = False  # saves time
    clear[:, 60:70, 60:80] = False
    return numbers, clear


@pytest.fixture(scope="module")
def cube(tmp_path_factory: pytest.TempPathFactory) -> Path:
    numbers, clear = season()
    mask = np.where(clear, np.uint8(Mask.CLEAR), np.uint8(Mask.CLASSED))
    packed = {"scale_factor": 1e-4, "_FillValue": NODATA}
    variables = {"reflectance": (("time", "band", "y", "x"), numbers, packed), "mask": (("time", "y", "x"), mask)}
    axes = {"time": np.array(DAYS, dtype="datetime64[ns]"), "band": np.array(BANDS, dtype=object)}
    place = tmp_path_factory.mktemp("cube")
    begin(place, xr.Dataset(variables, axes))
    for chunk in chunks_of(SHAPE):
        rows, columns = chunk.slices
        part = {"reflectance": numbers[..., rows, columns], "mask": mask[..., rows, columns]}
        write_block(place, f"{chunk.top}-{chunk.left}", part, {"y": rows, "x": columns})
    commit(place)
    return place


@pytest.fixture(scope="module")
def coverage() -> Coverage:
    height, width = CORE.shape
    grid = snapped_geobox((573440.0, 5621760.0 - height * 10, 573440.0 + width * 10, 5621760.0), 32631)
    left, bottom, right, top = grid.boundingbox.bbox
    shapes = gpd.GeoSeries([box(left + 95, bottom + 85, right - 105, top - 77)], crs=grid.crs)
    return coverage_of(shapes, grid)


def network() -> Network:
    return load_release().hash, None


def made(cube: Path, coverage: Coverage, folder: Path, *, backwards: bool = False) -> list[Path]:
    """All blocks, their chunks and they themselves worked on in either order."""
    order = slice(None, None, -1 if backwards else 1)
    for chunk in chunks_of(SHAPE)[order]:
        encode_chunk(Stores(cube, DAYS), chunk, SEASON, network(), chunk_file(folder / "scratch", chunk))
    for number in range(len(BLOCKS))[order]:
        out = folder / f"{number}.npz"
        map_block(folder / "scratch", SHAPE, CORE, BLOCKS[number], coverage, network(), out)
    return [folder / f"{number}.npz" for number in range(len(BLOCKS))]


@pytest.fixture(scope="module")
def blocks(cube: Path, coverage: Coverage, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return made(cube, coverage, tmp_path_factory.mktemp("map"))


def laid_out(blocks: list[Path], name: str) -> np.ndarray:
    picture = np.zeros(CORE.shape, dtype=np.uint8)
    for window, path in zip(BLOCKS, blocks, strict=True):
        picture[window.slices] = np.load(path)[name]
    return picture


def test_the_map_is_that_of_the_whole_season_at_once(blocks: list[Path]) -> None:
    numbers, clear = season()
    steps = ten_day_steps(as_reflectance(numbers), clear, DAYS, SEASON)
    release = load_release()
    said = predict(release, steps.values, steps.dates)
    rows, columns = CORE.slices
    values = np.array([load_legend()[key].value for key in release.card.classes], dtype=np.uint8)
    seen = np.isfinite(said.vigour)
    crop = np.where(seen, values[np.nan_to_num(said.probabilities).argmax(axis=0)], CROP_NODATA)
    assert (laid_out(blocks, "crop") == crop[rows, columns]).mean() > 0.9999  # a tie may fall either way
    share = np.where(seen, np.rint(np.nan_to_num(said.probabilities).max(axis=0) * 100), 255)
    assert np.abs(laid_out(blocks, "prob").astype(int) - share[rows, columns]).max() <= 1
    assert (laid_out(blocks, "crop") == CROP_NODATA).sum() == (~seen[rows, columns]).sum() > 0


def test_the_order_of_work_does_not_show(cube: Path, coverage: Coverage, blocks: list[Path], tmp_path: Path) -> None:
    turned = made(cube, coverage, tmp_path, backwards=True)
    assert [path.read_bytes() for path in turned] == [path.read_bytes() for path in blocks]


def test_sums_of_a_parcel_weigh_its_pixels(blocks: list[Path], coverage: Coverage) -> None:
    parts = [np.load(path) for path in blocks]
    weight = sum(part["weight"] for part in parts)
    seen = laid_out(blocks, "crop") != CROP_NODATA
    np.testing.assert_allclose(weight, coverage.matrix.power(4) @ seen.ravel().astype(float))
    np.testing.assert_allclose(sum(part["crop_sum"] for part in parts).sum(axis=1), weight, rtol=1e-5)


def test_what_is_there_is_kept(blocks: list[Path], coverage: Coverage) -> None:
    before = blocks[0].stat().st_mtime_ns
    map_block(Path("nowhere"), SHAPE, CORE, BLOCKS[0], coverage, network(), blocks[0])
    assert blocks[0].stat().st_mtime_ns == before


def test_another_network_than_planned_is_refused(cube: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        encode_chunk(Stores(cube, DAYS), chunks_of(SHAPE)[0], SEASON, ("another", None), tmp_path / "features.npy")
    assert caught.value.code == "MODEL_CHANGED"
    assert not list(tmp_path.iterdir())


def test_the_network_sees_the_radar_that_lies_beside(cube: Path, tmp_path: Path) -> None:
    torch.manual_seed(2)
    release = save_release(CropNet(SPEC).eval(), make_card(), tmp_path / "release")
    days = tuple(date(2019, 3, 1) + timedelta(days=12 * number) for number in range(9))
    power = np.random.default_rng(6).gamma(4, 0.02, (len(days), 2, *SHAPE)).astype(np.float32)
    power[:, :, :40] = np.nan
    axes = {"day": ("time", np.array(days, dtype="datetime64[ns]"))}
    begin(tmp_path / "radar", xr.Dataset({"backscatter": (("time", "polarisation", "y", "x"), power)}, axes))
    write_block(tmp_path / "radar", "all", {"backscatter": power}, {})
    commit(tmp_path / "radar")
    numbers, clear = season()
    means = stored_means(numbers, clear, DAYS, SEASON, STEPS_PER_UNIT)
    wanted = encode(release, means, step_dates(SEASON), joint_decibels(power, days, SEASON))
    stores = Stores(cube, DAYS, tmp_path / "radar", days)
    for chunk in chunks_of(SHAPE):
        out = encode_chunk(stores, chunk, SEASON, (release.hash, tmp_path / "release"), tmp_path / f"{chunk.top}.npy")
        np.testing.assert_array_equal(np.load(out), wanted[:, *chunk.slices])
        out.unlink()
    alone = encode(release, means, step_dates(SEASON))
    np.testing.assert_allclose(wanted[:, :40], alone[:, :40], atol=1e-6)
    assert np.nanmax(np.abs(wanted - alone)) > 0.01
