"""A given parcel is seen by a run of its own over the book's imagery, and keeps its outline's history."""

from __future__ import annotations

import shutil
from datetime import timedelta
from functools import partial
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import affinity
from sqlalchemy import Engine, select

from app.artefacts.folders import Folders
from app.book.drawn.following import ask_for_season
from app.book.drawn.outlines import outline_of
from app.book.drawn.registering import Given, Giver, register
from app.db.engine import open_engine, sqlite_url, writing
from app.db.tables import ParcelObservation, ParcelPeriod, Run
from app.db.tables.office_kinds import JobKind, JobState, OutlineMethod
from app.jobs.queued.observing import observe_given
from app.jobs.queued.outlines import make_units
from app.jobs.queued.shop import Shop
from app.jobs.request import RunRequest
from app.jobs.summary import RunSummary
from app.queue.working import work_until_empty
from app.settings import Settings
from geo.status import Status
from tests.app.conftest import clock
from tests.app.queue.desk import add_desk, bench, job

LATER = clock() + timedelta(days=1)


def give(engine: Engine, parcels: Path, redraws: str | None, scale: float) -> int:
    """Register an outline near a parcel of the run, and ask for its season."""
    field = gpd.read_file(parcels).to_crs(4326).geometry[5]
    shape = affinity.scale(field, scale, scale)
    unit, person = add_desk(engine) if redraws is None else (1, 1)
    giver = Giver(person, unit, "001")
    given = Given(outline=outline_of([list(shape.exterior.coords)]), method=OutlineMethod.DRAWN, redraws=redraws)
    with writing(engine) as connection:
        register(connection, [given], giver, LATER)
        return ask_for_season(connection, giver, LATER)


@pytest.fixture
def bank(finished: tuple[Path, RunSummary], tmp_path: Path) -> tuple[Engine, Path]:
    """A copy of a finished run and its database."""
    shutil.copytree(finished[0], tmp_path / "runs" / "book", ignore=shutil.ignore_patterns("work"))
    shutil.move(tmp_path / "runs" / "book" / "acreline.db", tmp_path / "bank.db")
    return open_engine(sqlite_url(tmp_path / "bank.db")), tmp_path


def work(engine: Engine, folder: Path, asked: RunRequest) -> None:
    (folder / "layers").mkdir(exist_ok=True)
    folders = Folders(runs=folder / "runs", layers=folder / "layers")
    url = engine.url.render_as_string(hide_password=False)
    now = LATER + timedelta(hours=1)
    shop = Shop(engine, url, folders, Settings(catalog=asked.catalog, scheduler=asked.scheduler), lambda: now)
    worker = bench(engine, partial(observe_given, shop), lambda: now)
    does = {JobKind.PARCELS_OBSERVE: partial(observe_given, shop), JobKind.OUTLINES: partial(make_units, shop)}
    object.__setattr__(worker, "handlers", does)
    work_until_empty(worker)


def test_a_given_parcel_is_seen_by_a_run_of_its_own(bank: tuple[Engine, Path], border_request: RunRequest) -> None:
    engine, folder = bank
    number = give(engine, border_request.parcels, None, 0.9)
    with engine.connect() as connection:
        before = set(connection.scalars(select(Run.run_id)))
    work(engine, folder, border_request)
    row = job(engine, number)
    assert row["state"] is JobState.DONE, row["error"]
    made = row["answer"]["runs"][0]["run_id"]
    assert made not in before
    (seen,) = row["answer"]["seen"]
    assert seen["parcel_id"] == "001-d000001"
    assert seen["status"] != Status.UNVERIFIED
    with engine.connect() as connection:
        rows = connection.execute(select(ParcelObservation).where(ParcelObservation.run_id == made)).all()
        periods = connection.execute(select(ParcelPeriod).where(ParcelPeriod.parcel_id == "001-d000001")).all()
    assert [(each.parcel_id, each.vigour_pct) for each in rows] == [("001-d000001", None)]
    assert [(each.valid_from, each.valid_to) for each in periods] == [(LATER, None)]
    with writing(engine) as connection:
        again = ask_for_season(connection, Giver(1, 1, "001"), LATER)
    work(engine, folder, border_request)
    assert job(engine, again)["answer"] == {"runs": [], "seen": [], "not_covered": []}
    engine.dispose()
