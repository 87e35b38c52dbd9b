"""A bank that finances energy sites: one of each type, watched three times, and some that stand otherwise."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Final

from app.api.access.passwords import Passwords
from app.db.engine import open_engine, sqlite_url, writing
from app.db.migrate import upgrade
from app.jobs.trial.bank import open_bank
from app.jobs.trial.making import TrialClock
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
)


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
    engine.dispose()
    return Bank(root, PASSWORD), {site.site_id: site for site in stood}
