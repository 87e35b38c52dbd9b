"""Does novelty find what was never shown? Crops and zones are left out of the machine, and asked about.

    python benchmarks/novelty.py --data ../shared/data --work OUT/work

OUT is the folder of `acreline model train`: its networks predict the folds that they had not seen. For a crop left
out, its class is struck out of their logits as well, which is not quite a network that never saw the crop. A zone is
left out of the machine alone: the network that names the crops knows it. Known series are the others of the same zone
(or of all other zones), by machines that had not seen their blocks; 95 of 100 of them pass.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import rankdata

from models.card import ZoneCalibration
from models.decide import judged
from models.evaluation.heldout import targets_of
from models.evaluation.states import clear_steps_of, last_months_of
from models.evaluation.zones import KNOWN, calibration_units, whole_seasons, zones_of
from models.network import NetworkSpec
from models.novelty import NoveltyModel, novelty_limit
from models.release import load_release
from models.series.collection import class_names, training_series
from models.series.sample import SeriesSet
from models.training.crossval import cross_validate
from models.training.recipe import TrainPlan

Indices = NDArray[np.intp]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Series of a crop in a zone from which it is asked about.
_LEAST: Final = 40
_STRUCK: Final = -99.0


@dataclass(frozen=True, slots=True)
class Folds:
    """Series with predictions on blocks that were held out.

    Attributes:
        series: n of them.
        classes: legend keys in channel order.
        target: (n,) class indices.
        fold: (n,) fold in which each was held out.
        logits: (n, classes).
    """

    series: SeriesSet
    classes: tuple[str, ...]
    target: Indices
    fold: Indices
    logits: Floats

    def novelty(self, shown: Bools, rows: Indices, named: Indices) -> Floats:
        """Novelty of rows (k,) named (k,), each by a machine of what was shown (n,) in the other folds."""
        found = np.zeros(len(rows))
        for number in np.unique(self.fold):
            learn = shown & (self.fold != number)
            model = NoveltyModel.fit(self.series.take(learn), self.target[learn], len(self.classes), int(number))
            here = self.fold[rows] == number
            found[here] = model.novelty(self.series.values[rows[here]], named[here])
        return found


def main() -> None:
    """Print both tables."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--data", type=Path, required=True)
    asked.add_argument("--work", type=Path, required=True)
    given = asked.parse_args()
    torch.set_num_threads(1)
    plan = TrainPlan()
    series = training_series(given.data, plan.series.seed)
    classes = class_names(series)
    spec = NetworkSpec(len(classes), radar=plan.radar)
    held = cross_validate(series, classes, spec, plan.series, plan.folds, given.work)
    blind = series.without_radar()
    logits = held.seeing(blind).logits
    folds = Folds(blind, classes, targets_of(series, classes), held.fold, logits)
    print_tables(folds, load_release().card.zones)


def print_tables(folds: Folds, zones: tuple[ZoneCalibration, ...]) -> None:
    """Crops, then zones."""
    print("| left out | zone | series | area under curve | not novel | decided without novelty | decided with it |")
    print("|---|---|---|---|---|---|---|")
    for crop, zone in _crops(folds, zones):
        print(_crop_row(folds, crop, zone))
    print()
    print("| zone left out | series | area under curve | not novel |")
    print("|---|---|---|---|")
    for zone in zones:
        print(_zone_row(folds, zone.zone))


def _crops(folds: Folds, zones: tuple[ZoneCalibration, ...]) -> Iterator[tuple[int, ZoneCalibration]]:
    used, _ = calibration_units(folds.series)
    for zone in zones:
        of = used & (zones_of(folds.series) == zone.zone)
        counts = np.bincount(folds.target[of], minlength=len(folds.classes))
        yield from ((int(crop), zone) for crop in np.flatnonzero(counts >= _LEAST) if zone.zone != "simulated")


def _crop_row(folds: Folds, crop: int, zone: ZoneCalibration) -> str:
    used, _ = calibration_units(folds.series)
    rows = np.flatnonzero(used & (zones_of(folds.series) == zone.zone))
    struck = folds.logits[rows].copy()
    struck[:, crop] = _STRUCK
    shown = whole_seasons(folds.series) & (folds.target != crop)
    novelty = folds.novelty(shown, rows, struck.argmax(axis=1))
    stranger = folds.target[rows] == crop
    values = folds.series.values[rows]
    plain = zone.model_copy(update={"novelty": None})
    _, inside = judged(struck, plain, last_months_of(values), clear_steps_of(values), novelty)
    decided = inside.sum(axis=1) == 1
    passes = novelty <= novelty_limit(novelty[~stranger], KNOWN)
    both = (decided & passes)[stranger].mean()
    cells = (_area(novelty, stranger), passes[stranger].mean(), decided[stranger].mean(), both)
    return f"| {folds.classes[crop]} | {zone.zone} | {stranger.sum()} | " + " | ".join(f"{x:.2f}" for x in cells) + " |"


def _zone_row(folds: Folds, zone: str) -> str:
    used, _ = calibration_units(folds.series)
    rows = np.flatnonzero(used & ~folds.series.simulated)
    mine = zones_of(folds.series) == zone
    if not mine[rows].any():
        return f"| {zone} | 0 | - | - |"
    novelty = folds.novelty(whole_seasons(folds.series) & ~mine, rows, folds.logits[rows].argmax(axis=1))
    stranger = mine[rows]
    passes = novelty <= novelty_limit(novelty[~stranger], KNOWN)
    return f"| {zone} | {stranger.sum()} | {_area(novelty, stranger):.2f} | {passes[stranger].mean():.2f} |"


def _area(novelty: Floats, stranger: Bools) -> float:
    """Chance that a stranger is more novel than a known series (area under the curve)."""
    rank = rankdata(novelty)[stranger].sum()
    count = stranger.sum()
    return float((rank - count * (count + 1) / 2) / (count * (~stranger).sum()))


if __name__ == "__main__":
    main()
