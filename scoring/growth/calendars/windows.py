"""When a crop is expected, as days of one season: one row per crop, laid out for many parcels at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from geo.season import Season

Days = npt.NDArray[np.datetime64]
_Windows = tuple[tuple[date, date], ...]

#: Days from the last emergence to the first peak beyond which a crop rests in winter between the two.
REST_DAYS: Final = 90


@dataclass(frozen=True, slots=True)
class CropWindows:
    """First and last days on which the stages of one crop are expected; None where the crop is permanent."""

    sowing_from: date | None
    sowing_to: date | None
    emergence_from: date | None
    emergence_to: date | None
    peak_from: date
    peak_to: date
    harvest_from: date | None
    harvest_to: date | None

    @property
    def permanent(self) -> bool:
        """Whether neither sowing nor harvest is expected."""
        return self.sowing_from is None

    @classmethod
    def spanning(cls, several: Sequence[Self]) -> Self | None:
        """The windows that hold those of all; None of none. Permanent forms count for the peak alone."""
        if not several:
            return None
        days: dict[str, Any] = {}
        for field in fields(cls):
            known = [getattr(windows, field.name) for windows in several if getattr(windows, field.name) is not None]
            pick = min if field.name.endswith("_from") else max
            days[field.name] = pick(known) if known else None
        return cls(**days)


@dataclass(frozen=True, slots=True)
class Expected:
    """Windows of n parcels, each (n,) datetime64[D]; NaT where nothing is known or the crop is permanent."""

    sowing_from: Days
    sowing_to: Days
    emergence_from: Days
    emergence_to: Days
    peak_from: Days
    peak_to: Days
    harvest_from: Days
    harvest_to: Days

    @classmethod
    def of(cls, kinds: Sequence[CropWindows | None], kind: npt.NDArray[np.integer]) -> Self:
        """Windows laid out by parcel.

        Args:
            kinds: windows of every kind of crop that occurs, None for one without a calendar.
            kind: (n,) position of each parcel's crop in `kinds`, -1 for none.
        """
        table = (*kinds, None)
        columns = {}
        for field in fields(cls):
            days = [None if windows is None else getattr(windows, field.name) for windows in table]
            columns[field.name] = np.array(days, dtype="datetime64[D]")[kind]
        return cls(**columns)

    def at(self, rows: npt.NDArray[np.integer]) -> Self:
        """The windows of some parcels, by position."""
        return type(self)(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """(n,) whether a calendar says when the crop peaks."""
        told: npt.NDArray[np.bool_] = ~np.isnat(self.peak_from)
        return told

    @property
    def annual(self) -> npt.NDArray[np.bool_]:
        """(n,) whether the crop is sown and harvested in its season."""
        told: npt.NDArray[np.bool_] = ~np.isnat(self.sowing_from)
        return told

    @property
    def rests(self) -> npt.NDArray[np.bool_]:
        """(n,) whether the crop rests in winter: its peak begins more than REST_DAYS after it has come up."""
        long: npt.NDArray[np.bool_] = (self.peak_from - self.emergence_to) / np.timedelta64(1, "D") > REST_DAYS
        return long


def on_days(windows: Callable[[int], _Windows], season: Season) -> CropWindows | None:
    """The windows of the growth whose peak lies in a season; None where none does, the later where two do.

    Args:
        windows: first and last days by the year in which the last window ends (four windows, or the peak alone).
        season: the middle of the peak lies in it.
    """
    for year in range(season.end.year + 1, season.start.year - 1, -1):
        found = windows(year)
        peak = found[0] if len(found) == 1 else found[2]
        if peak[0] + (peak[1] - peak[0]) / 2 in season:
            return _named(found)
    return None


def _named(found: _Windows) -> CropWindows:
    if len(found) == 1:
        return CropWindows(None, None, None, None, *found[0], None, None)
    sowing, emergence, peak, harvest = found
    return CropWindows(*sowing, *emergence, *peak, *harvest)
