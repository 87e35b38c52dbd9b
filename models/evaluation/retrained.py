"""Networks trained anew for every fold of spatial blocks, calibrated inside the fold, on parcels of one season."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

from geo.errors import InputError
from models.calibration import conformal_threshold, fit_temperature, probabilities_of
from models.ensemble import Job, Trained, train
from models.evaluation.parcelreport import Judged
from models.fitting import Progress
from models.kernelmachine import KernelMachine, KernelPlan
from models.memberfit import EnsemblePlan, Pool, log_prior
from models.novelty import novelty_limit, risk_limit
from models.series.folds import deal_blocks

Floats = NDArray[np.float64]
Values = NDArray[np.float32]
Indices = NDArray[np.intp]

#: What a parcel is to training: a class index from 0, or one of these.
STRANGER: Final = -1
UNUSED: Final = -2

#: Least score of a class, before logarithms.
_FLOOR: Final = 0.003

#: Parcels below which folds are more and networks smaller.
_FEW: Final = 1000


@dataclass(frozen=True, slots=True)
class BlockPlan:
    """How parcels are predicted by networks that never saw their block.

    Attributes:
        seed: of folds and training.
        folds: outer folds of whole blocks.
        inner: folds of the remaining blocks; each has a network that leaves it out, for calibration.
        full: networks of an outer fold that learn from all its remaining blocks.
        network: how a network is fitted.
        balance: power by which rare classes are drawn more often.
        prior: power of the class frequencies that are added to the networks' logits, which are free of them: 1 is for
            most parcels right, 0 for all classes alike.
        kernel: how the kernel machine beside the networks is fitted.
        level: of the conformal sets.
        known_share: known parcels that the limit of novelty is to let pass.
        strangers_decided: share of strangers that may be decided, where the training blocks hold any.
    """

    seed: int = 7
    folds: int = 5
    inner: int = 3
    full: int = 2
    network: EnsemblePlan = field(default_factory=lambda: EnsemblePlan(steps=300, width=32))
    balance: float = 0.5
    prior: float = 0.5
    kernel: KernelPlan = field(default_factory=KernelPlan)
    level: float = 0.9
    known_share: float = 0.95
    strangers_decided: float = 0.25

    @classmethod
    def on(cls, device: str, seed: int, parcels: int) -> BlockPlan:
        """The standard plan: few parcels are left to learn from in more and larger parts."""
        few = parcels < _FEW
        network = EnsemblePlan(seed=seed, steps=300 if few else 700, batch=64, width=32 if few else 48, device=device)
        return cls(seed=seed, folds=10 if few else 5, network=network)

    def describe(self) -> str:
        """One line for reports."""
        return (
            f"{self.folds} folds of blocks; in each {self.inner} + {self.full} networks ({self.network.steps} steps, "
            f"width {self.network.width}) and a kernel machine, calibrated on inner folds; seed {self.seed}"
        )


@dataclass(frozen=True, slots=True)
class Parcels:
    """Series to learn from and to judge, n of them.

    Attributes:
        values: (n, slots, bands) float32 reflectance, NaN gaps.
        days: (slots,) middle of the slots, days since 1 January of the main year.
        classes: names of the classes.
        target: (n,) class index, STRANGER or UNUSED.
        block: (n,) spatial block.
    """

    values: Values
    days: Values
    classes: tuple[str, ...]
    target: Indices
    block: NDArray[np.str_]

    def seen_slots(self) -> Parcels:
        """The same without slots at both ends in which nothing is clear."""
        seen = np.flatnonzero(np.isfinite(self.values).all(axis=2).any(axis=0))
        if not seen.size:
            raise InputError(
                "SERIES_EMPTY", "No parcel has a clear acquisition.", "Check clouds and dates of the table."
            )
        kept = slice(int(seen[0]), int(seen[-1]) + 1)
        return replace(self, values=np.ascontiguousarray(self.values[:, kept]), days=self.days[kept])


@dataclass(frozen=True, slots=True)
class _Fold:
    """Rows of one outer fold: those to learn from, with their inner fold, and those held out."""

    rows: Indices
    inner: Indices
    held: Indices


def judge_by_blocks(parcels: Parcels, plan: BlockPlan, progress: Progress | None = None) -> Judged:
    """Judge every parcel by networks that never saw its block.

    In each outer fold, every inner fold is left out by a network and a kernel machine that learn from the other inner
    folds; what they say of it gives the temperature, the threshold of the sets (split conformal at `level`, one for all
    classes) and the limits of novelty. The held-out blocks are judged by the mean of these networks and of those that
    learn from all inner folds, and by a kernel machine of all inner folds; log-probabilities of both are averaged.

    Strangers of the training blocks are a class of their own to the networks, and nothing to the kernel machine. A
    parcel is decided where its set holds exactly one class and the kernel machine vouches enough for any: its novelty,
    one less the greatest score, is within what most known parcels of the inner folds have, and low enough that not too
    many of their strangers would be decided. No label of a held-out block is used for anything.

    Args:
        parcels: all parcels of one season.
        plan: how.
        progress: told after each network.

    Returns:
        For every parcel the likeliest class of the map, its set and whether it is decided.

    Raises:
        InputError: nothing is clear, or there are fewer blocks than folds ask for.
    """
    parcels = parcels.seen_slots()
    folds = _folds(parcels, plan)
    trained = train([job for fold in folds for job in _jobs(parcels, fold, plan)], parcels.days, progress, "blocks")
    count = len(parcels.target)
    guess = np.full(count, None, dtype=object)
    decided = np.zeros(count, dtype=bool)
    sets: list[tuple[str, ...]] = [()] * count
    each = plan.inner + plan.full
    for number, fold in enumerate(folds):
        said = trained[number * each : (number + 1) * each]
        _judge(parcels, fold, _evidence(parcels, fold, said, plan), plan, (guess, decided, sets))
    return Judged(guess, sets, decided)


def _folds(parcels: Parcels, plan: BlockPlan) -> list[_Fold]:
    if len(np.unique(parcels.block)) < plan.folds + plan.inner:
        raise InputError(
            "BLOCK_SIZE",
            f"The parcels lie in {len(np.unique(parcels.block))} blocks: too few for {plan.folds} folds.",
            "Take smaller blocks.",
        )
    outer = deal_blocks(parcels.block, plan.folds, np.random.default_rng(plan.seed))
    folds = []
    for number in range(plan.folds):
        rows = np.flatnonzero(outer != number)
        inner = deal_blocks(parcels.block[rows], plan.inner, np.random.default_rng([plan.seed, number]))
        folds.append(_Fold(rows, inner, np.flatnonzero(outer == number)))
    return folds


def _jobs(parcels: Parcels, fold: _Fold, plan: BlockPlan) -> list[Job]:
    """A network that leaves out each inner fold and is asked about it; then those that leave out none."""
    held = parcels.values[fold.held]
    first = int(fold.held[0]) * (plan.inner + plan.full)
    jobs = []
    for number in range(plan.inner + plan.full):
        own = fold.inner == number
        ask = (held, parcels.values[fold.rows[own]])[: 2 if number < plan.inner else 1]
        pool = _pool(parcels, fold.rows[~own], plan)
        jobs.append(Job((pool,), plan.network.of_member(first + number), ask))
    return jobs


def _pool(parcels: Parcels, rows: Indices, plan: BlockPlan) -> Pool:
    used = rows[parcels.target[rows] != UNUSED]
    target = _channel(parcels, used)
    weight = np.bincount(target)[target].astype(np.float64) ** -plan.balance
    return Pool.labelled(parcels.values[used], target, len(parcels.classes) + 1, plan.network.batch, weight)


def _channel(parcels: Parcels, rows: Indices) -> Indices:
    """Channel of the networks for each row: strangers take the last."""
    return np.where(parcels.target[rows] == STRANGER, len(parcels.classes), parcels.target[rows])


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What is said of the rows of a fold by machines that had not seen them, and of its held-out rows.

    Attributes:
        inner, held: (rows, classes + 1) log-scores; the last column is that of strangers.
        inner_novelty, held_novelty: (rows,) one less the greatest score of the kernel machine.
    """

    inner: Floats
    held: Floats
    inner_novelty: Floats
    held_novelty: Floats


