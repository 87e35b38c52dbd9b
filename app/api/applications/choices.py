"""What an application can be for: policies with their products, seasons, and crops with their days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import select

from app.api.applications import schemas as say
from app.api.applications.desk import Desk
from app.db.season_runs import of_crops
from app.db.tables import Run
from geo.legend import load_legend
from geo.season import Season, parse_season
from scoring.growth.calendars.regional import RegionCalendar, load_calendars
from scoring.growth.calendars.windows import CropWindows
from scoring.policy import Pack, policy_ids

_NO_CROPS: Final = frozenset({"fallow", "forest", "built", "water"})
_YEAR: Final = timedelta(days=365)


def named(text: Any) -> say.Named:
    """A pack's or legend's text."""
    return say.Named(en=text.en, zh=text.zh)


def policy_choice(pack: Pack) -> say.PolicyChoice:
    """A pack as a form offers it."""
    return say.PolicyChoice(
        id=pack.id,
        version=pack.version,
        title=named(pack.title),
        product=pack.rules.formula,
        currency=pack.currency.code,
        example=pack.approval.state == "example",
    )


def choices(desk: Desk, season_id: str | None) -> say.Choices:
    """What a form may offer; crops with the days of a season, where one is named."""
    packs = [desk.pack(name) for name in policy_ids(desk.folders.packs)]
    held = [pack for pack in packs if pack.in_force(desk.today(pack))]
    day = desk.today(held[0]) if held else desk.now.date()
    season = None if season_id is None else parse_season(season_id)
    countries = {pack.country for pack in held}
    calendars = [calendar for calendar in load_calendars() if calendar.country in countries]
    return say.Choices(
        day=day,
        policies=[policy_choice(pack) for pack in held],
        seasons=_seasons(desk, day),
        crops=[_crop(crop, season, calendars) for crop in load_legend() if crop.key not in _NO_CROPS],
    )


def _seasons(desk: Desk, day: date) -> list[str]:
    """Seasons of runs that are not over on a day, and of each run the one after it, newest first."""
    rows = desk.connection.execute(select(Run.season_start, Run.season_end).where(of_crops()).distinct())
    found: set[Season] = set()
    for start, end in rows:
        season = Season(start, end)
        while season.end < day:
            season = _later(season)
        found |= {season, _later(season)}
    return [season.id for season in sorted(found)]


def _later(season: Season) -> Season:
    return Season(_next_year(season.start), _next_year(season.end))


def _next_year(day: date) -> date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day + _YEAR


def _crop(crop: Any, season: Season | None, calendars: Sequence[RegionCalendar]) -> say.CropChoice:
    found = [] if season is None else [calendar.expected(season, crop.key) for calendar in calendars]
    days = CropWindows.spanning([windows for windows in found if windows is not None])
    return say.CropChoice(
        key=crop.key,
        name=named(crop),
        sowing_from=None if days is None else days.sowing_from,
        sowing_to=None if days is None else days.sowing_to,
        harvest_from=None if days is None else days.harvest_from,
        harvest_to=None if days is None else days.harvest_to,
    )
