"""Figures of a classification and their intervals over spatial blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from models import torchvision_ops

_RESAMPLES: Final = 500

Indices = NDArray[np.intp]


def block_interval(right: NDArray[np.bool_], blocks: NDArray[np.str_], rng: np.random.Generator) -> tuple[float, float]:
    """95 % interval of the share right, by drawing whole blocks with replacement."""
    _, inverse = np.unique(blocks, return_inverse=True)
    hits, sizes = np.bincount(inverse, weights=right), np.bincount(inverse)
    draws = rng.integers(0, len(sizes), (_RESAMPLES, len(sizes)))
    shares = hits[draws].sum(axis=1) / sizes[draws].sum(axis=1)
    low, high = np.quantile(shares, [0.025, 0.975])
    return float(low), float(high)


def f1_scores(target: Indices, said: Indices, classes: int) -> NDArray[np.float64]:
    """F1 of each class, (classes,); 0 where a class is neither there nor said."""
    torchvision_ops.declare_missing()
    from torchmetrics.functional.classification import multiclass_f1_score  # noqa: PLC0415 - it imports torchvision

    scores = multiclass_f1_score(torch.from_numpy(said), torch.from_numpy(target), classes, average="none")
    return scores.numpy().astype(np.float64)


@dataclass(frozen=True, slots=True)
class Scores:
    """Figures of a classification.

    Attributes:
        overall_accuracy: share right.
        kappa: Cohen's kappa.
        macro_f1: mean F1 over classes that are there.
        f1: (classes,) F1 of each class; 0 where a class is neither there nor said.
        confusion: (classes, classes) counts, rows are what is there and columns what was said.
    """

    overall_accuracy: float
    kappa: float
    macro_f1: float
    f1: NDArray[np.float64]
    confusion: Indices


def confusion_matrix(target: Indices, said: Indices, classes: int) -> Indices:
    """Counts of pairs, (classes, classes): rows are what is there, columns what was said."""
    return np.bincount(target * classes + said, minlength=classes * classes).reshape(classes, classes)


def cohen_kappa(confusion: Indices) -> float:
    """Agreement beyond chance (Cohen 1960); 0 where chance alone agrees fully."""
    total = confusion.sum()
    agreed = np.trace(confusion) / total
    chance = float(confusion.sum(axis=0) @ confusion.sum(axis=1)) / float(total) ** 2
    return float((agreed - chance) / (1 - chance)) if chance < 1 else 0.0


def scores_of(target: Indices, said: Indices, classes: int) -> Scores:
    """All figures of a classification; class indices (n,), at least one."""
    confusion = confusion_matrix(target, said, classes)
    f1 = f1_scores(target, said, classes)
    return Scores(
        overall_accuracy=float((target == said).mean()),
        kappa=cohen_kappa(confusion),
        macro_f1=float(f1[confusion.sum(axis=1) > 0].mean()),
        f1=f1,
        confusion=confusion,
    )
