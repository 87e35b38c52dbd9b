"""Figures of guesses and decisions about labelled parcels, with intervals over spatial blocks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.evaluation.scores import confusion_matrix
from models.labels import LabelMap

#: Parcels from which a name counts in macro_f1.
LEAST_OF_NAME: Final = 20

#: Column of the confusion table for parcels without a guess, and row for labels that the map leaves out.
NOTHING: Final = "nothing"
STRANGER: Final = "stranger"

_RESAMPLES: Final = 1000

Bools = NDArray[np.bool_]
Objects = NDArray[np.object_]
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Judged:
    """What a model says of n parcels.

    Attributes:
        guess: (n,) most likely crop, None where it saw nothing.
        crop_set: for each parcel the crops that it cannot rule out.
        decided: (n,) whether the best guess stands as a decision.
    """

    guess: Objects
    crop_set: list[tuple[str, ...]]
    decided: Bools


@dataclass(frozen=True, slots=True)
class Decisions:
    """How many of some parcels are decided, and how well.

    Attributes:
        parcels: how many they are.
        share_decided: of all of them; NaN where there are none, as below.
        right_of_decided: share of the decided ones that are right.
        share_decided_wrong: of all of them.
        wrong_interval: 95 % of it over blocks.
    """

    parcels: int
    share_decided: float
    right_of_decided: float
    share_decided_wrong: float
    wrong_interval: Interval

    def as_dict(self) -> dict[str, object]:
        """Plain values; shares of nothing are None."""
        return {
            "parcels": self.parcels,
            "share_decided": plain(self.share_decided),
            "right_of_decided": plain(self.right_of_decided),
            "share_decided_wrong": plain(self.share_decided_wrong),
            "share_decided_wrong_interval": [plain(bound) for bound in self.wrong_interval],
        }


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of all labelled parcels; those whose label the map holds are called mapped, the others strangers.

    Attributes:
        accuracy: share of mapped parcels whose best guess is right.
        accuracy_interval: 95 % of it, by bootstrap over blocks, as for every interval here.
        macro_f1: mean F1 of names with at least LEAST_OF_NAME parcels; strangers do not count in any F1.
        macro_f1_interval: its interval.
        macro_f1_all: mean F1 of all names that occur.
        f1, counts: by name.
        coverage: share of mapped parcels whose set holds their crop.
        coverage_interval: its interval.
        set_size: mean number of crops in a set, over mapped parcels.
        everything, mapped, strangers: decisions about all parcels, mapped ones and strangers; of these none is right.
        left_out: number of parcels by label that the map leaves out.
        confusion: by true name (strangers under their own) how often each crop was the best guess.
    """

    accuracy: float
    accuracy_interval: Interval
    macro_f1: float
    macro_f1_interval: Interval
    macro_f1_all: float
    f1: dict[str, float]
    counts: dict[str, int]
    coverage: float
    coverage_interval: Interval
    set_size: float
    everything: Decisions
    mapped: Decisions
    strangers: Decisions
    left_out: dict[str, int]
    confusion: dict[str, dict[str, int]]

    def as_dict(self) -> dict[str, object]:
        """Plain values; the decisions about all parcels stand at the top."""
        return {
            "accuracy": plain(self.accuracy),
            "accuracy_interval": [plain(bound) for bound in self.accuracy_interval],
            "macro_f1": plain(self.macro_f1),
            "macro_f1_interval": [plain(bound) for bound in self.macro_f1_interval],
            "macro_f1_all": plain(self.macro_f1_all),
            "f1": {name: plain(score) for name, score in self.f1.items()},
            "counts": self.counts,
            "coverage": plain(self.coverage),
            "coverage_interval": [plain(bound) for bound in self.coverage_interval],
            "set_size": plain(self.set_size),
            **self.everything.as_dict(),
            "mapped": self.mapped.as_dict(),
            "strangers": self.strangers.as_dict(),
            "left_out": self.left_out,
            "confusion": self.confusion,
        }


def figures_of(labels: Objects, label_map: LabelMap, judged: Judged, blocks: NDArray[np.str_], seed: int) -> Figures:
    """Score what was said of labelled parcels.

    Args:
        labels: (n,) foreign labels.
        label_map: what they mean.
        judged: what was said.
        blocks: (n,) spatial block of each parcel; intervals draw whole blocks.
        seed: of the bootstrap.
    """
    meant = np.array([label_map.name_of(label) for label in labels], dtype=object)
    said = np.array([_said(label_map, *pair) for pair in zip(judged.guess, meant, strict=True)], dtype=object)
    known = np.array([name is not None for name in meant], dtype=bool)
    right = known & (said == meant)
    draws = _Draws.of(blocks, seed)
    f1, macro, macro_interval = _f1(meant[known], said[known], draws.only(known))
    held = np.array([_held(label_map, *pair) for pair in zip(judged.crop_set, meant, strict=True)], dtype=bool)
    sizes = np.array([len(crops) for crops in judged.crop_set], dtype=float)
    counts = Counter(str(name) for name in meant[known])
    return Figures(
        accuracy=_share(right, known),
        accuracy_interval=draws.interval(right, known),
        macro_f1=macro,
        macro_f1_interval=macro_interval,
        macro_f1_all=float(np.mean(list(f1.values()))) if f1 else float("nan"),
        f1=f1,
        counts={name: counts[name] for name in f1},
        coverage=_share(held, known),
        coverage_interval=draws.interval(held, known),
        set_size=float(sizes[known].mean()) if known.any() else float("nan"),
        everything=_decisions(judged.decided, right, np.ones_like(known), draws),
        mapped=_decisions(judged.decided, right, known, draws),
        strangers=_decisions(judged.decided, right, ~known, draws),
        left_out=dict(Counter(map(str, labels[~known])).most_common()),
        confusion=_confusion(meant, said),
    )


