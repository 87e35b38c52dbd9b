"""Share of a site's plan that is built, by type: what is measured against what is planned, as of what was known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import sqrt
from typing import Final

import numpy as np

from geo.sites import SiteMeasure, SiteType
from scoring.sites.capacity import rows_of
from scoring.sites.filling import filled, filling_progress, held
from scoring.sites.known import Known
from scoring.sites.milestones import MilestoneRule, Reached, milestones_of, reached
from scoring.sites.plan import MilestoneKind, SitePlan
from scoring.sites.progress import PANELS_SHARED, Days, Observed, Progress, progress_on
from scoring.sites.wind import Counts, farm_rule, wind_progress

#: What progress rests on.
RESTS_ON: Final[Mapping[SiteType, tuple[SiteMeasure, ...]]] = {
    SiteType.SOLAR: (SiteMeasure.PANELS,),
    SiteType.WIND: (SiteMeasure.PADS, SiteMeasure.TURBINES),
    SiteType.HYDRO: (SiteMeasure.WATER,),
    SiteType.RESERVOIR: (SiteMeasure.WATER,),
}
#: Ground that a small dam and its yard take; half of it bare near the dam's place counts as cleared. A judgement.
DAM_SITE_M2: Final = 6_000.0
#: A farm is told of on the last day that shows both pads and towers, unless one of the two lies further back.
_TOGETHER: Final = np.timedelta64(45, "D")
_HECTARE_M2: Final = 10_000.0


@dataclass(frozen=True, slots=True)
class Whole:
    """What the whole plan comes to, in the unit of what is measured: m2, or turbines.

    Attributes:
        least: at least.
        usual: as it seems.
        most: at most.
        basis: "built_ha" or "points", which the plan states, or "capacity", from which it was reckoned.
    """

    least: float
    usual: float
    most: float
    basis: str


def whole_of(plan: SitePlan, area_m2: float) -> Whole | None:
    """What a plan comes to when all is built; None where it does not say.

    A solar plan without `built_ha` is reckoned from its capacity and the density of rows of its mounting
    (scoring.sites.capacity), within the border. A reservoir without it says nothing: neither border nor capacity tells
    how much will lie under water.

    Args:
        plan: the plan.
        area_m2: area of the permitted border.
    """
    if plan.kind is SiteType.WIND:
        count = float(len(plan.ground.points))
        return Whole(count, count, count, "points") if count else None
    if plan.built_ha is not None:
        ground = plan.built_ha * _HECTARE_M2
        return Whole(ground, ground, ground, "built_ha")
    if plan.kind is not SiteType.SOLAR or plan.capacity_mw is None:
        return None
    thin, dense = rows_of(plan.mounting)
    least, most = (min(plan.capacity_mw / density * _HECTARE_M2, area_m2) for density in (dense, thin))
    return Whole(least, sqrt(least * most), most, "capacity")


def progress_known(kind: SiteType, whole: Whole, known: Mapping[SiteMeasure, Known], day: date) -> Progress | None:
    """Progress on the day of the latest look, from what was known by a day; None where no look was.

    Args:
        kind: of the site.
        whole: what its plan comes to.
        known: looks by measure.
        day: as of which it is asked.

    Returns:
        (1,) each; not yet kept from stating less than an earlier report.
    """
    seen = {measure: known[measure].by(day) for measure in RESTS_ON[kind]}
    last = [looks.days[-1] for looks in seen.values() if len(looks.days)]
    if not last:
        return None
    asked = min(last) if max(last) - min(last) <= _TOGETHER else max(last)
    # What was seen since then bounds that day too, so that it is asked for beside the latest.
    found = _progress(kind, whole, seen, np.unique(np.array([asked, max(last)])))
    return Progress(found.low[:1], found.share[:1], found.high[:1], found.seen_on[:1])


def _progress(kind: SiteType, whole: Whole, seen: Mapping[SiteMeasure, Known], days: Days) -> Progress:
    if kind is SiteType.WIND:
        pads, towers = (_counts(seen[measure]) for measure in (SiteMeasure.PADS, SiteMeasure.TURBINES))
        return wind_progress(pads, towers, round(whole.usual), days)
    looks = seen[RESTS_ON[kind][0]]
    if kind is not SiteType.SOLAR:
        return filling_progress(looks.days, looks.amounts, looks.errors, whole.usual, days)
    usual = progress_on(looks.shares(whole.usual, PANELS_SHARED), days)
    if whole.least == whole.most:
        return usual
    low, high = (progress_on(looks.shares(part, PANELS_SHARED), days) for part in (whole.most, whole.least))
    return Progress(low.low, usual.share, high.high, usual.seen_on)


def _counts(looks: Known) -> Counts:
    return Counts(looks.days, looks.amounts, looks.errors)


def milestones_known(
    plan: SitePlan, whole: Whole, known: Mapping[SiteMeasure, Known], area_m2: float, day: date
) -> Mapping[MilestoneKind, Reached]:
    """Milestones from all looks that were known by a day.

    Cleared is, by type: half of the border bare or built on; half of the pads laid; 3,000 m2 bare near the dam, where
    the plan says where the dam is.
    """
    seen = {measure: known[measure].by(day) for measure in SiteMeasure}
    cleared = _cleared(plan, whole, seen, area_m2)
    if plan.kind is SiteType.SOLAR:
        return milestones_of(seen[SiteMeasure.PANELS].shares(whole.usual, PANELS_SHARED), cleared)
    days = np.unique(np.concatenate([seen[measure].days for measure in RESTS_ON[plan.kind]]))
    found = {} if cleared is None else milestones_of(_nothing(), cleared)
    if not len(days):
        return found
    if plan.kind is SiteType.WIND:
        progress, rule = _progress(plan.kind, whole, seen, days), farm_rule(round(whole.usual))
        return {**found, **reached(days, progress, progress.share >= rule.complete, None, rule)}
    water = seen[SiteMeasure.WATER].shares(whole.usual)
    return {**found, **reached(days, progress_on(held(water), days), filled(water), None, MilestoneRule())}


def _cleared(plan: SitePlan, whole: Whole, seen: Mapping[SiteMeasure, Known], area_m2: float) -> Observed | None:
    if plan.kind is SiteType.WIND:
        return seen[SiteMeasure.PADS].shares(whole.usual)
    if plan.kind is SiteType.SOLAR:
        return seen[SiteMeasure.CLEARED].shares(area_m2)
    return seen[SiteMeasure.CLEARED].shares(DAM_SITE_M2) if plan.ground.points else None


def _nothing() -> Observed:
    return Observed(np.array([], dtype="datetime64[D]"), np.array([]), np.array([]))
