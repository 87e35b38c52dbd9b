"""Sites of a person's part of the book, each with what the newest watch said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, case, func, select

from app.alerts.reach import unit_of_parcel
from app.alerts.worklist.workflow import LIVE
from app.api.access.scope import Scope
from app.db.listed import listed
from app.db.tables import Alert, EnergySite, Facility, OrgUnit, Parcel, SiteStanding, Watch
from app.db.tables.site_kinds import SiteStandingKind
from app.sites.plans import PlannedSite, planned_sites
from app.sites.stops import standing_stop, stopped_sites
from app.sites.stops import stopped as stop_holds
from geo.errors import InputError

#: The newest watch comes first: of two of one day the one that was recorded last.
NEWEST: Final = (SiteStanding.as_of.desc(), Watch.recorded_at.desc(), Watch.id)
_SAID: Final = ("watch_id", "as_of", "seen_on", "planned", "low", "share", "high", "standing", "milestones")


@dataclass(frozen=True, slots=True)
class Seen:
    """A site, and what is known of it.

    Attributes:
        site: what is planned.
        name: what people call it.
        unit: code and name of the unit that monitors it; None: of no unit.
        facility: number of the facility that it backs, where the person may see that.
        standing: what the newest watch said (columns of SiteStanding but detail, and unseen_because: the
            code of its failure); None: never watched.
        alerts: open ones.
        ended_at: when its watching ended; None: it is watched.
    """

    site: PlannedSite
    name: str | None
    unit: tuple[str, str] | None
    facility: str | None
    standing: RowMapping | None
    alerts: int
    ended_at: datetime | None = None


def sites_seen(connection: Connection, scope: Scope, now: datetime, *, stopped: bool = False) -> list[Seen]:
    """All sites of a scope by id: those that are watched, or those that are stopped."""
    found = planned_sites(connection, now, scope.parcels(), "stopped" if stopped else "watched")
    stops = stopped_sites(connection, now) if stopped else {}
    ended = {site_id: stop.stopped_at for site_id, stop in stops.items()}
    return [replace(each, ended_at=ended.get(each.site.plan.site_id)) for each in _seen(connection, scope, found)]


def stopped_count(connection: Connection, scope: Scope, now: datetime) -> int:
    """How many sites of a scope are stopped."""
    wanted = select(func.count()).select_from(EnergySite).join(Parcel, Parcel.parcel_id == EnergySite.parcel_id)
    return connection.execute(wanted.where(stop_holds(now), scope.parcels())).scalar_one()


def site_seen(connection: Connection, scope: Scope, site_id: str, now: datetime) -> Seen:
    """One site, also one that is no longer watched.

    Raises:
        InputError: there is no such site in the scope; one of another branch is not there either.
    """
    ended_at = require_site(connection, scope, site_id)
    found = planned_sites(connection, now, Parcel.parcel_id == site_id, "all")
    if not found:
        raise unknown_site(site_id)
    return replace(_seen(connection, scope, found)[0], ended_at=ended_at)


def require_site(connection: Connection, scope: Scope, site_id: str) -> datetime | None:
    """When a site's watching ended; None: it is watched. InputError where it is not in the scope."""
    wanted = select(EnergySite.parcel_id).join(Parcel, Parcel.parcel_id == EnergySite.parcel_id)
    if connection.scalar(wanted.where(EnergySite.parcel_id == site_id, scope.parcels())) is None:
        raise unknown_site(site_id)
    stop = standing_stop(connection, site_id)
    return None if stop is None else stop.stopped_at


def unknown_site(site_id: str) -> InputError:
    """What is said of a site that is not there."""
    return InputError("SITE_UNKNOWN", f"There is no site {site_id!r}.", "Look for it in the list of sites.")


def newest_standing(connection: Connection, site_id: str) -> RowMapping | None:
    """Columns of SiteStanding, and the run and instant of its watch; None: never watched."""
    wanted = (
        select(*SiteStanding.__table__.columns, Watch.run_id, Watch.recorded_at)
        .join(Watch, Watch.id == SiteStanding.watch_id)
        .where(SiteStanding.parcel_id == site_id)
        .order_by(*NEWEST)
    )
    return connection.execute(wanted.limit(1)).mappings().one_or_none()


def _seen(connection: Connection, scope: Scope, sites: Sequence[PlannedSite]) -> list[Seen]:
    ids = [site.plan.site_id for site in sites]
    people = {row["parcel_id"]: row for row in _rows(connection, _named(connection, ids))}
    said = {row["parcel_id"]: row for row in _rows(connection, _newest(connection, ids))}
    alerts = {row["parcel_id"]: row["open"] for row in _rows(connection, _open_alerts(connection, ids))}
    numbers = _facilities(connection, scope, sorted({site.plan.facility for site in sites}))
    return [
        Seen(
            site=site,
            name=people[site.plan.site_id]["site_name"],
            unit=_unit(people[site.plan.site_id]),
            facility=site.plan.facility if site.plan.facility in numbers else None,
            standing=said.get(site.plan.site_id),
            alerts=alerts.get(site.plan.site_id, 0),
        )
        for site in sites
    ]


def _rows(connection: Connection, wanted: Select[*tuple[Any, ...]]) -> Sequence[RowMapping]:
    return connection.execute(wanted).mappings().all()


def _named(connection: Connection, ids: Sequence[str]) -> Select[*tuple[Any, ...]]:
    return (
        select(EnergySite.parcel_id, EnergySite.name.label("site_name"), OrgUnit.code, OrgUnit.name)
        .join(Parcel, Parcel.parcel_id == EnergySite.parcel_id)
        .outerjoin(OrgUnit, OrgUnit.id == unit_of_parcel())
        .where(EnergySite.parcel_id.in_(listed(connection, ids)))
    )


def _newest(connection: Connection, ids: Sequence[str]) -> Select[*tuple[Any, ...]]:
    """What the newest watch said of each site, without its detail, which is long."""
    place = func.row_number().over(partition_by=SiteStanding.parcel_id, order_by=NEWEST).label("place")
    columns: list[ColumnElement[Any]] = [SiteStanding.__table__.c[name] for name in ("parcel_id", *_SAID)]
    code = SiteStanding.__table__.c.detail[("failure", "code")].as_string()
    # Only of the few that were not seen the detail is opened.
    unseen = case((SiteStanding.standing == SiteStandingKind.UNSEEN, code)).label("unseen_because")
    ranked = (
        select(*columns, unseen, place)
        .join(Watch, Watch.id == SiteStanding.watch_id)
        .where(SiteStanding.parcel_id.in_(listed(connection, ids)))
        .subquery()
    )
    return select(ranked).where(ranked.c.place == 1)


def _open_alerts(connection: Connection, ids: Sequence[str]) -> Select[*tuple[Any, ...]]:
    return (
        select(Alert.parcel_id, func.count().label("open"))
        .where(Alert.parcel_id.in_(listed(connection, ids)), Alert.ended_on.is_(None), Alert.status.in_(LIVE))
        .group_by(Alert.parcel_id)
    )


def _facilities(connection: Connection, scope: Scope, numbers: Sequence[str]) -> set[str]:
    """Those of some facilities that are in a scope."""
    wanted = select(Facility.number).where(Facility.number.in_(listed(connection, numbers)), scope.facilities())
    return set(connection.scalars(wanted))


def _unit(row: RowMapping) -> tuple[str, str] | None:
    return None if row["code"] is None else (row["code"], row["name"])
