"""Crop calendars as dated TOML: when a crop of a region is sown, comes up, peaks and is harvested.

Loaded strictly, as policy packs are; docs/growth.md explains every field.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final, Literal, Self, TypeAlias

from pydantic import Field, ValidationError, model_validator

from geo.errors import InputError
from geo.season import Season
from scoring.growth.calendars.windows import CropWindows, on_days
from scoring.pack_faults import sentence
from scoring.pack_people import Citation, Dated, Day
from scoring.pack_values import CropKey, Strict
from scoring.wording import Text

_Place: TypeAlias = Traversable | Path

#: Legend keys of land on which nothing is sown and reaped: a calendar need not name them.
WITHOUT_CALENDAR: Final = frozenset({"fallow", "forest", "built", "water", "aquaculture"})

#: The first sowing of winter rapeseed lies a little more than a year before the last harvest.
_MOST_DAYS: Final = 400


class Window(Strict):
    """Month-days from which to which something is expected, both included; it may pass the end of the year."""

    from_: Day = Field(alias="from")
    to: Day


class CropCalendar(Strict):
    """Windows of one crop, or of one form of it ("winter", "kharif").

    A crop without `sowing` is permanent (grass, orchards): only when it is green is known.
    """

    crop: CropKey
    form: str = Field(default="", pattern=r"^([a-z][a-z0-9_]*)?$")
    sowing: Window | None = None
    emergence: Window | None = None
    peak: Window
    harvest: Window | None = None
    cites: str

    @model_validator(mode="after")
    def _whole(self) -> Self:
        annual = (self.sowing, self.emergence, self.harvest)
        if None in annual and any(annual):
            raise ValueError("'sowing', 'emergence' and 'harvest' stand together, or none of them")
        days = self.windows(2023)
        starts = [first for first, _ in days]
        if starts != sorted(starts):
            raise ValueError("the windows are not in the order sowing, emergence, peak, harvest")
        if (days[-1][1] - starts[0]).days > _MOST_DAYS:
            raise ValueError(f"from the first day of sowing to the last of harvest is more than {_MOST_DAYS} days")
        return self

    @property
    def permanent(self) -> bool:
        """Whether the crop stands for years, so that neither sowing nor harvest is expected."""
        return self.sowing is None

    def windows(self, year: int) -> tuple[tuple[date, date], ...]:
        """First and last days of sowing, emergence, peak and harvest (of the peak alone for a permanent crop).

        Args:
            year: year in which the last window ends.
        """
        wanted = [window for window in (self.sowing, self.emergence, self.peak, self.harvest) if window is not None]
        found: list[tuple[date, date]] = []
        until = date(year, 12, 31)
        for window in reversed(wanted):
            last = _latest(window.to, until)
            found.append((_latest(window.from_, last), last))
            until = last
        return tuple(reversed(found))


class RegionCalendar(Dated):
    """The crop calendars of one farming region."""

    calendar_format: Literal[1]
    id: str = Field(pattern=r"^[a-z]{2}-[a-z0-9-]+$")
    version: str = Field(min_length=1)
    country: str = Field(pattern=r"^[A-Z]{2}$")
    region: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    names: tuple[str, ...] = ()
    title: Text
    citations: tuple[Citation, ...]
    crops: tuple[CropCalendar, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        twice = [key for key, count in Counter((crop.crop, crop.form) for crop in self.crops).items() if count > 1]
        if twice:
            raise ValueError(f"{' '.join(twice[0]).strip()!r} has two calendars; give each form of a crop its own name")
        missing = {crop.cites for crop in self.crops} - {citation.id for citation in self.citations}
        if missing:
            raise ValueError(f"the citation {min(missing)!r} is not among 'citations'")
        return self

    def covers(self, region: str) -> bool:
        """Whether the calendar is of the region of that name, whatever the case."""
        wanted = region.strip().casefold()
        return wanted in {self.id, self.region, *(name.casefold() for name in self.names)}

    def of_crop(self, crop: str, form: str | None = None) -> tuple[CropCalendar, ...]:
        """Calendars of a crop of the legend: of the form, or of every form where none is told."""
        return tuple(row for row in self.crops if row.crop == crop and form in {None, row.form})

    def expected(self, season: Season, crop: str, form: str | None = None) -> CropWindows | None:
        """When a crop is expected in a season; None without a calendar, or where its peak lies outside the season.

        Of a crop with several forms, where none is told, each window spans those of all: nobody is late then who is in
        time by one of them.
        """
        found = [on_days(row.windows, season) for row in self.of_crop(crop, form)]
        return CropWindows.spanning([windows for windows in found if windows is not None])


def calendar_ids(folder: Path | None = None) -> tuple[str, ...]:
    """Ids of the calendars that can be loaded, sorted: the shipped ones, and those of a bank's own folder."""
    return tuple(sorted(_places(folder)))


