"""Score the temporal recipe on a file of labelled points: train on a few of each class, classify the rest.

The classes are those of the file, so nothing of the release is used: a network for these classes is trained anew for
each seed (models.training.semisupervised). The series of the rest, never their labels, are known while it is trained.
Where a point lies is not a feature.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.errors import InputError
from models.evaluation.pointfile import PointFile, read_points, step_days
from models.evaluation.pointreport import INTERVAL_DEGREES, PointsReport, SeedRow
from models.evaluation.scores import block_interval, scores_of
from models.training.semisupervised import HalfLabelled, SelfTraining, self_train
from models.training.seriesfit import Progress

Indices = NDArray[np.intp]

#: How often blocks are dealt anew until every class is on both sides.
_DEALS: Final = 50

#: Points of each class that a side of a block split needs.
_MIN_OF_SIDE: Final = 2


@dataclass(frozen=True, slots=True)
class PointsRequest:
    """What to score.

    Attributes:
        points: npz file (see models.evaluation.pointfile.read_points).
        train_per_class: points of each class to train on; never more than half of the class.
        seeds: number of random splits: 0, 1, ...
        block_degrees: side of the squares that are held out whole, degrees; None splits points at random.
        device: torch device.
    """

    points: Path
    train_per_class: int = 300
    seeds: int = 3
    block_degrees: float | None = None
    device: str = "cpu"


@dataclass(frozen=True, slots=True)
class Split:
    """Rows of a file to train on and to test on."""

    train: Indices
    test: Indices


def evaluate_points(request: PointsRequest, progress: Progress | None = None) -> PointsReport:
    """Split, train and score once for each seed.

    Raises:
        InputError: the file or the request cannot be used.
    """
    return score_points(request, SelfTraining.on(request.device), progress)


def score_points(request: PointsRequest, plan: SelfTraining, progress: Progress | None = None) -> PointsReport:
    """`evaluate_points` with a plan of one's own."""
    points = read_points(request.points)
    _check(request, points)
    rows = tuple(_seed_row(points, request, plan, seed, progress) for seed in range(request.seeds))
    labels = tuple(map(str, points.labels))
    return PointsReport(
        request.points.name, labels, request.block_degrees, located=points.lonlat is not None, rows=rows
    )


def _check(request: PointsRequest, points: PointFile) -> None:
    if request.train_per_class < _MIN_OF_SIDE or request.seeds < 1:
        raise InputError(
            "POINTS_REQUEST", "Too few training points or seeds.", "Give at least 2 points a class and 1 seed."
        )
    if request.block_degrees is None:
        return
    if points.lonlat is None:
        raise InputError(
            "POINTS_LONLAT",
            f"The file of points {request.points} does not tell where its points lie, so it has no blocks.",
            "Add lonlat (points, 2) in degrees, or leave --block-degrees out.",
        )
    if not 0 < request.block_degrees <= 180:  # noqa: PLR2004 - half the globe
        raise InputError("POINTS_REQUEST", "Blocks must have a side above 0 degrees.", "Try --block-degrees 0.25.")


def split_points(points: PointFile, request: PointsRequest, seed: int) -> Split:
    """Rows to train and to test on.

    At random: of each class `train_per_class` points, at most half of the class, are trained on, and all others are
    tested on. By blocks: squares are dealt at random to two sides of about as many points; the training points are
    drawn in the same number, as far as the first side has them, and all points of the second side are tested on.

    Raises:
        InputError: blocks cannot be dealt so that each side has two points of every class.
    """
    rng = np.random.default_rng(seed)
    if request.block_degrees is None:
        train = _drawn(points.target, np.ones(len(points.target), dtype=bool), request.train_per_class, rng)
        return Split(train, np.setdiff1d(np.arange(len(points.target)), train))
    first = _first_side(points, request.block_degrees, rng)
    return Split(_drawn(points.target, first, request.train_per_class, rng), np.flatnonzero(~first))


def _drawn(target: Indices, allowed: NDArray[np.bool_], per_class: int, rng: np.random.Generator) -> Indices:
    """Rows of each class, at most half of it, (n,), sorted."""
    drawn = []
    for label in np.unique(target):
        count = min(per_class, int((target == label).sum()) // 2)
        drawn.append(rng.permutation(np.flatnonzero((target == label) & allowed))[:count])
    return np.sort(np.concatenate(drawn))


def _first_side(points: PointFile, degrees: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Whether a point's block lies on the side that is trained on, (n,)."""
    _, block = np.unique(points.blocks(degrees), return_inverse=True)
    for _ in range(_DEALS):
        first = _dealt(np.bincount(block), rng)[block]
        sides = [np.bincount(points.target[side], minlength=len(points.labels)) for side in (first, ~first)]
        if min(int(side.min()) for side in sides) >= _MIN_OF_SIDE:
            return first
    raise InputError(
        "POINTS_BLOCKS",
        f"Blocks of {degrees:g} degrees cannot be dealt so that each side has points of every class.",
        "Give smaller blocks, or leave classes out that lie in one place.",
    )


def _dealt(sizes: Indices, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Which blocks lie on the first side, (blocks,): in random order, each goes to the side with fewer points."""
    first = np.zeros(len(sizes), dtype=bool)
    points = [0, 0]
    for block in rng.permutation(len(sizes)):
        first[block] = points[0] <= points[1]
        points[0 if first[block] else 1] += int(sizes[block])
    return first


def _seed_row(
    points: PointFile, request: PointsRequest, plan: SelfTraining, seed: int, progress: Progress | None
) -> SeedRow:
    started = time.monotonic()
    split = split_points(points, request, seed)
    test = points.target[split.test]
    series = HalfLabelled(
        points.values[split.train],
        points.target[split.train],
        points.values[split.test],
        len(points.labels),
        step_days(),
    )
    found = self_train(series, plan.seeded(seed), _named(progress, seed))
    said = found.probabilities.argmax(axis=1)
    blocks = points.blocks(request.block_degrees or INTERVAL_DEGREES)[split.test]
    low, high = block_interval(said == test, blocks, np.random.default_rng(0))
    return SeedRow(
        seed=seed,
        train_counts=_counts(points, split.train),
        test_counts=_counts(points, split.test),
        scores=scores_of(test, said, len(points.labels)),
        teachers_accuracy=float((found.teaching.logits.argmax(axis=1) == test).mean()),
        low=low,
        high=high,
        prior=tuple(found.prior.tolist()),
        seconds=time.monotonic() - started,
        right=said == test,
        blocks=blocks,
    )


def _counts(points: PointFile, rows: Indices) -> dict[str, int]:
    counts = np.bincount(points.target[rows], minlength=len(points.labels))
    return {str(label): int(count) for label, count in zip(points.labels, counts, strict=True)}


def _named(progress: Progress | None, seed: int) -> Progress | None:
    """The same progress with the seed in the name of the stage."""
    if progress is None:
        return None
    return lambda stage, done, total, loss: progress(f"seed {seed}, {stage}", done, total, loss)
