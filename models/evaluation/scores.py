"""Figures of a classification and their intervals over spatial blocks."""

from __future__ import annotations

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
