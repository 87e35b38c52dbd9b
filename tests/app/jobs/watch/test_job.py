from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sqlalchemy import Engine, func, select

from app.db.engine import open_engine, sqlite_url
from app.db.migrate import upgrade
from app.db.tables import Alert, AlertEvent, ParcelObservation, Watch
from app.jobs.progress import Silent
from app.jobs.watch.asking import Asked, WatchRequest
from app.jobs.watch.database import open_institution, open_of_run
from app.jobs.watch.job import watch_run
from app.jobs.watch.pictures import picture_days
from app.jobs.watch.summary import WatchSummary
from geo.errors import DataError, InputError
from tests.app.jobs.watched_run import BARE, CALENDAR, LOST, LOST_ON, Late, make_run

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MAY, JUNE, JULY = date(2019, 5, 25), date(2019, 6, 20), date(2019, 7, 20)
TOLD = ("transitions.parquet", "alerts.parquet", "unjudged.parquet")


class Place:
    """A run, and a database file of its own beside it."""

    def __init__(self, root: Path, name: str = "run", **options: Any) -> None:
        self.run, self.url = root / name, sqlite_url(root / "alerts.db")
        self.record = make_run(self.run, **options)

    def open(self, asked: Asked) -> Engine:
        return open_of_run(self.url, self.run, asked.record)

    def watch(self, as_of: date, report: Any = None, **options: Any) -> WatchSummary:
        request = WatchRequest(self.run, as_of, **{"calendars": (CALENDAR,), **options})
        return watch_run(request, self.open, report or Silent(), lambda: NOW)

    def count(self, table: Any) -> int:
        engine = open_engine(self.url)
        with engine.connect() as connection:
            number = connection.scalar(select(func.count()).select_from(table))
        engine.dispose()
        return int(number or 0)


@pytest.fixture
def place(tmp_path: Path, sqlite_template: Path) -> Place:
    """A database at the newest revision, copied: bringing one there takes longer than a watch."""
    shutil.copy(sqlite_template, tmp_path / "alerts.db")
    return Place(tmp_path)


