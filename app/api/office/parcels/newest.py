"""The newest run that looked at a parcel's crops."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping, select

from app.db.season_runs import of_crops
from app.db.tables import ParcelObservation, Run


def newest_run(connection: Connection, parcel_id: str) -> RowMapping | None:
    """run_id, season_id, season_start, season_end, policy_id and simulated; None where no run looked at its crops."""
    wanted = (
        select(Run.run_id, Run.season_id, Run.season_start, Run.season_end, Run.policy_id, Run.simulated)
        .join(ParcelObservation, ParcelObservation.run_id == Run.run_id)
        .where(ParcelObservation.parcel_id == parcel_id, of_crops())
        .order_by(Run.created_at.desc(), Run.run_id)
    )
    return connection.execute(wanted.limit(1)).mappings().one_or_none()
