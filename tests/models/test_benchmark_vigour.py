from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from geo.bands import BANDS, band_index
from models.series.sample import SeriesSet, grid_days, no_radar

FILE = Path(__file__).resolve().parents[2] / "benchmarks" / "vigour.py"


@pytest.fixture(scope="module")
def benchmark() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        spec = importlib.util.spec_from_file_location("vigour_benchmark", FILE)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        patch.setitem(sys.modules, spec.name, module)
        spec.loader.exec_module(module)
        yield module


def _values(*infrared: float) -> np.ndarray:
    values = np.full((len(infrared), len(grid_days()), len(BANDS)), 0.1, dtype=np.float32)
    values[:, :, band_index("B08")] = np.array(infrared)[:, None]
    return values


def test_a_field_greener_than_three_of_four_peers_stands_at_75(benchmark: ModuleType) -> None:
    names = np.array(["a"], dtype=object)
    field = benchmark.Fields(names, names, np.ones(1), _values(0.45))
    peers = _values(0.2, 0.3, 0.4, 0.5)
    some = np.full(4, "wheat", dtype=object)
    series = SeriesSet(peers, peers[:, 0], no_radar(4), some, some, some, np.zeros((4, 2)), np.zeros(4, dtype=bool))
    assert benchmark.plain_percentile(field, series).tolist() == [75.0]


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
    assert benchmark.main(["--data", str(shared_data)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [["wheat", "12"], ["barley", "4"]]
