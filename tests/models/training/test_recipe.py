from __future__ import annotations

import csv
import importlib.util
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from geo.errors import InputError
from models.network import NetworkSpec
from models.release import load_release
from models.series.sample import SeriesSet
from models.training import recipe
from models.training.ablation import AblationPlan
from models.training.contextfit import ContextPlan
from models.training.recipe import TrainPlan, train
from models.training.seriesfit import FitPlan

PLAN = TrainPlan(
    version="9",
    folds=2,
    baseline=False,
    radar=8,
    ablation=AblationPlan(1),
    series=FitPlan(seed=3, epochs=2, draws=64, batch=32, average=0.9),
    context=ContextPlan(seed=3, chips=4, check=1, size_px=16, epochs=1, batch=2),
)


#: Fits of the comparison of sources, each of one epoch.
SHORT = [(f"without {name}", 1) for name in ("nothing", "bavaria-2018", "flanders-2021", "radar")]


class StoppedError(RuntimeError):
    """Stands for whatever ends a run early."""


@pytest.fixture
def tables(labelled: SeriesSet, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables of a data folder, and the network, small."""
    there = np.arange(len(labelled)) % 2 == 0
    source = np.where(there, "bavaria-2018", "flanders-2021").astype(object)
    radar = np.where(there[:, None, None], np.float32(np.nan), np.float32(-12.0))
    series = replace(labelled, source=source, radar=np.broadcast_to(radar, labelled.radar.shape).copy())
    monkeypatch.setattr(recipe, "training_series", lambda _folder, _seed: series)
    spec = partial(NetworkSpec, width=16, queries=2, features=16, decoder=(16, 16, 8))
    monkeypatch.setattr(recipe, "NetworkSpec", spec)


@pytest.mark.usefixtures("tables")
def test_a_stopped_training_ends_in_the_same_release(tmp_path: Path) -> None:
    whole = train(tmp_path, tmp_path / "whole", PLAN, made_on=date(2026, 1, 1))

    def stop(stage: str, done: int, _total: int, _loss: float) -> None:
        if (stage, done) == ("fold 2", 1):
            raise StoppedError

    with pytest.raises(StoppedError):
        train(tmp_path, tmp_path / "stopped", PLAN, made_on=date(2026, 1, 1), progress=stop)
    heard: list[tuple[str, int]] = []
    resumed = train(
        tmp_path,
        tmp_path / "stopped",
        PLAN,
        made_on=date(2026, 1, 1),
        progress=lambda stage, done, _total, _loss: heard.append((stage, done)),
    )
    assert resumed.hash == whole.hash == load_release(tmp_path / "stopped").hash
    assert heard == [("fold 2", 2), ("series", 1), ("series", 2), ("context", 1), ("context 1", 1), *SHORT]
    assert (tmp_path / "stopped" / "curves.csv").read_text() == (tmp_path / "whole" / "curves.csv").read_text()
    assert (tmp_path / "stopped" / "curves.png").stat().st_size > 1000

    with (tmp_path / "whole" / "curves.csv").open(newline="") as file:
        rows = [(row["stage"], row["epoch"], bool(row["right"])) for row in csv.DictReader(file)]
    assert rows == [
        ("fold 1", "1", True),
        ("fold 1", "2", True),
        ("fold 2", "1", True),
        ("fold 2", "2", True),
        ("series", "1", False),
        ("series", "2", False),
        ("context", "1", False),
        ("context 1", "1", False),
        *((stage, str(epoch), False) for stage, epoch in SHORT),
    ]
    assert {row.without for row in whole.card.ablation} == {"nothing", "bavaria-2018", "flanders-2021", "radar"}
    assert {row.source for row in whole.card.accuracy} == {"bavaria-2018", "flanders-2021", "flanders-2021 + radar"}
    (command,) = whole.card.commands
    assert command.startswith("acreline model train --data DATA --out OUT --version 9 --seed 3 --folds 2 --epochs 2 ")
    assert command.endswith("--context-epochs 1 --ablation-epochs 1")


@pytest.mark.parametrize(("plan", "named"), [(PLAN, "matplotlib"), (replace(PLAN, baseline=True), "sklearn")])
def test_missing_packages_are_named_before_any_work(
    plan: TrainPlan, named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == named else name)
    with pytest.raises(InputError) as caught:
        train(tmp_path, tmp_path / "out", plan, made_on=date(2026, 1, 1))
    assert caught.value.code == "NO_TRAINING_PACKAGES"
    assert named in str(caught.value)
