"""A site as one watch judged it: the plan and border of that day, and what was said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, Select, select
from sqlalchemy.orm import aliased

from app.alerts.reach import unit_of_parcel
from app.db.tables import (
    EnergySite,
    OrgUnit,
    Parcel,
    ParcelGeometry,
    ParcelObservation,
    Run,
    SitePlanVersion,
    SiteStanding,
    Watch,
)
from app.sites.plans import PLAN_READ, PlannedSite, backed_facilities, planned_site
from geo.errors import InputError

#: Of two watches of one day the one that was recorded last.
_NEWEST: Final = (SiteStanding.as_of.desc(), Watch.recorded_at.desc(), Watch.id)
_OF_WATCH: Final = ("run_id", "season_id", "rules_id", "rules_hash", "code_version", "recorded_at")


@dataclass(frozen=True, slots=True)
class WatchedSite:
    """A site as one watch judged it.

    Attributes:
        site: what was planned, and the border, as the watch took them.
        name: what people call it; None: nothing but its id.
        unit: code and name of the unit that monitors it now; None: of no unit.
        lender: name of the unit above all others.
        standing: columns of SiteStanding; run_id, season_id, rules_id, rules_hash, code_version and recorded_at of its
            watch; simulated, model_hash and record of the run.
        plan_hash: of the plan.
    """

    site: PlannedSite
    name: str | None
    unit: tuple[str, str] | None
    lender: str
    standing: RowMapping
    plan_hash: str


def watched_site(connection: Connection, site_id: str, by_day: date | None = None) -> WatchedSite:
    """A site as its newest watch judged it.

    Args:
        connection: reads.
        site_id: the site.
        by_day: only watches as of this day or an earlier one; None: any.

    Raises:
        InputError: there is no such site (SITE_UNKNOWN), or no watch by that day (SITE_NOT_WATCHED).
    """
    own = connection.execute(_own(site_id)).mappings().one_or_none()
    if own is None:
        raise InputError("SITE_UNKNOWN", f"There is no site {site_id!r}.", "Look for it in the list of sites.")
    standing = _standing(connection, site_id, by_day)
    row = connection.execute(_planned(standing)).mappings().one()
    return WatchedSite(
        site=planned_site(row, backed_facilities(connection, standing["recorded_at"])),
        name=own["name"],
        unit=None if own["code"] is None else (own["code"], own["unit"]),
        lender=_lender(connection),
        standing=standing,
        plan_hash=row["plan_hash"],
    )


def _own(site_id: str) -> Select[*tuple[Any, ...]]:
    return (
        select(EnergySite.name, OrgUnit.code, OrgUnit.name.label("unit"))
        .join(Parcel, Parcel.parcel_id == EnergySite.parcel_id)
        .outerjoin(OrgUnit, OrgUnit.id == unit_of_parcel())
        .where(EnergySite.parcel_id == site_id)
    )


def _standing(connection: Connection, site_id: str, by_day: date | None) -> RowMapping:
    wanted = (
        select(
            *SiteStanding.__table__.columns,
            *(getattr(Watch, name) for name in _OF_WATCH),
            *(Run.simulated, Run.model_hash, Run.record),
        )
        .join(Watch, Watch.id == SiteStanding.watch_id)
        .join(Run, Run.run_id == Watch.run_id)
        .where(SiteStanding.parcel_id == site_id)
        .order_by(*_NEWEST)
        .limit(1)
    )
    if by_day is not None:
        wanted = wanted.where(SiteStanding.as_of <= by_day)
    row = connection.execute(wanted).mappings().one_or_none()
    if row is None:
        when = "yet" if by_day is None else f"as of {by_day} or an earlier day"
        remedy = "`acreline sites watch` does that; a report tells what a watch saw."
        raise InputError("SITE_NOT_WATCHED", f"Site {site_id!r} was not watched {when}.", remedy)
    return row


def _planned(standing: RowMapping) -> Select[*tuple[Any, ...]]:
    """The plan that was judged, and the outline that was looked at."""
    shape = ParcelGeometry
    return (
        select(*PLAN_READ)
        .join(EnergySite, EnergySite.parcel_id == SitePlanVersion.parcel_id)
        .join(ParcelObservation, ParcelObservation.parcel_id == SitePlanVersion.parcel_id)
        .join(
            shape,
            (shape.parcel_id == ParcelObservation.parcel_id)
            & (shape.geometry_version == ParcelObservation.geometry_version),
        )
        .where(SitePlanVersion.id == standing["plan_id"], ParcelObservation.run_id == standing["run_id"])
    )


def _lender(connection: Connection) -> str:
    above = aliased(OrgUnit)
    wanted = select(OrgUnit.name).outerjoin(above, above.id == OrgUnit.parent_id).where(above.id.is_(None))
    return connection.scalars(wanted.order_by(OrgUnit.id).limit(1)).one()
