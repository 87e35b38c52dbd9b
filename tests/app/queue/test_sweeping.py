"""What is swept away, and above all what stays."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, update

from app.artefacts.contents import ContentStore
from app.artefacts.folders import Folders
from app.book.drawn.outlines import outline_of
from app.book.drawn.registering import Given, Giver, register
from app.db.base import Base
from app.db.engine import writing
from app.db.tables import Job
from app.db.tables.kinds import ApplicationStatus, PartyKind
from app.db.tables.office_kinds import JobKind, JobState, OutlineMethod
from app.queue import sweeping
from app.queue.sweeping import Broom, Swept
from app.queue.working import work_until_stopped
from tests.app.queue.desk import NOW, add_desk, ask_for, bench, note, states

FIELD = [(115.0, 35.0), (115.002, 35.0), (115.002, 35.002), (115.0, 35.002), (115.0, 35.0)]
OLD, NEW = NOW - timedelta(days=91), NOW - timedelta(days=89)
NOTHING = Swept(0, 0, 0, 0)

Keep = Callable[..., str]


@pytest.fixture
def broom(engine: Engine, tmp_path: Path) -> Broom:
    return Broom(engine, Folders(files=tmp_path / "files", photos=tmp_path / "photos"), timedelta(days=90))


@pytest.fixture
def keep(broom: Broom) -> Keep:
    """Keeps a file that was written on a day, by default long ago; its hash."""
    store = store_of(broom)

    def kept(content: bytes, day: datetime = OLD) -> str:
        digest = store.keep(content)
        aged(store.path(digest), day)
        return digest

    return kept


def store_of(broom: Broom) -> ContentStore:
    assert broom.folders.files is not None
    return ContentStore(broom.folders.files)


def aged(file: Path, day: datetime) -> None:
    os.utime(file, (day.timestamp(), day.timestamp()))


def end(engine: Engine, number: int, day: datetime, **outcome: Any) -> None:
    values = {"state": JobState.DONE, "finished_at": day, "asked_at": day, **outcome}
    with writing(engine) as connection:
        connection.execute(update(Job).where(Job.id == number).values(**values))


def test_jobs_that_ended_long_ago_go_with_their_files(broom: Broom, engine: Engine, keep: Keep) -> None:
    unit, _ = add_desk(engine)
    files = {name: keep(name.encode()) for name in ("old", "new", "answer", "waiting")}
    for name in ("old", "new", "waiting"):
        number = ask_for(engine, unit, name, kind=JobKind.PARCELS_CHECK, asked={"source": files[name], "crs": None})
        if name != "waiting":
            end(engine, number, OLD if name == "old" else NEW, answer={"preview": files["answer"], "rows": 3})
    would = broom.sweep(NOW, dry_run=True)
    assert store_of(broom).path(files["old"]).exists()
    assert broom.sweep(NOW) == would == Swept(jobs=1, files=1, photos=0, bytes=3)
    there = {name for name, digest in files.items() if store_of(broom).path(digest).exists()}
    assert there == {"new", "answer", "waiting"}
    assert states(engine) == [JobState.DONE, JobState.QUEUED]
    assert broom.sweep(NOW) == NOTHING


def test_sources_of_parcels_and_papers_stay(broom: Broom, engine: Engine, keep: Keep) -> None:
    unit, person = add_desk(engine)
    source, paper, taken_back = keep(b"parcels"), keep(b"paper"), keep(b"taken back")
    with writing(engine) as connection:
        given = Given(outline=outline_of([FIELD]), method=OutlineMethod.IMPORTED, source_hash=source)
        register(connection, [given], Giver(person, unit, "001"), OLD)
        add_papers(connection, unit, person, {paper: None, taken_back: OLD})
    assert broom.sweep(NOW) == Swept(jobs=0, files=1, photos=0, bytes=10)
    assert store_of(broom).read(source) == b"parcels"
    assert store_of(broom).read(paper) == b"paper"


def add_papers(connection: Any, unit: int, person: int, papers: dict[str, datetime | None]) -> None:
    """An application with papers by hash, and when they were taken back."""
    tables = Base.metadata.tables
    since = {"valid_from": OLD, "recorded_at": OLD}
    party = {"kind": PartyKind.PERSON, "org_unit_id": unit, **since}
    party_id = connection.execute(insert(tables["party"]), party).inserted_primary_key[0]
    application = {"number": "A-1", "org_unit_id": unit, "created_by_id": person, "product": "any", "currency": "CNY"}
    application |= {"requested_minor": 1, "status": ApplicationStatus.DRAFT, **since}
    number = connection.execute(insert(tables["application"]), application).inserted_primary_key[0]
    row = {"application_id": number, "party_id": party_id, "kind": "lease", "media_type": "image/jpeg", "size": 5}
    rows = [
        row | {"content_hash": digest, "added_by_id": person, "recorded_at": OLD, "removed_at": removed}
        for digest, removed in papers.items()
    ]
    connection.execute(insert(tables["application_paper"]), rows)


def test_receipts_of_proposals_and_decisions_are_named() -> None:
    named = {f"{column.table.name}.{column.name}" for column in sweeping._naming()}
    assert {"proposal.receipt_hash", "decision.receipt_hash"} <= named
    assert {"parcel_origin.source_hash", "application_paper.content_hash"} <= named


def test_what_is_new_and_what_is_no_file_of_ours_stays(broom: Broom, keep: Keep) -> None:
    digest, again = keep(b"upload", NEW), keep(b"sent again")
    store_of(broom).keep(b"sent again")  # somebody sends it now, and the row is still to come
    folder = store_of(broom).path(digest).parent
    half = folder / f".{digest}.12-34.part"
    for file in (half, folder / "notes.txt"):
        file.write_bytes(b"half")
        aged(file, OLD)
    assert broom.sweep(NOW) == Swept(jobs=0, files=1, photos=0, bytes=4)
    assert not half.exists()
    assert (folder / "notes.txt").exists()
    assert store_of(broom).path(again).exists()


def test_photos_whose_visit_never_came_go(broom: Broom) -> None:
    assert broom.folders.photos is not None
    waiting = broom.folders.photos / "waiting" / "7"
    waiting.mkdir(parents=True)
    for name, days in (("late", 31), ("fresh", 29)):
        (waiting / name).write_bytes(b"photo")
        aged(waiting / name, NOW - timedelta(days=days))
    kept = broom.folders.photos / ("a" * 64)
    kept.write_bytes(b"of a visit")
    aged(kept, OLD)
    assert broom.sweep(NOW) == Swept(jobs=0, files=0, photos=1, bytes=5)
    assert [file.name for file in waiting.iterdir()] == ["fresh"]
    assert kept.exists()


def test_what_no_folder_is_set_for_is_not_swept(broom: Broom, keep: Keep) -> None:
    keep(b"any")
    assert replace(broom, folders=Folders()).sweep(NOW) == NOTHING


def test_a_worker_sweeps_at_first_and_then_once_a_day(broom: Broom, keep: Keep, tmp_path: Path) -> None:
    seconds = iter(range(0, 400_000, 20_000))
    worker = bench(broom.engine, lambda held, told: note(tmp_path / "notes", "w", held, told), lambda: NOW)
    swept: list[float] = []

    class Stop:
        def is_set(self) -> bool:
            return len(swept) == 2

        def wait(self, _poll_s: float) -> None:
            keep(b"left over")

    def monotonic() -> float:
        return next(seconds)

    class Counting(Broom):
        def sweep(self, now: datetime, *, dry_run: bool = False) -> Swept:
            done = super().sweep(now, dry_run=dry_run)
            swept.append(done.files)
            if len(swept) == 1:
                raise OSError("read only")
            return done

    counting = Counting(broom.engine, broom.folders, broom.kept)
    work_until_stopped(replace(worker, stop=Stop(), monotonic=monotonic), 1.0, counting)  # type: ignore[arg-type]  # an event
    assert swept == [0, 1]
