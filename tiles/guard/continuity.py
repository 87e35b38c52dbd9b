"""Continuity of bands between neighbouring dates: ground that kept its shape must keep its level too.

Between two dates a few weeks apart, pixels whose differences between bands hardly changed have hardly changed
themselves. If all their bands moved by the same 0.1, it was not the ground that moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.bands import band_index
from tiles.guard.evidence import STEP, Sample

_NEAR_DAYS: Final = 30
_KEPT_GREENNESS, _KEPT_SWIR = 0.03, 0.02
_STABLE_PX: Final = 50
_MOST_PAIRS: Final = 12
_PAIRS: Final = 3
_TOLERANCE: Final = 0.04
_SPREAD: Final = 0.03


@dataclass(frozen=True, slots=True)
class Step:
    """How far digital number x scale of one group lies above that of another, over the same stable ground.

    Attributes:
        height: reflectance, one of -0.1, 0, 0.1.
        measured: reflectance as measured, within 0.04 of `height`.
        pairs: pairs of scenes it rests on.
        scenes: different scenes of the first group among them.
        other_scenes: the same of the second group.
    """

    height: float
    measured: float
    pairs: int
    scenes: int
    other_scenes: int

    def reversed(self) -> Step:
        """The same step, seen from the other group."""
        return Step(-self.height, -self.measured, self.pairs, self.other_scenes, self.scenes)


def step_between(one: Sequence[Sample], other: Sequence[Sample], scales: tuple[float, float]) -> Step | None:
    """Step from the second group to the first; None where too few pairs of dates agree on one.

    Args:
        one: samples of the first group.
        other: samples of the second group.
        scales: reflectance per digital number of the two.
    """
    pairs = [(a.scene, b.scene, _height(a, b, scales)) for a, b in _neighbours(one, other)]
    found = [(a, b, height) for a, b, height in pairs if height is not None]
    if len(found) < _PAIRS:
        return None
    heights = np.array([height for *_, height in found])
    measured = float(np.median(heights))
    nearest = round(measured / STEP) * STEP
    if abs(nearest) > 1.5 * STEP or abs(measured - nearest) > _TOLERANCE or _wide(heights):
        return None
    return Step(nearest, measured, len(found), len({a for a, *_ in found}), len({b for _, b, _ in found}))


def _neighbours(one: Sequence[Sample], other: Sequence[Sample]) -> list[tuple[Sample, Sample]]:
    """Pairs of the same place at most a month apart, the closest first."""
    near = [(abs((a.day - b.day).days), a.scene, b.scene, a, b) for a, b in product(one, other) if a.place == b.place]
    near = [pair for pair in near if pair[0] <= _NEAR_DAYS]
    return [(a, b) for *_, a, b in sorted(near, key=lambda pair: pair[:3])[:_MOST_PAIRS]]


def _height(one: Sample, other: Sample, scales: tuple[float, float]) -> float | None:
    """Median over bands of the bands' median change over stable ground."""
    both = one.ground & other.ground
    change = one.numbers[:, both].astype(np.float64) * scales[0] - other.numbers[:, both] * scales[1]
    kept = (np.abs(_between(change, "B08", "B04")) <= _KEPT_GREENNESS) & (
        np.abs(_between(change, "B11", "B12")) <= _KEPT_SWIR
    )
    if np.count_nonzero(kept) < _STABLE_PX:
        return None
    stable = change[:, kept]
    held = np.isfinite(stable).any(axis=1)
    return float(np.median(np.nanmedian(stable[held], axis=1)))


def _between(change: NDArray[np.float64], one: str, other: str) -> NDArray[np.float64]:
    between: NDArray[np.float64] = change[band_index(one)] - change[band_index(other)]
    return between


def _wide(heights: NDArray[np.float64]) -> bool:
    """Whether the pairs disagree too much for their median to mean anything."""
    low, high = np.percentile(heights, [25, 75])
    return bool(high - low > 2 * _SPREAD)
