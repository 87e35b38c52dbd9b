"""What a pack says to people: who approved it, what it cites, who may approve how much, its local calendar."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Final, Literal, Self, TypeAlias, get_args
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, model_validator

from scoring.pack_values import Amount, Share, Strict
from scoring.wording import Text

Weekday: TypeAlias = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: Final[tuple[Weekday, ...]] = get_args(Weekday)


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError(f"{value!r} is not a time zone, such as Asia/Kolkata")
    return value


Day = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]


class Approval(Strict):
    """Who approved the pack, named, and when; `example` packs were approved by nobody.

    An approved pack names the hash of what was approved (Pack.rules_hash): changed afterwards, it does not load.
    """

    state: Literal["example", "approved"]
    by: str = Field(min_length=1)
    on: date | None = None
    drafted_by: str | None = None
    content_hash: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.state == "approved" and (self.on is None or self.content_hash is None):
            raise ValueError("an approved pack states 'on' and 'content_hash'")
        if self.drafted_by is not None and self.drafted_by == self.by:
            raise ValueError("'drafted_by' and 'by' are the same: who drafts a pack does not approve it")
        return self


class Citation(Strict):
    """Where a rule comes from, and whether its own text was read."""

    id: str
    rule: str
    source: str
    checked: Literal["read", "to be checked"]


class Dated(Strict):
    """Something that holds from a day to a day, both included; open where none is stated."""

    valid_from: date | None = None
    valid_to: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_from is not None and self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to lies before valid_from")
        return self

    def holds(self, day: date) -> bool:
        """Whether it holds on a day."""
        return (self.valid_from or day) <= day <= (self.valid_to or day)


class Note(Dated):
    """A dated fact that informs people and computes nothing."""

    code: str
    title: Text
    amount: Amount | None = None
    cites: str


class Condition(Strict):
    """What a person confirms before a limit is approved; the program does not decide it."""

    code: str
    asks: Text
    cites: str


class Authority(Dated):
    """Up to which amount (major units) somebody may approve; automatic only with a ceiling and an end."""

    code: str
    title: Text
    most: Amount | None = None
    automatic: bool = False

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.automatic and None in (self.most, self.valid_from, self.valid_to):
            raise ValueError("automatic approval needs 'most', 'valid_from' and 'valid_to'")
        return self

    def suffices(self, amount: Decimal, day: date) -> bool:
        """Whether it covers an amount on a day."""
        return self.holds(day) and (self.most is None or amount <= self.most)


class Refresh(Strict):
    """Greatest moves that a refresh of the book makes without being held: of one farmer's limit, of the book's sum."""

    most_farmer_change: Share
    most_book_change: Share


class CropSeason(Strict):
    """A season by the day of sowing (month-day, both ends included); it may pass the end of the year."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: Text
    first: Day
    last: Day

    def holds(self, day: date) -> bool:
        """Whether a crop sown on the day belongs to the season."""
        at = f"{day:%m-%d}"
        return self.first <= at <= self.last if self.first <= self.last else at >= self.first or at <= self.last


class Calendar(Strict):
    """Local days: the time zone, days of rest, where a due day moves that falls on one, and seasons of crops."""

    time_zone: Annotated[str, AfterValidator(_zone)]
    rest_days: tuple[Weekday, ...] = ()
    holidays: tuple[date, ...] = ()
    due_moves: Literal["no", "next", "previous"] = "no"
    seasons: tuple[CropSeason, ...] = ()

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        keys = [season.key for season in self.seasons]
        if len(set(keys)) < len(keys):
            raise ValueError("two seasons have the same key")
        if set(self.rest_days) == set(WEEKDAYS):
            raise ValueError("rest_days leaves no working day")
        for number in range(366):
            day = date(2024, 1, 1) + timedelta(days=number)
            if sum(season.holds(day) for season in self.seasons) > 1:
                raise ValueError(f"two seasons hold the day {day:%m-%d}")
        return self

    def local_day(self, instant: datetime) -> date:
        """Local day of an aware instant."""
        return instant.astimezone(ZoneInfo(self.time_zone)).date()

    def season_of(self, sown: date) -> str | None:
        """Key of the season that a crop sown on a day belongs to; None between seasons."""
        return next((season.key for season in self.seasons if season.holds(sown)), None)

    def due(self, day: date) -> date:
        """The day on which something falls due: moved off days of rest where the pack says so."""
        step = {"no": 0, "next": 1, "previous": -1}[self.due_moves]
        while step and (WEEKDAYS[day.weekday()] in self.rest_days or day in self.holidays):
            day += timedelta(days=step)
        return day
