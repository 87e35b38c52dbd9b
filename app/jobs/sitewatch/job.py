"""Sites watched as of a day: looks, standings, alerts, and the database last. No loan or limit is touched."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from difflib import get_close_matches
from typing import Final

from sqlalchemy import Engine, true

from app.db.engine import reading
from app.jobs.lock import sole_user
from app.jobs.progress import Reporter
from app.jobs.sitewatch.asking import SiteWatchRequest, check_sites_request
from app.jobs.sitewatch.judging import SitesJudged, judge_sites
from app.jobs.sitewatch.landuse import open_crop_map
from app.jobs.sitewatch.looking import look_at_sites
from app.jobs.sitewatch.recording import Recorded, record_sites
from app.jobs.sitewatch.summary import SiteWatchSummary, StoppedLine, summary_of
from app.sites.plans import PlannedSite, planned_sites
from app.sites.stopping import open_alerts
from app.sites.stops import stop_facts, stopped_sites
from geo.errors import InputError
from scoring.alerts.rules import AlertRules, load_rules, require_in_force

_NEAR: Final = 3


def watch_sites(
    request: SiteWatchRequest, database: Engine, report: Reporter, clock: Callable[[], datetime]
) -> SiteWatchSummary:
    """Watch the sites of the book; the same request again does nothing.

    Killed at any moment, the same request goes on: what was read and measured is kept, a run counts once its manifest
    is written, and watch, alerts and standings are written in one transaction at the end. A watch of a day before one
    on record, over the same sites, is compared with the record and changes no alert and no standing.

    Args:
        request: what was asked.
        database: the institution's database, at the newest revision.
        report: told of progress.
        clock: the clock.

    Raises:
        InputError: the day or the rules cannot be used, no such site is watched, or the catalogue cannot be read.
        DataError: a file of a run is damaged, or the database refuses.
    """
    started = time.monotonic()
    rules = _rules(request, clock())
    sites = _sites(database, request, clock())
    with sole_user(request.runs):
        told = _tell(request, database, rules, sites, report, clock)
        if request.dry_run:
            recorded = Recorded("dry run")
        else:
            report.begin("Database", 1)
            recorded = record_sites(database, told, clock())
            report.end("Database", _said(recorded))
    summary = summary_of(
        told, recorded.done, recorded.new, recorded.lines, recorded.replay, time.monotonic() - started
    )  # fmt: skip
    return replace(summary, stopped=_halted(database))


def _rules(request: SiteWatchRequest, now: datetime) -> AlertRules:
    check_sites_request(request, now)
    rules = load_rules(request.rules, request.rules_dir)
    require_in_force(rules, request.as_of)
    if request.land_use is not None:
        open_crop_map(request.land_use)  # a map that is not there is told before hours of reading scenes
    return rules


def _sites(database: Engine, request: SiteWatchRequest, now: datetime) -> list[PlannedSite]:
    """The sites that are asked for, by id.

    Raises:
        InputError: no site is watched, or one that is named is not: there is none, or it was stopped.
    """
    with reading(database) as connection:
        found, stops = planned_sites(connection, now, true()), stopped_sites(connection)
    known = {site.plan.site_id for site in found}
    halted = next((stops[name] for name in request.sites if name in stops), None)
    if halted is not None:
        said = f"Site {halted.site_id!r} is not watched: stopped {stop_facts(halted).rstrip('.')}."
        raise InputError("SITE_STOPPED", said, f"`acreline sites resume {halted.site_id}` has it watched again.")
    if not found:
        remedy = "Take plans in with `acreline sites import`."
        more = f" {len(stops):,} stopped: `acreline sites list --stopped`." if stops else ""
        raise InputError("SITES_NONE", "No site is watched.", f"{remedy}{more}")
    strange = next((name for name in request.sites if name not in known), None)
    if strange is not None:
        near = get_close_matches(strange, known, n=_NEAR, cutoff=0.5)
        remedy = f"Near it: {', '.join(near)}." if near else "`acreline sites list` shows all."
        raise InputError("SITE_UNKNOWN", f"No site {strange!r} is watched.", remedy)
    return [site for site in found if not request.sites or site.plan.site_id in request.sites]


def _halted(database: Engine) -> tuple[StoppedLine, ...]:
    """Sites that were stopped while alerts of them were open."""
    with reading(database) as connection:
        stops = stopped_sites(connection)
        alerts = open_alerts(connection, sorted(stops))
    return tuple(StoppedLine(name, stops[name].stopped_at.date(), numbers) for name, numbers in alerts.items())


def _tell(
    request: SiteWatchRequest,
    database: Engine,
    rules: AlertRules,
    sites: Sequence[PlannedSite],
    report: Reporter,
    clock: Callable[[], datetime],
) -> SitesJudged:
    looked = look_at_sites(request, sites, report, clock)
    with reading(database) as connection:
        return judge_sites(connection, request, rules, sites, looked, report, clock())


def _said(recorded: Recorded) -> str:
    if recorded.done == "stands":
        return "on record already"
    if recorded.replay is not None:
        return f"a later watch is on record, of {recorded.replay.later_day}: compared, no alert and no standing written"
    return f"{sum((recorded.new or {}).values()):,} new lines of history"
