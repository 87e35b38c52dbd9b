"""Pages of each list. Every one takes its condition from the scope of who asks."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, func, or_, select, tuple_

from app.api.access.scope import Scope
from app.api.answers import decimal_text, money
from app.api.data.ground import observations, outlines
from app.api.data.pages import RowKey, cut
from app.api.data.schemas import AlertRow, FacilityRow, LimitRow, ParcelRow
from app.api.schemas import Money
from app.book.loans.imports import day_start
from app.book.loans.positions import facility_positions
from app.db.tables import (
    Alert,
    AlertEvent,
    Decision,
    DecisionParcel,
    Drawdown,
    Facility,
    LoanAccount,
    Parcel,
    ParcelObservation,
    ParcelPeriod,
    Run,
    Sublimit,
)


def parcel_rows(
    connection: Connection, scope: Scope, after: RowKey | None, limit: int, since: datetime | None
) -> tuple[list[ParcelRow], bool]:
    """Parcels after a name, and whether there are more."""
    wanted = select(Parcel.parcel_id, Parcel.recorded_at).where(scope.parcels())
    if after is not None:
        wanted = wanted.where(Parcel.parcel_id > after[0])
    if since is not None:
        wanted = wanted.where(_ground_changed(since))
    rows, more = cut(connection.execute(wanted.order_by(Parcel.parcel_id).limit(limit + 1)).all(), limit)
    names = [row.parcel_id for row in rows]
    drawn, seen = outlines(connection, names), observations(connection, names)
    return [_parcel(row.parcel_id, row.recorded_at, drawn, seen) for row in rows], more


def limit_rows(
    connection: Connection, scope: Scope, after: RowKey | None, limit: int, since: datetime | None
) -> tuple[list[LimitRow], bool]:
    """Parts of decided amounts after a decision and parcel, and whether there are more."""
    part = DecisionParcel
    wanted = (
        select(
            part.decision_id.label("decision"),
            part.parcel_id,
            part.amount_minor,
            part.currency,
            Decision.outcome,
            Decision.policy_id,
            Decision.policy_hash,
            Decision.decided_at,
            Decision.recorded_at.label("updated_at"),
        )
        .join(Decision, Decision.id == part.decision_id)
        .join(Parcel, Parcel.parcel_id == part.parcel_id)
        .where(scope.parcels())
    )
    if after is not None:
        wanted = wanted.where(tuple_(part.decision_id, part.parcel_id) > tuple_(*after))
    if since is not None:
        wanted = wanted.where(Decision.recorded_at >= since)
    ordered = wanted.order_by(part.decision_id, part.parcel_id).limit(limit + 1)
    rows, more = cut(connection.execute(ordered).mappings().all(), limit)
    return [_limit(row) for row in rows], more


def alert_rows(
    connection: Connection, scope: Scope, after: RowKey | None, limit: int, since: datetime | None
) -> tuple[list[AlertRow], bool]:
    """Alerts after a number, and whether there are more."""
    told = select(func.max(AlertEvent.recorded_at)).where(AlertEvent.alert_id == Alert.id).correlate(Alert)
    wanted = (
        select(Alert.__table__, told.scalar_subquery().label("told_at"))
        .join(Parcel, Parcel.parcel_id == Alert.parcel_id)
        .where(scope.parcels())
    )
    if after is not None:
        wanted = wanted.where(Alert.id > after[0])
    if since is not None:
        later = select(AlertEvent.alert_id).where(AlertEvent.recorded_at >= since)
        wanted = wanted.where(or_(Alert.recorded_at >= since, Alert.id.in_(later)))
    rows, more = cut(connection.execute(wanted.order_by(Alert.id).limit(limit + 1)).mappings().all(), limit)
    return [_alert(row) for row in rows], more


def facility_rows(
    connection: Connection, scope: Scope, after: RowKey | None, limit: int, since: datetime | None, as_of: date
) -> tuple[list[FacilityRow], bool, int | None]:
    """Facilities of a day after a number of the row, whether there are more, and the number of the last row."""
    ends = day_start(as_of) + timedelta(days=1)
    there = or_(Facility.valid_to.is_(None), Facility.valid_to >= ends)
    wanted = select(Facility.__table__).where(scope.facilities(), Facility.starts_on <= as_of, there)
    if after is not None:
        wanted = wanted.where(Facility.id > after[0])
    if since is not None:
        wanted = wanted.where(_contract_changed(since))
    rows, more = cut(connection.execute(wanted.order_by(Facility.id).limit(limit + 1)).mappings().all(), limit)
    found = facility_positions(connection, as_of, [row["id"] for row in rows]).to_dict("records")
    positions = {position["facility_number"]: position for position in found}
    last = rows[-1]["id"] if rows else None
    return [_facility(row, positions[row["number"]], as_of) for row in rows], more, last


def _ground_changed(since: datetime) -> ColumnElement[bool]:
    """Condition on Parcel: itself, an outline, or an observation was written at an instant or later."""
    outlined = select(ParcelPeriod.parcel_id).where(ParcelPeriod.recorded_at >= since)
    seen = (
        select(ParcelObservation.parcel_id)
        .join(Run, Run.run_id == ParcelObservation.run_id)
        .where(Run.recorded_at >= since)
    )
    return or_(Parcel.recorded_at >= since, Parcel.parcel_id.in_(outlined), Parcel.parcel_id.in_(seen))


def _contract_changed(since: datetime) -> ColumnElement[bool]:
    """Condition on Facility: itself or one of its accounts was written at an instant or later."""
    own = select(LoanAccount.facility_id).where(LoanAccount.recorded_at >= since, LoanAccount.facility_id.is_not(None))
    of_tranches = (
        select(Sublimit.facility_id)
        .join(Drawdown, Drawdown.sublimit_id == Sublimit.id)
        .join(LoanAccount, LoanAccount.drawdown_id == Drawdown.id)
        .where(LoanAccount.recorded_at >= since)
    )
    return or_(Facility.recorded_at >= since, Facility.id.in_(own), Facility.id.in_(of_tranches))


def _parcel(name: str, recorded_at: datetime, drawn: Any, seen: Any) -> ParcelRow:
    outline, sight = drawn.get(name, {}), seen.get(name, {})
    written = [recorded_at, *(row["recorded_at"] for row in (outline, sight) if row)]
    return ParcelRow(
        parcel_id=name,
        geometry_version=outline.get("geometry_version"),
        area_ha=outline.get("area_ha"),
        valid_from=outline.get("valid_from"),
        run_id=sight.get("run_id"),
        season_id=sight.get("season_id"),
        simulated=sight.get("simulated"),
        status=sight.get("status"),
        crop=sight.get("crop"),
        crop_prob=sight.get("crop_prob"),
        crop_set=list(sight.get("crop_set") or ()),
        vigour_pct=sight.get("vigour_pct"),
        updated_at=max(written),
    )


def _limit(row: RowMapping) -> LimitRow:
    amount = Money(amount=decimal_text(row["amount_minor"], row["currency"]), currency=row["currency"])
    return LimitRow(amount=amount, **{name: row[name] for name in LimitRow.model_fields if name != "amount"})


def _alert(row: RowMapping) -> AlertRow:
    said = {name: row[name] for name in AlertRow.model_fields if name not in {"number", "updated_at"}}
    return AlertRow(number=row["id"], updated_at=max(row["recorded_at"], row["told_at"] or row["recorded_at"]), **said)


def _facility(row: RowMapping, position: Any, as_of: date) -> FacilityRow:
    currency = row["currency"]
    return FacilityRow(
        number=row["number"],
        product=row["product"],
        status=row["status"],
        revolving=row["revolving"],
        starts_on=row["starts_on"],
        ends_on=row["ends_on"],
        as_of=as_of,
        accounts=position["accounts"],
        sanctioned=money(position["sanctioned_minor"], currency),
        drawing=money(position["drawing_minor"], currency),
        outstanding=money(position["outstanding_minor"], currency),
        available=money(position["available_minor"], currency),
    )
