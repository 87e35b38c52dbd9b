"""A site that is financed no more is watched no more; what was seen of it stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select, update

from app.alerts.reach import require_reach
from app.book.decisions.people import Person, require_role
from app.db.tables import Alert, EnergySite
from app.db.tables.alert_kinds import AlertStatus
from app.db.tables.kinds import UserRole
from geo.errors import InputError
from geo.sites import SITES_SEASON

#: Who takes sites into the book, and out of the watch.
KEEPING: Final = (UserRole.RISK, UserRole.ADMIN)
_OVER: Final = (AlertStatus.CLOSED, AlertStatus.FALSE_ALARM)


@dataclass(frozen=True, slots=True)
class Stopped:
    """What came of it.

    Attributes:
        already: it was so before; nothing was written.
        alerts: numbers of its alerts of sites that are still seen and not closed: no watch will end them.
    """

    already: bool
    alerts: tuple[int, ...]


def stop_site(connection: Connection, site_id: str, by: Person, now: datetime) -> Stopped:
    """Watch a site no more from now on.

    Args:
        connection: transaction that writes.
        site_id: the site.
        by: who says so.
        now: instant.

    Raises:
        InputError: there is no such site, it is of another unit, or the person may not.
    """
    ended_at = _ended_at(connection, site_id, by, "stops watching sites")
    if ended_at is None:
        _set(connection, site_id, now)
    wanted = select(Alert.id).where(
        Alert.parcel_id == site_id,
        Alert.season_id == SITES_SEASON.id,
        Alert.ended_on.is_(None),
        Alert.status.not_in(_OVER),
    )
    return Stopped(ended_at is not None, tuple(connection.scalars(wanted.order_by(Alert.id))))


def resume_site(connection: Connection, site_id: str, by: Person) -> bool:
    """Watch a stopped site again; whether it was stopped. Errors as of stop_site."""
    stopped = _ended_at(connection, site_id, by, "takes sites up again") is not None
    if stopped:
        _set(connection, site_id, None)
    return stopped


def _ended_at(connection: Connection, site_id: str, by: Person, what: str) -> datetime | None:
    require_role(by, KEEPING, what)
    row = connection.execute(select(EnergySite.ended_at).where(EnergySite.parcel_id == site_id)).one_or_none()
    if row is None:
        raise InputError("SITE_UNKNOWN", f"There is no site {site_id!r}.", "`acreline sites list` shows all.")
    require_reach(connection, by, [site_id])
    ended_at: datetime | None = row.ended_at
    return ended_at


def _set(connection: Connection, site_id: str, ended_at: datetime | None) -> None:
    connection.execute(update(EnergySite).where(EnergySite.parcel_id == site_id).values(ended_at=ended_at))
