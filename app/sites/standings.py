"""Standings of sites in the database: what a watch said of each, and what earlier watches had said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, RowMapping, insert, select

from app.db.listed import listed
from app.db.tables import SitePlanVersion, SiteStanding, Watch
from app.db.tables.site_kinds import SiteStandingKind
from app.sites.plans import PlannedSite
from scoring.alerts.levels import Level
from scoring.sites.following import LandSaid
from scoring.sites.judging import Before, Judged
from scoring.sites.milestones import Reached
from scoring.sites.plan import Milestone, MilestoneKind, SitePlan

#: How a site stands by the level of its alert of delay. Information asks nobody to do anything.
_STANDINGS: Final[Mapping[Level, SiteStandingKind]] = {
    Level.NONE: SiteStandingKind.ON_TRACK,
    Level.INFO: SiteStandingKind.ON_TRACK,
    Level.WATCH: SiteStandingKind.WATCH,
    Level.WARNING: SiteStandingKind.WARNING,
    Level.ACTION: SiteStandingKind.ACTION,
}
_SHARES: Final = ("planned", "low", "share", "high")


def standing_of(judged: Judged) -> SiteStandingKind:
    """How a site stands against its plan."""
    return SiteStandingKind.UNSEEN if judged.seen_on is None else _STANDINGS[judged.level]


def standing_row(watch_id: str, as_of: date, site: PlannedSite, judged: Judged, **beside: Any) -> dict[str, Any]:
    """Columns of SiteStanding.

    Args:
        watch_id: the watch.
        as_of: its day.
        site: the site.
        judged: what was said of it.
        beside: more for its detail, as JSON can carry it.
    """
    return {
        "watch_id": watch_id,
        "parcel_id": site.plan.site_id,
        "as_of": as_of,
        "plan_id": site.plan_id,
        "seen_on": judged.seen_on,
        **{name: getattr(judged, name) for name in _SHARES},
        "standing": standing_of(judged),
        "milestones": {str(kind): _days(judged.milestones.get(kind)) for kind in MilestoneKind},
        "detail": {**judged.detail, **beside},
    }


def record_standings(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write what a watch said of sites; the watch is in the database."""
    if rows:
        connection.execute(insert(SiteStanding), [dict(row) for row in rows])


def before_of(
    connection: Connection, sites: Sequence[PlannedSite], wholes: Mapping[str, Any], as_of: date
) -> dict[str, Before]:
    """What watches up to a day reported of sites, by site.

    A share, and a milestone, counts only where it was measured against the same whole: of a larger plan less is built.

    Args:
        connection: reads.
        sites: the sites.
        wholes: what shares of each site are of, as its standing would hold it (`detail["whole"]`); None: of nothing.
        as_of: the day.
    """
    names = [site.plan.site_id for site in sites]
    columns = (SiteStanding.parcel_id, SiteStanding.as_of, SiteStanding.share, SiteStanding.milestones)
    wanted = (
        select(*columns, SiteStanding.detail)
        .join(Watch, Watch.id == SiteStanding.watch_id)
        .where(SiteStanding.parcel_id.in_(listed(connection, names)), SiteStanding.as_of <= as_of)
        .order_by(SiteStanding.as_of, Watch.recorded_at, Watch.id)
    )
    rows: dict[str, list[RowMapping]] = defaultdict(list)
    for row in connection.execute(wanted).mappings():
        rows[row["parcel_id"]].append(row)
    return {name: _before(rows[name], wholes.get(name)) for name in names}


def _before(rows: Sequence[RowMapping], whole: Any) -> Before:
    alike = [row for row in rows if whole is not None and row["detail"].get("whole") == whole]
    shares = [row["share"] for row in alike if row["share"] is not None]
    reached: dict[MilestoneKind, Reached] = {}
    for row in alike:
        for kind, days in row["milestones"].items():
            if days is not None:
                reached.setdefault(MilestoneKind(kind), _reached(days))
    land = {row["as_of"]: row["detail"]["land"] for row in rows if row["detail"].get("land")}
    return Before(max(shares, default=None), reached, tuple(_said(land[day]) for day in sorted(land)))


def plans_by_day(
    connection: Connection, sites: Sequence[PlannedSite], at: datetime
) -> dict[str, tuple[tuple[date, SitePlan], ...]]:
    """Plans of sites with the day (UTC) from which each held, by site, oldest first, as known at an instant.

    Only milestones and S-curve are those of the time: what is measured, and where, is what is planned now.
    """
    plans = {site.plan.site_id: site.plan for site in sites}
    version = SitePlanVersion
    wanted = (
        select(version.parcel_id, version.milestones, version.curve, version.recorded_at)
        .where(version.parcel_id.in_(listed(connection, sorted(plans))), version.recorded_at <= at)
        .order_by(version.id)
    )
    found: dict[str, list[tuple[date, SitePlan]]] = defaultdict(list)
    for row in connection.execute(wanted):
        found[row.parcel_id].append((row.recorded_at.date(), _then(plans[row.parcel_id], row.milestones, row.curve)))
    return {name: tuple(found[name]) for name in plans}


def _then(plan: SitePlan, milestones: Sequence[Mapping[str, Any]], curve: Sequence[Sequence[Any]]) -> SitePlan:
    due = (Milestone(MilestoneKind(one["kind"]), date.fromisoformat(one["due"]), one["draws"]) for one in milestones)
    points = tuple((date.fromisoformat(day), share) for day, share in curve)
    return replace(plan, milestones=tuple(due), curve=points)


def _days(reached: Reached | None) -> list[str | None] | None:
    if reached is None or np.isnat(reached.by):
        return None
    return [None if np.isnat(day) else str(day) for day in (reached.after, reached.by)]


def _reached(days: Sequence[str | None]) -> Reached:
    after, by = (np.datetime64("NaT" if day is None else day, "D") for day in days)
    return Reached(after, by)


def land_json(land: LandSaid) -> dict[str, Any]:
    """What land rules said, as the detail of a standing keeps it ("land") for the watches that come after."""
    said: dict[str, Any] = asdict(land)
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in said.items()}


def _said(land: Mapping[str, Any]) -> LandSaid:
    days = {name: land[name] and date.fromisoformat(land[name]) for name in ("day", "season_end")}
    return LandSaid(**{**land, **days})
