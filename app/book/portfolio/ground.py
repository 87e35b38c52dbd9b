"""Parcels of a cut, one row each: unit, crop, state and area as the newest run saw them."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    String,
    Subquery,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import aliased

from app.alerts.reach import unit_of_parcel
from app.book.portfolio.cuts import By, Cut
from app.db.season_runs import of_crops
from app.db.tables import OrgUnit, Parcel, ParcelGeometry, ParcelObservation, ParcelPeriod, Run
from geo.status import Status

#: Group of parcels without a crop that was decided, and of those that no run saw.
NO_CROP: Final = "undecided"
NOT_SEEN: Final = "not_seen"


def ground(connection: Connection, cut: Cut) -> CTE:
    """Table of the parcels of a cut.

    Returns:
        parcel_id, unit (code; null: of none), crop, status, area_ha (of the newest run, else of the outline that holds;
        null where neither is known).
    """
    seen = _seen(connection, cut)
    area = func.coalesce(seen.c.area_ha, ParcelGeometry.area_ha)
    decided = case((seen.c.status == Status.OK.value, func.coalesce(seen.c.crop, NO_CROP)), else_=NO_CROP)
    same = and_(
        ParcelGeometry.parcel_id == ParcelPeriod.parcel_id,
        ParcelGeometry.geometry_version == ParcelPeriod.geometry_version,
    )
    return (
        select(
            Parcel.parcel_id,
            OrgUnit.code.label("unit"),
            decided.label("crop"),
            func.coalesce(seen.c.status, NOT_SEEN).label("status"),
            area.label("area_ha"),
        )
        .select_from(Parcel)
        .outerjoin(OrgUnit, OrgUnit.id == unit_of_parcel())
        .outerjoin(seen, seen.c.parcel_id == Parcel.parcel_id)
        .outerjoin(ParcelPeriod, and_(ParcelPeriod.parcel_id == Parcel.parcel_id, ParcelPeriod.valid_to.is_(None)))
        .outerjoin(ParcelGeometry, same)
        .where(cut.parcels, Parcel.recorded_at <= cut.ends)
        .cte("ground")
        .prefix_with("MATERIALIZED")
    )


def key_of(table: CTE, by: By) -> ColumnElement[Any]:
    """Column that a table of parcels is grouped by."""
    return table.c.unit if by is By.BRANCH else table.c[by.value]


def _seen(connection: Connection, cut: Cut) -> Subquery:
    """What the newest run of a day saw of each parcel.

    Runs are few and parcels many: a parcel of a run counts unless a newer run saw it too, which is one look into the
    key of the table per newer run, and none for the newest.
    """
    made = select(Run.run_id).where(Run.created_at <= cut.ends, of_crops())
    runs = list(connection.scalars(made.order_by(Run.created_at.desc(), Run.run_id)))
    seen = ParcelObservation
    counts = [_unless_newer(runs[:place], run) for place, run in enumerate(runs)]
    columns = (seen.parcel_id, seen.crop, type_coerce(seen.status, String).label("status"), seen.area_ha)
    return select(*columns).where(or_(*counts) if counts else literal(value=False)).subquery("seen")


def _unless_newer(newer: list[str], run: str) -> ColumnElement[bool]:
    again = aliased(ParcelObservation)
    own = ParcelObservation.run_id == run
    if not newer:
        return own
    seen = select(again.parcel_id).where(again.run_id.in_(newer), again.parcel_id == ParcelObservation.parcel_id)
    return and_(own, ~seen.exists())
