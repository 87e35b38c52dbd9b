"""When sites were not watched: each stop with who said so and why, and who took the site up again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, or_, select
from sqlalchemy.orm import aliased

from app.db.tables import EnergySite, SiteResumption, SiteStop, User
from geo.errors import InputError


@dataclass(frozen=True, slots=True)
class KnownStop:
    """A span in which a site was not watched.

    Attributes:
        id: number of its row.
        site_id: the site.
        stopped_at: from when.
        stopped_by: login of who stopped it; None: it was not kept then, nor was the reason.
        reason: why.
        resumed_at: from when it was watched again; None: it still is not.
        resumed_by: login of who took it up again.
    """

    id: int
    site_id: str
    stopped_at: datetime
    stopped_by: str | None
    reason: str | None
    resumed_at: datetime | None
    resumed_by: str | None

    def as_dict(self) -> dict[str, Any]:
        """JSON of it; instants are ISO, UTC."""
        return {
            "stopped_at": self.stopped_at.isoformat(),
            "stopped_by": self.stopped_by,
            "reason": self.reason,
            "resumed_at": None if self.resumed_at is None else self.resumed_at.isoformat(),
            "resumed_by": self.resumed_by,
        }


def stopped(at: datetime) -> ColumnElement[bool]:
    """Condition on EnergySite: a stop of it holds at an instant."""
    ended = aliased(SiteResumption)
    return exists(
        select(SiteStop.id)
        .outerjoin(ended, ended.stop_id == SiteStop.id)
        .where(
            SiteStop.parcel_id == EnergySite.parcel_id,
            SiteStop.stopped_at <= at,
            or_(ended.stop_id.is_(None), ended.resumed_at > at),
        )
        .correlate(EnergySite)
    )


def stops_of(connection: Connection, site_id: str) -> list[KnownStop]:
    """All stops of a site, the earliest first; empty where it was watched all the time, or there is none."""
    return [KnownStop(*row) for row in connection.execute(_stops().where(SiteStop.parcel_id == site_id))]


def stopped_sites(connection: Connection, at: datetime | None = None) -> dict[str, KnownStop]:
    """Stops that held at an instant, or that no resumption has ended (None), by site."""
    wanted = _stops().where(SiteResumption.stop_id.is_(None))
    if at is not None:
        over = and_(SiteResumption.stop_id.is_not(None), SiteResumption.resumed_at <= at)
        wanted = _stops().where(SiteStop.stopped_at <= at, ~over)
    return {row.parcel_id: KnownStop(*row) for row in connection.execute(wanted)}


def standing_stop(connection: Connection, site_id: str) -> KnownStop | None:
    """The stop of a site that no resumption ended; None: it is watched.

    Raises:
        InputError: there is no such site.
    """
    if connection.scalar(select(EnergySite.parcel_id).where(EnergySite.parcel_id == site_id)) is None:
        raise InputError("SITE_UNKNOWN", f"There is no site {site_id!r}.", "`acreline sites list` shows all.")
    return next((each for each in stops_of(connection, site_id) if each.resumed_at is None), None)


def stop_facts(stop: KnownStop) -> str:
    """A stop in words: since when, by whom and why."""
    by = "" if stop.stopped_by is None else f" by {stop.stopped_by}"
    why = "" if stop.reason is None else f": {stop.reason}"
    return f"{stop.stopped_at.date()}{by}{why}"


def _stops() -> Select[*tuple[Any, ...]]:
    """Columns in the order of KnownStop."""
    stopper, resumer = aliased(User), aliased(User)
    return (
        select(
            SiteStop.id,
            SiteStop.parcel_id,
            SiteStop.stopped_at,
            stopper.login.label("stopped_by"),
            SiteStop.reason,
            SiteResumption.resumed_at,
            resumer.login.label("resumed_by"),
        )
        .outerjoin(SiteResumption, SiteResumption.stop_id == SiteStop.id)
        .outerjoin(stopper, stopper.id == SiteStop.stopped_by_id)
        .outerjoin(resumer, resumer.id == SiteResumption.resumed_by_id)
        .order_by(SiteStop.stopped_at, SiteStop.id)
    )
