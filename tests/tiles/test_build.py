from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pystac
import pytest
import rasterio
from affine import Affine
from odc.geo.geobox import GeoBox
from upath import UPath

from geo.bands import BANDS, SCL
from geo.errors import DataError, InputError
from geo.season import Season
from tiles.build import begin, blocks_of, build_block, build_cube
from tiles.clear import Masking
from tiles.cube import CubePlan, Window, days_of, geobox_of, plan_cube, read_block
from tiles.sources.local import LocalCatalog
from tiles.store import commit, is_complete, open_cube

YEAR = Season(date(2020, 1, 1), date(2020, 12, 31))
MIB = 1024**2
ONE_CHUNK = 449 * MIB
LEFT, TOP = 600_000, 5_600_000
ROOT = Path(__file__).parents[2]


def fill(item: pystac.Item, side_px: int, seed: int, **change: Any) -> None:
    """Overwrite an item's files with a larger scene of random pixels, some of them without data."""
    rng = np.random.default_rng(seed)
    for band in (*BANDS, SCL):
        step = 10 if band in ("B02", "B03", "B04", "B08") else 20
        side = side_px * 10 // step
        pixels = rng.integers(0, 12, (side, side)) if band == SCL else rng.integers(900, 5000, (side, side))
        pixels[: side // 5, : side // 3] = 0
        with rasterio.open(item.assets[band].href) as file:
            profile = file.profile
        left = change.get("left", LEFT)
        profile |= {"height": side, "width": side, "transform": Affine(step, 0, left, 0, -step, TOP + 10), **change}
        profile.pop("left", None)
        with rasterio.open(item.assets[band].href, "w", **profile) as file:
            file.write(pixels.astype(profile["dtype"]), 1)


@pytest.fixture
def items(catalogue: Any, new_scene: Any, around: Any) -> list[pystac.Item]:
    """Four days, one of two scenes with different rules and one of another zone, larger than a chunk."""
    found = LocalCatalog(
        catalogue(
            new_scene(id="S2_A_L2A"),
            new_scene(id="S2_B_L2A", baseline="05.10", offset=-0.1),
            new_scene(id="S2_C_L2A", when="2020-05-11T10:50:00Z"),
            new_scene(id="S2_D_L2A", when="2020-05-21T10:50:00Z"),
            new_scene(id="S2_E_L2A", when="2020-05-31T10:50:00Z"),
        )
    ).search(around, YEAR)
    for seed, item in enumerate(found):
        fill(item, 620, seed)
    return found


@pytest.fixture
def plan(items: list[pystac.Item]) -> CubePlan:
    """A grid of three by three chunks, partly outside the scenes."""
    return plan_cube(items, GeoBox((530, 570), Affine(10, 0, LEFT - 300, 0, -10, TOP), "EPSG:32631"))


def files(place: str) -> dict[str, bytes]:
    root = UPath(place)
    return {str(path)[len(str(root)) + 1 :]: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_the_store_holds_what_blocks_say(plan: CubePlan, tmp_path: Path) -> None:
    build_cube(plan, tmp_path / "c")
    stored = open_cube(tmp_path / "c")
    whole = read_block(plan, Window(0, 530, 0, 570))
    numbers = np.where(whole.reflectance == -32_768, np.nan, whole.reflectance / np.float32(10_000))
    np.testing.assert_array_equal(stored.reflectance, numbers.astype(np.float32))
    np.testing.assert_array_equal(stored.scl, whole.scl)
    np.testing.assert_array_equal(stored.mask, whole.mask)
    assert days_of(stored) == plan.days
    assert geobox_of(stored) == plan.geobox
    assert set(np.unique(whole.mask)) >= {0, 1, 2, 3}
    assert stored.attrs["masking"] == {"method": "scl", "dilate_px": 4, "outliers": True}


def shuffled(work: Any, jobs: Iterable[tuple[Any, ...]]) -> None:
    """Any order, some twice, several at a time."""
    todo = [*jobs, *jobs]
    order = np.random.default_rng(1).permutation(len(todo))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda index: work(*todo[index]), order))


def test_bytes_do_not_depend_on_memory_order_or_workers(plan: CubePlan, tmp_path: Path) -> None:
    build_cube(plan, tmp_path / "whole")
    build_cube(plan, tmp_path / "small", memory_bytes=ONE_CHUNK)
    build_cube(plan, tmp_path / "many", memory_bytes=ONE_CHUNK, each=shuffled)
    assert len(blocks_of(plan, ONE_CHUNK)) == 9
    assert len(blocks_of(plan)) == 1
    wanted = files(str(tmp_path / "whole"))
    assert files(str(tmp_path / "small")) == wanted
    assert files(str(tmp_path / "many")) == wanted


def test_an_object_store_holds_the_same_bytes(plan: CubePlan, place: str, tmp_path: Path) -> None:
    build_cube(plan, place)
    build_cube(plan, tmp_path / "c", memory_bytes=ONE_CHUNK)
    assert files(place) == files(str(tmp_path / "c"))
    assert is_complete(place)


