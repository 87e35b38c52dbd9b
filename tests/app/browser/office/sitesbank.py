"""A bank that finances energy sites: one of each type, watched three times, and some that stand otherwise."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine

from app.alerts.reach import units_below
from app.api.access.passwords import Passwords
from app.book.decisions.people import find_user
from app.db.engine import open_engine, sqlite_url, writing
from app.db.migrate import upgrade
from app.jobs.trial.bank import open_bank
from app.jobs.trial.making import TrialClock
from app.maplayers.making import make_outlines
from app.maplayers.parcelset import parcels_within
from app.sites.meters import GivenReading, take_readings
from app.sites.readings import readings_of
from app.sites.stopping import stop_site
from geo.sites import SiteType
from tests.app.browser.office.banks import PASSWORD, Bank
from tests.app.sites.standing_sites import StoodSite, stand_site

_FOLDERS: Final = ("layers", "runs", "book", "files", "photos")
#: Sites of the north branch, and one of the south; degrees, a few kilometres apart.
_SITES: Final[tuple[dict[str, Any], ...]] = (
    {"kind": SiteType.SOLAR, "place": (115.61, 33.37), "standing": "warning"},
    {"kind": SiteType.WIND, "place": (115.68, 33.41), "standing": "action", "late_days": 160},
    {"kind": SiteType.HYDRO, "place": (115.55, 33.42), "standing": "watch", "late_days": 60},
    {"kind": SiteType.RESERVOIR, "place": (115.63, 33.45), "standing": "on_track", "late_days": 0},
    {"kind": SiteType.SOLAR, "site_id": "solar/2", "place": (115.57, 33.34), "standing": "unseen", "watches": 1},
    {"kind": SiteType.SOLAR, "site_id": "solar-3", "place": (115.70, 33.33), "watches": 0, "red_lines": False},
    {"kind": SiteType.SOLAR, "site_id": "solar-south", "place": (115.75, 33.39), "unit": "020"},
    {"kind": SiteType.SOLAR, "site_id": "solar-old", "place": (115.66, 33.30), "watches": 1},
)
_LATER: Final = timedelta(days=1)


def sites_bank(root: Path) -> tuple[Bank, dict[str, StoodSite]]:
    """A bank on disk, and its sites by id."""
    for name in _FOLDERS:
        (root / name).mkdir(parents=True)
    url = sqlite_url(root / "bank.db")
    upgrade(url)
    engine = open_engine(url)
    passwords = Passwords()
    with writing(engine) as connection:
        open_bank(connection, partial(passwords.hash, PASSWORD), TrialClock(engine))
    stood = [stand_site(engine, root / "runs", **{"unit": "010", **said}) for said in _SITES]
    _speak_again(engine, root)
    engine.dispose()
    return Bank(root, PASSWORD), {site.site_id: site for site in stood}


def _speak_again(engine: Engine, root: Path) -> None:
    """A site is stopped, a reading is corrected, and outlines of the parcels are made for the map."""
    with writing(engine) as connection:
        rita, olga = (find_user(connection, login) for login in ("rita", "olga"))
        now = TrialClock(engine)()
        stop_site(connection, "solar-old", rita, now, "the loan was repaid")
        (first, *_) = readings_of(connection, "solar-1")
        said = GivenReading(1, "solar-1", first.starts_on, first.ends_on, 17_900.0, first.source, first.as_of + _LATER)
        take_readings(connection, [said], olga, now)
    with engine.connect() as connection:
        for unit in ("001", "010"):
            make_outlines(connection, parcels_within(connection, units_below(connection, unit)), root / "layers")
