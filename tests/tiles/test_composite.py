from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from odc.geo.geobox import GeoBox

from geo.manifest import MANIFEST_NAME
from geo.season import Season
from tiles.build import begin, block_name, blocks_of, build_cube
from tiles.clear import Mask, Masking
from tiles.composite import (
    StepsPlan,
    begin_steps,
    build_cube_and_steps_block,
    build_steps,
    build_steps_block,
    steps_of,
)
from tiles.cube import geobox_of, read_block
from tiles.plan import plan_cube
from tiles.reader import Window
from tiles.sources.local import LocalCatalog
from tiles.steps import ten_day_steps
from tiles.store import CHUNKS, commit, has_block, is_complete, open_cube

SEASON = Season(date(2020, 5, 1), date(2020, 5, 31))
AROUND = (4.0, 50.0, 5.0, 51.0)


@pytest.fixture
def plan(catalogue: Callable[..., Path], new_scene: Any, grid: GeoBox, monkeypatch: pytest.MonkeyPatch) -> StepsPlan:
    """Three acquisitions in the first step, none in the second, one that is cloudy and one clear in the third."""
    monkeypatch.setitem(CHUNKS, "y", 8)
    monkeypatch.setitem(CHUNKS, "x", 8)
    said = [(1, 2000, 4), (4, 2600, 5), (9, 2301, 4), (21, 5000, 9), (26, 3000, 4)]
    scenes = [
        new_scene(id=f"S2_{day:02d}_L2A", when=f"2020-05-{day:02d}T10:50:00Z", number=number, scl=scl)
        for day, number, scl in said
    ]
    items = LocalCatalog(catalogue(*scenes)).search(AROUND, SEASON)
    cube = plan_cube(items, grid, bands=("B02", "B11"), masking=Masking(dilate_px=0, outliers=False))
    return StepsPlan(cube, SEASON)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_steps_come_back_with_counts_and_acquisitions(plan: StepsPlan, tmp_path: Path, grid: GeoBox) -> None:
    build_steps(plan, tmp_path / "steps")
    steps = open_cube(tmp_path / "steps").compute()
    assert steps.reflectance.dims == ("step", "band", "y", "x")
    corner = steps.reflectance[:, :, 0, 0].values
    np.testing.assert_allclose(corner, [[0.2301, 0.2381], [np.nan, np.nan], [0.3, 0.308]], atol=1e-6)
    assert steps.clear_count[:, 0, 0].values.tolist() == [3, 0, 1]
    assert steps["items"].values.tolist() == ["S2_01_L2A S2_04_L2A S2_09_L2A", "", "S2_21_L2A S2_26_L2A"]
    assert steps["days"].values.tolist() == ["2020-05-01 2020-05-04 2020-05-09", "", "2020-05-21 2020-05-26"]
    assert steps.step.values.astype("datetime64[D]").tolist() == [date(2020, 5, day) for day in (6, 16, 26)]
    known = [str(when)[:10] for when in steps.known_at.values]
    assert known == ["2020-05-09", "NaT", "2020-05-26"]
    assert len(set(steps.source_hash.values)) == 3
    assert steps.attrs["statistic"] == "median"
    assert steps.attrs["season"] == SEASON.id
    assert geobox_of(steps) == grid


def test_means_differ_from_medians(plan: StepsPlan, tmp_path: Path) -> None:
    build_steps(replace(plan, statistic="mean"), tmp_path / "steps")
    steps = open_cube(tmp_path / "steps")
    np.testing.assert_allclose(steps.reflectance[0, 0, 0, 0], 0.23, atol=5e-5)
    assert steps.attrs["statistic"] == "mean"


def test_same_steps_from_any_blocks_and_from_the_cube(plan: StepsPlan, tmp_path: Path) -> None:
    build_steps(plan, tmp_path / "whole")
    begin_steps(plan, tmp_path / "parts")
    for top in (8, 0):
        for left in (0, 8):
            build_steps_block(plan, Window(top, top + 8, left, left + 8), tmp_path / "parts")
    commit(tmp_path / "parts")
    assert bytes_of(tmp_path / "parts") == bytes_of(tmp_path / "whole")
    build_cube(plan.cube, tmp_path / "cube")
    cube = open_cube(tmp_path / "cube").compute()
    clear = cube["mask"].values == Mask.CLEAR
    wanted = ten_day_steps(cube.reflectance.values, clear, plan.cube.days, SEASON, "median")
    stored = open_cube(tmp_path / "whole").compute()
    np.testing.assert_allclose(stored.reflectance, wanted.values, atol=5.1e-5)
    np.testing.assert_array_equal(stored.clear_count, wanted.counts)


def test_cube_and_steps_from_one_reading_equal_those_built_apart(plan: StepsPlan, tmp_path: Path) -> None:
    cube, steps = tmp_path / "both" / "cube", tmp_path / "both" / "steps"
    begin(plan.cube, cube)
    begin_steps(plan, steps)
    for window in blocks_of(plan.cube):
        build_cube_and_steps_block(plan, window, cube, steps)
    commit(cube)
    commit(steps)
    build_cube(plan.cube, tmp_path / "cube")
    build_steps(plan, tmp_path / "steps")
    assert bytes_of(cube) == bytes_of(tmp_path / "cube")
    assert bytes_of(steps) == bytes_of(tmp_path / "steps")


def test_steps_are_added_to_a_committed_cube_which_stays_as_it_is(plan: StepsPlan, tmp_path: Path) -> None:
    build_cube(plan.cube, tmp_path / "cube")
    before = bytes_of(tmp_path / "cube")
    begin_steps(plan, tmp_path / "steps")
    for window in blocks_of(plan.cube):
        build_cube_and_steps_block(plan, window, tmp_path / "cube", tmp_path / "steps")
    commit(tmp_path / "steps")
    assert bytes_of(tmp_path / "cube") == before
    assert is_complete(tmp_path / "steps")


def test_what_is_done_is_not_read_again(plan: StepsPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place, window = tmp_path / "steps", Window(0, 8, 0, 16)
    begin_steps(plan, place)
    build_steps_block(plan, window, place)
    assert has_block(place, block_name(window))
    assert not (place / MANIFEST_NAME).exists()
    monkeypatch.setattr("tiles.composite.read_block", None)
    build_steps_block(plan, window, place)
    monkeypatch.undo()
    assert not is_complete(place)


def test_another_statistic_starts_afresh(plan: StepsPlan, tmp_path: Path) -> None:
    build_steps(plan, tmp_path / "steps")
    assert not begin_steps(plan, tmp_path / "steps")
    assert begin_steps(replace(plan, statistic="mean"), tmp_path / "steps")
    assert not is_complete(tmp_path / "steps")


def test_a_plan_travels_to_workers(plan: StepsPlan) -> None:
    again = pickle.loads(pickle.dumps(plan))  # noqa: S301 - our own bytes
    block = read_block(again.cube, Window(3, 9, 5, 16))
    for name, values in steps_of(plan, block).items():
        np.testing.assert_array_equal(steps_of(again, block)[name], values)
