"""What is wrong with plans of sites: each fault names its row and what to do about it.

Plans are checked whole before anything rests on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.area import geodesic_area_ha
from geo.countries import code_meant, country_names
from geo.errors import InputError
from geo.sites import Mounting, SiteType
from scoring.sites.filling import level_curve
from scoring.sites.plan import AREAL, MilestoneKind, SitePlan

#: Sites may share so much of the smaller one: outlines of neighbours are never drawn quite alike.
_SHARED: Final = 0.01
_POINTS: Final = ("Point", "MultiPoint")
_OUTLINE: Final = "SITES_PLAN_OUTLINE"
_LEVELS: Final = "SITES_PLAN_LEVELS"
_M2_PER_HA: Final = 10_000.0
#: A dam stands on the border of its water, which is not drawn to the metre: about 100 m.
_BESIDE_DEGREES: Final = 0.001


@dataclass(frozen=True, slots=True)
class PlanFault:
    """What is wrong with a plan.

    Attributes:
        row: row of the file.
        site_id: the site.
        code: SITES_PLAN_...
        message: what is wrong.
        remedy: what to do.
    """

    row: int
    site_id: str
    code: str
    message: str
    remedy: str


def plan_faults(plans: Sequence[SitePlan], imagery: tuple[date, date]) -> tuple[PlanFault, ...]:
    """Everything that is wrong with plans, by row.

    Args:
        plans: of one file, together with those that are already monitored (row 0).
        imagery: first and last day that imagery is held of or ordered for; both count.
    """
    faults = [fault for plan in plans for fault in _own_faults(plan, imagery)]
    faults += _twice(plans) + _overlaps(plans)
    return tuple(sorted(faults, key=lambda fault: (fault.row, fault.code)))


def _own_faults(plan: SitePlan, imagery: tuple[date, date]) -> list[PlanFault]:
    found = [*_outline_faults(plan), *_capacity_faults(plan), *_milestone_faults(plan), *_curve_faults(plan)]
    found += [*_level_faults(plan), *_mounting_faults(plan), *_country_faults(plan)]
    found += [] if found and found[0].code == _OUTLINE else [*_place_faults(plan), *_built_faults(plan)]
    days = [milestone.due for milestone in plan.milestones]
    if days and (max(days) < imagery[0] or min(days) > imagery[1]):
        found.append(
            _fault(
                plan,
                "SITES_PLAN_NO_IMAGERY",
                f"is planned from {min(days)} to {max(days)}; imagery is there from {imagery[0]} to {imagery[1]}",
                "Order imagery of the time in which it is built, or leave the site out.",
            )
        )
    return found


def _fault(plan: SitePlan, code: str, what: str, remedy: str) -> PlanFault:
    return PlanFault(plan.row, plan.site_id, code, f"Row {plan.row}, site {plan.site_id!r} {what}.", remedy)


def _outline_faults(plan: SitePlan) -> list[PlanFault]:
    outline = plan.outline
    if not outline.is_empty and outline.is_valid and outline.geom_type in (*AREAL, *_POINTS):
        return []
    remedy = "Give a valid polygon, or points for turbines or a dam."
    return [_fault(plan, _OUTLINE, "has no usable outline", remedy)]


def _place_faults(plan: SitePlan) -> list[PlanFault]:
    """Panels and water are areas, turbines are points: neither can be seen in the other."""
    ground = plan.ground
    if plan.kind is SiteType.WIND and not ground.points:
        return [_fault(plan, "SITES_PLAN_POINTS", "names no turbine", "Give the planned turbines as points.")]
    if plan.kind in (SiteType.SOLAR, SiteType.RESERVOIR) and ground.border is None:
        return [_fault(plan, "SITES_PLAN_POINTS", "is a point", "Give the border inside which it may be built.")]
    far = [] if ground.border is None else [at for at in ground.points if not _near(ground.border, at)]
    if far:
        what = f"plans a turbine or dam at {far[0][0]:.5f}, {far[0][1]:.5f}, outside its border"
        return [_fault(plan, "SITES_PLAN_POINTS", what, "Mend the point (longitude first) or the border.")]
    return []


def _near(border: BaseGeometry, point: tuple[float, float]) -> bool:
    return bool(shapely.dwithin(border, shapely.Point(point), _BESIDE_DEGREES))


def _capacity_faults(plan: SitePlan) -> list[PlanFault]:
    if plan.capacity_mw is None and plan.kind is SiteType.RESERVOIR:
        return []
    if plan.capacity_mw is not None and 0 < plan.capacity_mw < float("inf"):
        return []
    said = "no" if plan.capacity_mw is None else f"{plan.capacity_mw:g} MW of"
    return [_fault(plan, "SITES_PLAN_CAPACITY", f"plans {said} capacity", "Give the planned capacity in MW, above 0.")]


def _built_faults(plan: SitePlan) -> list[PlanFault]:
    """Ground that is to be built on is some of what may be built on."""
    border = plan.ground.border
    if plan.built_ha is None or border is None:
        return []
    most = float(geodesic_area_ha(gpd.GeoSeries([border], crs=4326))[0])
    if 0 < plan.built_ha <= most * (1 + _SHARED):
        return []
    what = f"plans to build on {plan.built_ha:g} ha of the {most:,.1f} ha inside its border"
    return [_fault(plan, "SITES_PLAN_BUILT", what, "Give hectares above 0, or draw the whole border.")]


def _milestone_faults(plan: SitePlan) -> list[PlanFault]:
    found = []
    order = list(MilestoneKind)
    kinds = [milestone.kind for milestone in plan.milestones]
    if MilestoneKind.COMPLETE not in kinds or len(set(kinds)) < len(kinds):
        remedy = f"Give each of {', '.join(order)} at most once, and 'complete' always."
        found.append(_fault(plan, "SITES_PLAN_MILESTONES", "does not name its milestones once each", remedy))
    by_kind = sorted(plan.milestones, key=lambda milestone: order.index(milestone.kind))
    for first, then in pairwise(by_kind):
        if first.due > then.due:
            what = f"plans {first.kind.value!r} on {first.due}, after {then.kind.value!r} on {then.due}"
            remedy = f"Give {first.kind.value!r} a day before {then.kind.value!r}, or mend the two days."
            found.append(_fault(plan, "SITES_PLAN_ORDER", what, remedy))
    draws = [milestone.draws for milestone in plan.milestones]
    if min(draws, default=0) < 0 or sum(draws) > 1 + 1e-9:
        remedy = "Give shares from 0 that add up to 1 at most."
        found.append(_fault(plan, "SITES_PLAN_DRAWS", f"draws {sum(draws):.0%} of its facility", remedy))
    return found


def _curve_faults(plan: SitePlan) -> list[PlanFault]:
    days, shares = [day for day, _ in plan.curve], [share for _, share in plan.curve]
    rising = all(a < b for a, b in pairwise(days)) and all(a <= b for a, b in pairwise(shares))
    if not plan.curve or (rising and shares[0] >= 0 and shares[-1] == 1):
        return []
    remedy = "Give rising days with shares from 0 that never fall and end at 1."
    return [_fault(plan, "SITES_PLAN_CURVE", "has a planned curve that does not rise to 1", remedy)]


def _level_faults(plan: SitePlan) -> list[PlanFault]:
    """Levels are those of stored water, and a curve of them rises."""
    if not plan.levels:
        return []
    if plan.kind not in (SiteType.HYDRO, SiteType.RESERVOIR):
        remedy = "Leave the levels out, or mend the type."
        return [_fault(plan, _LEVELS, f"has levels of water and is of the type {plan.kind.value!r}", remedy)]
    try:
        level_curve([level for level, _ in plan.levels], [area * _M2_PER_HA for _, area in plan.levels])
    except InputError as error:
        what = f"has levels that do not fit: {error.message.rstrip('.')}"
        return [_fault(plan, _LEVELS, what, "Give levels in metres with hectares, both rising: 620=0; 640=12.5.")]
    return []


def _mounting_faults(plan: SitePlan) -> list[PlanFault]:
    if plan.mounting is Mounting.UNKNOWN or plan.kind is SiteType.SOLAR:
        return []
    what = f"says how panels are held ({plan.mounting}) and is of the type {plan.kind.value!r}"
    return [_fault(plan, "SITES_PLAN_MOUNTING", what, "Leave the mounting out, or mend the type.")]


def _country_faults(plan: SitePlan) -> list[PlanFault]:
    if not plan.country or plan.country in country_names():
        return []
    meant = code_meant(plan.country)
    remedy = "Give the two letters of ISO 3166-1, such as IN." if meant is None else f"Give its code, {meant}."
    return [_fault(plan, "SITES_PLAN_COUNTRY", f"names the country {plan.country!r}, which is no code of one", remedy)]


def _twice(plans: Sequence[SitePlan]) -> list[PlanFault]:
    first: dict[str, int] = {}
    found = []
    for plan in plans:
        if plan.site_id in first:
            what = f"stands in row {first[plan.site_id]} too"
            found.append(_fault(plan, "SITES_PLAN_TWICE", what, "Keep one row of each site."))
        first.setdefault(plan.site_id, plan.row)
    return found


def _overlaps(plans: Sequence[SitePlan]) -> list[PlanFault]:
    """Each pair of sites of which one covers more of the other than outlines differ by."""
    usable = [plan for plan in plans if plan.outline.is_valid and plan.outline.area > 0]
    outlines = np.array([plan.outline for plan in usable], dtype=object)
    pairs = shapely.STRtree(outlines).query(outlines, predicate="intersects").T
    found = []
    for one, other in sorted((int(a), int(b)) for a, b in pairs if a < b):
        shared = shapely.area(shapely.intersection(outlines[one], outlines[other]))
        share = shared / min(outlines[one].area, outlines[other].area)
        if share > _SHARED:
            what = f"shares {share:.0%} of its or the other's area with site {usable[one].site_id!r}"
            remedy = "Draw the border between the two, or leave one out."
            found.append(_fault(usable[other], "SITES_PLAN_OVERLAP", what, remedy))
    return found
