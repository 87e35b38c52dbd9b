"""Alerts on, and visits to, the parcels that a party held or borrowed on, while it did."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, or_, select

from app.db.listed import listed_numbers
from app.db.tables import Alert, ContractPlot, LandRight, Visit


@dataclass(frozen=True, slots=True)
class Watched:
    """Numbers of rows of alert and of visit, in order, and hashes of the photos of the visits."""

    alerts: tuple[int, ...]
    visits: tuple[int, ...]
    photos: tuple[str, ...]


def watched_of(connection: Connection, party_id: int, facilities: tuple[int, ...]) -> Watched:
    """What stands about a party's parcels: alerts that opened, and visits made, while a plot of it ran.

    Args:
        connection: database.
        party_id: the party.
        facilities: under which it borrows.
    """
    rights = select(LandRight.id).where(LandRight.party_id == party_id)
    its_own = or_(
        ContractPlot.land_right_id.in_(rights),
        ContractPlot.facility_id.in_(listed_numbers(connection, facilities)),
    )

    def during(parcel: ColumnElement[str], day: ColumnElement[object]) -> ColumnElement[bool]:
        runs = or_(ContractPlot.ends_on.is_(None), ContractPlot.ends_on >= day)
        return (
            select(ContractPlot.id).where(
                its_own, ContractPlot.parcel_id == parcel, ContractPlot.starts_on <= day, runs
            )
        ).exists()

    opened = during(Alert.__table__.c.parcel_id, Alert.__table__.c.opened_on)
    alerts = connection.scalars(select(Alert.id).where(opened).order_by(Alert.id)).all()
    about = Visit.alert_id.in_(listed_numbers(connection, alerts))
    made = during(Visit.__table__.c.parcel_id, func.date(Visit.captured_at))
    rows = connection.execute(select(Visit.id, Visit.photo_hash).where(or_(about, made)).order_by(Visit.id)).all()
    photos = {row.photo_hash for row in rows if row.photo_hash is not None}
    return Watched(tuple(alerts), tuple(row.id for row in rows), tuple(sorted(photos)))