def test_a_subset_of_bands(items: list[pystac.Item], plan: CubePlan, tmp_path: Path) -> None:
    few = plan_cube(items, plan.geobox, bands=("B08", "B04"), masking=Masking(outliers=False))
    build_cube(few, tmp_path / "c")
    stored = open_cube(tmp_path / "c")
    assert stored.band.values.tolist() == ["B08", "B04"]
    window = Window(0, 256, 0, 256)
    wanted = read_block(plan, window).reflectance[:, [BANDS.index("B08"), BANDS.index("B04")]]
    np.testing.assert_array_equal(read_block(few, window).reflectance, wanted)


def test_a_finished_block_is_not_read_again(plan: CubePlan, tmp_path: Path) -> None:
    begin(plan, tmp_path / "c")
    first, second, *_ = blocks_of(plan, ONE_CHUNK)
    build_block(plan, first, tmp_path / "c")
    for scene in plan.scenes[0]:
        Path(scene.hrefs["B02"]).unlink()
    build_block(plan, first, tmp_path / "c")
    with pytest.raises(DataError, match=r"There is no file .*B02\.tif"):
        build_block(plan, second, tmp_path / "c")
    with pytest.raises(DataError, match="lacks 8 of its chunks"):
        commit(tmp_path / "c")


def test_a_failed_build_goes_on_once_the_file_is_back(plan: CubePlan, tmp_path: Path) -> None:
    path = Path(plan.scenes[2][0].hrefs["B11"])
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError) as caught:
        build_cube(plan, tmp_path / "c", memory_bytes=ONE_CHUNK)
    assert caught.value.code == "UNREADABLE_RASTER"
    assert not is_complete(tmp_path / "c")
    path.write_bytes(whole)
    build_cube(plan, tmp_path / "c", memory_bytes=ONE_CHUNK)
    build_cube(plan, tmp_path / "d")
    assert files(str(tmp_path / "c")) == files(str(tmp_path / "d"))


BUILDING = """
import pickle, sys
from pathlib import Path
from tiles.build import build_cube
plan, place, memory = pickle.loads(Path(sys.argv[1]).read_bytes())
build_cube(plan, place, memory_bytes=memory)
"""


def test_killed_at_any_moment_and_begun_again_gives_the_same_bytes(plan: CubePlan, tmp_path: Path) -> None:
    place, said = tmp_path / "c", tmp_path / "job.pickle"
    build_cube(plan, tmp_path / "whole")
    wanted = files(str(tmp_path / "whole"))
    rng, kills = np.random.default_rng(), 0
    for memory in (ONE_CHUNK, 600 * MIB, ONE_CHUNK):
        said.write_bytes(pickle.dumps((plan, place, memory)))
        before, more = written(place), int(rng.integers(1, 30))
        child = subprocess.Popen([sys.executable, "-c", BUILDING, str(said)], cwd=ROOT, stderr=subprocess.PIPE)
        while child.poll() is None and written(place) < before + more:
            time.sleep(0.001)
        time.sleep(rng.uniform(0, 0.05))
        child.kill()
        _, error = child.communicate()
        kills += child.returncode == -signal.SIGKILL
        assert child.returncode in (0, -signal.SIGKILL), error.decode()
        assert is_complete(place) == (place / "manifest.json").exists()
        if is_complete(place):
            open_cube(place)
    assert kills >= 1
    build_cube(plan, place)
    assert files(str(place)) == wanted


def written(place: Path) -> int:
    return sum(len(names) for _, _, names in os.walk(place))


def test_blocks_cover_the_grid_once_in_whole_chunks(plan: CubePlan) -> None:
    for memory in (ONE_CHUNK, 600 * MIB, 2048 * MIB):
        seen = np.zeros((530, 570), dtype=int)
        for block in blocks_of(plan, memory):
            seen[block.slices] += 1
            assert (block.top % 184, block.left % 192) == (0, 0)
            assert block.bottom % 184 == 0 or block.bottom == 530
            assert block.right % 192 == 0 or block.right == 570
        assert (seen == 1).all()


def test_a_memory_that_holds_no_chunk_is_refused(plan: CubePlan) -> None:
    with pytest.raises(InputError) as caught:
        blocks_of(plan, 400 * MIB)
    assert caught.value.code == "MEMORY_TOO_SMALL"
    assert str(caught.value) == (
        "A block of all dates takes 446 MiB; a worker may take 400 MiB. "
        "Raise ACRELINE_WORKER_MEMORY_MIB, or shorten the season."
    )


def test_a_block_takes_no_more_than_it_is_planned_with(plan: CubePlan, tmp_path: Path) -> None:
    begin(plan, tmp_path / "c")
    window = blocks_of(plan)[0]
    build_block(plan, Window(0, 184, 0, 192), tmp_path / "c")  # what is loaded once
    tracemalloc.start()
    build_block(plan, window, tmp_path / "c")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2048 * MIB - 400 * MIB
    numbers = 4 * 22 * window.shape[0] * window.shape[1]
    assert peak < 3 * numbers + 64 * MIB
