"""Folds of whole spatial blocks: neighbours never stand on both sides of a split."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.series.sample import SeriesSet


def block_folds(series: SeriesSet, folds: int, seed: int) -> NDArray[np.intp]:
    """Fold of each series, (n,), 0 to folds - 1.

    Within each area of study (a block's name up to its colon), blocks in an order drawn from the seed, large ones
    first, go to the fold that holds fewest series so far.
    """
    fold = np.zeros(len(series), dtype=np.intp)
    area = np.array([str(block).partition(":")[0] for block in series.block])
    for name in np.unique(area):
        rows = np.flatnonzero(area == name)
        fold[rows] = deal_blocks(series.block[rows].astype(str), folds, np.random.default_rng(seed))
    return fold


def deal_blocks(blocks: NDArray[np.str_], folds: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Fold of each series, (n,), from the names of their blocks: as `block_folds` does within one area."""
    names, inverse, sizes = np.unique(blocks, return_inverse=True, return_counts=True)
    order = rng.permutation(len(names))
    order = order[np.argsort(-sizes[order], kind="stable")]
    held = np.zeros(folds, dtype=np.intp)
    place = np.zeros(len(names), dtype=np.intp)
    for block in order:
        place[block] = held.argmin()
        held[place[block]] += sizes[block]
    return place[inverse]