def _evidence(parcels: Parcels, fold: _Fold, said: Sequence[Trained], plan: BlockPlan) -> _Evidence:
    networks = np.zeros((len(fold.rows), len(parcels.classes) + 1))
    scores = np.zeros((len(fold.rows), len(parcels.classes)))
    for number, trained in enumerate(said[: plan.inner]):
        own = fold.inner == number
        networks[own] = trained.said[1]
        scores[own] = _scores(parcels, fold.rows[~own], fold.rows[own], plan)
    held = np.mean([trained.said[0] for trained in said], axis=0)
    held_scores = _scores(parcels, fold.rows, fold.held, plan)
    prior = plan.prior * log_prior(_pool(parcels, fold.rows, plan).target.mean(axis=0))
    return _Evidence(
        inner=_together(networks + prior, scores),
        held=_together(held + prior, held_scores),
        inner_novelty=1 - scores.max(axis=1),
        held_novelty=1 - held_scores.max(axis=1),
    )


def _scores(parcels: Parcels, rows: Indices, asked: Indices, plan: BlockPlan) -> Floats:
    shown = rows[parcels.target[rows] != UNUSED]
    target = (parcels.target[shown][:, None] == np.arange(len(parcels.classes))).astype(np.float64)
    return KernelMachine.fit(parcels.values[shown], parcels.days, target, plan.kernel).scores(parcels.values[asked])


