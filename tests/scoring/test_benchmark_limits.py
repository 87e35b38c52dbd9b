from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def benchmark(load_benchmark: Callable[[str], ModuleType]) -> ModuleType:
    return load_benchmark("limits")


def test_a_small_book_is_decided_refreshed_and_compared(
    benchmark: ModuleType, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(FOLDER.parent))
    assert benchmark.main(["--quick"]) == 0
    printed = capsys.readouterr().out
    for said in ("2,000 parcels of 800 farmers", "1% of farmers changed", "SCALED from 40 farmers", "limits the same"):
        assert said in printed
    assert printed.count("; identical") == 2
    assert "DIFFER" not in printed
