"""Ten-day steps: the regular axis of time that the network reads, derived from stored acquisitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from geo.season import Season, dekad_of, dekads

_TO_MIDDLE = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Steps:
    """A season in ten-day steps.

    Attributes:
        values: mean over the clear acquisitions of each step, float32, NaN where there is none; step is axis 0 in
            `ten_day_steps` (step, band, y, x) and axis 1 in `series_steps` (series, step, band).
        dates: the sixth day of each step.
    """

    values: NDArray[np.float32]
    dates: tuple[date, ...]


def ten_day_steps(
    reflectance: NDArray[np.float32], clear: NDArray[np.bool_], days: Sequence[date], season: Season
) -> Steps:
    """Mean of the clear acquisitions in every ten-day step of a season.

    Each band of each pixel is taken for itself, so the result does not depend on how an image is cut into windows.
    Sums are kept in float64 for one step at a time. Acquisitions outside the season are left out.

    Args:
        reflectance: (time, band, y, x) float32, NaN no data; further axes may replace y and x.
        clear: (time, y, x), True where the ground shows.
        days: day of each acquisition, in any order.
        season: first to last day; a step that the season cuts uses only days inside it.

    Returns:
        Steps with values (step, band, y, x) float32, one step for every ten-day step that overlaps the season.

    Raises:
        ValueError: the axes of time differ in length.
    """
    if not len(days) == len(reflectance) == len(clear):
        raise ValueError(f"{len(days)} days, {len(reflectance)} images and {len(clear)} masks do not match")
    starts = dekads(season.start, season.end)
    members = _members(days, season, starts)
    values = np.full((len(starts), *reflectance.shape[1:]), np.nan, dtype=np.float32)
    for step, indices in enumerate(members):
        if indices:
            _mean_into(values[step], reflectance, clear, indices)
    return Steps(values, tuple(start + _TO_MIDDLE for start in starts))


def series_steps(values: NDArray[np.float32], clear: NDArray[np.bool_], days: Sequence[date], season: Season) -> Steps:
    """Mean of the clear acquisitions in every ten-day step, for series instead of images.

    Args:
        values: (series, time, band) float32, NaN no data.
        clear: (series, time), True where the ground shows.
        days: day of each acquisition, in any order.
        season: first to last day.

    Returns:
        Steps with values (series, step, band) float32, NaN where nothing was clear.

    Raises:
        ValueError: the axes of time differ in length.
    """
    steps = ten_day_steps(np.moveaxis(values, 0, -1), np.moveaxis(clear, 0, -1), days, season)
    return Steps(np.ascontiguousarray(np.moveaxis(steps.values, -1, 0)), steps.dates)


def _members(days: Sequence[date], season: Season, starts: Sequence[date]) -> list[list[int]]:
    """Indices of the acquisitions of each step, in order of date."""
    found: dict[date, list[int]] = {start: [] for start in starts}
    for index in sorted(range(len(days)), key=days.__getitem__):
        if days[index] in season:
            found[dekad_of(days[index])].append(index)
    return list(found.values())


def _mean_into(
    out: NDArray[np.float32], reflectance: NDArray[np.float32], clear: NDArray[np.bool_], indices: Sequence[int]
) -> None:
    """Mean over some acquisitions, band by band, written to out (band, ...)."""
    for band in range(out.shape[0]):
        total = np.zeros(out.shape[1:], dtype=np.float64)
        count = np.zeros(out.shape[1:], dtype=np.int32)
        for index in indices:
            seen = clear[index] & np.isfinite(reflectance[index, band])
            np.add(total, reflectance[index, band], out=total, where=seen)
            count += seen
        np.divide(total, count, out=out[band], where=count > 0, casting="same_kind")
