"""What the vigour head learns: where a series stands among its peers in seasonal greenness (docs/model.md)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from geo.bands import band_index
from geo.peers import MIN_PEERS
from models.series.sample import SeriesSet

#: Slots that count: the greenest four months.
_BEST_SLOTS: Final = 12


def greenness(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean NDVI of the twelve greenest slots, gaps interpolated linearly between the first and last clear slot.

    Args:
        values: (n, slots, bands) reflectance with NaN gaps.

    Returns:
        (n,) NDVI, NaN where fewer than two slots are clear.
    """
    red, infrared = values[..., band_index("B04")], values[..., band_index("B08")]
    with np.errstate(invalid="ignore", divide="ignore"):
        ndvi = (infrared - red) / np.maximum(infrared + red, 0.02)
    return np.array([_best_mean(series) for series in ndvi], dtype=np.float64)


def _best_mean(ndvi: NDArray[np.float32]) -> float:
    known = np.flatnonzero(np.isfinite(ndvi))
    if len(known) < 2:  # noqa: PLR2004 - nothing to interpolate between
        return float("nan")
    filled = np.interp(np.arange(known[0], known[-1] + 1), known, ndvi[known])
    return float(np.sort(filled)[-_BEST_SLOTS:].mean())


def vigour_targets(series: SeriesSet) -> NDArray[np.float32]:
    """Percentile / 100 of each series' greenness among the same crop and source, (n,), NaN below MIN_PEERS peers."""
    green = greenness(series.values)
    targets = np.full(len(series), np.nan, dtype=np.float32)
    groups = np.array([f"{source}|{crop}" for source, crop in zip(series.source, series.crop, strict=True)])
    for group in np.unique(groups):
        rows = np.flatnonzero((groups == group) & np.isfinite(green))
        if len(rows) >= MIN_PEERS:
            targets[rows] = (rankdata(green[rows]) - 0.5) / len(rows)
    return targets
