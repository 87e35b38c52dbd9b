"""Slow decline: a parcel sinks against its same-crop neighbours over weeks, as drought and disease make it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from scoring.growth.looks import NEVER, Looks
from scoring.growth.marker_table import Marker, settle
from scoring.growth.neighbours import against_neighbours, ten_day_best
from scoring.growth.windows import Expected

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Ten-day steps over which a trend is read, and how many of them must be seen.
STEPS: Final = 6
LEAST_STEPS: Final = 3
#: Days over which a loss is stated, and the loss (NDVI against neighbours) from which it is raised.
LOSS_DAYS: Final = 40
LEAST_LOSS: Final = 0.10
#: A loss of which one step holds more than this share is abrupt, not slow.
_ABRUPT_SHARE: Final = 0.7
#: Standard errors beyond the limit from which it is raised; smallest residual spread, NDVI.
LEAST_SCORE: Final = 1.0
_LEAST_SD: Final = 0.03
_RIPENING_DAYS: Final = 15
#: Days after which the latest look no longer tells what happens now.
_FRESH_DAYS: Final = 20


@dataclass(frozen=True, slots=True)
class Trend:
    """Trends up to each ten-day step; (n, s) each, NaN where too little was seen.

    Attributes:
        loss: NDVI lost against the neighbours in LOSS_DAYS, above 0 for a decline.
        score: (loss - LEAST_LOSS) in standard errors of the trend; NaN also where too few neighbours have one.
        abrupt: bool, whether one step holds most of the loss.
    """

    loss: Floats
    score: Floats
    abrupt: Flags


def trends(values: Floats, neighbours: Ints) -> Trend:
    """Least-squares trends of the last STEPS ten-day steps, against the trends of the neighbours in the same steps.

    A trend is uncertain by its own residuals and by how much the neighbours' trends differ among each other.

    Args:
        values: (n, s) NDVI by ten-day step, NaN where not seen.
        neighbours: (n, k) positions, -1 for none.
    """
    n, s = values.shape
    loss, error = np.full((n, s), np.nan), np.full((n, s), np.nan)
    abrupt = np.zeros((n, s), dtype=np.bool_)
    if s < STEPS:
        return Trend(loss, loss.copy(), abrupt)
    apart = values - against_neighbours(values, neighbours).median
    window = np.lib.stride_tricks.sliding_window_view(apart, STEPS, axis=1)
    slope, sd = _fits(window)
    loss[:, STEPS - 1 :] = -LOSS_DAYS * slope
    error[:, STEPS - 1 :] = LOSS_DAYS * sd
    among = against_neighbours(loss, neighbours)
    loss = loss - np.nan_to_num(among.median)
    abrupt[:, STEPS - 1 :] = _largest_fall(window) > _ABRUPT_SHARE * np.maximum(loss[:, STEPS - 1 :], 1e-9)
    return Trend(loss, (loss - LEAST_LOSS) / np.hypot(error, among.spread), abrupt)


def _fits(window: Floats) -> tuple[Floats, Floats]:
    """Slope a day and its standard error of (n, m, STEPS) values; NaN with fewer than LEAST_STEPS."""
    seen = np.isfinite(window)
    count = seen.sum(axis=2)
    enough = count >= LEAST_STEPS
    safe = np.maximum(count, 1)
    day = np.where(seen, 10.0 * np.arange(STEPS), 0.0)
    value = np.where(seen, window, 0.0)
    from_mean = np.where(seen, day - (day.sum(axis=2) / safe)[..., None], 0.0)
    above = np.where(seen, value - (value.sum(axis=2) / safe)[..., None], 0.0)
    square = np.where(enough, (from_mean**2).sum(axis=2), np.nan)
    slope = (from_mean * above).sum(axis=2) / square
    rest = ((above - slope[..., None] * from_mean) ** 2).sum(axis=2) / np.maximum(count - 2, 1)
    return slope, np.sqrt(np.maximum(rest, _LEAST_SD**2) / square)


def _largest_fall(window: Floats) -> Floats:
    """Largest fall between two steps that follow each other, over the steps that were seen."""
    filled = window.copy()
    for step in range(1, STEPS):
        gap = np.isnan(filled[..., step])
        filled[..., step][gap] = filled[..., step - 1][gap]
    fall = -np.diff(filled, axis=2)
    largest: Floats = np.where(np.isfinite(fall), fall, 0.0).max(axis=2)
    return largest


def decline_marker(looks: Looks, expected: Expected, neighbours: Ints | None) -> Marker:
    """Slow decline up to the latest ten-day step, while the stand should be green; not judged without neighbours.

    Green it should be from its peak's first day to _RIPENING_DAYS before harvest (a permanent crop: its peak's last).
    """
    n = len(looks.ndvi)
    until = np.where(expected.annual, expected.harvest_from - _RIPENING_DAYS, expected.peak_to)
    judged = looks.between(np.full(n, looks.today - 10 * STEPS), np.full(n, looks.today))
    trend = _latest(looks, neighbours)
    loss, score, abrupt = trend
    slow = (score >= LEAST_SCORE) & ~abrupt
    last = looks.last_seen()
    green = (last >= expected.peak_from) & (last <= until)
    return settle(
        "decline",
        executed=expected.known & (neighbours is not None),
        valid=green & np.isfinite(score),
        outcome=np.where(slow, "slow", "none"),
        raised=slow,
        score=np.where(slow, score, np.minimum(score, 0.0)),
        why_not=("no calendar or no neighbours", np.where(green, "too few clear looks or neighbours", "not its time")),
        judged=judged,
        event=np.full(n, NEVER),
        window=(expected.peak_from, until),
        value=loss,
        band=(np.nan, LEAST_LOSS),
        note=np.where(abrupt & (score >= LEAST_SCORE), "abrupt", ""),
    )


def _latest(looks: Looks, neighbours: Ints | None) -> tuple[Floats, Floats, Flags]:
    """Loss, score and whether abrupt at each parcel's latest step with a clear look; NaN where that is long ago."""
    n = len(looks.ndvi)
    if neighbours is None or not len(looks.days):
        return np.full(n, np.nan), np.full(n, np.nan), np.zeros(n, dtype=np.bool_)
    values = ten_day_best(looks.ndvi, looks.weights, [day.item() for day in looks.days])
    trend = trends(values, neighbours)
    seen = np.isfinite(values)
    at = values.shape[1] - 1 - seen[:, ::-1].argmax(axis=1)
    rows = np.arange(n)
    fresh = seen.any(axis=1) & (looks.today - looks.last_seen() <= np.timedelta64(_FRESH_DAYS, "D"))
    loss, score = (np.where(fresh, part[rows, at], np.nan) for part in (trend.loss, trend.score))
    return loss, score, fresh & trend.abrupt[rows, at]
