from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest


@pytest.fixture(scope="module")
def benchmark(load_benchmark: Callable[[str], ModuleType]) -> ModuleType:
    return load_benchmark("masks")


def test_marks_of_a_simulated_season_are_right(benchmark: ModuleType) -> None:
    season = benchmark.simulate("huanghuai", 48, 1)
    missed = benchmark.miss_patches(season.scl, 1)
    assert (missed == 3).sum() < 0.9 * (season.scl == 3).sum()
    margin, *shares = (float(word) for word in benchmark.score_season(season, missed, 4).split())
    kept, kept_after, spoiled, spoiled_after, right, found, false, _, bright_found, bright_false = shares
    assert margin == 4
    assert kept_after > kept - 0.5
    assert spoiled_after < 0.6 * spoiled
    assert right > 90
    assert found > 30
    assert bright_found > 30
    assert max(false, bright_false) < 0.5


def test_sets_without_data_are_left_out(benchmark: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert benchmark.main(["--regions", "europe", "--size", "32", "--sets", "simulation", "mowing"]) == 0
    printed = capsys.readouterr().out
    assert "simulation europe, patches missed (%)" in printed
    assert "mowing: left out, it needs --data" in printed


@pytest.mark.shared_data
def test_mowings_and_clear_cuts_are_not_marked(
    benchmark: ModuleType, shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert benchmark.main(["--data", str(shared_data), "--sets", "mowing", "forest"]) == 0
    printed = capsys.readouterr().out
    after, otherwise = (
        np.array(re.findall(rf"{what}: .*?dark ([\d.]+)%, bright ([\d.]+)%", printed)[0], dtype=float)
        for what in ("after a mowing", "April to October")
    )
    assert (after < 3).all()
    assert (after < otherwise + 0.5).all()
    cut = np.array(re.findall(r"Deforestation: dark ([\d.]+)%, bright ([\d.]+)%", printed)[0], dtype=float)
    assert (cut < 2).all()


@pytest.mark.shared_data
def test_shadows_hidden_in_real_scenes_are_found(
    benchmark: ModuleType, shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert benchmark.main(["--data", str(shared_data), "--sets", "flanders", "csmask"]) == 0
    printed = capsys.readouterr().out
    assert float(re.findall(r"hidden in ground: ([\d.]+)% found dark", printed)[0]) > 40
    assert float(re.findall(r"csmask: ([\d.]+)% of pixels right", printed)[0]) > 85
