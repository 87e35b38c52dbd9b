"""Non-performing farm loans in India: overdue for so many crop seasons, counted by the pack's calendar.

A crop season runs up to the harvest and is set by each State Level Bankers' Committee, so the pack states when seasons
end (or how long one is) and which crops are long-duration; nothing is guessed from a crop's name.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import count
from typing import Annotated, Final, Self

import pandas as pd
from pydantic import AfterValidator, Field, model_validator

from geo.errors import DataError
from geo.legend import load_legend
from scoring.pack_values import CropKey, Strict
from scoring.risk.loanfile import require_loans

_MONTHS: Final = 12


class Duration(StrEnum):
    """Whether a crop's season is longer than one year."""

    SHORT = "short"
    LONG = "long"


def _month_day(value: str) -> str:
    try:
        date.fromisoformat(f"2023-{value}")  # a common year: a season cannot end on 29 February
    except ValueError as error:
        raise ValueError(f"{value!r} is no day of the year: write it as 04-30") from error
    return value


class SeasonCount(Strict):
    """Seasons after which an overdue loan is non-performing, and how a season is told.

    Either `ends`, the days of the year on which seasons of the place end, or `months`, the length of one season.
    """

    seasons: int = Field(ge=1, le=4)
    ends: tuple[Annotated[str, AfterValidator(_month_day)], ...] = ()
    months: int | None = Field(default=None, ge=1, le=36)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.ends) == (self.months is not None):
            raise ValueError("give either 'ends' or 'months'")
        return self

    def last_day(self, due: date) -> date:
        """Last day of the last season that the loan may be overdue; a season that ends on the due date is over."""
        if self.months is not None:
            return _add_months(due, self.seasons * self.months)
        ends = (date.fromisoformat(f"{year}-{end}") for year in count(due.year) for end in sorted(self.ends))
        after = (end for end in ends if end > due)
        return next(end for number, end in enumerate(after, start=1) if number == self.seasons)


class SeasonRules(Strict):
    """Crop seasons of a place: which crops are long-duration, and the count for each kind."""

    long_crops: tuple[CropKey, ...]
    short: SeasonCount
    long: SeasonCount
    cites: str

    def duration(self, crop: str) -> Duration:
        """Kind of a crop."""
        return Duration.LONG if crop in self.long_crops else Duration.SHORT


@dataclass(frozen=True, slots=True)
class SeasonState:
    """Where a farm loan stands.

    Attributes:
        duration: kind of its crop.
        due: day on which the oldest unpaid instalment was due.
        performs_until: last day before it is non-performing, if nothing is paid.
        is_npa: whether that day has passed.
    """

    duration: Duration
    due: date
    performs_until: date
    is_npa: bool


def season_state(crop: str, due: date | None, as_of: date, rules: SeasonRules) -> SeasonState | None:
    """State of a farm loan; None where nothing is overdue on the day.

    Args:
        crop: legend key of the financed crop.
        due: day on which the oldest unpaid instalment was due; None where all is paid.
        as_of: the day looked at.
        rules: of the pack.

    Raises:
        DataError: an unknown crop.
    """
    if crop not in load_legend():
        raise DataError("RISK_LOAN", f"{crop!r} is not a crop of the legend.", "Correct the loan file.")
    if due is None or due >= as_of:
        return None
    duration = rules.duration(crop)
    until = (rules.long if duration is Duration.LONG else rules.short).last_day(due)
    return SeasonState(duration, due, until, as_of > until)


def season_table(loans: pd.DataFrame, as_of: date, rules: SeasonRules) -> pd.DataFrame:
    """States of a table of farm loans.

    Args:
        loans: one row per loan: loan_id, crop (legend key), due_on (date of the oldest unpaid instalment; empty where
            all is paid).
        as_of: the day looked at.
        rules: of the pack.

    Returns:
        One row per loan in the same order: loan_id, crop, duration, due_on, performs_until and is_npa; the last four
        are None, None, None and False where nothing is overdue.

    Raises:
        DataError: a column is missing, an id stands twice, a crop is unknown or a date is none.
    """
    require_loans(loans, ("loan_id", "crop", "due_on"))
    due = _dates(loans)
    states = [
        season_state(str(crop), day, as_of, rules) for crop, day in zip(loans.crop.astype(object), due, strict=True)
    ]
    rows = [
        (None, None, None, False) if each is None else (str(each.duration), each.due, each.performs_until, each.is_npa)
        for each in states
    ]
    frame = pd.DataFrame(rows, columns=["duration", "due_on", "performs_until", "is_npa"], dtype=object)
    frame.insert(0, "loan_id", loans.loan_id.astype(str).to_numpy())
    frame.insert(1, "crop", loans.crop.astype(str).to_numpy())
    return frame.astype({"is_npa": bool})


def _dates(loans: pd.DataFrame) -> list[date | None]:
    found: list[date | None] = []
    for loan, value in zip(loans.loan_id, loans.due_on.astype(object), strict=True):
        try:
            found.append(None if pd.isna(value) else date.fromisoformat(str(value)[:10]))
        except ValueError as error:
            raise DataError("RISK_LOAN", f"due_on {value!r} of the loan {loan!r} is no date.") from error
    return found


def _add_months(day: date, months: int) -> date:
    """Same day so many months later, or the last day of that month."""
    year, month = divmod(day.year * _MONTHS + day.month - 1 + months, _MONTHS)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
