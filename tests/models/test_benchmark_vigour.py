from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from geo.bands import BANDS, band_index
from models.release import load_release
from models.series.sample import SeriesSet, grid_days, no_radar


@pytest.fixture(scope="module")
def benchmark(load_benchmark: Callable[[str], ModuleType]) -> ModuleType:
    return load_benchmark("vigour")


def _values(*infrared: float) -> np.ndarray:
    values = np.full((len(infrared), len(grid_days()), len(BANDS)), 0.1, dtype=np.float32)
    values[:, :, band_index("B08")] = np.array(infrared)[:, None]
    return values


def test_a_field_greener_than_fifteen_of_twenty_peers_stands_there(benchmark: ModuleType) -> None:
    names = np.array(["a"], dtype=object)
    field = benchmark.Fields(names, names, np.ones(1), _values(0.45))
    peers = _values(*np.linspace(0.2, 0.52, 20).round(2))
    below = int((peers[:, 0, band_index("B08")] < 0.45).sum())
    some = np.full(20, "wheat", dtype=object)
    series = SeriesSet(peers, peers[:, 0], no_radar(20), some, some, some, np.zeros((20, 2)), np.zeros(20, dtype=bool))
    assert benchmark.plain_percentile(field, series) == pytest.approx([100 * (below + 0.5) / 21], abs=2.5)


def test_equal_ranks_correlate_fully(benchmark: ModuleType) -> None:
    found, low, high = benchmark.rank_correlation(np.arange(9.0), np.arange(9.0) ** 3)
    assert (found, low, high) == pytest.approx((1, 1, 1))


@pytest.mark.shared_data
def test_real_fields_are_read_and_ranked(
    benchmark: ModuleType, shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fields = benchmark.read_fields(shared_data / "bavaria-yield-2018")
    assert len(fields.name) == 16
    assert np.isfinite(fields.values).all(axis=2).sum(axis=1).min() >= 8
    assert benchmark.main(["--data", str(shared_data), "--landscapes", "0"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [["wheat", "12"], ["barley", "4"]]


@pytest.mark.usefixtures("benchmark")
def test_a_small_landscape_is_compared(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    planted = importlib.import_module("vigour_planted")
    monkeypatch.setattr(planted, "REGIONS", ("huanghuai",))
    monkeypatch.setattr(planted, "_LAYOUT", replace(planted._LAYOUT, plot_ha=0.4))
    found = planted.compare(load_release(), 1, [24], 96)
    assert {"parcels", "pixels"} <= set(found.what)
    assert found[["plain", "head"]].abs().max().max() <= 1
    planted.print_tables(found)
    assert "plain less head" in capsys.readouterr().out