def load_calendars(folder: Path | None = None) -> tuple[RegionCalendar, ...]:
    """Every calendar, by id; a bank's own folder wins over the shipped ones. Errors as load_calendar's."""
    return tuple(load_calendar(name, folder=folder) for name in calendar_ids(folder))


def load_calendar(calendar_id: str, *, folder: Path | None = None) -> RegionCalendar:
    """The calendar of an id.

    Args:
        calendar_id: "de-bavaria"; the file is named after it.
        folder: a bank's own calendars, one `ID.toml` each.

    Raises:
        InputError: no such calendar or folder, or the file does not fit (names the file and the key).
    """
    places = _places(folder)
    if calendar_id not in places:
        known = ", ".join(sorted(places))
        raise InputError("CALENDAR_UNKNOWN", f"There is no crop calendar {calendar_id!r}.", f"Choose one of: {known}.")
    place = places[calendar_id]
    calendar = parse_calendar(place.read_text(encoding="utf-8"), place.name)
    if calendar.id != calendar_id:
        raise InputError(
            "CALENDAR_ID", f"{place.name} holds the calendar {calendar.id!r}.", "Name the file after its id."
        )
    return calendar


def parse_calendar(text: str, name: str) -> RegionCalendar:
    """Calendar from TOML text; InputError names the file and the key that is unknown, missing or wrong."""
    try:
        return RegionCalendar.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InputError("CALENDAR_TOML", f"{name} is not valid TOML: {error}.") from error
    except ValidationError as error:
        first, *others = error.errors(include_url=False)
        more = f" (and {len(others)} more)" if others else ""
        said = f"{name}: {sentence(first)}{more}."
        raise InputError("CALENDAR_KEY", said, "docs/growth.md says what each key holds.") from error


def calendar_of(calendars: Iterable[RegionCalendar], region: str, day: date) -> RegionCalendar | None:
    """The calendar that covers a region and holds on a day; the one in force latest where several do."""
    held = [calendar for calendar in calendars if calendar.covers(region) and calendar.holds(day)]
    return max(held, key=lambda calendar: calendar.valid_from or date.min, default=None)


def _latest(day: str, until: date) -> date:
    """The last day of that month-day up to a day; 29 February is the 28th where there is none."""
    month, number = int(day[:2]), int(day[3:])
    for year in (until.year, until.year - 1):
        first = date(year, month, 1)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        found = first.replace(day=min(number, last.day))
        if found <= until:
            return found
    raise AssertionError(day)


def _places(folder: Path | None) -> Mapping[str, _Place]:
    shipped = resources.files("scoring").joinpath("growth/calendars/data")
    places: dict[str, _Place] = {_id(place): place for place in shipped.iterdir() if place.name.endswith(".toml")}
    if folder is not None:
        if not folder.is_dir():
            raise InputError("CALENDAR_FOLDER", f"The folder of crop calendars {folder} does not exist.")
        places |= {_id(place): place for place in sorted(folder.glob("*.toml"))}
    return places


def _id(place: _Place) -> str:
    return place.name.removesuffix(".toml")
