"""A season is two dates, never a year: winter wheat is sown in one and harvested in the next."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from geo.errors import InputError

_DEKAD_STARTS = (1, 11, 21)
_SEASON_ID = re.compile(r"^(\d{4}-\d{2}-\d{2})/(\d{4}-\d{2}-\d{2})$")
_MAX_DAYS = 800
#: What follows no season, such as a site that is built, is watched over this one span; see geo.sites.SITES_SEASON.
_LASTING = (date(2015, 1, 1), date(2099, 12, 31))


@dataclass(frozen=True, slots=True, order=True)
class Season:
    """A span of days, both ends included.

    Attributes:
        start: first day.
        end: last day.
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise InputError(
                "SEASON_REVERSED",
                f"The season ends ({self.end}) before it starts ({self.start}).",
                "Give --season-start and --season-end in that order.",
            )
        if (self.end - self.start).days > _MAX_DAYS and (self.start, self.end) != _LASTING:
            raise InputError(
                "SEASON_TOO_LONG",
                f"The season {self.id} is longer than {_MAX_DAYS} days.",
                "Give one season, about a year, at a time.",
            )

    @property
    def id(self) -> str:
        """Key of the season in tables: "2018-10-01/2019-10-31"."""
        return f"{self.start.isoformat()}/{self.end.isoformat()}"

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    def dekads(self) -> tuple[date, ...]:
        """First days of the ten-day steps (1st, 11th, 21st of a month) that overlap the season."""
        return dekads(self.start, self.end)


def parse_season(season_id: str) -> Season:
    """Season from its id; InputError when it is not two days that there are, joined by a slash."""
    match = _SEASON_ID.match(season_id)
    wrong = InputError("SEASON_ID", f"{season_id!r} is not a season.", "Write it as 2018-10-01/2019-10-31.")
    if match is None:
        raise wrong
    try:
        first, last = date.fromisoformat(match[1]), date.fromisoformat(match[2])
    except ValueError as error:  # a day that no calendar has
        raise wrong from error
    return Season(first, last)


def dekad_of(day: date) -> date:
    """First day of the ten-day step that holds a day."""
    return day.replace(day=max(start for start in _DEKAD_STARTS if start <= day.day))


def dekads(start: date, end: date) -> tuple[date, ...]:
    """First days of all ten-day steps from the one that holds `start` to the one that holds `end`."""
    steps = []
    step = dekad_of(start)
    while step <= end:
        steps.append(step)
        step = dekad_of(step + timedelta(days=11))
    return tuple(steps)
