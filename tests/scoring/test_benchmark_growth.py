"""The benchmark of growth runs on a few parcels and prints what it should."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

_FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


def test_few_parcels_are_smoothed_timed_and_compared(
    load_benchmark: Callable[[str], ModuleType], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(_FOLDER.parent))
    assert load_benchmark("growth").main(["--quick", "--parcels", "150"]) == 0
    printed = capsys.readouterr().out
    for said in (
        "300 simulated parcels, 70 dates",
        "in total",
        "correlation 0.99",
        "150 parcels (simulated)",
        "peak memory",
    ):
        assert said in printed
