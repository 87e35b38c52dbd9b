"""The database that a watch is recorded in; it knows the run."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
from sqlalchemy import Engine, select

from app.db.engine import open_engine
from app.db.loading import load_run
from app.db.migrate import check_current, upgrade
from app.db.tables import Run
from geo.errors import InputError
from geo.observations import LIMITS, PARCELS, SEASONS, read_table
from geo.runrecord import RunRecord


def open_institution(url: str, record: RunRecord) -> Engine:
    """The institution's database.

    Raises:
        InputError: the URL is wrong, or the database does not know the run.
        DataError: it cannot be reached, or is not at the newest revision.
    """
    engine = open_engine(url)
    try:
        check_current(engine)
        _require(engine, record)
    except BaseException:
        engine.dispose()
        raise
    return engine


def open_of_run(url: str, run: Path, record: RunRecord) -> Engine:
    """The database file in the run's own folder, made where it is missing and brought to the newest revision.

    Args:
        url: of the file.
        run: folder of the run.
        record: of the run.

    Raises:
        DataError: the file is no database, or a table of the run cannot be read.
    """
    upgrade(url)
    engine = open_engine(url)
    try:
        if not _knows(engine, record):
            _load(engine, run, record)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _require(engine: Engine, record: RunRecord) -> None:
    if not _knows(engine, record):
        raise InputError(
            "RUN_NOT_LOADED",
            f"The run {record.run_id} is not in this database.",
            "Run `acreline run` again with ACRELINE_DATABASE_URL set to it: what is whole is kept.",
        )


def _knows(engine: Engine, record: RunRecord) -> bool:
    with engine.connect() as connection:
        return connection.scalar(select(Run.run_id).where(Run.run_id == record.run_id)) is not None


def _load(engine: Engine, run: Path, record: RunRecord) -> None:
    """Load the run from its own tables; outlines are those of the map, rounded to a centimetre."""
    parcels = read_table(run / "parcels.parquet", PARCELS)
    shapes = gpd.read_file(run / "parcels.geojson", engine="pyogrio", use_arrow=True)[["parcel_id", "geometry"]]
    facts = parcels[["parcel_id", "geometry_version", "area_ha"]]
    outlines = shapes.astype({"parcel_id": str}).merge(facts, on="parcel_id", validate="one_to_one")
    seasons, limits = (
        read_table(run / f"{name}.parquet", schema) for name, schema in (("seasons", SEASONS), ("limits", LIMITS))
    )
    load_run(engine, record, outlines, parcels, seasons, limits)
