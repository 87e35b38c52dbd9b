"""A site that is financed no more is watched no more; what was seen of it stays, and so does who said so and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select

from app.alerts.reach import require_reach
from app.alerts.worklist.remarks import required_note
from app.book.decisions.people import Person, require_role
from app.db.listed import listed
from app.db.tables import Alert, SiteResumption, SiteStop
from app.db.tables.alert_kinds import AlertStatus
from app.db.tables.kinds import UserRole
from app.sites.stops import KnownStop, standing_stop
from geo.errors import InputError
from geo.sites import SITES_SEASON

#: Who takes sites into the book, and out of the watch.
KEEPING: Final = (UserRole.RISK, UserRole.ADMIN)
#: Characters of a reason.
LONGEST_REASON: Final = 255
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


def stop_site(connection: Connection, site_id: str, by: Person, now: datetime, reason: str) -> Stopped:
    """Watch a site no more from now on; a stopped site stays stopped as it was.

    Args:
        connection: transaction that writes.
        site_id: the site.
        by: who says so.
        now: instant.
        reason: why, in 255 characters at most; it stays for good and names nobody.

    Raises:
        InputError: there is no such site, it is of another unit, the person may not, or the reason is missing, too
            long, or names somebody.
    """
    known = _standing(connection, site_id, by, "stops watching sites")
    if known is None:
        said = _checked(connection, site_id, reason)
        row = {"parcel_id": site_id, "stopped_at": now, "stopped_by_id": by.id, "reason": said}
        connection.execute(insert(SiteStop).values(row))
    alerts = open_alerts(connection, [site_id]).get(site_id, ())
    return Stopped(known is not None, alerts)


def resume_site(connection: Connection, site_id: str, by: Person, now: datetime) -> bool:
    """Watch a stopped site again from now on; whether it was stopped. Errors as of stop_site."""
    known = _standing(connection, site_id, by, "takes sites up again")
    if known is None:
        return False
    # A clock that was set back must not end a stop before it began.
    row = {"stop_id": known.id, "resumed_at": max(now, known.stopped_at), "resumed_by_id": by.id}
    connection.execute(insert(SiteResumption).values(row))
    return True


def resume_sites(connection: Connection, sites: Sequence[str], by: Person, now: datetime) -> None:
    """Watch stopped sites again from now on, all or none. Errors as of stop_site."""
    for site_id in sites:
        resume_site(connection, site_id, by, now)


def close_hint(alerts: Sequence[int]) -> str:
    """What to do with the alerts of a stopped site."""
    numbers = " ".join(map(str, alerts))
    which = (
        f"Alert {numbers} stays open, and no watch will end it"
        if len(alerts) == 1
        else (f"Alerts {numbers} stay open, and no watch will end them")
    )
    return f"{which}: `acreline alerts close {numbers} --by LOGIN --reason TEXT`."


def open_alerts(connection: Connection, sites: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Numbers of the alerts of sites that are still seen and not closed, by site; those without any are left out."""
    wanted = select(Alert.parcel_id, Alert.id).where(
        Alert.parcel_id.in_(listed(connection, sites)),
        Alert.season_id == SITES_SEASON.id,
        Alert.ended_on.is_(None),
        Alert.status.not_in(_OVER),
    )
    found: dict[str, tuple[int, ...]] = {}
    for row in connection.execute(wanted.order_by(Alert.parcel_id, Alert.id)):
        found[row.parcel_id] = (*found.get(row.parcel_id, ()), row.id)
    return found


def _standing(connection: Connection, site_id: str, by: Person, what: str) -> KnownStop | None:
    require_role(by, KEEPING, what)
    known = standing_stop(connection, site_id)
    require_reach(connection, by, [site_id])
    return known


def _checked(connection: Connection, site_id: str, reason: str) -> str:
    said = required_note(connection, reason, [site_id])
    if len(said) > LONGEST_REASON:
        told = f"The reason has {len(said):,} characters; {LONGEST_REASON} are kept."
        raise InputError("REASON_LONG", told, "Say it shorter.")
    return said
