"""Energy sites: what is built, where, and what can be measured of it on one day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from shapely.geometry.base import BaseGeometry

from geo.season import Season

#: Season of all runs, watches and alerts of sites: what is built is followed until it is no longer financed.
SITES_SEASON: Final = Season(date(2015, 1, 1), date(2099, 12, 31))


class SiteType(StrEnum):
    """What is built."""

    SOLAR = "solar"
    WIND = "wind"
    HYDRO = "hydro"
    RESERVOIR = "reservoir"


class Mounting(StrEnum):
    """How panels are held: on fixed stands, on stands that turn with the sun, or nobody said."""

    FIXED = "fixed"
    TRACKING = "tracking"
    UNKNOWN = "unknown"


class SiteMeasure(StrEnum):
    """What one look at a site measures. Areas are in square metres on the grid, counts are numbers.

    Progress rests on PANELS of solar, PADS and TURBINES of wind, CLEARED and WATER of hydro and reservoirs; the others
    are what goes wrong, before or during operation.
    """

    CLEARED = "cleared_m2"
    PANELS = "panels_m2"
    PANELS_OUTSIDE = "panels_outside_m2"
    PADS = "pads"
    PADS_ELSEWHERE = "pads_elsewhere"
    ROADS = "roads_m2"
    TURBINES = "turbines"
    WATER = "water_m2"
    CANOPY_IN_PANELS = "canopy_in_panels_m2"
    STANDING_WATER = "standing_water_m2"
    BURNT = "burnt_m2"
    BUILT_NEAR = "built_near_m2"


@dataclass(frozen=True, slots=True)
class SiteGround:
    """Where a site is.

    Attributes:
        site_id: the lender's id.
        kind: what is built.
        border: permitted polygon; longitude and latitude, WGS 84. None where only points are planned.
        points: planned turbines, or the dam, in the order of the plan; longitude and latitude, WGS 84.
    """

    site_id: str
    kind: SiteType
    border: BaseGeometry | None
    points: tuple[tuple[float, float], ...] = ()
