"""Runs of earlier seasons as the own past of a book's parcels."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from app.jobs.progress import Silent
from app.jobs.publish import commit
from app.jobs.watch.asking import Asked, WatchRequest, check_request
from app.jobs.watch.earlier import Earlier
from app.jobs.watch.job import watch_id, watch_run
from geo.errors import InputError
from tests.app.jobs.watched_run import CALENDAR, make_earlier, make_run

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
JUNE = date(2019, 6, 20)
IDS = np.array([f"p{row:03d}" for row in range(23)])


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """A run, and three of the seasons before it."""
    root = tmp_path_factory.mktemp("runs")
    make_run(root / "run")
    return (root / "run", *make_earlier(root / "run", 3))


def _asked(runs: tuple[Path, ...], *history: Path) -> Asked:
    return check_request(WatchRequest(runs[0], JUNE, calendars=(CALENDAR,), history=history), NOW)


def test_earlier_seasons_give_another_watch_with_the_same_alerts(runs):
    request = WatchRequest(runs[0], JUNE, calendars=(CALENDAR,), history=runs[1:], dry_run=True)
    told = [watch_run(each, None, Silent(), lambda: NOW) for each in (request, replace(request, history=()))]
    assert told[0].said["watch_id"] != told[1].said["watch_id"]
    assert told[0].said["inputs_hash"] == told[1].said["inputs_hash"]  # the alerts rest on the same
    earlier = Earlier.read(_asked(runs, *runs[1:]), IDS)
    assert len({step.year for step in earlier.past.steps}) == 4  # three seasons from October on
    assert np.isfinite(earlier.past.ndvi).any(axis=1).all()


def test_the_history_belongs_in_the_id_whatever_its_order(runs):
    digests = {Earlier.read(_asked(runs, *order), IDS).digest for order in (runs[1:], runs[:0:-1])}
    assert len(digests) == 1
    asked = _asked(runs)
    ids = {watch_id(asked, "00", digest) for digest in (None, *digests, "other")}
    assert len(ids) == 3
    assert watch_id(asked, "00", None) == watch_id(asked, "00")
    assert Earlier.read(asked, IDS).digest is None


def test_a_parcel_with_another_outline_has_no_past(runs, tmp_path):
    moved = tmp_path / "moved"
    shutil.copytree(runs[1], moved)
    table = pq.read_table(moved / "parcels.parquet")
    versions = ["other", *table["geometry_version"].to_pylist()[1:]]
    column = table.schema.get_field_index("geometry_version")
    pq.write_table(table.set_column(column, table.schema.field(column), [versions]), moved / "parcels.parquet")
    record = check_request(WatchRequest(runs[0], JUNE), NOW).record
    (moved / "manifest.json").unlink()
    commit(moved, replace(record, run_id="moved", parameters={**record.parameters, "season": "2017-10-01/2018-10-31"}))
    past = Earlier.read(_asked(runs, moved), IDS).past
    assert np.isnan(past.ndvi[0]).all()
    assert np.isfinite(past.ndvi[1:]).any(axis=1).all()


def test_runs_that_are_no_history(runs):
    for history, code in (((runs[0],), "HISTORY_SEASON"), ((runs[1], runs[1]), "HISTORY_TWICE")):
        with pytest.raises(InputError) as caught:
            Earlier.read(_asked(runs, *history), IDS)
        assert caught.value.code == code
