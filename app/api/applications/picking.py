"""Parcels that a borrower's application may name, as a list and as a column of the map."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from sqlalchemy import ColumnElement, case, select, union

from app.api.applications.desk import Desk
from app.api.applications.schemas import ParcelChoice, ParcelChoices
from app.book.applications.drafting import plots_of
from app.book.applications.files import Filed
from app.book.ground import pledged_parcels
from app.db.tables import ContractPlot, LandRight, Parcel, ParcelGeometry, ParcelObservation, ParcelPeriod
from app.maplayers.facts import Bytes
from app.maplayers.parcelset import ParcelSet

#: Bits of a parcel's byte in ground_column.
PLEDGED: Final = 1
THEIRS: Final = 2
PICKED: Final = 4


def parcels_like(desk: Desk, filed: Filed, typed: str, most: int) -> ParcelChoices:
    """Parcels within reach whose id holds what was typed, the borrower's own first."""
    own, shape = _own(filed), ParcelGeometry
    box = (shape.minx, shape.miny, shape.maxx, shape.maxy)
    wanted = (
        select(Parcel.parcel_id, shape.area_ha, case((own, 1), else_=0).label("theirs"), *box)
        .join(ParcelPeriod, ParcelPeriod.parcel_id == Parcel.parcel_id)
        .join(
            shape,
            (shape.parcel_id == ParcelPeriod.parcel_id) & (shape.geometry_version == ParcelPeriod.geometry_version),
        )
        .where(ParcelPeriod.valid_to.is_(None), desk.scope.parcels())
        .order_by(case((own, 0), else_=1), Parcel.parcel_id)
        .limit(most)
    )
    if typed:
        wanted = wanted.where(Parcel.parcel_id.contains(typed, autoescape=True))
    return ParcelChoices(parcels=[_choice(row) for row in desk.connection.execute(wanted)])


def ground_column(desk: Desk, filed: Filed, parcels: ParcelSet) -> Bytes:
    """What each parcel of a set is to an application, shape (parcels,), dtype uint8: PLEDGED, THEIRS and PICKED.

    A parcel is pledged where a contract on that very parcel runs; whether ground of others lies under it is known only
    by looking at outlines (answers.ground_of), parcel by parcel.
    """
    today = desk.today(desk.pack(filed.policy_id))
    pledged = pledged_parcels(desk.connection, today, desk.scope.parcels())
    theirs = desk.connection.scalars(select(Parcel.parcel_id).where(_own(filed), desk.scope.parcels()))
    picked = (plot.parcel_id for plot in plots_of(desk.connection, filed.id))
    column = np.zeros(len(parcels), dtype=np.uint8)
    marks: Iterable[tuple[Iterable[str], int]] = ((pledged, PLEDGED), (theirs, THEIRS), (picked, PICKED))
    for names, mark in marks:
        column[[parcels.number_of[name] for name in names if name in parcels.number_of]] |= mark
    return column


def _choice(row: Any) -> ParcelChoice:
    bounds = None if row.minx is None else (row.minx, row.miny, row.maxx, row.maxy)
    return ParcelChoice(parcel_id=row.parcel_id, area_ha=row.area_ha, theirs=bool(row.theirs), bounds=bounds)


def _own(filed: Filed) -> ColumnElement[bool]:
    """Condition on Parcel: seen as the borrower's, or held by a right of theirs."""
    farmed = select(ParcelObservation.parcel_id).where(ParcelObservation.farmer_id == filed.farmer_id)
    held = (
        select(ContractPlot.parcel_id)
        .join(LandRight, LandRight.id == ContractPlot.land_right_id)
        .where(LandRight.party_id == filed.party_id)
    )
    return Parcel.parcel_id.in_(union(farmed, held))
