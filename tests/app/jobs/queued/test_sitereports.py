"""Reports that the office asks for, written by a worker."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from sqlalchemy import Engine, select

from app.artefacts.contents import ContentStore
from app.db import tables as t
from app.db.tables.office_kinds import JobKind, JobState
from app.jobs.queued.table import handlers
from app.queue.working import work_until_empty
from app.settings import Settings
from tests.app.book.made_up_book import open_bank
from tests.app.queue.desk import ask_for, bench, job
from tests.app.sites.standing_sites import stand_site

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    for name in ("runs", "files"):
        (tmp_path / name).mkdir()
    return Settings(runs_dir=tmp_path / "runs", files_dir=tmp_path / "files")


def worked(engine: Engine, settings: Settings, asked: dict[str, Any], by: int | None) -> dict[str, Any]:
    """The job once a worker with the shipped handlers is through with it."""
    with engine.connect() as connection:
        unit = connection.scalars(select(t.OrgUnit.id)).one()
    number = ask_for(engine, unit, "k", NOW, kind=JobKind.SITE_REPORT, asked=asked, asked_by_id=by)
    worker = bench(engine, lambda held, progress: {}, lambda: NOW + timedelta(minutes=1))  # noqa: ARG005 - replaced below
    table = handlers(engine, "", settings, lambda: NOW)
    object.__setattr__(worker, "handlers", MappingProxyType(dict(table)))
    assert work_until_empty(worker) == 1
    return job(engine, number)


def test_a_worker_writes_the_report_and_puts_it_on_record(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    bank = open_bank(engine)
    stand_site(engine, tmp_path / "runs", watches=1)
    done = worked(engine, settings, {"site": "solar-1", "language": "en"}, bank.people["olga"].id)
    assert done["state"] is JobState.DONE
    content = ContentStore(tmp_path / "files").read(done["answer"]["file"])
    assert content.startswith(b"%PDF")
    assert len(content) == done["answer"]["size"]
    with engine.connect() as connection:
        row = connection.execute(select(t.SiteReport.id, t.SiteReport.made_by_id)).one()
    assert tuple(row) == (done["answer"]["report"], bank.people["olga"].id)


def test_nobody_and_nothing_are_refused_in_one_line(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    bank = open_bank(engine)
    stand_site(engine, tmp_path / "runs", watches=0)
    said = [
        worked(engine, settings, {"site": site, "language": "en"}, by)["error"]["code"]
        for site, by in (("solar-1", bank.people["ada"].id), ("none", bank.people["ada"].id), ("solar-1", None))
    ]
    assert said == ["SITE_NOT_WATCHED", "SITE_UNKNOWN", "UNKNOWN_USER"]
