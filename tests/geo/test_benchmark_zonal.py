from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def benchmark(load_benchmark: Callable[[str], ModuleType]) -> ModuleType:
    return load_benchmark("zonal")


def test_a_small_county_runs_and_the_means_agree(benchmark: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--parcels", "6", "--size", "60", "--dates", "2", "--bands", "2", "--rounds", "1", "--sample", "5"]
    assert benchmark.main(options) == 0
    printed = capsys.readouterr().out
    for contestant in ("acreline cold", "acreline warm", "exactextract", "rasterstats (EXTRAPOLATED"):
        assert contestant in printed
    assert "means agree to 1e-05" in printed


def test_parcels_fill_the_county(benchmark: ModuleType) -> None:
    county = benchmark.make_county(5, 50, 1, 1, 0.3, 1)
    assert len(county.shapes) == 25
    assert county.shapes.is_valid.all()
    assert county.shapes.area.sum() == pytest.approx((50 * 10) ** 2)
    assert 0.5 < county.clear.mean() < 0.9
