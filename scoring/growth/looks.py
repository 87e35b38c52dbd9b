"""What was seen of parcels and known on one day: clear looks, and the growth cycles that they show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import DataError
from geo.observations import CLEAR_SHARE
from scoring.growth.calendars.windows import Expected
from scoring.phenology import find_cycles

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]

NEVER: Final = np.datetime64("NaT", "D")

#: NDVI of bare or stubble-covered soil.
SOIL: Final = 0.20


@dataclass(frozen=True, slots=True)
class Looks:
    """Clear looks at n parcels on t days up to `as_of`.

    Attributes:
        ndvi: (n, t) float64, NaN where there was no clear look that was known by then.
        weights: (n, t) 0..1, clear share; 0 where there was no such look.
        days: (t,) datetime64[D], ascending, none after `as_of`.
        as_of: the day.
    """

    ndvi: Floats
    weights: Floats
    days: Days
    as_of: date

    @classmethod
    def known(
        cls,
        ndvi: npt.NDArray[np.floating],
        clear: npt.NDArray[np.floating],
        days: Sequence[date],
        as_of: date,
        *,
        known_at: npt.NDArray[np.datetime64] | None = None,
    ) -> Self:
        """The clear looks that were taken, and known, by the end of a day (UTC).

        Args:
            ndvi: (n, t), NaN where nothing was seen.
            clear: (n, t), 0..1, share of the parcel that was clear; a look counts from CLEAR_SHARE on.
            days: t ascending dates.
            as_of: the day.
            known_at: (n, t) UTC instants at which looks became known; on the day of the look where not given.

        Raises:
            DataError: the shapes do not fit together.
        """
        if ndvi.shape != clear.shape or ndvi.ndim != 2 or ndvi.shape[1] != len(days):  # noqa: PLR2004 - (n, t)
            raise DataError("LOOKS_SHAPE", f"NDVI {ndvi.shape}, clear {clear.shape} and {len(days)} days do not fit.")
        at = np.array(days, dtype="datetime64[D]")
        taken = at <= np.datetime64(as_of, "D")
        look = np.isfinite(ndvi) & (clear >= CLEAR_SHARE)
        if known_at is not None:
            look &= known_at < np.datetime64(as_of, "D") + np.timedelta64(1, "D")
        look = look[:, taken]
        values = np.where(look, ndvi[:, taken], np.nan).astype(np.float64)
        return cls(values, np.where(look, clear[:, taken], 0.0).astype(np.float64), at[taken], as_of)

    @property
    def seen(self) -> Flags:
        """(n, t) whether there was a clear look."""
        return np.isfinite(self.ndvi)

    @property
    def today(self) -> np.datetime64:
        """The day as datetime64[D]."""
        return np.datetime64(self.as_of, "D")

    def between(self, first: Days, last: Days) -> Flags:
        """(n, t) clear looks from a day to a day of each parcel, both included; none where a day is NaT."""
        inside: Flags = self.seen & (self.days >= first[:, None]) & (self.days <= last[:, None])
        return inside

    def second_highest(self, among: Flags) -> Floats:
        """(n,) second highest NDVI of some looks, which one odd look does not move; NaN below two looks."""
        return _second(np.where(among, self.ndvi, -np.inf))

    def second_lowest(self, among: Flags) -> Floats:
        """(n,) second lowest NDVI of some looks; NaN below two looks."""
        return -_second(np.where(among, -self.ndvi, -np.inf))

    def lowest(self, among: Flags) -> Floats:
        """(n,) lowest NDVI of some looks; NaN without one."""
        low = np.where(among, self.ndvi, np.inf).min(axis=1, initial=np.inf)
        return np.where(np.isfinite(low), low, np.nan)

    def last_seen(self) -> Days:
        """(n,) day of the latest clear look, NaT without one."""
        if not len(self.days):
            return np.full(len(self.ndvi), NEVER)
        last = len(self.days) - 1 - self.seen[:, ::-1].argmax(axis=1)
        return np.where(self.seen.any(axis=1), self.days[last], NEVER)

    def longest_gap(self, first: Days, last: Days) -> Floats:
        """(n,) longest stretch without a clear look from a day to a day, its ends counted; NaN where one is NaT."""
        number = self.days.astype(np.int64).astype(np.float64)
        start, stop = day_numbers(first), day_numbers(last)
        at = np.where(self.between(first, last), number, start[:, None])
        latest = np.maximum.accumulate(np.hstack([start[:, None], at]), axis=1)
        steps = np.diff(np.hstack([latest, stop[:, None]]), axis=1)
        gap: Floats = steps.max(axis=1)
        return gap

    def days_around(self, day: Days) -> Floats:
        """(n,) days between the clear looks before and after a day; NaN where the day is NaT or lies at an end."""
        offset = (self.days - day[:, None]) / np.timedelta64(1, "D")
        before = np.where(self.seen & (offset <= 0), offset, -np.inf).max(axis=1, initial=-np.inf)
        after = np.where(self.seen & (offset > 0), offset, np.inf).min(axis=1, initial=np.inf)
        gap: Floats = np.where(np.isfinite(before) & np.isfinite(after), after - before, np.nan)
        return gap

    def cycles(self) -> pd.DataFrame:
        """Growth cycles as of the day; see scoring.phenology.find_cycles."""
        return find_cycles(self.ndvi, self.weights, [day.item() for day in self.days])


@dataclass(frozen=True, slots=True)
class Growth:
    """The cycle of each parcel that lies nearest to what its crop should do; (n,) each.

    Attributes:
        start: where the curve has risen by 25 % of its amplitude, NaT where hidden or not begun.
        peak: NaT for a parcel without a cycle.
        end: where it is back at 25 %, NaT where hidden or still standing.
        top: fitted NDVI at the peak, NaN without a cycle.
        count: cycles of the parcel.
        second: peak of the second cycle in time, NaT for none.
    """

    start: Days
    peak: Days
    end: Days
    top: Floats
    count: Ints
    second: Days

    @property
    def found(self) -> Flags:
        """(n,) whether there is a cycle."""
        there: Flags = ~np.isnat(self.peak)
        return there


def nearest_growth(cycles: pd.DataFrame, expected: Expected, n: int) -> Growth:
    """Of each parcel's cycles the one whose peak is nearest to the expected days; the larger of two as near.

    Args:
        cycles: of `Looks.cycles`.
        expected: windows of the n parcels; without them the largest cycle counts.
        n: how many parcels.
    """
    row = cycles["index"].to_numpy(dtype=np.int64)
    peak = _days(cycles.pos)
    away = np.nan_to_num(days_outside(peak, expected.peak_from[row], expected.peak_to[row]), nan=0.0)
    order = np.lexsort((-cycles.integral.to_numpy(), away, row))
    first = order[np.unique(row[order], return_index=True)[1]]
    out = {name: np.full(n, NEVER) for name in ("sos", "pos", "eos", "second")}
    for name in ("sos", "pos", "eos"):
        out[name][row[first]] = _days(cycles[name])[first]
    second = np.flatnonzero(cycles.cycle.to_numpy() == 2)  # noqa: PLR2004 - the second cycle
    out["second"][row[second]] = peak[second]
    top = np.full(n, np.nan)
    top[row[first]] = cycles.ndvi_peak.to_numpy()[first]
    return Growth(out["sos"], out["pos"], out["eos"], top, np.bincount(row, minlength=n), out["second"])


def days_outside(day: Days, first: Days, last: Days) -> Floats:
    """Days by which a day lies before `first` (or after `last`); 0 inside, NaN where one of them is NaT."""
    early = (first - day) / np.timedelta64(1, "D")
    late = (day - last) / np.timedelta64(1, "D")
    outside: Floats = np.maximum(np.maximum(early, late), 0.0)
    return outside


def _days(column: pd.Series) -> Days:
    return column.to_numpy().astype("datetime64[D]")


def day_numbers(day: Days) -> Floats:
    """Days since 1970, NaN for NaT: nothing is before or after it."""
    return np.where(np.isnat(day), np.nan, day.astype(np.int64).astype(np.float64))


def _second(values: Floats) -> Floats:
    if values.shape[1] < 2:  # noqa: PLR2004 - two looks
        return np.full(len(values), np.nan)
    second = np.partition(values, values.shape[1] - 2, axis=1)[:, -2]
    return np.where(np.isfinite(second), second, np.nan)
