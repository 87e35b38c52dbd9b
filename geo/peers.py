"""Where a stand is among its peers: the same crop, the same region, the same ten days (docs/model.md, Vigour)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

#: Peers from which a percentile is given, the stand itself among them.
MIN_PEERS: Final = 20

#: NDVI is told apart in steps of 0.005 from -0.2, below which nothing grows, to 1.
_LOWEST: Final = -0.2
_STEP: Final = 0.005
_LEVELS: Final = 241


@dataclass(frozen=True, slots=True)
class Peers:
    """What the NDVI of each group of peers was in every ten-day step.

    Attributes:
        percent: (groups, steps, levels) float32, 0 to 100: percentile of each level of NDVI among the group's peers.
        count: (groups, steps) int64, peers seen.
    """

    percent: Floats
    count: Ints

    def percentile(self, ndvi: npt.NDArray[np.floating], group: npt.NDArray[np.integer]) -> Floats:
        """Percentile of stands over the season: at every step among the peers of then, then the mean over the steps.

        Steps count by their number of peers, and only from MIN_PEERS on. So steps in which few of the peers grow
        hardly matter.

        Args:
            ndvi: (n, steps), NaN where a stand is not seen or is not to be ranked.
            group: (n,) group of each stand, -1 for none.

        Returns:
            (n,) float32, 0 to 100, NaN for a stand without a step of MIN_PEERS peers.
        """
        weights = np.where(self.count >= MIN_PEERS, self.count, 0).astype(np.float32)
        total, weight = np.zeros(len(ndvi), dtype=np.float32), np.zeros(len(ndvi), dtype=np.float32)
        for step in range(ndvi.shape[1]):
            seen = np.flatnonzero(np.isfinite(ndvi[:, step]) & (group >= 0))
            own = group[seen]
            total[seen] += weights[own, step] * self.percent[own, step, _level(ndvi[seen, step])]
            weight[seen] += weights[own, step]
        return np.divide(total, weight, out=np.full_like(total, np.nan), where=weight > 0)


def peers_of(ndvi: npt.NDArray[np.floating], group: npt.NDArray[np.integer], groups: int) -> Peers:
    """The peers that stands are for each other.

    A level's percentile is the share of peers below it and half of those on it (the mid-rank).

    Args:
        ndvi: (n, steps), NaN where a stand is not seen or does not grow: it is nobody's peer then.
        group: (n,) from 0, or -1 for a stand that is nobody's peer.
        groups: how many groups there are.
    """
    steps = ndvi.shape[1]
    row, step = np.nonzero(np.isfinite(ndvi) & (group >= 0)[:, None])
    cell = (group[row] * steps + step) * _LEVELS + _level(ndvi[row, step])
    at = np.bincount(cell, minlength=groups * steps * _LEVELS).reshape(groups, steps, _LEVELS)
    count = at.sum(axis=2)
    below = np.cumsum(at, axis=2) - 0.5 * at
    return Peers((100.0 * below / np.maximum(count, 1)[..., None]).astype(np.float32), count)


def _level(ndvi: npt.NDArray[np.floating]) -> Ints:
    level: Ints = np.clip(np.rint((ndvi - _LOWEST) / _STEP), 0, _LEVELS - 1).astype(np.int64)
    return level
