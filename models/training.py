"""One command from tables to a release: folds, calibration, the final network, its context and its card."""

from __future__ import annotations

import argparse
import logging
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from models.cardmaking import make_card
from models.contextfit import ContextGain, ContextPlan, context_gain, fit_context
from models.crossval import HeldOut, cross_validate
from models.evaluation.heldout import accuracy_table, calibrate, forest_baseline, targets_of
from models.fitting import FitPlan, Progress, fit_series
from models.network import NetworkSpec
from models.release import Release, save_release
from models.series.collection import class_names, training_series
from models.series.sample import SeriesSet

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TrainPlan:
    """All that a release depends on beside the data.

    Attributes:
        version: of the release.
        folds: folds of whole spatial blocks.
        baseline: whether a random forest is run on the same folds (needs scikit-learn).
        series: how the temporal encoder is fitted.
        context: how the spatial context is fitted.
    """

    version: str = "1"
    folds: int = 3
    baseline: bool = True
    series: FitPlan = field(default_factory=FitPlan)
    context: ContextPlan = field(default_factory=ContextPlan)


def train(data: Path, out: Path, plan: TrainPlan, *, made_on: date, progress: Progress | None = None) -> Release:
    """Train and release a network.

    Work that a stopped run has finished (folds, epochs) lies in `out / "work"` and is not done again.

    Args:
        data: folder that holds parcel-series and worldcereal-series.
        out: folder of the release: card.json and weights.safetensors, and work/.
        plan: how.
        made_on: date that the card shows.
        progress: told after each epoch.

    Raises:
        InputError: a table is missing.
    """
    series = training_series(data, plan.series.seed)
    classes = class_names(series)
    spec = NetworkSpec(len(classes))
    work = out / "work"
    held = cross_validate(series, classes, spec, plan.series, plan.folds, work, progress)
    network = fit_series(series, classes, spec, plan.series, checkpoint=work / "series.pt", progress=progress)
    fit_context(network, series, classes, plan.context, checkpoint=work / "context.pt", progress=progress)
    gain = _gain(series, classes, spec, held.fold == 0, plan, work, progress)
    temperature, threshold = calibrate(series, classes, held)
    card = make_card(
        series,
        classes,
        spec,
        version=plan.version,
        made_on=made_on,
        temperature=temperature,
        threshold=threshold,
        accuracy=accuracy_table(series, classes, held, temperature, threshold, _baseline(series, classes, held, plan)),
        accuracy_note=_note(plan, gain),
        commands=(f"python -m models.training --data DATA --out OUT --seed {plan.series.seed}",),
    )
    return save_release(network, card, out)


def _gain(
    series: SeriesSet,
    classes: tuple[str, ...],
    spec: NetworkSpec,
    out: NDArray[np.bool_],
    plan: TrainPlan,
    work: Path,
    progress: Progress | None,
) -> ContextGain:
    """What context adds for the network of the first fold, on chips of the blocks that it never saw."""
    known = series.take(~out)
    network = fit_series(known, classes, spec, plan.series, checkpoint=work / "fold-0.pt")
    fit_context(network, known, classes, plan.context, checkpoint=work / "context-0.pt", progress=progress)
    return context_gain(network, series.take(out), classes, plan.context)


def _baseline(series: SeriesSet, classes: tuple[str, ...], held: HeldOut, plan: TrainPlan) -> NDArray[np.intp] | None:
    if not plan.baseline:
        return None
    return forest_baseline(series, targets_of(series, classes), held, plan.series.seed)


def _note(plan: TrainPlan, gain: ContextGain) -> str:
    return (
        f"Accuracy, temperature and threshold come from {plan.folds} networks of the same recipe, each tested on "
        "spatial blocks that it had not seen, without spatial context. The released network was trained on all blocks. "
        f"Context, on chips painted with series of the first fold's unseen blocks: {gain.alone:.3f} of pixels right "
        f"without, {gain.with_context:.3f} with it."
    )


def main(arguments: list[str] | None = None) -> None:
    """Command line: `python -m models.training --data DIR --out DIR`."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    if options.threads:
        torch.set_num_threads(options.threads)
    plan = TrainPlan(
        version=options.version,
        folds=options.folds,
        baseline=not options.no_baseline,
        series=FitPlan(seed=options.seed, epochs=options.epochs, device=options.device),
        context=ContextPlan(seed=options.seed, epochs=options.context_epochs, device=options.device),
    )
    release = train(options.data, options.out, plan, made_on=datetime.now(UTC).date(), progress=_log)
    for row in release.card.accuracy:
        _LOG.info("%s: %d series, overall %.4f (%.4f to %.4f)", row.source, row.series, row.overall, row.low, row.high)
    _LOG.info("released %s to %s", release.hash, options.out)


def _log(stage: str, done: int, total: int, loss: float) -> None:
    _LOG.info("%s: epoch %d of %d, loss %.4f", stage, done, total, loss)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m models.training", description=main.__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with parcel-series and worldcereal-series")
    parser.add_argument("--out", type=Path, required=True, help="folder of the release; a stopped run goes on there")
    parser.add_argument("--seed", type=int, default=FitPlan().seed)
    parser.add_argument("--folds", type=int, default=TrainPlan().folds)
    parser.add_argument("--epochs", type=int, default=FitPlan().epochs)
    parser.add_argument("--context-epochs", type=int, default=ContextPlan().epochs)
    parser.add_argument("--device", default="cpu", help="cpu, cuda")
    parser.add_argument("--threads", type=int, default=0, help="torch threads; 0 leaves torch's choice")
    parser.add_argument("--version", default=TrainPlan().version)
    parser.add_argument("--no-baseline", action="store_true", help="without the random forest beside")
    return parser


if __name__ == "__main__":
    main()
