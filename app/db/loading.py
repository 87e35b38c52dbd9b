"""Load a finished run into the database: once, whole, and without touching what people decided."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import geopandas as gpd
import pandas as pd
from sqlalchemy import Connection, Engine, insert, select, text
from sqlalchemy.exc import StatementError

from app.db.base import Base
from app.db.engine import said_by, writing
from app.db.erased import erased_among, pseudonym, without
from app.db.outlines import add_geometries, add_parcels, update_periods
from app.db.rows import Row, RunRows, check_rows
from app.db.tables import CreditLimit, ParcelObservation, Run, SeasonObservation
from geo.errors import DataError
from geo.runrecord import RunRecord


@dataclass(frozen=True, slots=True)
class LoadCounts:
    """What a load did.

    Attributes:
        run_id: the run.
        already_loaded: the same run was there before, and nothing was written.
        parcels: rows of the run, one per parcel.
        cycles: rows of the run, one per parcel and crop cycle.
        limits: rows of the run, one per parcel or farmer.
        new_parcels: parcels that the database did not know.
        new_outlines: outlines that the database did not know.
        changed_outlines: known parcels whose history of outlines this run changed.
        erased: farmers of the run whose data were erased here: their rows came in under random names.
    """

    run_id: str
    already_loaded: bool
    parcels: int
    cycles: int
    limits: int
    new_parcels: int = 0
    new_outlines: int = 0
    changed_outlines: int = 0
    erased: int = 0


def load_run(
    engine: Engine,
    record: RunRecord,
    parcels_geo: gpd.GeoDataFrame,
    parcels: pd.DataFrame,
    seasons: pd.DataFrame,
    limits: pd.DataFrame,
    *,
    now: datetime | None = None,
) -> LoadCounts:
    """Load a run in one transaction; loading the same run again writes nothing.

    Applications, decisions and all that follows from them are never touched: a limit of a run is a proposal. A farmer
    whose data were erased here does not come back with a run: see app.db.erased.

    Args:
        engine: database at the newest revision.
        record: record of the run.
        parcels_geo: one row per parcel: parcel_id, geometry_version, area_ha and geometry in EPSG:4326. Parcels of
            invalid geometry may be left out.
        parcels: table of geo.observations.PARCELS; NaN becomes NULL, as in all tables.
        seasons: table of geo.observations.SEASONS.
        limits: table of geo.observations.LIMITS.
        now: when the bank comes to know it; by default the present.

    Raises:
        DataError: the tables do not fit, the run is there already with other rows, or the database refuses.
    """
    rows = check_rows(parcels_geo, parcels, seasons, limits)
    content_hash = rows.content_hash()
    try:
        with writing(engine) as connection:
            known = connection.scalar(select(Run.content_hash).where(Run.run_id == record.run_id))
            if known is None:
                return _load(connection, record, rows, content_hash, now or datetime.now(UTC))
    except StatementError as error:
        raise DataError("LOAD_FAILED", f"Run {record.run_id} was not loaded: {said_by(error)}.") from error
    return _as_before(record.run_id, rows, same=known == content_hash)


def refresh_statistics(engine: Engine) -> None:
    """Let the database count its rows again, so that it picks the right index; worth a call after loads."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _as_before(run_id: str, rows: RunRows, *, same: bool) -> LoadCounts:
    if not same:
        raise DataError(
            "RUN_CHANGED",
            f"Run {run_id} is in the database already, with other rows.",
            "A run never changes: give the new one a run_id of its own.",
        )
    return LoadCounts(
        run_id,
        already_loaded=True,
        parcels=rows.parcels.num_rows,
        cycles=rows.seasons.num_rows,
        limits=rows.limits.num_rows,
    )


def _load(connection: Connection, record: RunRecord, rows: RunRows, content_hash: str, now: datetime) -> LoadCounts:
    new_parcels = add_parcels(connection, rows.outlines, now)
    new_outlines = add_geometries(connection, rows.outlines, now)
    connection.execute(insert(Run), [_run_row(record, rows, content_hash, now)])
    farmers = (*rows.parcels["farmer_id"].to_pylist(), *rows.limits["farmer_id"].to_pylist())
    names = {number: pseudonym() for number in erased_among(connection, farmers, record.created_at)}
    return LoadCounts(
        record.run_id,
        already_loaded=False,
        parcels=_insert(connection, ParcelObservation, without(rows.parcel_rows(), names), record.run_id),
        cycles=_insert(connection, SeasonObservation, rows.season_rows(), record.run_id),
        limits=_insert(connection, CreditLimit, without(rows.limit_rows(), names), record.run_id),
        new_parcels=new_parcels,
        new_outlines=new_outlines,
        changed_outlines=update_periods(connection, rows.outlines, record.created_at, now),  # reads the rows above
        erased=len(names),
    )


def _run_row(record: RunRecord, rows: RunRows, content_hash: str, now: datetime) -> Row:
    return {
        "run_id": record.run_id,
        "season_id": rows.season.id,
        "season_start": rows.season.start,
        "season_end": rows.season.end,
        "created_at": record.created_at,
        "policy_id": record.policy_id,
        "policy_hash": record.policy_hash,
        "model_hash": record.model_hash,
        "simulated": record.simulated,
        "content_hash": content_hash,
        "record": json.loads(record.to_json()),
        "recorded_at": now,
    }


def _insert(connection: Connection, table: type[Base], chunks: Iterator[list[Row]], run_id: str) -> int:
    count = 0
    for chunk in chunks:
        connection.execute(insert(table), [{"run_id": run_id, **row} for row in chunk])
        count += len(chunk)
    return count
