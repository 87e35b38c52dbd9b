"""Labelled series in one form, whatever their source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.bands import BANDS, RADAR_CHANNELS
from geo.season import dekads
from models.timegrid import middle_of

#: The training grid: ten-day slots from August of the year before the main year to January of the year after.
_FIRST: Final = (-1, 8, 1)
_LAST: Final = (1, 1, 31)


#: What the source name of a series ends with that shows one crop of a double-cropped year only.
CYCLES: Final = "/cycles"


@dataclass(frozen=True, slots=True)
class SeriesSet:
    """Labelled series on the training grid.

    Attributes:
        values: (n, slots, bands) float32 reflectance, NaN where no clear acquisition.
        spread: (n, bands) float32 standard deviation within the parcel, NaN for points.
        radar: (n, slots, 2) float32 backscatter sigma0 in dB, VV and VH, NaN where there is no pass; NaN throughout
            where a series has no radar.
        crop: (n,) legend keys.
        source: (n,) name of the source ("bavaria-2018").
        block: (n,) name of the spatial block, unique over sources.
        lonlat: (n, 2) float64 degrees, NaN for simulated series.
        simulated: (n,) bool.
    """

    values: NDArray[np.float32]
    spread: NDArray[np.float32]
    radar: NDArray[np.float32]
    crop: NDArray[np.object_]
    source: NDArray[np.object_]
    block: NDArray[np.object_]
    lonlat: NDArray[np.float64]
    simulated: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.crop)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> SeriesSet:
        """Rows by index or mask, in that order."""
        return SeriesSet(*(getattr(self, name)[rows] for name in self.__slots__))

    def within(self, first_day: float, last_day: float) -> SeriesSet:
        """The same series with nothing before and after two days, counted from 1 January of the main year."""
        outside = ~((grid_days() >= first_day) & (grid_days() <= last_day))[:, None]
        gap = np.float32(np.nan)
        return replace(self, values=np.where(outside, gap, self.values), radar=np.where(outside, gap, self.radar))

    def plain_source(self) -> NDArray[np.str_]:
        """Sources, (n,), single cycles under the name of their seasons."""
        return np.array([str(name).removesuffix(CYCLES) for name in self.source])

    def has_radar(self) -> NDArray[np.bool_]:
        """Series with a pass at all, (n,)."""
        seen = np.asarray(np.isfinite(self.radar).all(axis=2))
        return np.asarray(seen.any(axis=1))

    def without_radar(self) -> SeriesSet:
        """The same series as if no radar had been there."""
        return replace(self, radar=no_radar(len(self)))

    def as_cycles(self, crop: NDArray[np.object_]) -> SeriesSet:
        """The series as single crops of a double-cropped year, (n,) legend keys: a source of its own, same blocks."""
        return replace(self, crop=crop, source=np.array([f"{name}{CYCLES}" for name in self.source], dtype=object))

    def with_crop(self, crop: NDArray[np.object_]) -> SeriesSet:
        """The same series under other labels, (n,) legend keys."""
        return replace(self, crop=crop)


def no_radar(count: int) -> NDArray[np.float32]:
    """Radar of series that have none, (n, slots, 2)."""
    return np.full((count, len(grid_days()), len(RADAR_CHANNELS)), np.nan, dtype=np.float32)


def joined(sets: Iterable[SeriesSet]) -> SeriesSet:
    """All series of some sets, in order."""
    parts = list(sets)
    return SeriesSet(*(np.concatenate([getattr(part, name) for part in parts]) for name in SeriesSet.__slots__))


@cache
def grid_starts(year: int) -> tuple[date, ...]:
    """First days of the training grid's slots around a main year; every year has the same number."""
    return dekads(date(year + _FIRST[0], *_FIRST[1:]), date(year + _LAST[0], *_LAST[1:]))


def grid_days() -> NDArray[np.float32]:
    """Middle of each slot of the training grid, days since 1 January of the main year, shape (slots,)."""
    year = 2018
    return np.array([(middle_of(start) - date(year, 1, 1)).days for start in grid_starts(year)], dtype=np.float32)


def to_grid(
    frame: pd.DataFrame, year: int, columns: Sequence[str] = BANDS
) -> tuple[NDArray[np.object_], NDArray[np.float32]]:
    """Average acquisitions into the slots of the training grid.

    Args:
        frame: one row per series and acquisition: key, date and the columns (the ten bands of clear acquisitions as
            reflectance, say); rows outside the grid are left out.
        year: main year of the season.
        columns: what to average.

    Returns:
        Keys in sorted order, (n,), and values (n, slots, columns) float32 with NaN gaps.
    """
    keys = np.array(sorted(frame["key"].unique()), dtype=object)
    starts = pd.DatetimeIndex(grid_starts(year))
    slot = np.asarray(starts.searchsorted(pd.DatetimeIndex(frame["date"]), side="right")) - 1
    inside = (slot >= 0) & (pd.DatetimeIndex(frame["date"]) <= starts[-1] + pd.Timedelta(days=10))
    means = frame.loc[inside, list(columns)].groupby([frame.loc[inside, "key"], slot[inside]]).mean()
    row = np.searchsorted(keys, means.index.get_level_values(0).to_numpy(dtype=object))
    values = np.full((len(keys), len(starts), len(columns)), np.nan, dtype=np.float32)
    values[row, means.index.get_level_values(1).to_numpy()] = means.to_numpy(dtype=np.float32)
    return keys, values
