"""Cross-validation over spatial blocks: every series is predicted by a network that never saw its block."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from models.network import CropNet, NetworkSpec
from models.series.folds import block_folds
from models.series.sample import SeriesSet, grid_days
from models.training.seriesfit import FitPlan, Progress, fit_series

_BATCH = 2048


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Predictions on blocks that the predicting network had not seen.

    Attributes:
        logits: (n, classes) float64.
        vigour: (n,) float64, percentile / 100.
        fold: (n,) fold in which a series was held out.
        networks: of each fold, on the CPU, in evaluation mode.
    """

    logits: NDArray[np.float64]
    vigour: NDArray[np.float64]
    fold: NDArray[np.intp]
    networks: tuple[CropNet, ...]

    def seeing(self, series: SeriesSet) -> HeldOut:
        """The same networks asked about the same n series in another state."""
        logits, vigour = self.heads(series)
        return replace(self, logits=logits, vigour=vigour)

    def take(self, rows: NDArray[np.intp]) -> HeldOut:
        """Predictions of some series."""
        return replace(self, logits=self.logits[rows], vigour=self.vigour[rows], fold=self.fold[rows])

    def heads(self, series: SeriesSet) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Logits and vigour of the same n series in another state, as `logits` and `vigour`."""
        return _held_out_heads(self.networks, self.fold, series)


def cross_validate(
    series: SeriesSet,
    classes: tuple[str, ...],
    spec: NetworkSpec,
    plan: FitPlan,
    folds: int,
    folder: Path,
    progress: Progress | None = None,
) -> HeldOut:
    """Train one network a fold and predict the blocks left out; folds already in the folder are not done again."""
    fold = block_folds(series, folds, plan.seed)
    networks = tuple(
        fit_series(
            series.take(fold != number),
            classes,
            spec,
            plan,
            checkpoint=fold_file(folder, number),
            progress=renamed(progress, f"fold {number + 1}"),
        )
        for number in range(folds)
    )
    logits, vigour = _held_out_heads(networks, fold, series)
    return HeldOut(logits, vigour, fold, networks)


def fold_file(folder: Path, number: int) -> Path:
    """Checkpoint of the network that leaves a fold (0 upwards) out."""
    return folder / f"fold-{number}.pt"


def renamed(progress: Progress | None, stage: str) -> Progress | None:
    """A listener that hears of a stage under another name."""
    if progress is None:
        return None
    return lambda _stage, done, total, loss: progress(stage, done, total, loss)


def series_heads(network: CropNet, series: SeriesSet) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Logits (n, classes) and vigour (n,) of series; what radar they hold counts where a network can read it."""
    days = torch.from_numpy(grid_days())
    values, radar = (torch.split(torch.from_numpy(each), _BATCH) for each in (series.values, series.radar))
    with torch.inference_mode():
        parts = [network.series(part, days, passes) for part, passes in zip(values, radar, strict=True)]
    logits = torch.cat([part.logits for part in parts]).double().numpy()
    return logits, torch.cat([part.vigour for part in parts]).double().numpy()


def _held_out_heads(
    networks: tuple[CropNet, ...], fold: NDArray[np.intp], series: SeriesSet
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Logits and vigour of every series by the network that left its fold out."""
    logits = np.zeros((len(series), networks[0].spec.classes))
    vigour = np.zeros(len(series))
    for number, network in enumerate(networks):
        out = fold == number
        logits[out], vigour[out] = series_heads(network, series.take(out))
    return logits, vigour
