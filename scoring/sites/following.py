"""A site followed from look to look: what was reported on each, and the findings that its alerts are folded from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np
import pyarrow as pa

from geo.sites import SITES_SEASON, SiteMeasure, SiteType
from scoring.alerts.findings import NEVER, Findings
from scoring.alerts.following import Block, follow
from scoring.alerts.rules import AlertRules
from scoring.alerts.transitions import TRANSITIONS
from scoring.sites.delay import BEHIND_PLAN, Standing, delay_findings
from scoring.sites.known import Known
from scoring.sites.operation import MEASURES, SiteAreas, SiteCause, operation_findings
from scoring.sites.plan import SitePlan
from scoring.sites.progress import Days, Floats, Progress, reported
from scoring.sites.share_built import RESTS_ON, Whole, progress_known

#: Causes that are asked of each type.
CAUSES: Final[Mapping[SiteType, tuple[SiteCause, ...]]] = {
    SiteType.SOLAR: tuple(MEASURES),
    SiteType.WIND: (SiteCause.FIRE, SiteCause.BUILT_NEAR),
    SiteType.HYDRO: (SiteCause.FIRE, SiteCause.BUILT_NEAR),
    SiteType.RESERVOIR: (SiteCause.FIRE, SiteCause.BUILT_NEAR),
}


@dataclass(frozen=True, slots=True)
class Report:
    """What could be reported of a site as of a day.

    Attributes:
        day: as of which something new was known.
        progress: on the day of the latest look, (1,) each; never below an earlier report.
    """

    day: date
    progress: Progress

    @property
    def seen_on(self) -> date:
        """Day of the look."""
        seen: date = self.progress.seen_on[0].item()
        return seen


@dataclass(frozen=True, slots=True)
class Followed:
    """What a site is followed by.

    Attributes:
        plan: as of now.
        plans: (first day, plan) by day: each judges the days from its own on, the first also those before.
        area_m2: of the permitted border.
        rules: alert rules; a cause that they do not name is not looked for.
    """

    plan: SitePlan
    plans: Sequence[tuple[date, SitePlan]]
    area_m2: float
    rules: AlertRules

    def plan_of(self, day: date) -> SitePlan:
        """The plan that held on a day."""
        held = [plan for first, plan in self.plans if first <= day]
        return held[-1] if held else self.plans[0][1] if self.plans else self.plan


def reports_of(kind: SiteType, whole: Whole, known: Mapping[SiteMeasure, Known], as_of: date) -> tuple[Report, ...]:
    """Reports by day on which something new was known, up to a day."""
    told = np.unique(np.concatenate([known[measure].told_on for measure in RESTS_ON[kind]]))
    found: list[Report] = []
    floor = np.array([np.nan])
    for day in told[told <= np.datetime64(as_of, "D")].tolist():
        progress = progress_known(kind, whole, known, day)
        if progress is not None:
            kept = reported(progress, floor)
            floor = kept.share
            found.append(Report(day, kept))
    return tuple(found)


def delay_changes(site: Followed, reports: Sequence[Report], until: date) -> pa.Table:
    """Changes of the alert of delay, of TRANSITIONS; its evidence are the shares that were reported."""
    if BEHIND_PLAN not in site.rules.causes:
        return TRANSITIONS.empty_table()
    days = np.unique(np.array([report.seen_on for report in reports], dtype="datetime64[D]"))
    told = np.full((1, len(days)), np.nan)
    for report in reports:
        told[0, days == np.datetime64(report.seen_on, "D")] = report.progress.share[0]
    return follow(_delays(site, reports, days), _block(site, days, told), site.rules, until=until)


def _delays(site: Followed, reports: Sequence[Report], days: Days) -> Iterator[Findings]:
    before: date | None = None
    for report in reports:
        found = delay_findings([Standing(site.plan_of(report.day), report.progress, before)], report.day)
        if found.judged[0]:
            before = report.seen_on
        yield replace(found, evidence=found.judged[:, None] & (found.look_day[:, None] == days[None]))


def operation_changes(site: Followed, known: Mapping[SiteMeasure, Known], built_m2: float, until: date) -> pa.Table:
    """Changes of the alerts that a site is over its bounds, of TRANSITIONS.

    Args:
        site: the site.
        known: looks by measure.
        built_m2: ground under rows of panels: where canopy is looked for. Everything else is looked for on the area of
            the border.
        until: as of which day.
    """
    wanted = [cause for cause in CAUSES[site.plan.kind] if cause in site.rules.causes]
    parts = [
        _operation(site, cause, known[MEASURES[cause]], built_m2 if cause is SiteCause.CANOPY else site.area_m2, until)
        for cause in wanted
    ]
    return pa.concat_tables([TRANSITIONS.empty_table(), *parts])


def _operation(site: Followed, cause: SiteCause, known: Known, ground_m2: float, until: date) -> pa.Table:
    told = [day for day in known.told_on.tolist() if day <= until]
    days = np.unique(known.days)
    if not told:
        return TRANSITIONS.empty_table()
    values = _on(days, known.by(until), "amounts")[None]
    return follow(_over(cause, known, days, ground_m2, told), _block(site, days, values), site.rules, until=until)


def _over(cause: SiteCause, known: Known, days: Days, ground_m2: float, told: Sequence[date]) -> Iterator[Findings]:
    before: date | None = None
    for day in told:
        then = known.by(day)
        areas = SiteAreas(days, _on(days, then, "amounts"), _on(days, then, "errors"), ground_m2, before)
        found = operation_findings(cause, [areas], day)
        if found.judged[0]:
            before = found.look_day[0].item()
        yield found


def _on(days: Days, known: Known, name: str) -> Floats:
    """(d,) a column on days; NaN where nothing was known of the day."""
    column = np.full(len(days), np.nan)
    column[np.searchsorted(days, known.days)] = getattr(known, name)
    return column


@dataclass(frozen=True, slots=True)
class LandSaid:
    """What land rules said of a site on the day of a watch: maps and footprints change without a look.

    Attributes:
        day: of the watch.
        judged: whether anything was known of the ground.
        raised: whether a rule is broken.
        severity: 0..1.
        share: of the footprint that is protected; None: not known.
        most: share that is let pass; None: not judged.
        why: "red_line", "prior_use" or "".
        season_end: last day of the season that prior use was taken from, or day of the red lines; None: not judged.
    """

    day: date
    judged: bool
    raised: bool
    severity: float
    share: float | None
    most: float | None
    why: str
    season_end: date | None

    @classmethod
    def of(cls, found: Findings) -> LandSaid:
        """From the findings of one site (scoring.sites.operation.land_findings)."""
        judged = bool(found.judged[0])
        severity, share, most = (float(part[0]) for part in (found.severity, found.value, found.expected_high))
        return cls(
            found.day,
            judged=judged,
            raised=bool(found.raised[0]),
            severity=severity if judged else 0.0,
            share=share if judged else None,
            most=most if judged else None,
            why=str(found.why[0]),
            season_end=found.look_day[0].item() if judged else None,
        )

    def finding(self, rule: str) -> Findings:
        """As a finding of one site again."""
        unknown = np.array([np.nan])
        return Findings(
            cause=str(SiteCause.LAND_RULE),
            day=self.day,
            judged=np.array([self.judged]),
            raised=np.array([self.raised]),
            severity=np.array([self.severity if self.judged else np.nan]),
            confidence=unknown,
            fallen=unknown,
            event_from=np.array([NEVER]),
            event_on=np.array([self.season_end if self.raised else None], dtype=NEVER.dtype),
            look_day=np.array([self.season_end], dtype=NEVER.dtype),
            value=np.array([np.nan if self.share is None else self.share]),
            expected_low=unknown,
            expected_high=np.array([np.nan if self.most is None else self.most]),
            why=np.array([self.why]),
            evidence=None,
            rule=rule,
        )


def land_changes(site: Followed, said: Sequence[LandSaid], rule: str, until: date) -> pa.Table:
    """Changes of the alert of land rules, of TRANSITIONS, from what watches said of the ground, by day."""
    if SiteCause.LAND_RULE not in site.rules.causes:
        return TRANSITIONS.empty_table()
    nothing = np.array([], dtype="datetime64[D]")
    found = (one.finding(rule) for one in said)
    return follow(found, _block(site, nothing, np.zeros((1, 0))), site.rules, until=until)


def _block(site: Followed, days: Days, values: Floats) -> Block:
    return Block(np.array([site.plan.site_id]), SITES_SEASON.id, days, values)
