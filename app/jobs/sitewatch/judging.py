"""Sites judged as of a day: what their looks, plans, land and earlier watches come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any, Final

import pyarrow as pa
from sqlalchemy import Connection

from app.jobs.progress import Reporter
from app.jobs.sitewatch.asking import SiteWatchRequest
from app.jobs.sitewatch.files import SitesLooked
from app.jobs.sitewatch.landuse import open_crop_map
from app.sites.landrules import footprints_of
from app.sites.plans import PlannedSite
from app.sites.standings import before_of, land_json, plans_by_day
from geo.files import fingerprint
from geo.runrecord import Failure
from scoring.alerts.rules import AlertRules
from scoring.alerts.transitions import TRANSITIONS
from scoring.sites.delay import BEHIND_PLAN
from scoring.sites.detail import whole_json
from scoring.sites.following import Followed, LandSaid
from scoring.sites.judging import Before, Judged, judge
from scoring.sites.operation import SiteCause, land_findings
from scoring.sites.share_built import whole_of

#: Raised where the same looks, plans and rules would give other standings or alerts.
_VERSION: Final = 1
_ID_DIGITS: Final = 16
_HECTARE_M2: Final = 10_000.0
_INSTANT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class JudgedSite:
    """A site and what is said of it.

    Attributes:
        site: as it is planned.
        judged: what its looks say.
        land: what land rules say of the ground under it.
        failure: why no share can be stated; None: there is one.
    """

    site: PlannedSite
    judged: Judged
    land: LandSaid
    failure: Failure | None

    def beside(self) -> dict[str, Any]:
        """What its standing's detail holds beside what was judged."""
        why = None if self.failure is None else {"code": self.failure.code, "message": self.failure.message}
        return {"land": land_json(self.land), "failure": why}


@dataclass(frozen=True, slots=True)
class SitesJudged:
    """What a watch says of sites.

    Attributes:
        request: what was asked.
        rules: alert rules.
        looked: what was seen.
        sites: by id.
        inputs_hash: of all that was judged beside the run and the rules.
        watch_id: day and hash of all that the watch rests on: 20260630-9c0f3a5be1d27a44.
    """

    request: SiteWatchRequest
    rules: AlertRules
    looked: SitesLooked
    sites: Sequence[JudgedSite]
    inputs_hash: str
    watch_id: str

    @property
    def changes(self) -> pa.Table:
        """Changes of all alerts, of TRANSITIONS, by site."""
        return pa.concat_tables([TRANSITIONS.empty_table(), *(one.judged.changes for one in self.sites)])

    @property
    def causes(self) -> frozenset[str]:
        """Causes that were looked for."""
        return frozenset(self.rules.causes) & {BEHIND_PLAN, *map(str, SiteCause)}


def judge_sites(
    connection: Connection,
    request: SiteWatchRequest,
    rules: AlertRules,
    sites: Sequence[PlannedSite],
    looked: SitesLooked,
    report: Reporter,
    now: datetime,
) -> SitesJudged:
    """Judge sites as of the day that was asked for.

    Plans are those of now, with the S-curve that held on each day; red lines count where the bank knew them by the end
    of the day.

    Args:
        connection: reads one state of the book.
        request: what was asked.
        rules: alert rules.
        sites: sites by id.
        looked: what was seen of them.
        report: told of progress.
        now: the present instant.

    Raises:
        InputError: the crop map cannot be used, or the rules are not in force.
        DataError: looks are out of order, or have no error above 0.
    """
    report.begin("Judge", len(sites))
    lands = _lands(connection, request, sites, looked, min(now, request.known_by_end_of - _INSTANT))
    plans = plans_by_day(connection, sites, now)
    wholes = {site.plan.site_id: whole_json(whole_of(site.plan, _area_m2(site))) for site in sites}
    before = before_of(connection, sites, wholes, request.as_of)
    found = []
    for site in sites:
        name = site.plan.site_id
        followed = Followed(site.plan, plans[name], _area_m2(site), rules)
        judged = judge(
            followed, looked.known, looked.places, request.as_of, land=lands[name], before=before[name]
        )  # fmt: skip
        found.append(JudgedSite(site, judged, lands[name], _failure(name, judged, looked.failures)))
        report.advance("Judge")
    seen = sum(one.judged.seen_on is not None for one in found)
    report.end("Judge", f"{seen:,} of {len(found):,} sites seen")
    inputs = _inputs_hash(request, sites, plans, lands, before)
    named = fingerprint(_VERSION, version("acreline"), looked.record.run_id, rules.content_hash, inputs)
    return SitesJudged(request, rules, looked, found, inputs, f"{request.as_of:%Y%m%d}-{named[:_ID_DIGITS]}")


def _lands(
    connection: Connection,
    request: SiteWatchRequest,
    sites: Sequence[PlannedSite],
    looked: SitesLooked,
    at: datetime,
) -> dict[str, LandSaid]:
    """What land rules say as of the day, by site."""
    use = None if request.land_use is None else open_crop_map(request.land_use)
    footprints = footprints_of(connection, sites, looked.footprints, at, use)
    return {
        site.plan.site_id: LandSaid.of(land_findings([footprint], request.protect, request.as_of))
        for site, footprint in zip(sites, footprints, strict=True)
    }


def _failure(site_id: str, judged: Judged, failures: Mapping[str, Failure]) -> Failure | None:
    if judged.lacks:
        said = f"The plan of site {site_id!r} has no {judged.lacks}: what is seen of it is a share of nothing known."
        return Failure(site_id, "SITES_BUILT_UNKNOWN", said)
    return failures.get(site_id) if judged.seen_on is None else None


def _inputs_hash(
    request: SiteWatchRequest,
    sites: Sequence[PlannedSite],
    plans: Mapping[str, Any],
    lands: Mapping[str, LandSaid],
    before: Mapping[str, Before],
) -> str:
    """Hash of plans, land rules of the day, and what watches of earlier days said of the land."""
    said = [
        (
            site.plan_id,
            site.geometry_version,
            [(day, plan.milestones, plan.curve) for day, plan in plans[site.plan.site_id]],
            land_json(lands[site.plan.site_id]),
            [land_json(one) for one in before[site.plan.site_id].land if one.day < request.as_of],
        )
        for site in sites
    ]
    return fingerprint(said)


def _area_m2(site: PlannedSite) -> float:
    return site.area_ha * _HECTARE_M2
