"""What a book grows and where no crop calendar says when: told before a run, so that nothing is left out silently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from geo.errors import DataError
from geo.season import Season
from scoring.growth.calendars.regional import WITHOUT_CALENDAR, RegionCalendar, calendar_of

_NEEDED: Final = ("region", "crop", "area_ha")


@dataclass(frozen=True, slots=True)
class CalendarGap:
    """Parcels of a book that no calendar speaks of.

    Attributes:
        region: as the book names it; "" where it names none.
        crop: legend key; "" where no crop is declared.
        why: "no region", "no crop declared", "no calendar of the region", "no calendar of the crop" or
            "not in this season".
        parcels: how many.
        area_ha: their area.
    """

    region: str
    crop: str
    why: str
    parcels: int
    area_ha: float


def calendar_gaps(book: pd.DataFrame, calendars: Sequence[RegionCalendar], season: Season) -> tuple[CalendarGap, ...]:
    """Crops and regions of a book without a calendar in a season, the largest area first.

    Args:
        book: one row per parcel: region and crop (text, may be empty), area_ha.
        calendars: what is known.
        season: the season that is to be watched.

    Raises:
        DataError: a column is missing.
    """
    missing = [name for name in _NEEDED if name not in book.columns]
    if missing:
        raise DataError("CALENDAR_BOOK", f"The book lacks the column {missing[0]!r}.", "Give region, crop and area_ha.")
    known = book.assign(region=book.region.fillna(""), crop=book.crop.fillna(""))
    found = []
    for (region, crop), rows in known.groupby(["region", "crop"], sort=True):
        why = _why(str(region), str(crop), calendars, season)
        if why is not None:
            found.append(CalendarGap(str(region), str(crop), why, len(rows), float(rows.area_ha.sum())))
    return tuple(sorted(found, key=lambda gap: -gap.area_ha))


def _why(region: str, crop: str, calendars: Sequence[RegionCalendar], season: Season) -> str | None:
    if not region:
        return "no region"
    if not crop:
        return "no crop declared"
    if crop in WITHOUT_CALENDAR:
        return None
    calendar = calendar_of(calendars, region, season.end)
    if calendar is None:
        return "no calendar of the region"
    if not calendar.of_crop(crop):
        return "no calendar of the crop"
    return None if calendar.expected(season, crop) else "not in this season"
