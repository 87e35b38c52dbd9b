"""Plans of financed sites: what is to be built, by when, and what a lender pays for it.

What is wrong with one is said by scoring.sites.faults.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.sites import Mounting, SiteGround, SiteType

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]

#: Types of outlines that have an area.
AREAL: Final = ("Polygon", "MultiPolygon")


class MilestoneKind(StrEnum):
    """Milestones in the order in which they are reached."""

    CLEARED = "cleared"
    BUILDING = "being_built"
    COMPLETE = "complete"
    STEADY = "steady"


@dataclass(frozen=True, slots=True)
class Milestone:
    """A milestone, the day it is planned for, and the share of the draw-downs that it releases (0..1)."""

    kind: MilestoneKind
    due: date
    draws: float = 0.0


@dataclass(frozen=True, slots=True)
class SitePlan:
    """What is planned on one site.

    Attributes:
        row: row of the file that it came from, 1 for the first.
        site_id: the lender's id.
        kind: what is built.
        capacity_mw: planned capacity in MW (direct current for solar); None for a reservoir.
        outline: permitted polygon, or the points of turbines or the dam alone; longitude and latitude, WGS 84.
        milestones: planned milestones.
        curve: points of the planned S-curve, (day, share 0..1); empty: drawn from the milestones.
        facility: the loan it belongs to, "" for none.
        permits: numbers of permits.
        points: turbines or the dam inside a polygon, (longitude, latitude) each; empty where the outline is points.
        built_ha: ground under rows of panels, with their gaps, or under water when all is built; None: unknown.
        levels: curve of a reservoir, (level in metres, hectares of water at it), both rising; empty: none is known.
        name: what people call the site; "": the plan says nothing of it.
        mounting: how panels are held; UNKNOWN where nobody said, and of other types.
        country: in which it lies, ISO 3166-1 alpha-2; "": not stated.
    """

    row: int
    site_id: str
    kind: SiteType
    capacity_mw: float | None
    outline: BaseGeometry
    milestones: tuple[Milestone, ...]
    curve: tuple[tuple[date, float], ...] = ()
    facility: str = ""
    permits: tuple[str, ...] = ()
    points: tuple[tuple[float, float], ...] = ()
    built_ha: float | None = None
    levels: tuple[tuple[float, float], ...] = ()
    name: str = ""
    mounting: Mounting = Mounting.UNKNOWN
    country: str = ""

    @property
    def ground(self) -> SiteGround:
        """Where it is."""
        if self.outline.geom_type in AREAL:
            return SiteGround(self.site_id, self.kind, self.outline, self.points)
        own = tuple((float(x), float(y)) for x, y in shapely.get_coordinates(self.outline))
        return SiteGround(self.site_id, self.kind, None, own)


def planned_share(plan: SitePlan, days: Days) -> Floats:
    """(d,) share 0..1 that is planned to be built by some days.

    The plan's own curve, linear between its points; without one a smooth rise (3u2 - 2u3) from the day on which it is
    being built (or cleared; else the first milestone) to the day on which it is complete.
    """
    if plan.curve:
        known = np.array([np.datetime64(day, "D") for day, _ in plan.curve]).astype(np.int64)
        linear: Floats = np.interp(days.astype("datetime64[D]").astype(np.int64), known, [s for _, s in plan.curve])
        before = days < np.datetime64(plan.curve[0][0], "D")
        return np.where(before, 0.0, linear)
    due = {milestone.kind: np.datetime64(milestone.due, "D") for milestone in plan.milestones}
    start = due.get(MilestoneKind.BUILDING, due.get(MilestoneKind.CLEARED, min(due.values())))
    end = due[MilestoneKind.COMPLETE]
    span = max((end - start) / np.timedelta64(1, "D"), 1.0)
    part = np.clip((days - start) / np.timedelta64(1, "D") / span, 0.0, 1.0)
    smooth: Floats = part**2 * (3 - 2 * part)
    return smooth
