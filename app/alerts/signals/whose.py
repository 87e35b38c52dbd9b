"""Whose a parcel is on a day: who has the right to it, who borrows on it, and whom the last run names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from app.db.listed import listed
from app.db.season_runs import of_crops
from app.db.tables import ContractPlot, LandRight, ParcelObservation, Party, Role, Run
from app.db.tables.kinds import RoleKind

_BORROWS: Final = (RoleKind.BORROWER, RoleKind.CO_BORROWER)


def parties_of(
    connection: Connection, parcel_ids: Sequence[str], day: date, zone: tzinfo = UTC
) -> dict[str, tuple[int, ...]]:
    """Numbers of the parties of parcels on a local day, in order; parcels that are nobody's are left out.

    They are who holds a right to a plot of it, who borrows under the facility that a plot backs, and the farmer that
    the last run up to that day names.
    """
    ends = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
    found: dict[str, set[int]] = {}
    for pairs in (
        _holders(connection, parcel_ids, day, ends),
        _borrowers(connection, parcel_ids, day, ends),
        _observed(connection, parcel_ids, ends),
    ):
        for parcel_id, party_id in pairs:
            found.setdefault(parcel_id, set()).add(party_id)
    return {parcel_id: tuple(sorted(parties)) for parcel_id, parties in sorted(found.items())}


def _holders(connection: Connection, parcel_ids: Sequence[str], day: date, ends: datetime) -> Iterator[tuple[str, int]]:
    wanted = (
        select(ContractPlot.parcel_id, LandRight.party_id)
        .join(LandRight, LandRight.id == ContractPlot.land_right_id)
        .where(ContractPlot.parcel_id.in_(listed(connection, parcel_ids)))
        .where(_runs(day, ends), or_(LandRight.ends_on.is_(None), LandRight.ends_on >= day))
    )
    yield from ((str(parcel_id), party_id) for parcel_id, party_id in connection.execute(wanted))


def _borrowers(
    connection: Connection, parcel_ids: Sequence[str], day: date, ends: datetime
) -> Iterator[tuple[str, int]]:
    wanted = (
        select(ContractPlot.parcel_id, Role.party_id)
        .join(Role, Role.facility_id == ContractPlot.facility_id)
        .where(ContractPlot.parcel_id.in_(listed(connection, parcel_ids)))
        .where(_runs(day, ends), Role.kind.in_(_BORROWS))
    )
    yield from ((str(parcel_id), party_id) for parcel_id, party_id in connection.execute(wanted))


def _observed(connection: Connection, parcel_ids: Sequence[str], ends: datetime) -> Iterator[tuple[str, int]]:
    wanted = (
        select(ParcelObservation.parcel_id, Party.id)
        .join(Run, Run.run_id == ParcelObservation.run_id)
        .outerjoin(Party, Party.farmer_id == ParcelObservation.farmer_id)
        .where(ParcelObservation.parcel_id.in_(listed(connection, parcel_ids)), Run.created_at < ends, of_crops())
        .order_by(Run.created_at, Run.recorded_at, Run.run_id)
    )
    last: dict[str, int | None] = {row.parcel_id: row.id for row in connection.execute(wanted)}
    yield from ((parcel_id, party_id) for parcel_id, party_id in last.items() if party_id is not None)


def _runs(day: date, ends: datetime) -> ColumnElement[bool]:
    """Condition on ContractPlot: known to run on the day."""
    return and_(
        ContractPlot.valid_from < ends,
        or_(ContractPlot.valid_to.is_(None), ContractPlot.valid_to >= ends),
        ContractPlot.starts_on <= day,
        or_(ContractPlot.ends_on.is_(None), ContractPlot.ends_on >= day),
    )
