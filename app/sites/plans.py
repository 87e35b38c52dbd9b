"""Plans read back from the database, as of an instant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, TypeAlias

import shapely
from sqlalchemy import ColumnElement, Connection, RowMapping, func, or_, select, true

from app.db.tables import ContractPlot, EnergySite, Facility, Parcel, ParcelGeometry, ParcelPeriod, SitePlanVersion
from app.sites.stops import stopped
from geo.sites import Mounting, SiteType
from scoring.sites.capacity import ground_capacity
from scoring.sites.plan import Milestone, MilestoneKind, SitePlan

#: Which sites: those that were watched at the instant, those that were stopped then, or both.
Which: TypeAlias = Literal["watched", "stopped", "all"]

_M2_PER_HA: Final = 10_000.0
#: What `planned_site` reads of a site, its plan and its outline.
PLAN_READ: Final = (
    EnergySite.kind,
    EnergySite.name,
    SitePlanVersion.__table__,
    ParcelGeometry.wkb,
    ParcelGeometry.geometry_version,
    ParcelGeometry.area_ha,
)


@dataclass(frozen=True, slots=True)
class PlannedSite:
    """A site that is watched, as it stood at an instant.

    Attributes:
        plan: what is planned; its outline is the parcel's, its row is 0.
        plan_id: number of the plan's row.
        geometry_version: of the parcel's outline.
        area_ha: geodesic area of it.
    """

    plan: SitePlan
    plan_id: int
    geometry_version: str
    area_ha: float

    @property
    def ground_capacity(self) -> dict[str, Any] | None:
        """What the ground of a solar plan may hold, as scoring.sites.capacity has it; None of another type."""
        return ground_capacity(self.plan, self.area_ha * _M2_PER_HA)

    def as_dict(self) -> dict[str, Any]:
        """What is told of it."""
        complete = next(one.due for one in self.plan.milestones if one.kind is MilestoneKind.COMPLETE)
        return {
            "site_id": self.plan.site_id,
            "name": self.plan.name,
            "type": self.plan.kind,
            "capacity_mw": self.plan.capacity_mw,
            "mounting": stated_mounting(self.plan),
            "country": self.plan.country or None,
            "ground_capacity": self.ground_capacity,
            "area_ha": round(self.area_ha, 4),
            "built_ha": self.plan.built_ha,
            "points": len(self.plan.points),
            "complete": complete.isoformat(),
            "facility": self.plan.facility,
            "permits": list(self.plan.permits),
        }


def stated_mounting(plan: SitePlan) -> str | None:
    """How panels are held, where a plan says so."""
    return None if plan.mounting is Mounting.UNKNOWN else str(plan.mounting)


def planned_sites(
    connection: Connection, at: datetime, within: ColumnElement[bool], which: Which = "watched"
) -> list[PlannedSite]:
    """Sites by id that were known at an instant, as they were planned then.

    Args:
        connection: reads.
        at: instant.
        within: condition on Parcel: what of the book is asked for.
        which: those that were watched then, by default.
    """
    watching = {"watched": ~stopped(at), "stopped": stopped(at), "all": true()}[which]
    newest = (
        select(func.max(SitePlanVersion.id))
        .where(SitePlanVersion.recorded_at <= at)
        .group_by(SitePlanVersion.parcel_id)
    )
    period, shape = ParcelPeriod, ParcelGeometry
    wanted = (
        select(*PLAN_READ)
        .join(SitePlanVersion, SitePlanVersion.parcel_id == EnergySite.parcel_id)
        .join(Parcel, Parcel.parcel_id == EnergySite.parcel_id)
        .join(period, period.parcel_id == EnergySite.parcel_id)
        .join(shape, (shape.parcel_id == period.parcel_id) & (shape.geometry_version == period.geometry_version))
        .where(
            SitePlanVersion.id.in_(newest),
            watching,
            period.valid_from <= at,
            or_(period.valid_to.is_(None), period.valid_to > at),
            within,
        )
        .order_by(EnergySite.parcel_id)
    )
    rows = connection.execute(wanted).mappings().all()
    backed = backed_facilities(connection, at)
    return [planned_site(row, backed) for row in rows]


def backed_facilities(connection: Connection, at: datetime) -> dict[str, str]:
    """Number of the facility that each site backed at an instant."""
    wanted = (
        select(ContractPlot.parcel_id, func.min(Facility.number))
        .join(Facility, Facility.id == ContractPlot.facility_id)
        .join(EnergySite, EnergySite.parcel_id == ContractPlot.parcel_id)
        .where(ContractPlot.valid_from <= at, or_(ContractPlot.valid_to.is_(None), ContractPlot.valid_to > at))
        .group_by(ContractPlot.parcel_id)
    )
    return {row[0]: row[1] for row in connection.execute(wanted)}


def planned_site(row: RowMapping, backed: Mapping[str, str]) -> PlannedSite:
    """A site from a row: columns of SitePlanVersion, kind and name, wkb, geometry_version and area_ha of its outline.

    Args:
        row: the row.
        backed: number of the facility that sites back, by site.
    """
    kind, points = SiteType(row["kind"]), tuple((lon, lat) for lon, lat in row["points"])
    plan = SitePlan(
        row=0,
        site_id=row["parcel_id"],
        kind=kind,
        capacity_mw=row["capacity_mw"],
        outline=shapely.from_wkb(row["wkb"]),
        milestones=tuple(
            Milestone(MilestoneKind(one["kind"]), date.fromisoformat(one["due"]), one["draws"])
            for one in row["milestones"]
        ),
        curve=tuple((date.fromisoformat(day), share) for day, share in row["curve"]),
        facility=backed.get(row["parcel_id"], ""),
        permits=tuple(row["permits"]),
        points=points,
        built_ha=row["built_ha"],
        levels=tuple((level, area) for level, area in row["levels"]),
        name=row["name"] or "",
        mounting=row["mounting"] or Mounting.UNKNOWN,
        country=row["country"] or "",
    )
    return PlannedSite(plan, row["id"], row["geometry_version"], row["area_ha"])
