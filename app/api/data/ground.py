"""What is known of some parcels: outlines that hold now, newest observations, live alerts, amounts decided last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Connection, RowMapping, and_, select

from app.alerts.worklist.workflow import LIVE
from app.db.listed import listed
from app.db.season_runs import of_crops
from app.db.tables import Alert, Decision, DecisionParcel, ParcelGeometry, ParcelObservation, ParcelPeriod, Run
from app.db.tables.alert_kinds import AlertLevel

#: A row by parcel.
ByParcel: TypeAlias = Mapping[str, RowMapping]


def outlines(connection: Connection, names: Sequence[str], *, drawn: bool = False) -> ByParcel:
    """Outline that each parcel has now: geometry_version, area_ha, valid_from, recorded_at; with `drawn` also wkb."""
    now, shape = ParcelPeriod, ParcelGeometry
    same = and_(shape.parcel_id == now.parcel_id, shape.geometry_version == now.geometry_version)
    columns: list[Any] = [now.parcel_id, now.geometry_version, shape.area_ha, now.valid_from, now.recorded_at]
    wanted = (
        select(*columns, *([shape.wkb] if drawn else []))
        .join(shape, same)
        .where(now.parcel_id.in_(listed(connection, names)), now.valid_to.is_(None))
    )
    return {row["parcel_id"]: row for row in connection.execute(wanted).mappings()}


def observations(connection: Connection, names: Sequence[str]) -> ByParcel:
    """What the newest run that looked at each parcel's crops saw."""
    seen = ParcelObservation
    wanted = (
        select(
            seen.parcel_id,
            seen.run_id,
            seen.status,
            seen.crop,
            seen.crop_prob,
            seen.crop_set,
            seen.vigour_pct,
            Run.season_id,
            Run.simulated,
            Run.recorded_at,
        )
        .join(Run, Run.run_id == seen.run_id)
        .where(seen.parcel_id.in_(listed(connection, names)), of_crops())
        .order_by(Run.created_at, Run.run_id.desc())
    )
    return {row["parcel_id"]: row for row in connection.execute(wanted).mappings()}  # the newest comes last and stays


def alert_levels(connection: Connection, names: Sequence[str]) -> Mapping[str, AlertLevel]:
    """Highest level of live alerts by parcel; nothing of parcels without any."""
    rank = {level: place for place, level in enumerate(AlertLevel)}
    wanted = select(Alert.parcel_id, Alert.level).where(
        Alert.parcel_id.in_(listed(connection, names)), Alert.ended_on.is_(None), Alert.status.in_(LIVE)
    )
    found = sorted(connection.execute(wanted).all(), key=lambda row: rank[row.level])
    return {row.parcel_id: row.level for row in found}


def decided_parts(connection: Connection, names: Sequence[str]) -> ByParcel:
    """Part of the amount decided last that rests on each parcel: amount_minor, currency."""
    part = DecisionParcel
    wanted = (
        select(part.parcel_id, part.amount_minor, part.currency)
        .join(Decision, Decision.id == part.decision_id)
        .where(part.parcel_id.in_(listed(connection, names)))
        .order_by(Decision.id)
    )
    return {row["parcel_id"]: row for row in connection.execute(wanted).mappings()}
