"""A parcel in short, as the map shows it when somebody points at it. It names no person."""

from __future__ import annotations

import json
from typing import Any

import shapely
from sqlalchemy import Connection, and_, func, select

from app.alerts.reach import unit_of_parcel
from app.alerts.worklist.workflow import LIVE
from app.api.access.scope import Scope, require_parcels
from app.api.answers import money
from app.api.find.schemas import ParcelCard, UnitName
from app.api.office.naming import village_name
from app.api.schemas import Money
from app.api.sites.onparcel import site_on
from app.book.villages import village_of
from app.db.season_runs import of_crops
from app.db.tables import (
    Alert,
    Decision,
    DecisionParcel,
    OrgUnit,
    Parcel,
    ParcelGeometry,
    ParcelObservation,
    ParcelPeriod,
    Proposal,
    ProposalParcel,
    Run,
)
from app.db.tables.alert_kinds import AlertLevel
from app.db.tables.kinds import ProposalStatus


def card_of(connection: Connection, scope: Scope, parcel_id: str) -> ParcelCard:
    """Card of a parcel; InputError PARCEL_UNKNOWN for one out of scope, as for one that does not exist."""
    require_parcels(connection, scope, [parcel_id])
    levels = _live_levels(connection, parcel_id)
    return ParcelCard(
        parcel_id=parcel_id,
        unit=_unit(connection, scope, parcel_id),
        village=village_name(village_of(connection, parcel_id)),
        site=site_on(connection, parcel_id),
        level=max(levels, key=list(AlertLevel).index, default=None),
        alerts=len(levels),
        limit=_decided(connection, parcel_id),
        proposed=_proposed(connection, parcel_id),
        **_ground(connection, parcel_id),
        **_seen(connection, parcel_id),
    )


def _unit(connection: Connection, scope: Scope, parcel_id: str) -> UnitName | None:
    number = select(unit_of_parcel()).where(Parcel.parcel_id == parcel_id).scalar_subquery()
    row = connection.execute(
        select(OrgUnit.code, OrgUnit.name).where(OrgUnit.id == number, OrgUnit.id.in_(scope.units))
    ).one_or_none()
    return None if row is None else UnitName(code=row.code, name=row.name)


def _ground(connection: Connection, parcel_id: str) -> dict[str, Any]:
    now, shape = ParcelPeriod, ParcelGeometry
    same = and_(shape.parcel_id == now.parcel_id, shape.geometry_version == now.geometry_version)
    row = connection.execute(
        select(shape.wkb, shape.area_ha, shape.minx, shape.miny, shape.maxx, shape.maxy)
        .join(now, same)
        .where(now.parcel_id == parcel_id, now.valid_to.is_(None))
    ).one_or_none()
    if row is None or row.minx is None:
        return {"area_ha": None if row is None else row.area_ha, "bounds": None, "outline": None}
    outline = json.loads(shapely.to_geojson(shapely.from_wkb(row.wkb)))
    return {"area_ha": row.area_ha, "bounds": (row.minx, row.miny, row.maxx, row.maxy), "outline": outline}


def _seen(connection: Connection, parcel_id: str) -> dict[str, Any]:
    """What the newest run that saw it says."""
    seen = ParcelObservation
    columns = (seen.status, seen.crop, seen.crop_prob, seen.declared_crop, seen.vigour_pct)
    row = connection.execute(
        select(*columns)
        .join(Run, Run.run_id == seen.run_id)
        .where(seen.parcel_id == parcel_id, of_crops())
        .order_by(Run.created_at.desc(), Run.run_id)
        .limit(1)
    ).one_or_none()
    return dict.fromkeys((column.key for column in columns), None) if row is None else dict(row._mapping)  # noqa: SLF001


def _live_levels(connection: Connection, parcel_id: str) -> list[AlertLevel]:
    live = Alert.parcel_id == parcel_id, Alert.ended_on.is_(None), Alert.status.in_(LIVE)
    return list(connection.scalars(select(Alert.level).where(*live)))


def _decided(connection: Connection, parcel_id: str) -> Money | None:
    row = connection.execute(
        select(DecisionParcel.amount_minor, DecisionParcel.currency)
        .join(Decision, Decision.id == DecisionParcel.decision_id)
        .where(DecisionParcel.parcel_id == parcel_id)
        .order_by(Decision.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else money(*row)


def _proposed(connection: Connection, parcel_id: str) -> Money | None:
    waiting = (ProposalStatus.HELD, ProposalStatus.OPEN)
    row = connection.execute(
        select(func.coalesce(ProposalParcel.amount_minor, 0), ProposalParcel.currency)
        .join(Proposal, Proposal.id == ProposalParcel.proposal_id)
        .where(ProposalParcel.parcel_id == parcel_id, Proposal.status.in_(waiting))
        .order_by(Proposal.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else money(*row)
