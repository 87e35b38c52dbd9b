from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import psutil
import pytest
import rasterio


@pytest.fixture(scope="module")
def benchmark(load_benchmark: Callable[[str], ModuleType]) -> ModuleType:
    return load_benchmark("cube")


def test_a_small_stack_runs_and_all_write_the_same(benchmark: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert benchmark.main(["--quick"]) == 0
    printed = capsys.readouterr().out
    for said in ("Ten-day medians to Zarr", "All dates to Zarr", "odc-stac", "stackstac", "tiles  seconds"):
        assert said in printed
    assert printed.count("numbers written: the same") == 2
    assert "DIFFERENT" not in printed


def test_a_mirrored_stack_is_four_times_the_area(benchmark: ModuleType, tmp_path: Path) -> None:
    stack = benchmark.make_stack(tmp_path / "stack", 64, 2, 7)
    larger = benchmark.mirrored(stack, tmp_path / "mirrored")
    assert larger.geobox.shape == (128, 128)
    assert larger.geobox.affine == stack.geobox.affine
    with rasterio.open(stack.items[0].assets["B11"].href) as file:
        pixels, resolution = file.read(1), file.res
    with rasterio.open(larger.items[0].assets["B11"].href) as file:
        assert file.res == resolution
        np.testing.assert_array_equal(file.read(1)[:32, :32], pixels)
        np.testing.assert_array_equal(file.read(1)[::-1, ::-1][:32, :32], pixels)
    assert larger.items[0].bbox[2] > stack.items[0].bbox[2]
    assert larger.items[0].bbox[1] < stack.items[0].bbox[1]


def test_peak_memory_sees_what_a_process_takes(benchmark: ModuleType) -> None:
    # Another process: this one may fill the array from pages that earlier tests left to it.
    hold = "input(); taken = bytearray(b'1') * (64 * 2**20); print(flush=True); input()"
    child = subprocess.Popen([sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with child:
        before = psutil.Process(child.pid).memory_info().rss
        with benchmark.peak_memory([child.pid]) as peak:
            print(file=child.stdin, flush=True)
            assert child.stdout is not None
            child.stdout.readline()
            benchmark.time.sleep(0.2)
        child.communicate("\n")
    assert peak["largest"] >= before + 32 * 2**20
    assert peak["together"] == peak["largest"]
