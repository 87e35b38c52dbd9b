"""Which applicants a model learns from and which judge it: by time and by block, never random neighbours.

Two applicants of one village share weather, price and officer. Drawn at random, one of them would tell the model what
became of the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.errors import InputError
from scoring.risk.measures import Bools

Objects = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Holdout:
    """Three parts of a table, (n,) bool each.

    Attributes:
        train: earlier rows of the blocks that stay.
        later: rows from the cut-off on, of the blocks that stay: out of time.
        elsewhere: all rows of the blocks held out: out of place, whatever their time.
    """

    train: Bools
    later: Bools
    elsewhere: Bools


def hold_out(block: Objects, rng: np.random.Generator, *, share: float = 0.3, late: Bools | None = None) -> Holdout:
    """Hold out whole blocks, and of the others what came late.

    Args:
        block: (n,) branch, village or spatial block of each row.
        rng: which blocks.
        share: of the blocks that are held out; at least one.
        late: (n,) bool, whether a row lies behind the cut-off in time; None holds out no time.

    Raises:
        InputError: fewer than two blocks, or nothing is left to learn from.
    """
    names = block_names(block, 2)
    held = rng.permutation(names)[: max(1, round(share * len(names)))]
    elsewhere = np.isin(block.astype(str), held)
    behind = np.zeros(len(block), dtype=bool) if late is None else late
    train = ~elsewhere & ~behind
    if not train.any():
        raise InputError("RISK_SPLIT", "No applicant is left to learn from.", "Choose a later cut-off.")
    return Holdout(train, ~elsewhere & behind, elsewhere)


def block_folds(block: Objects, folds: int, rng: np.random.Generator) -> npt.NDArray[np.intp]:
    """Fold of each row, (n,), such that no block stands in two; large blocks are dealt first, to the emptiest fold.

    Raises:
        InputError: fewer blocks than folds.
    """
    block_names(block, folds)
    _, inverse, sizes = np.unique(block.astype(str), return_inverse=True, return_counts=True)
    order = rng.permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]
    held, place = np.zeros(folds, dtype=np.intp), np.zeros(len(sizes), dtype=np.intp)
    for each in order:
        place[each] = held.argmin()
        held[place[each]] += sizes[each]
    return place[inverse]


def block_names(block: Objects, least: int) -> npt.NDArray[np.str_]:
    """Names of the blocks, sorted; InputError with fewer than `least`."""
    names = np.unique(block.astype(str))
    if len(names) < least:
        raise InputError(
            "RISK_SPLIT", f"The table has {len(names)} blocks, fewer than {least}.", "Name a column with more blocks."
        )
    return names
