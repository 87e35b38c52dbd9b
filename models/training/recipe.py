"""One command from tables to a release: folds, calibration, the final network, its context and its card."""

from __future__ import annotations

import copy
import importlib.util
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.errors import InputError
from models.card import ModelCard
from models.cardtables import Ablation
from models.evaluation.heldout import (
    Calibrated,
    accuracy_table,
    forest_baseline,
    radar_table,
    release_novelty,
    targets_of,
)
from models.network import NetworkSpec
from models.release import Release, save_release
from models.series.collection import class_names, training_series
from models.series.folds import block_folds
from models.series.sample import SeriesSet
from models.training.ablation import AblationPlan, ablate
from models.training.cardmaking import make_card
from models.training.contextfit import ContextGain, ContextPlan, context_gain, fit_context
from models.training.crossval import HeldOut, cross_validate, fold_file, renamed
from models.training.curves import Curves, share_right
from models.training.seriesfit import FitPlan, Progress, fit_series

#: Channels of the radar branch of a release.
RADAR_WIDTH: Final = 32


@dataclass(frozen=True, slots=True)
class TrainPlan:
    """All that a release depends on beside the data.

    Attributes:
        version: of the release.
        folds: folds of whole spatial blocks.
        baseline: whether a random forest is run on the same folds (needs scikit-learn).
        radar: channels of the network's radar branch; 0 for a network of optical bands alone.
        series: how the temporal encoder is fitted.
        context: how the spatial context is fitted.
        ablation: how what each source adds is measured.
    """

    version: str = "1"
    folds: int = 3
    baseline: bool = True
    radar: int = RADAR_WIDTH
    series: FitPlan = field(default_factory=FitPlan)
    context: ContextPlan = field(default_factory=ContextPlan)
    ablation: AblationPlan = field(default_factory=AblationPlan)


def train(data: Path, out: Path, plan: TrainPlan, *, made_on: date, progress: Progress | None = None) -> Release:
    """Train and release a network.

    Work that a stopped run has finished (folds, epochs) lies in `out / "work"` and is not done again. After each epoch
    `out` holds the curves so far (`models.training.curves`).

    Args:
        data: folder that holds parcel-series and worldcereal-series.
        out: folder of the release: card.json and weights.safetensors, curves.csv and curves.png, and work/.
        plan: how.
        made_on: date that the card shows.
        progress: told after each epoch.

    Raises:
        InputError: a table or a package of the extra `train` is missing.
    """
    _require_packages(plan)
    series = training_series(data, plan.series.seed)
    classes = class_names(series)
    spec = NetworkSpec(len(classes), radar=plan.radar)
    work = out / "work"
    told = _watched(out, series, classes, spec, plan, progress)
    held = cross_validate(series, classes, spec, plan.series, plan.folds, work, told)
    network = fit_series(series, classes, spec, plan.series, checkpoint=work / "series.pt", progress=told)
    fit_context(network, series, classes, plan.context, checkpoint=work / "context.pt", progress=told)
    gain = _gain(series, classes, held, plan, work, told)
    added = ablate(series, classes, spec, held.fold == 0, plan.series, plan.ablation, work, told)
    novelty = release_novelty(series, classes, plan.series.seed)
    return save_release(network, _card(series, classes, spec, held, gain, added, plan, made_on), out, novelty)


def _card(
    series: SeriesSet,
    classes: tuple[str, ...],
    spec: NetworkSpec,
    held: HeldOut,
    gain: ContextGain,
    added: tuple[Ablation, ...],
    plan: TrainPlan,
    made_on: date,
) -> ModelCard:
    """What was found on held-out blocks; calibrated without radar, since most places of use have none."""
    blind = series.without_radar()
    optical = held.seeing(blind)
    calibrated = Calibrated.of(blind, classes, optical)
    accuracy = accuracy_table(blind, classes, optical, calibrated.inside, _baseline(blind, classes, optical, plan))
    return make_card(
        series,
        classes,
        spec,
        version=plan.version,
        made_on=made_on,
        calibrated=calibrated,
        ablation=added,
        accuracy=(*accuracy, *radar_table(series, classes, held, calibrated.fitted)),
        accuracy_note=_note(plan, gain),
        commands=(_command(plan),),
    )


def _command(plan: TrainPlan) -> str:
    """The command that makes this release again."""
    return (
        f"acreline model train --data DATA --out OUT --version {plan.version} --seed {plan.series.seed} "
        f"--folds {plan.folds} --epochs {plan.series.epochs} --context-epochs {plan.context.epochs} "
        f"--ablation-epochs {plan.ablation.epochs}{'' if plan.radar else ' --no-radar'}"
    )


def _require_packages(plan: TrainPlan) -> None:
    wanted = ("matplotlib", "sklearn") if plan.baseline else ("matplotlib",)
    missing = [name for name in wanted if importlib.util.find_spec(name) is None]
    if missing:
        raise InputError(
            "NO_TRAINING_PACKAGES",
            f"Training needs packages that are not installed: {', '.join(missing)}.",
            "Install the extra: pip install 'acreline[train]'.",
        )


def _watched(
    out: Path,
    series: SeriesSet,
    classes: tuple[str, ...],
    spec: NetworkSpec,
    plan: TrainPlan,
    progress: Progress | None,
) -> Progress:
    """A listener that draws the curves of all stages; those of folds with the accuracy on the fold left out."""
    fold = block_folds(series, plan.folds, plan.series.seed)
    left_out = {f"fold {number + 1}": number for number in range(plan.folds)}

    def held_out(stage: str) -> float | None:
        if stage not in left_out:
            return None
        number = left_out[stage]
        return share_right(fold_file(out / "work", number), spec, series.take(fold == number), classes)

    return Curves(out).watching(progress, held_out)


def _gain(
    series: SeriesSet,
    classes: tuple[str, ...],
    held: HeldOut,
    plan: TrainPlan,
    work: Path,
    progress: Progress | None,
) -> ContextGain:
    """What context adds for the network of the first fold, on chips of the blocks that it never saw."""
    out = held.fold == 0
    network = copy.deepcopy(held.networks[0])  # its context is about to change
    told = renamed(progress, "context 1")
    fit_context(network, series.take(~out), classes, plan.context, checkpoint=work / "context-0.pt", progress=told)
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
