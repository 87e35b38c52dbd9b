"""How training goes: loss and held-out accuracy of every epoch, as a table and as a picture."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch

from geo.files import whole_file
from models.network import CropNet, NetworkSpec
from models.series.sample import SeriesSet
from models.training.crossval import series_heads
from models.training.seriesfit import Progress

TABLE: Final = "curves.csv"
PICTURE: Final = "curves.png"
_COLUMNS: Final = ("stage", "epoch", "loss", "right")
_SIZE_INCHES: Final = (10.0, 4.0)
_DPI: Final = 110


@dataclass(frozen=True, slots=True)
class Point:
    """One epoch of one stage.

    Attributes:
        stage: "fold 1", "series", "context".
        epoch: 1 upwards.
        loss: mean over the epoch, augmentation and all.
        right: share right of series held out, with the averaged weights of that epoch; None where none are held out.
    """

    stage: str
    epoch: int
    loss: float
    right: float | None


class Curves:
    """curves.csv and curves.png of a folder; those of a stopped run go on.

    Args:
        folder: where both lie.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._points = _read(folder / TABLE)

    def add(self, point: Point) -> None:
        """Note an epoch; later ones of its stage, from a run with other settings, are forgotten."""
        earlier = [each for each in self._points if each.stage != point.stage or each.epoch < point.epoch]
        self._points = [*earlier, point]
        _write(self._folder / TABLE, self._points)
        _draw(self._folder / PICTURE, self._points)

    def watching(
        self, progress: Progress | None, held_out: Callable[[str], float | None] = lambda _stage: None
    ) -> Progress:
        """A listener that notes every epoch before `progress` is told.

        Args:
            progress: told as well.
            held_out: share right of the series that a stage leaves out, asked after each epoch.
        """

        def told(stage: str, done: int, total: int, loss: float) -> None:
            self.add(Point(stage, done, loss, held_out(stage)))
            if progress is not None:
                progress(stage, done, total, loss)

        return told


def share_right(checkpoint: Path, spec: NetworkSpec, series: SeriesSet, classes: tuple[str, ...]) -> float:
    """Share of series named right by the averaged weights of a checkpoint of `models.training.seriesfit.fit_series`."""
    state = torch.load(checkpoint, weights_only=True, map_location="cpu")["average"]
    weights = {name.removeprefix("module."): value for name, value in state.items() if name.startswith("module.")}
    network = CropNet(spec)
    network.load_state_dict(weights)
    logits, _ = series_heads(network.eval(), series)
    said = [classes[place] for place in logits.argmax(axis=1)]
    return float(np.mean([one == other for one, other in zip(said, series.crop, strict=True)]))


def _read(path: Path) -> list[Point]:
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [
            Point(row["stage"], int(row["epoch"]), float(row["loss"]), float(row["right"]) if row["right"] else None)
            for row in csv.DictReader(file)
        ]


def _write(path: Path, points: Iterable[Point]) -> None:
    with whole_file(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        for point in points:
            right = "" if point.right is None else f"{point.right:.4f}"
            writer.writerow([point.stage, point.epoch, f"{point.loss:.5f}", right])


def _draw(path: Path, points: list[Point]) -> None:
    from matplotlib.figure import Figure  # noqa: PLC0415 - an optional extra
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415 - same

    figure = Figure(figsize=_SIZE_INCHES, layout="constrained")
    losses, shares = figure.subplots(1, 2)
    for stage in dict.fromkeys(point.stage for point in points):
        mine = [point for point in points if point.stage == stage]
        losses.plot([point.epoch for point in mine], [point.loss for point in mine], marker=".", label=stage)
        known = [(point.epoch, point.right) for point in mine if point.right is not None]
        if known:
            shares.plot(*zip(*known, strict=True), marker=".", label=stage)
    for axes, label in ((losses, "mean loss"), (shares, "right on held-out blocks")):
        axes.set(xlabel="epoch", ylabel=label)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(alpha=0.3)
        if axes.lines:
            axes.legend(fontsize="small")
    with whole_file(path) as part:
        figure.savefig(part, format="png", dpi=_DPI)
