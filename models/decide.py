"""From probabilities to sets of crops that hold the right one nine times in ten."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.card import ModelCard

Probabilities = NDArray[np.float32] | NDArray[np.float64]


def crop_sets(probabilities: Probabilities, card: ModelCard) -> list[tuple[str, ...]]:
    """Conformal sets at the card's level.

    The guarantee holds for series like those of the calibration, on average over them, and for no unseen region.

    Args:
        probabilities: (n, classes) in the card's order; a row with NaN gives an empty set.
        card: holds classes and threshold.

    Returns:
        For each row the legend keys whose probability reaches the threshold, most likely first; may be empty.
    """
    known = np.where(np.isfinite(probabilities), probabilities, -1.0)
    order = np.argsort(-known, axis=1, kind="stable")
    inside = np.asarray(known >= card.conformal.threshold)
    return [
        tuple(card.classes[place] for place in ranked if held[place])
        for ranked, held in zip(order, inside, strict=True)
    ]


def best_guess(probabilities: Probabilities, card: ModelCard) -> list[str | None]:
    """Most likely crop of each row, (n,) legend keys; None where a row holds NaN."""
    known = np.asarray(np.isfinite(probabilities).all(axis=1))
    best = np.nan_to_num(probabilities).argmax(axis=1)
    return [card.classes[place] if sure else None for place, sure in zip(best, known, strict=True)]
