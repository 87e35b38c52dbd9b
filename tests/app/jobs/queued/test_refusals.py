"""What a given parcel's job says where it cannot be seen: one line with a remedy, or that no imagery covers it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from app.artefacts.folders import Folders
from app.book.drawn.following import ask_for_season
from app.book.drawn.outlines import outline_of
from app.book.drawn.registering import Given, Giver, register
from app.db.engine import writing
from app.db.tables import Run
from app.db.tables.office_kinds import JobKind, JobState, OutlineMethod
from app.jobs.queued import observing
from app.jobs.queued.observing import GIVEN_FILE, observe_given
from app.jobs.queued.shop import Shop
from app.queue.working import work_until_empty
from app.settings import Settings
from geo.errors import InputError
from geo.manifest import write_manifest
from geo.runrecord import RunRecord
from tests.app.queue.desk import NOW, add_desk, bench, job

FIELD = [(115.0, 35.0), (115.002, 35.0), (115.002, 35.002), (115.0, 35.002), (115.0, 35.0)]
CATALOG = "earth-search"

Observe = Callable[..., dict[str, Any]]


@pytest.fixture
def observe(engine: Engine, tmp_path: Path) -> Observe:
    """Gives a parcel at first, asks for the unit's season, and tells the job once a worker is through with it."""
    unit, person = add_desk(engine)
    giver = Giver(person, unit, "001")

    def asked(catalog: str | None = CATALOG, *, give: bool = True) -> dict[str, Any]:
        with writing(engine) as connection:
            if give:
                register(connection, [Given(outline=outline_of([FIELD]), method=OutlineMethod.DRAWN)], giver, NOW)
            number = ask_for_season(connection, giver, NOW)
        shop = Shop(engine, "", Folders(runs=tmp_path), Settings(catalog=catalog), lambda: NOW)
        worker = bench(engine, partial(observe_given, shop), lambda: NOW + timedelta(minutes=1))
        object.__setattr__(worker, "handlers", {JobKind.PARCELS_OBSERVE: partial(observe_given, shop)})
        assert work_until_empty(worker) == 1
        return job(engine, number)

    return asked


def add_run(engine: Engine, folder: Path, run_id: str = "book", parcels: str = "parcels.gpkg") -> None:
    """A run that the database knows and whose record lies in its folder."""
    season = {"season_id": "s", "season_start": date(2025, 10, 1), "season_end": date(2026, 9, 30)}
    run = {"run_id": run_id, "simulated": True, "content_hash": "0" * 64, "record": {}, "created_at": NOW}
    with writing(engine) as connection:
        connection.execute(insert(Run), [season | run | {"recorded_at": NOW}])
    (folder / run_id).mkdir()
    asked = {"catalog": CATALOG, "parcels": parcels}
    record = RunRecord(run_id, NOW, "0", asked, {}, policy_id="cn-planting-generic")
    (folder / run_id / "run.json").write_text(record.to_json(), encoding="utf-8")
    write_manifest(folder / run_id, ["run.json"])


def refused(row: dict[str, Any]) -> tuple[str, str, str]:
    assert (row["state"], row["attempts"]) == (JobState.FAILED, 1)  # none of them passes by itself
    error = row["error"]
    assert all(text and "\n" not in text for text in error.values())
    return error["code"], error["message"], error["remedy"]


def test_without_a_run_of_the_book(observe: Observe, engine: Engine, tmp_path: Path) -> None:
    code, _, remedy = refused(observe())
    assert code == "OBSERVE_NO_RUN"
    assert "ACRELINE_RUNS_DIR" in remedy
    add_run(engine, tmp_path, "given-1", GIVEN_FILE)  # one over given parcels is none of the book
    assert refused(observe(give=False))[0] == "OBSERVE_NO_RUN"


def test_without_a_catalogue_or_with_another(observe: Observe, engine: Engine, tmp_path: Path) -> None:
    add_run(engine, tmp_path)
    code, _, remedy = refused(observe(None))
    assert code == "OBSERVE_NO_CATALOG"
    assert "ACRELINE_CATALOG" in remedy
    code, message, _ = refused(observe("planetary-computer", give=False))
    assert code == "OBSERVE_OTHER_CATALOG"
    assert message == "ACRELINE_CATALOG names planetary-computer; the book's run read earth-search."


@pytest.mark.parametrize("code", ["NO_SCENES", "OUTSIDE_IMAGERY"])
def test_a_parcel_beside_all_imagery_is_named(
    observe: Observe, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    add_run(engine, tmp_path)

    def search(*_: object) -> None:
        raise InputError(code, "Nothing there.", "Look elsewhere.")

    monkeypatch.setattr(observing, "open_source", lambda *_: SimpleNamespace(search=search))
    row = observe()
    assert row["state"] is JobState.DONE
    assert row["answer"] == {"runs": [], "seen": [], "not_covered": ["001-d000001"]}


def test_another_fault_of_the_catalogue_is_the_jobs(
    observe: Observe, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_run(engine, tmp_path)

    def search(*_: object) -> None:
        raise InputError("CATALOG_SHAPE", "It is no catalogue.", "Name another.")

    monkeypatch.setattr(observing, "open_source", lambda *_: SimpleNamespace(search=search))
    assert refused(observe())[0] == "CATALOG_SHAPE"


def test_where_nothing_waits_nothing_is_needed(observe: Observe) -> None:
    row = observe(None, give=False)
    assert (row["state"], row["answer"]["runs"]) == (JobState.DONE, [])
