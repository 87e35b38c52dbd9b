"""How a parcel is best named from its pixels: by vote, mean probability or mean log-probability, and borders by share.

    python benchmarks/parcelvote.py --data ../shared/data --work OUT/work

OUT is the folder of `acreline model train`. Landscapes are painted with series of the first fold's blocks, which its
network and context never saw; each plot is named by every rule. Accuracy is over plots with at least one pixel seen,
and over those with eight whole pixels, which is what a run asks for; intervals draw whole landscapes.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array

from models.evaluation.heldout import targets_of
from models.evaluation.scores import block_interval
from models.network import CropNet, NetworkSpec
from models.series.collection import class_names, training_series
from models.series.folds import block_folds
from models.series.sample import SeriesSet
from models.series.vigour import vigour_targets
from models.training.chips import Chip, Palette, paint_chip, palettes
from models.training.contextfit import encode_chip, fit_context
from models.training.crossval import fold_file
from models.training.recipe import TrainPlan
from models.training.seriesfit import draw_weights, fit_series
from tiles.simulation.mosaic import cut_mosaic

Floats = NDArray[np.float64]

_CHIPS: Final = 8
_SEED: Final = 77
_WHOLE: Final = 0.999
_LEAST_WHOLE: Final = 8

#: Powers of a pixel's share: 1 counts areas, 4 takes borders for little, None leaves them out where enough is inside.
_POWERS: Final = (1, 4, None)
_RULES: Final = ("vote", "mean probability", "mean log-probability")


@dataclass(frozen=True, slots=True)
class Plots:
    """Plots of some landscapes.

    Attributes:
        said: (n, rules) whether each rule names the crop, rules as `names`.
        surprise: (n, rules) negative log-probability of the right crop, NaN for votes.
        large: (n,) at least eight whole pixels.
        source: (n,) what they were painted with.
        chip: (n,) landscape.
    """

    said: NDArray[np.bool_]
    surprise: Floats
    large: NDArray[np.bool_]
    source: NDArray[np.str_]
    chip: NDArray[np.str_]


def names() -> list[str]:
    """Rules, in the order of columns."""
    of = {1: "by area", 4: "by area to the 4th", None: "inside alone"}
    return [f"{rule}, {of[power]}" for rule in _RULES for power in _POWERS]


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--data", type=Path, required=True)
    asked.add_argument("--work", type=Path, required=True)
    asked.add_argument("--chips", type=int, default=_CHIPS, help="landscapes for each source")
    given = asked.parse_args()
    torch.set_num_threads(1)
    plan = TrainPlan()
    series = training_series(given.data, plan.series.seed)
    classes = class_names(series)
    out = block_folds(series, plan.folds, plan.series.seed) == 0
    network = _network(series.take(~out), classes, plan, given.work)
    print_table(compare(network, series.take(out).without_radar(), classes, given.chips))


def _network(known: SeriesSet, classes: tuple[str, ...], plan: TrainPlan, work: Path) -> CropNet:
    """The first fold's network with its context: read from its checkpoints where these are done."""
    spec = NetworkSpec(len(classes), radar=plan.radar)
    network = fit_series(known, classes, spec, plan.series, checkpoint=fold_file(work, 0))
    fit_context(network, known, classes, plan.context, checkpoint=work / "context-0.pt")
    return network.eval()


def compare(network: CropNet, series: SeriesSet, classes: tuple[str, ...], chips: int) -> Plots:
    """Name the plots of painted landscapes by every rule.

    Args:
        network: with context, in evaluation mode.
        series: that neither was trained on.
        classes: legend keys in channel order.
        chips: landscapes for each source.
    """
    target = targets_of(series, classes).astype(np.int64)
    by_source = palettes(series, target, vigour_targets(series), draw_weights(series, TrainPlan().context.balance))
    parts = [
        _plots(network, palette, target[series.source == source], source, number)
        for source, palette in by_source.items()
        for number in range(chips)
    ]
    return Plots(*(np.concatenate([getattr(part, name) for part in parts]) for name in Plots.__slots__))


