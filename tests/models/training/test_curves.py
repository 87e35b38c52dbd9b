from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.network import NetworkSpec
from models.series.sample import SeriesSet
from models.training.crossval import renamed, series_heads
from models.training.curves import Curves, Point, share_right
from models.training.seriesfit import FitPlan, fit_series

CLASSES = ("wheat", "maize", "grass")
SPEC = NetworkSpec(classes=3, width=16, queries=2, features=16, decoder=(16, 16, 8))


def _rows(folder: Path) -> list[str]:
    return (folder / "curves.csv").read_text().splitlines()


def test_every_epoch_is_a_row_and_there_is_a_picture(tmp_path: Path) -> None:
    heard: list[tuple[object, ...]] = []
    watch = Curves(tmp_path).watching(lambda *told: heard.append(told), {"fold 1": 0.75}.get)
    watch("fold 1", 1, 2, 0.9)
    watch("context", 1, 1, 0.4)
    assert _rows(tmp_path) == ["stage,epoch,loss,right", "fold 1,1,0.90000,0.7500", "context,1,0.40000,"]
    assert heard == [("fold 1", 1, 2, 0.9), ("context", 1, 1, 0.4)]
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["curves.csv", "curves.png"]


def test_a_stopped_run_goes_on_and_a_new_one_starts_its_stage_again(tmp_path: Path) -> None:
    first = Curves(tmp_path)
    for epoch in (1, 2, 3):
        first.add(Point("series", epoch, 1 / epoch, None))
    first.add(Point("context", 1, 0.5, None))
    Curves(tmp_path).add(Point("series", 4, 0.2, None))
    assert [row.split(",")[1] for row in _rows(tmp_path)[1:] if row.startswith("series")] == ["1", "2", "3", "4"]
    Curves(tmp_path).add(Point("series", 1, 0.7, None))
    assert _rows(tmp_path)[1:] == ["context,1,0.50000,", "series,1,0.70000,"]


def test_accuracy_is_that_of_the_averaged_weights(labelled: SeriesSet, tmp_path: Path) -> None:
    plan = replace(FitPlan(), epochs=2, draws=256, batch=64, average=0.9)
    network = fit_series(labelled, CLASSES, SPEC, plan, checkpoint=tmp_path / "fold.pt")
    logits, _ = series_heads(network, labelled)
    expected = np.mean(np.array(CLASSES, dtype=object)[logits.argmax(axis=1)] == labelled.crop)
    assert share_right(tmp_path / "fold.pt", SPEC, labelled, CLASSES) == pytest.approx(expected)


def test_a_stage_is_heard_of_under_its_new_name() -> None:
    heard: list[str] = []
    told = renamed(lambda stage, *_rest: heard.append(stage), "fold 2")
    assert told is not None
    told("series", 1, 2, 0.1)
    assert heard == ["fold 2"]
    assert renamed(None, "fold 2") is None