def _together(networks: Floats, scores: Floats) -> Floats:
    """Mean of the log-probabilities of networks and kernel machine, whose missing score is that of strangers."""
    full = np.concatenate([scores, 1 - scores.sum(axis=1, keepdims=True)], axis=1).clip(min=_FLOOR)
    machine = np.log(full / full.sum(axis=1, keepdims=True))
    return np.asarray((log_softmax(networks, axis=1) + machine) / 2, dtype=np.float64)


def _judge(
    parcels: Parcels,
    fold: _Fold,
    evidence: _Evidence,
    plan: BlockPlan,
    out: tuple[NDArray[np.object_], NDArray[np.bool_], list[tuple[str, ...]]],
) -> None:
    """Calibrate on the inner folds and judge the held-out rows into `out`: guess, decided, sets."""
    classes = len(parcels.classes)
    target = parcels.target[fold.rows]
    used, known, strange = target != UNUSED, target >= 0, target == STRANGER
    index = np.where(strange, classes, target)
    temperature = fit_temperature(evidence.inner[used], index[used])
    inner, held = (probabilities_of(said, temperature)[:, :classes] for said in (evidence.inner, evidence.held))
    threshold = conformal_threshold(inner[known], target[known], plan.level)
    single = (inner >= threshold).sum(axis=1) == 1
    limit = novelty_limit(evidence.inner_novelty[known], plan.known_share)
    if strange.any():
        allowed = risk_limit(evidence.inner_novelty[strange], single[strange], plan.strangers_decided)
        limit = min(limit, allowed)
    guess, decided, sets = out
    inside = held >= threshold
    guess[fold.held] = np.array(parcels.classes, dtype=object)[held.argmax(axis=1)]
    decided[fold.held] = (inside.sum(axis=1) == 1) & (evidence.held_novelty <= limit)
    for row, chance, holds in zip(fold.held, held, inside, strict=True):
        sets[row] = tuple(parcels.classes[place] for place in np.argsort(-chance, kind="stable") if holds[place])