def _plots(network: CropNet, palette: Palette, target: NDArray[np.int64], source: str, number: int) -> Plots:
    size = TrainPlan().context.size_px
    seed = [_SEED, number, *source.encode()]
    chip = paint_chip(palette, size, np.random.default_rng(seed))
    mosaic = cut_mosaic(np.random.default_rng(seed), size)  # the same plots: painting begins with them
    logs, seen = _log_probabilities(network, chip)
    shares = csr_array(mosaic.weights.T[: len(chip.rows)])
    shares = csr_array(shares.multiply(seen))
    kept = np.flatnonzero(shares.sum(axis=1) > 0)
    shares, right = shares[kept], target[chip.rows[kept]]
    whole = np.asarray((shares > _WHOLE).sum(axis=1)).ravel()
    said, surprise = [], []
    for rule in _RULES:
        for power in _POWERS:
            chance = _named(rule, _powered(shares, power, whole), logs)
            said.append(chance.argmax(axis=1) == right)
            surprise.append(-np.log(np.maximum(chance[np.arange(len(right)), right], 1e-6)))
    count = len(kept)
    return Plots(
        np.stack(said, axis=1),
        np.stack(surprise, axis=1),
        whole >= _LEAST_WHOLE,
        np.full(count, source),
        np.full(count, f"{source} {number}"),
    )


def _log_probabilities(network: CropNet, chip: Chip) -> tuple[Floats, NDArray[np.bool_]]:
    """Log-probabilities (pixels, classes) with context, 0 where unseen, and which pixels are seen."""
    encoded = encode_chip(network, chip)
    seen = np.isfinite(chip.values).all(axis=1).any(axis=0).ravel()
    with torch.inference_mode():
        features, logits, vigour = (each[None] for each in (encoded.features, encoded.logits, encoded.vigour))
        both = network.with_context(type(encoded.heads)(features, logits, vigour))
        logs = torch.log_softmax(both.logits[0], dim=0).flatten(1).T.double().numpy()
    return np.where(seen[:, None], logs, 0.0), seen


def _powered(shares: csr_array, power: int | None, whole: NDArray[np.int64]) -> csr_array:
    """Weights of pixels, (plots, pixels)."""
    if power is not None:
        return csr_array(shares.power(power))
    inside = csr_array(shares.multiply(shares > _WHOLE))
    enough = (whole >= _LEAST_WHOLE)[:, None]
    return csr_array(inside.multiply(enough) + shares.multiply(~enough))


def _named(rule: str, weights: csr_array, logs: Floats) -> Floats:
    """Probabilities (or shares of votes) of each plot, (plots, classes), that add up to 1."""
    total = np.asarray(weights.sum(axis=1)).reshape(-1, 1)
    if rule == "vote":
        return np.asarray(weights @ np.eye(logs.shape[1])[logs.argmax(axis=1)] / total)
    if rule == "mean probability":
        return np.asarray(weights @ np.exp(logs) / total)
    mean = np.asarray(weights @ logs / total)
    chance = np.exp(mean - mean.max(axis=1, keepdims=True))
    return np.asarray(chance / chance.sum(axis=1, keepdims=True))


def print_table(plots: Plots) -> None:
    """Share of plots named rightly by each rule, on real and on simulated series."""
    simulated = np.char.startswith(plots.source, "simulated")
    parts = {
        "real, all": ~simulated,
        "real, 8 whole px": ~simulated & plots.large,
        "simulated, all": simulated,
        "simulated, 8 whole px": simulated & plots.large,
    }
    print("| rule |", " | ".join(f"{name} ({rows.sum()})" for name, rows in parts.items()), "| surprise, real |")
    print("|---" * (len(parts) + 2) + "|")
    base = names().index("mean probability, by area")
    for column, rule in enumerate(names()):
        cells = [f"{plots.said[rows, column].mean():.3f}" for rows in parts.values()]
        print(f"| {rule} |", " | ".join(cells), f"| {plots.surprise[~simulated, column].mean():.3f} |")
    for rule in ("mean log-probability, by area", "mean log-probability, by area to the 4th"):
        _print_gain(plots, names().index(rule), base, ~simulated)


def _print_gain(plots: Plots, column: int, base: int, rows: NDArray[np.bool_]) -> None:
    """Interval of the difference between two rules, over landscapes."""
    better = plots.said[rows, column] & ~plots.said[rows, base]
    worse = ~plots.said[rows, column] & plots.said[rows, base]
    gain = better.astype(np.float64) - worse
    low, high = block_interval(gain, plots.chip[rows], np.random.default_rng(0))  # type: ignore[arg-type]  # -1, 0, 1
    print(f"{names()[column]} against {names()[base]}, real: {gain.mean():+.4f} ({low:+.4f} to {high:+.4f})")


if __name__ == "__main__":
    main()
