"""Since when a site is complete, and where on and around it something may go wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from scipy import ndimage

from app.jobs.sitewatch.grounds import DISC_M, SitePlace
from app.jobs.sitewatch.operationlooks import OperationGrounds
from app.jobs.sitewatch.stacks import disc
from geo.sites import SiteMeasure, SiteType
from models.sites.looks import Days, Flags, Looks
from scoring.sites.filling import filled
from scoring.sites.milestones import MilestoneRule, milestones_of
from scoring.sites.plan import MilestoneKind, SitePlan
from scoring.sites.progress import Observed
from scoring.sites.wind import Counts, wind_progress

_HECTARE_M2: Final = 1e4
_HALF: Final = 0.5
#: Pixels next to a border that belong to neither side: bands of 20 m mix across it, and fences and roads follow it.
_APART_PX: Final = 3


def completed_on(plan: SitePlan, looks: Mapping[SiteMeasure, Looks]) -> np.datetime64 | None:
    """First day on which a site was seen complete; None while it was not.

    A plan that does not say how much ground is to be covered cannot be seen complete: there the day counts for which
    its completion is planned.

    Args:
        plan: what is planned.
        looks: at the site, in the light of all of them.
    """
    days = _complete_days(plan, looks)
    if days is None:
        due = next((one.due for one in plan.milestones if one.kind is MilestoneKind.COMPLETE), None)
        return None if due is None else np.datetime64(due, "D")
    return days[0] if len(days) else None


def _complete_days(plan: SitePlan, looks: Mapping[SiteMeasure, Looks]) -> Days | None:
    """Days on which it was complete; None where the plan does not say how much is to be built."""
    complete = MilestoneRule().complete
    if plan.kind is SiteType.WIND:
        pads, towers = _counts(looks.get(SiteMeasure.PADS)), _counts(looks.get(SiteMeasure.TURBINES))
        days = np.union1d(pads.days, towers.days)
        planned = len(plan.ground.points)
        return days[wind_progress(pads, towers, planned, days).share >= complete] if len(days) else days
    if plan.built_ha is None:
        return None
    solar = plan.kind is SiteType.SOLAR
    observed = _observed(looks.get(SiteMeasure.PANELS if solar else SiteMeasure.WATER), plan.built_ha * _HECTARE_M2)
    if not len(observed.days):
        return observed.days
    if solar:
        by = milestones_of(observed)[MilestoneKind.COMPLETE].by
        return np.array([by]) if not np.isnat(by) else observed.days[:0]
    return observed.days[filled(observed)]


def _counts(looks: Looks | None) -> Counts:
    if looks is None:
        return Counts(np.array([], dtype="datetime64[D]"), np.zeros(0), np.zeros(0))
    told = np.isfinite(looks.values)
    return Counts(looks.days[told], looks.values[told], looks.errors[told])


def _observed(looks: Looks | None, planned_m2: float) -> Observed:
    counts = _counts(looks)
    return Observed(counts.days, counts.counts / planned_m2, counts.errors / planned_m2)


def grounds_of(place: SitePlace, rows: Flags | None) -> OperationGrounds:
    """Where something may go wrong.

    Args:
        place: the site.
        rows: (y, x) pixels under rows of panels; None: it has none. Of a reservoir only what is built near is told:
            water and drawn-down ground are its own.
    """
    shape, kind = place.geobox.shape.yx, place.ground.kind
    own = place.inside() >= _HALF
    if kind is SiteType.WIND:
        own = np.logical_or.reduce([disc(at, DISC_M, shape) for at in place.points()])
    ground = own if kind in (SiteType.SOLAR, SiteType.WIND) else None
    return OperationGrounds(rows, ground, ~ndimage.binary_dilation(own, iterations=_APART_PX))
