"""Parcels with a grave alert, as of a day."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, and_, select

from app.alerts.loans.standing import standing_alerts
from app.alerts.worklist.workflow import LIVE
from app.book.portfolio.cuts import Cut
from app.db.tables import Alert, Parcel
from app.db.tables.alert_kinds import AlertLevel

_GRAVE: Final = (AlertLevel.WARNING, AlertLevel.ACTION)


def grave_parcels(connection: Connection, cut: Cut) -> list[str]:
    """Parcels with an alert of warning or action that is live on the day, as it stood then."""
    standing = standing_alerts(connection, cut.day, _alerted(connection, cut))
    return sorted(
        {
            alert.parcel_id
            for alert in standing
            if alert.stands.level in _GRAVE and alert.stands.ended_on is None and alert.stands.status in LIVE
        }
    )


def _alerted(connection: Connection, cut: Cut) -> list[str]:
    """Parcels of a cut whose alerts are worth a look into their history."""
    over = and_(Alert.ended_on.is_not(None), Alert.ended_on <= cut.day)
    alerted = select(Alert.parcel_id).where(Alert.opened_on <= cut.day, ~over)
    wanted = select(Parcel.parcel_id).where(Parcel.parcel_id.in_(alerted), cut.parcels)
    return list(connection.scalars(wanted))
