"""The network's time axis: consecutive ten-day slots, and days counted from the season's main year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from geo.errors import InputError
from geo.season import dekad_of, dekads

#: Days in a mean year: the period of the day-of-year encoding.
YEAR_DAYS = 365.25


@dataclass(frozen=True, slots=True)
class SlotGrid:
    """Consecutive ten-day slots that hold a season.

    Attributes:
        starts: first day of each slot (1st, 11th or 21st), without holes.
        reference: 1 January of the season's main year, from which `days` counts.
        positions: slot of each date that was asked for, in the order asked.
    """

    starts: tuple[date, ...]
    reference: date
    positions: tuple[int, ...]

    @property
    def days(self) -> NDArray[np.float32]:
        """Middle of each slot, days since the reference, shape (slots,)."""
        return np.array([(middle_of(start) - self.reference).days for start in self.starts], dtype=np.float32)


def middle_of(start: date) -> date:
    """Middle day of the ten-day step that begins on a day: the 5th, 15th or 25th."""
    return start + timedelta(days=4)


def main_year(first: date, last: date) -> int:
    """Year that holds the middle of a season: 2019 for October 2018 to October 2019."""
    return (first + (last - first) / 2).year


def month_of_main_year(day: date, year: int) -> int:
    """Month of a day in a season with this main year: 1 for one before the year and 12 for one after it."""
    return day.month if day.year == year else 1 if day.year < year else 12


def slot_grid(dates: Sequence[date]) -> SlotGrid:
    """Slots that hold some dates.

    Two seasons that differ only in dates without data between the same ends give the same grid.

    Args:
        dates: dates of the steps, in any order, at least one.

    Raises:
        InputError: no date at all.
    """
    if not dates:
        raise InputError("NO_STEPS", "The season has no time step.", "Give at least one step with its date.")
    first, last = min(dates), max(dates)
    starts = tuple(dekads(first, last))
    at = {start: position for position, start in enumerate(starts)}
    return SlotGrid(starts, date(main_year(first, last), 1, 1), tuple(at[dekad_of(day)] for day in dates))


def onto_slots(values: NDArray[np.float32], grid: SlotGrid) -> NDArray[np.float32]:
    """Put steps into their slots.

    Args:
        values: (steps, ...) with NaN gaps.
        grid: slots of these steps.

    Returns:
        (slots, ...) float32, NaN where a slot has no step; several steps of one slot are averaged.
    """
    if grid.positions == tuple(range(len(grid.starts))):
        return np.ascontiguousarray(values, dtype=np.float32)
    total = np.zeros((len(grid.starts), *values.shape[1:]), dtype=np.float32)
    count = np.zeros_like(total)
    for step, position in zip(values, grid.positions, strict=True):
        finite = np.isfinite(step)
        total[position] += np.where(finite, step, 0)
        count[position] += finite
    return np.where(count > 0, total / np.maximum(count, 1), np.float32(np.nan)).astype(np.float32)
