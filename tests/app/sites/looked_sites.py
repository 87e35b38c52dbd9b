"""What was seen of made-up sites, written down by hand: as if scenes had been read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy import Engine, select, true

from app.book.drawn.registering import Giver
from app.db import tables as t
from app.db.engine import writing
from app.jobs.progress import Silent
from app.jobs.sitewatch.asking import SiteWatchRequest
from app.jobs.sitewatch.files import SitesLooked
from app.jobs.sitewatch.judging import SitesJudged, judge_sites
from app.jobs.sitewatch.recording import Recorded, record_sites
from app.sites.plans import planned_sites
from app.sites.registering import take_plans
from geo.files import fingerprint
from geo.runrecord import Failure, RunRecord
from scoring.alerts.rules import load_rules
from scoring.sites.plan import SitePlan
from tests.app.sites.made_up_sites import MadeUpSite

NONE_SEEN = Failure("", "SITES_NO_SCENES", "No scene of the time that counts touches the site.")


def plan_sites(engine: Engine, at: datetime, *plans: SitePlan, by: str = "ada", unit: str = "001") -> None:
    """Take plans into the book."""
    with writing(engine) as connection:
        user = connection.scalars(select(t.User.id).where(t.User.login == by)).one()
        take_plans(connection, plans, Giver.of(connection, user, unit), "ab" * 32, at)


def looked(sites: Sequence[MadeUpSite], as_of: date, folder: Path, *, salt: str = "") -> SitesLooked:
    """What a run as of a day saw of sites; one that stands unseen is a failure.

    salt: of the run's id, which is that of sites, days and looks.
    """
    parts = [site.looks(as_of) for site in sites]
    looks = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    failures = {
        site.name: Failure(site.name, NONE_SEEN.code, NONE_SEEN.message)
        for site, part in zip(sites, parts, strict=True)
        if part.empty
    }
    record = RunRecord(
        run_id=fingerprint([site.name for site in sites], as_of, len(looks), salt)[:16],
        created_at=at(as_of, 8),
        code_version="0.1.0",
        parameters={"kind": "sites", "as_of": as_of.isoformat()},
        inputs={"plans": "ab" * 32},
        scenes=tuple(scene for site in sites for scene in site.scenes(as_of)),
        model_hash="cd" * 32,
        failures=tuple(failures.values()),
        simulated=any(site.simulated for site in sites),
    )
    built = gpd.GeoDataFrame(pd.concat([site.built(as_of) for site in sites], ignore_index=True), crs=4326)
    return SitesLooked(folder, record, looks, looks, _places(sites), built, failures)


def _places(sites: Sequence[MadeUpSite]) -> pd.DataFrame:
    rows = [
        (site.name, place, site.days[0], 0.9, None)
        for site in sites
        if site.days
        for place in range(len(site.plan.ground.points))
    ]
    return pd.DataFrame(rows, columns=["site_id", "place", "date", "pad", "tower"])


def asking(runs: Path, as_of: date, **more: Any) -> SiteWatchRequest:
    """A request whose catalogue nobody opens."""
    return SiteWatchRequest(catalog="nowhere", runs=runs, as_of=as_of, **more)


def judged(
    engine: Engine, sites: Sequence[MadeUpSite], request: SiteWatchRequest, now: datetime, *, salt: str = ""
) -> SitesJudged:
    """Sites of the book, judged from what was seen of them."""
    names = {site.name for site in sites}
    with engine.connect() as connection:
        planned = [site for site in planned_sites(connection, now, true()) if site.plan.site_id in names]
        seen = looked(sites, request.as_of, request.runs, salt=salt)
        return judge_sites(connection, request, load_rules("sites-1"), planned, seen, Silent(), now)


def watched(
    engine: Engine, sites: Sequence[MadeUpSite], as_of: date, runs: Path, *, salt: str = "", **more: Any
) -> tuple[SitesJudged, Recorded]:
    """Sites judged as of a day and taken into the database on that day."""
    told = judged(engine, sites, asking(runs, as_of, **more), at(as_of, 20), salt=salt)
    return told, record_sites(engine, told, at(as_of, 20))


def at(day: date, hour: int) -> datetime:
    """An hour of a day, UTC."""
    return datetime.combine(day, time(hour), UTC)


def ago(day: date, days: int) -> date:
    """Day so many days before."""
    return day - timedelta(days=days)
