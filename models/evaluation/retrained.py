"""Networks trained anew for every fold of spatial blocks, calibrated inside the fold, on parcels of one season."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

from geo.errors import InputError
from models.calibration import conformal_threshold, fit_temperature, probabilities_of
from models.evaluation.blockplan import BlockPlan
from models.evaluation.parcelreport import Judged
from models.kernelmachine import KernelMachine
from models.novelty import novelty_limit, risk_limit
from models.series.folds import deal_blocks
from models.training.ensemble import Job, Trained, train
from models.training.memberfit import Pool
from models.training.seriesfit import Progress

Floats = NDArray[np.float64]
Values = NDArray[np.float32]
Indices = NDArray[np.intp]

#: What a parcel is to training: a class index from 0, or one of these.
STRANGER: Final = -1
UNUSED: Final = -2

#: Logarithm of the frequency of what was never seen.
_NEVER: Final = -30.0


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

    @property
    def clear(self) -> NDArray[np.bool_]:
        """Parcels with anything clear, (n,)."""
        return np.asarray(_clear_slots(self.values).any(axis=1))

    def seen(self) -> Parcels:
        """The same without slots at both ends in which nothing is clear; parcels that show nothing train nothing."""
        seen = np.flatnonzero(_clear_slots(self.values).any(axis=0))
        if not seen.size:
            raise InputError(
                "SERIES_EMPTY", "No parcel has a clear acquisition.", "Check clouds and dates of the table."
            )
        kept = slice(int(seen[0]), int(seen[-1]) + 1)
        target = np.where(self.clear, self.target, UNUSED)
        return replace(self, values=np.ascontiguousarray(self.values[:, kept]), days=self.days[kept], target=target)


def _clear_slots(values: Values) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(values).all(axis=2), dtype=np.bool_)


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
    classes) and the limits of novelty. The held-out blocks are judged by the mean log-probabilities of these networks,
    and by a kernel machine of all inner folds.

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
    parcels = parcels.seen()
    return _judged(parcels, _folds(parcels, plan), plan, progress)


def judge_elsewhere(
    parcels: Parcels, learn: NDArray[np.bool_], plan: BlockPlan, progress: Progress | None = None
) -> Judged:
    """Judge parcels of a place that nothing was learned from; as `judge_by_blocks`, with one fold.

    Args:
        parcels: those of both places.
        learn: (n,) those to learn from; their inner folds are dealt by block. The others' targets are not used.
        plan: how.
        progress: told after each network.

    Returns:
        As of `judge_by_blocks`; only rows not learned from mean anything.

    Raises:
        InputError: nothing is clear.
    """
    parcels = parcels.seen()
    rows = np.flatnonzero(learn)
    inner = deal_blocks(parcels.block[rows], plan.inner, np.random.default_rng([plan.seed, 0]))
    return _judged(parcels, [_Fold(rows, inner, np.flatnonzero(~learn))], plan, progress)


def _judged(parcels: Parcels, folds: Sequence[_Fold], plan: BlockPlan, progress: Progress | None) -> Judged:
    """Train for all folds and judge what they hold out; a parcel that shows nothing is neither guessed nor decided."""
    trained = train([job for fold in folds for job in _jobs(parcels, fold, plan)], parcels.days, progress, "blocks")
    count = len(parcels.target)
    out = Judged(np.full(count, None, dtype=object), [()] * count, np.zeros(count, dtype=bool))
    for number, fold in enumerate(folds):
        said = trained[number * plan.inner : (number + 1) * plan.inner]
        _judge(parcels, fold, _evidence(parcels, fold, said, plan), plan, out)
    for row in np.flatnonzero(~parcels.clear):
        out.guess[row], out.crop_set[row], out.decided[row] = None, (), False
    return out


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
    """A network that leaves out each inner fold, asked about the held-out blocks and about that fold."""
    held = parcels.values[fold.held]
    first = int(fold.held[0]) * plan.inner
    jobs = []
    for number in range(plan.inner):
        own = fold.inner == number
        pool = _pool(parcels, fold.rows[~own], plan)
        ask = (held, parcels.values[fold.rows[own]])
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
        inner, held: (rows, classes + 1) log-probabilities of the networks; the last column is that of strangers.
        inner_novelty, held_novelty: (rows,) one less the greatest score of the kernel machine.
    """

    inner: Floats
    held: Floats
    inner_novelty: Floats
    held_novelty: Floats


def _evidence(parcels: Parcels, fold: _Fold, said: Sequence[Trained], plan: BlockPlan) -> _Evidence:
    networks = np.zeros((len(fold.rows), len(parcels.classes) + 1))
    scores = np.zeros((len(fold.rows), len(parcels.classes)))
    for number, trained in enumerate(said):
        own = fold.inner == number
        networks[own] = trained.said[1]
        scores[own] = _scores(parcels, fold.rows[~own], fold.rows[own], plan)
    held = np.mean([trained.said[0] for trained in said], axis=0)
    held_scores = _scores(parcels, fold.rows, fold.held, plan)
    prior = _prior(parcels, fold, plan)
    return _Evidence(
        inner=np.asarray(log_softmax(networks + prior, axis=1)),
        held=np.asarray(log_softmax(held + prior, axis=1)),
        inner_novelty=1 - scores.max(axis=1),
        held_novelty=1 - held_scores.max(axis=1),
    )


def _prior(parcels: Parcels, fold: _Fold, plan: BlockPlan) -> Floats:
    """What is added to the networks' logits, (classes + 1,); a class that the fold never saw is ruled out."""
    used = fold.rows[parcels.target[fold.rows] != UNUSED]
    counts = np.bincount(_channel(parcels, used), minlength=len(parcels.classes) + 1)
    return np.where(counts > 0, plan.prior * np.log(np.maximum(counts, 1) / counts.sum()), _NEVER)


def _scores(parcels: Parcels, rows: Indices, asked: Indices, plan: BlockPlan) -> Floats:
    shown = rows[parcels.target[rows] != UNUSED]
    target = (parcels.target[shown][:, None] == np.arange(len(parcels.classes))).astype(np.float64)
    return KernelMachine.fit(parcels.values[shown], parcels.days, target, plan.kernel).scores(parcels.values[asked])


def _judge(
    parcels: Parcels,
    fold: _Fold,
    evidence: _Evidence,
    plan: BlockPlan,
    out: Judged,
) -> None:
    """Calibrate on the inner folds and judge the held-out rows into `out`."""
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
    inside = held >= threshold
    out.guess[fold.held] = np.array(parcels.classes, dtype=object)[held.argmax(axis=1)]
    out.decided[fold.held] = (inside.sum(axis=1) == 1) & (evidence.held_novelty <= limit)
    for row, chance, holds in zip(fold.held, held, inside, strict=True):
        out.crop_set[row] = tuple(
            parcels.classes[place] for place in np.argsort(-chance, kind="stable") if holds[place]
        )