def plain(figure: float) -> float | None:
    """A figure as JSON can hold it: four digits, None for NaN."""
    return None if np.isnan(figure) else round(float(figure), 4)


def _said(label_map: LabelMap, guess: str | None, meant: str | None) -> str:
    return NOTHING if guess is None else label_map.said_as(guess, meant)


def _held(label_map: LabelMap, crops: tuple[str, ...], meant: str | None) -> bool:
    return meant is not None and any(crop == meant or crop in label_map.members[meant] for crop in crops)


def _decisions(decided: Bools, right: Bools, of: Bools, draws: _Draws) -> Decisions:
    wrong = decided & ~right
    return Decisions(
        parcels=int(of.sum()),
        share_decided=_share(decided, of),
        right_of_decided=_share(right, of & decided),
        share_decided_wrong=_share(wrong, of),
        wrong_interval=draws.interval(wrong, of),
    )


def _share(hit: Bools, of: Bools) -> float:
    return float(hit[of].mean()) if of.any() else float("nan")


def _f1(meant: Objects, said: Objects, draws: _Draws) -> tuple[dict[str, float], float, Interval]:
    """F1 of each name that occurs, their mean over the large ones, and its interval."""
    names = list(Counter(meant.tolist()))
    if not names:
        return {}, float("nan"), (float("nan"), float("nan"))
    columns = [*names, *sorted(set(said.tolist()) - set(names))]
    place = {name: number for number, name in enumerate(columns)}
    target = np.array([place[name] for name in meant], dtype=np.intp)
    guess = np.array([place[name] for name in said], dtype=np.intp)
    scores = _f1_of(confusion_matrix(target, guess, len(columns)))[: len(names)]
    large = np.bincount(target, minlength=len(names))[: len(names)] >= LEAST_OF_NAME
    f1 = {name: float(score) for name, score in zip(names, scores, strict=True)}
    if not large.any():
        return f1, float("nan"), (float("nan"), float("nan"))
    drawn = draws.confusions(target, guess, len(columns))
    means = _f1_of(drawn)[:, : len(names)][:, large].mean(axis=1)
    return f1, float(scores[large].mean()), _quantiles(means)


def _f1_of(confusion: NDArray[np.intp]) -> NDArray[np.float64]:
    """F1 of each class from counts (..., classes, classes), 0 where a class is neither there nor said."""
    hits = np.diagonal(confusion, axis1=-2, axis2=-1)
    total = confusion.sum(axis=-1) + confusion.sum(axis=-2)
    return np.asarray(2 * hits / np.maximum(total, 1), dtype=np.float64)


def _confusion(meant: Objects, said: Objects) -> dict[str, dict[str, int]]:
    rows = [STRANGER if name is None else str(name) for name in meant]
    table: dict[str, dict[str, int]] = {}
    for (row, column), count in sorted(Counter(zip(rows, map(str, said), strict=True)).items()):
        table.setdefault(row, {})[column] = count
    return table


def _quantiles(drawn: NDArray[np.float64]) -> Interval:
    known = drawn[np.isfinite(drawn)]
    if not known.size:
        return float("nan"), float("nan")
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)


@dataclass(frozen=True, slots=True)
class _Draws:
    """Blocks drawn with replacement, again and again.

    Attributes:
        block: (n,) number of the block of each parcel.
        times: (resamples, blocks) how often each block was drawn.
    """

    block: NDArray[np.intp]
    times: NDArray[np.intp]

    @classmethod
    def of(cls, blocks: NDArray[np.str_], seed: int) -> _Draws:
        _, block = np.unique(blocks, return_inverse=True)
        count = int(block.max()) + 1
        times = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=_RESAMPLES)
        return cls(np.asarray(block, dtype=np.intp), np.asarray(times, dtype=np.intp))

    def only(self, rows: Bools) -> _Draws:
        return _Draws(self.block[rows], self.times)

    def interval(self, hit: Bools, of: Bools) -> Interval:
        """95 % interval of a share."""
        blocks = self.times.shape[1]
        hits = self.times @ np.bincount(self.block[of], weights=hit[of], minlength=blocks)
        sizes = self.times @ np.bincount(self.block[of], minlength=blocks)
        return _quantiles(np.where(sizes > 0, hits / np.maximum(sizes, 1), np.nan))

    def confusions(self, target: NDArray[np.intp], said: NDArray[np.intp], classes: int) -> NDArray[np.intp]:
        """Counts of each resample, (resamples, classes, classes)."""
        blocks = self.times.shape[1]
        flat = (self.block * classes + target) * classes + said
        each = np.bincount(flat, minlength=blocks * classes * classes).reshape(blocks, -1)
        return np.asarray((self.times @ each).reshape(-1, classes, classes), dtype=np.intp)
