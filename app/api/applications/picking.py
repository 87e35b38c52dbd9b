"""Parcels that a borrower's application may name."""

from __future__ import annotations

from sqlalchemy import case, select, union

from app.api.applications.desk import Desk
from app.api.applications.schemas import ParcelChoice, ParcelChoices
from app.book.applications.files import Filed
from app.db.tables import ContractPlot, LandRight, Parcel, ParcelGeometry, ParcelObservation, ParcelPeriod


def parcels_like(desk: Desk, filed: Filed, typed: str, most: int) -> ParcelChoices:
    """Parcels within reach whose id holds what was typed, the borrower's own first."""
    farmed = select(ParcelObservation.parcel_id).where(ParcelObservation.farmer_id == filed.farmer_id)
    held = (
        select(ContractPlot.parcel_id)
        .join(LandRight, LandRight.id == ContractPlot.land_right_id)
        .where(LandRight.party_id == filed.party_id)
    )
    own = Parcel.parcel_id.in_(union(farmed, held))
    wanted = (
        select(Parcel.parcel_id, ParcelGeometry.area_ha, case((own, 1), else_=0).label("theirs"))
        .join(ParcelPeriod, ParcelPeriod.parcel_id == Parcel.parcel_id)
        .join(
            ParcelGeometry,
            (ParcelGeometry.parcel_id == ParcelPeriod.parcel_id)
            & (ParcelGeometry.geometry_version == ParcelPeriod.geometry_version),
        )
        .where(ParcelPeriod.valid_to.is_(None), desk.scope.parcels())
        .order_by(case((own, 0), else_=1), Parcel.parcel_id)
        .limit(most)
    )
    if typed:
        wanted = wanted.where(Parcel.parcel_id.contains(typed, autoescape=True))
    rows = desk.connection.execute(wanted)
    return ParcelChoices(
        parcels=[ParcelChoice(parcel_id=row.parcel_id, area_ha=row.area_ha, theirs=bool(row.theirs)) for row in rows]
    )