def _bytes(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def _open_alerts(summary: WatchSummary) -> set[tuple[str, str]]:
    rows = pq.read_table(summary.folder / "alerts.parquet").to_pylist()
    return {(row["subject_id"], row["cause"]) for row in rows if row["level"] != "info"}


def test_a_watch_finds_what_failed_and_says_what_it_rests_on(place):
    summary = place.watch(JUNE)
    said = summary.as_dict()
    assert {(LOST, "abrupt_loss"), (BARE, "not_sown")} <= _open_alerts(summary)
    assert {name for name, _ in _open_alerts(summary)} == {LOST, BARE}
    assert (said["done"], said["parcels"], said["judged"], said["without_outline"]) == ("recorded", 23, 23, 1)
    assert (said["crops"], said["gaps"]) == ({"declared": 23, "decided": 0}, [])
    assert said["known_at"] == {"by": "catalogue"}
    assert [each["id"] for each in said["calendars"]] == [CALENDAR]
    assert said["new"]["opened"] == said["changes"]["opened"] == place.count(Alert)
    assert said["open"]["alerts"] - said["open"]["levels"]["info"] == len(_open_alerts(summary))
    assert json.loads((summary.folder / "summary.json").read_text()) == dict(summary.said)
    assert place.count(ParcelObservation) == 24  # the run was loaded into its own file


def test_the_same_watch_again_does_nothing(place):
    first = place.watch(JUNE)
    before, rows = _bytes(place.run), place.count(AlertEvent)
    again = place.watch(JUNE)
    assert (again.done, again.new, again.folder) == ("stands", None, first.folder)
    assert _bytes(place.run) == before
    assert (place.count(Watch), place.count(AlertEvent)) == (1, rows)


def test_a_past_day_replayed_after_later_ones_gives_the_same_bytes(place, tmp_path):
    early = _bytes(place.watch(MAY).folder)
    place.watch(JULY)
    again = place.watch(MAY, out=tmp_path / "again")
    assert _bytes(again.folder) == early
    fresh = place.watch(JUNE)
    assert (fresh.done, fresh.replay.differences) == ("replay", ())
    assert fresh.replay.same == sum(fresh.said["changes"].values())
    assert place.count(Watch) == 2


def test_imagery_that_came_later_changes_nothing_of_a_past_day(place, tmp_path):
    before = place.watch(JUNE)
    late = Late((date(2019, 5, 3), date(2019, 6, 2), date(2019, 5, 25)), date(2019, 6, 21), 0.2)
    later = Place(tmp_path, "late", late=late).watch(JUNE, rules="growth-1")
    for name in TOLD:
        assert (later.folder / name).read_bytes() == (before.folder / name).read_bytes()
    assert later.said["inputs_hash"] == before.said["inputs_hash"]
    assert later.said["watch_id"] != before.said["watch_id"]  # another run


def test_parts_of_any_size_tell_the_same(place, tmp_path):
    whole = place.watch(JUNE)
    cut = place.watch(JUNE, out=tmp_path / "cut", part_parcels=5)
    assert _bytes(cut.folder) == _bytes(whole.folder)


KILLED = """
import sys, time
from datetime import UTC, date, datetime
from pathlib import Path
from app.jobs.progress import Silent
from app.jobs.watch.job import watch_run
from app.jobs.watch.asking import WatchRequest
from app.jobs.watch.database import open_of_run

class Stops(Silent):
    parts = 0
    def advance(self, stage, parts=1):
        self.parts += stage == "Judge"
        if self.parts == 2:
            print("two parts", flush=True)
            time.sleep(600)

run, url, out = sys.argv[1:]
request = WatchRequest(Path(run), date(2019, 6, 20), out=Path(out), calendars=("be-flanders",), part_parcels=5)
watch_run(request, lambda asked: open_of_run(url, Path(run), asked.record), Stops(), lambda: datetime.now(UTC))
"""


def test_a_killed_watch_goes_on_from_its_parts(place, tmp_path):
    command = [sys.executable, "-c", KILLED, str(place.run), place.url, str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "two parts\n"
        process.send_signal(signal.SIGKILL)
    parts = sorted((tmp_path / "out" / "work").rglob("part-*.parquet"))
    assert [path.name[:10] for path in parts] == ["part-00000", "part-00001"]
    parts[1].write_bytes(parts[1].read_bytes()[:-1] + b"x")
    seen = _Seen(parts)
    resumed = place.watch(JUNE, seen, out=tmp_path / "out", part_parcels=5)
    assert seen.kept == [True, False]  # the damaged one was judged again
    assert not (tmp_path / "out" / "work").exists()
    assert _bytes(resumed.folder) == _bytes(place.watch(JUNE).folder)
    assert place.count(Watch) == 1


class _Seen(Silent):
    """Notes, once all parts are judged, which files are those of before."""

    def __init__(self, parts: list[Path]) -> None:
        self.stamps = {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in parts}
        self.kept: list[bool] = []

    def end(self, stage: str, note: str = "") -> None:
        del note
        if stage == "Judge":
            now = {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in self.stamps}
            self.kept = [now[path] == stamp for path, stamp in self.stamps.items()]


@pytest.mark.parametrize("name", ["transitions.parquet", "summary.json", "manifest.json"])
def test_files_of_a_watch_that_are_damaged_are_written_anew(place, name):
    first = place.watch(JUNE)
    before = _bytes(first.folder)
    (first.folder / name).write_bytes(b"{}")
    assert place.watch(JUNE).done == "stands"
    assert _bytes(first.folder) == before


@pytest.mark.parametrize("name", ["series.parquet", "parcels.geojson", "limit_inputs.parquet"])
def test_a_damaged_run_is_refused(place, name):
    content = (place.run / name).read_bytes()
    (place.run / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(DataError, match=name) as caught:
        place.watch(JUNE)
    assert caught.value.code == "FILE_DAMAGED"
    assert not (place.run / "watches").exists()


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(DataError) as caught:
        watch_run(WatchRequest(tmp_path, JUNE), None, Silent(), lambda: NOW)
    assert caught.value.code == "RUN_MISSING"


def test_days_that_cannot_be_watched(place):
    for day, code in ((date(2018, 9, 30), "AS_OF_BEFORE_SEASON"), (date(2026, 11, 24), "AS_OF_AHEAD")):
        with pytest.raises(InputError) as caught:
            place.watch(day)
        assert caught.value.code == code


def test_a_catalogue_that_was_filled_years_later_is_refused_until_somebody_says_how_to_take_it(tmp_path):
    place = Place(tmp_path, known=timedelta(days=2_000))
    with pytest.raises(InputError, match="--known-at sensed") as caught:
        place.watch(JUNE)
    assert caught.value.code == "LOOKS_KNOWN_LATER"
    summary = place.watch(JUNE, known_by="sensed", known_after=2)
    assert summary.said["known_at"] == {"by": "sensed", "days_after": 2}
    assert {name for name, _ in _open_alerts(summary)} == {LOST, BARE}
    lost = [
        row for row in pq.read_table(summary.folder / "transitions.parquet").to_pylist() if row["subject_id"] == LOST
    ]
    assert min(row["day"] for row in lost) >= LOST_ON + timedelta(days=2)


def test_a_dry_run_says_the_same_and_writes_nothing(tmp_path):
    place = Place(tmp_path)
    dry = place.watch(JUNE, dry_run=True)
    assert (dry.done, dry.new) == ("dry run", None)
    assert not (place.run / "watches").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    done = place.watch(JUNE, chips=0)
    assert {**dry.said} == {**done.said}


def test_calendars_by_file_by_district_or_none(place, tmp_path):
    text = Path("scoring/growth/calendars/data/be-flanders.toml")
    own = tmp_path / "ours.toml"
    own.write_text((Path(__file__).parents[4] / text).read_text(encoding="utf-8"), encoding="utf-8")
    assert place.watch(JUNE, calendars=(str(own),)).said["inputs_hash"] == place.watch(JUNE).said["inputs_hash"]
    without = place.watch(JUNE, calendars=(), out=tmp_path / "none", accept_withdrawals=True)
    assert without.said["gaps"] == [
        {"region": "", "crop": "wheat", "why": "no region", "parcels": 23, "area_ha": pytest.approx(23 * 19.5)}
    ]
    assert (LOST, "abrupt_loss") in _open_alerts(without)  # judged by its own curve all the same
    assert (BARE, "not_sown") not in _open_alerts(without)


def test_an_institution_that_does_not_know_the_run_is_told_how_to_load_it(place, database_url):
    request = WatchRequest(place.run, JUNE, calendars=(CALENDAR,))
    opened: Callable[[Asked], Engine] = lambda asked: open_institution(database_url, asked.record)  # noqa: E731
    with pytest.raises(InputError, match="acreline run") as caught:
        watch_run(request, opened, Silent(), lambda: NOW)
    assert caught.value.code == "RUN_NOT_LOADED"


def test_an_older_database_of_the_run_is_brought_up_to_date(tmp_path):
    place = Place(tmp_path)
    upgrade(place.url, "r0003")
    assert place.watch(JUNE).done == "recorded"


def test_pictures_that_cannot_be_made_are_counted(place):
    summary = place.watch(JUNE)
    assert summary.said["chips"]["without_cube"] > 0
    assert not (summary.folder / "chips").exists()


def test_days_of_pictures():
    seen = [date(2019, 5, 1), date(2019, 5, 9), date(2019, 5, 17), date(2019, 5, 25)]
    row = {"event_on": seen[2], "event_from": seen[1], "look_day": seen[3], "evidence_dates": seen[1:]}
    assert picture_days(row, seen) == {"before": seen[1], "after": seen[2]}
    assert picture_days({**row, "event_from": seen[0]}, seen)["before"] == seen[0]
    assert picture_days({**row, "event_on": None}, seen) == {"before": seen[1], "after": seen[3]}
    assert picture_days({**row, "event_on": seen[0], "event_from": None}, seen) == {"after": seen[0]}
