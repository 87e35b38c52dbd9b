"""What is told of an energy site wherever its parcel is shown."""

from __future__ import annotations

from datetime import date

from pydantic import Field
from sqlalchemy import Connection, select

from app.api.schemas import Answer, Share
from app.api.sites.reading import newest_standing
from app.db.tables import EnergySite
from app.db.tables.site_kinds import SiteStandingKind
from app.sites.stops import standing_stop
from geo.sites import SiteType


class SiteOnParcel(Answer):
    """A parcel's energy site, as the newest watch left it. Shares are null where it was not seen, or never watched."""

    kind: SiteType
    name: str | None
    ended_on: date | None = Field(description="Day from which it is no longer watched; it stands here as it stood.")
    standing: SiteStandingKind = Field(description="unseen also where no watch was made yet.")
    as_of: date | None = Field(description="Day of the newest watch.")
    seen_on: date | None = Field(description="Day of the latest look.")
    planned: Share | None = Field(description="Share of the plan that was to be built by the latest look.")
    low: Share | None
    share: Share | None
    high: Share | None


def site_on(connection: Connection, parcel_id: str) -> SiteOnParcel | None:
    """The site of a parcel that the caller has checked to be in scope; None where none is financed there."""
    wanted = select(EnergySite.kind, EnergySite.name).where(EnergySite.parcel_id == parcel_id)
    site = connection.execute(wanted).one_or_none()
    if site is None:
        return None
    stop = standing_stop(connection, parcel_id)
    said = newest_standing(connection, parcel_id)
    names = ("as_of", "seen_on", "planned", "low", "share", "high")
    return SiteOnParcel(
        kind=site.kind,
        name=site.name,
        ended_on=None if stop is None else stop.stopped_at.date(),
        standing=SiteStandingKind.UNSEEN if said is None else SiteStandingKind(said["standing"]),
        **{name: None if said is None else said[name] for name in names},
    )
