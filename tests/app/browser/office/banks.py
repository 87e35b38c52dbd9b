"""Banks to sign in to: the trial in the simulated county, and one over real imagery of Flanders. Each is made once."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event

from sqlalchemy import Engine

from app.alerts.reach import units_below
from app.api.access.passwords import Passwords
from app.api.access.sessions import Spans, start_session
from app.api.access.signing_in import Access
from app.api.access.tokens import new_token
from app.api.institution import create_institution_app
from app.artefacts.folders import Folders
from app.book.decisions.people import find_user
from app.book.parcel_units import keep_parcels_at
from app.db.engine import open_engine, sqlite_url, writing
from app.db.tables.office_kinds import JobKind
from app.jobs.maplayers.job import LayerRequest, make_layers
from app.jobs.progress import Silent
from app.jobs.trial.bank import PEOPLE, open_bank
from app.jobs.trial.making import Trial, TrialClock
from app.jobs.trial.working import bench_of
from app.jobs.watch.asking import WatchRequest
from app.jobs.watch.database import open_institution
from app.jobs.watch.job import watch_run
from app.maplayers.making import make_outlines
from app.maplayers.parcelset import parcels_within
from app.queue.working import work_until_empty
from geo.observations import PARCELS, read_table
from tests.app.browser.serving import serving

PASSWORD = "seven quiet herons stand"  # noqa: S105 - of made-up people
_SEASON = ("--season-start", "2018-10-01", "--season-end", "2019-10-31")
_FOLDERS = ("layers", "runs", "book", "files", "photos")
_SPANS = Spans(timedelta(minutes=30), timedelta(hours=12))


@dataclass
class Bank:
    """A bank on disk: bank.db, and beside it the folders of its files; who computes; its clock while it is served."""

    root: Path
    password: str
    scheduler: str | None = None
    clock: TrialClock | None = None

    @property
    def folders(self) -> Folders:
        return Folders(**{name: self.root / name for name in _FOLDERS})

    def copy(self, to: Path) -> Bank:
        """A bank of one's own: the database is copied, and folders that are written to; the run stays where it is."""
        to.mkdir(parents=True)
        shutil.copy(self.root / "bank.db", to / "bank.db")
        (to / "season").symlink_to(self.root / "season")
        (to / "runs").mkdir()
        for run in (self.root / "runs").iterdir():
            (to / "runs" / run.name).symlink_to(run)
        for name in _FOLDERS:
            if name == "runs":
                continue
            if name == "book" and (self.root / name).exists():
                shutil.copytree(self.root / name, to / name)
            else:
                (to / name).mkdir()
        for layer in (self.root / "layers").iterdir():
            (to / "layers" / layer.name).symlink_to(layer)
        return replace(self, root=to)

    @contextmanager
    def served(self) -> Iterator[str]:
        """Its address while it is served."""
        engine = open_engine(sqlite_url(self.root / "bank.db"))
        self.clock = TrialClock(engine)
        access = Access(engine, Passwords(), _SPANS, self.clock, secrets.token_bytes)
        with serving(create_institution_app(access, folders=self.folders)) as address:
            yield address
        engine.dispose()

    @contextmanager
    def opened(self) -> Iterator[tuple[Engine, Callable[[], datetime]]]:
        """Its database, with the clock of the service."""
        engine = open_engine(sqlite_url(self.root / "bank.db"))
        try:
            yield engine, self.clock or TrialClock(engine)
        finally:
            engine.dispose()

    def session(self, login: str) -> str:
        """Token of a new session of somebody, begun without weighing a password."""
        token = new_token(secrets.token_bytes)
        with self.opened() as (engine, clock), writing(engine) as connection:
            start_session(connection, find_user(connection, login).id, token, _SPANS, clock())
        return token

    def work(self, *kinds: JobKind) -> int:
        """What a worker does with all that waits, or with jobs of some kinds; the number of jobs."""
        with self.opened() as (engine, clock):
            url = sqlite_url(self.root / "bank.db")
            bench = bench_of(Trial(self.root, 7, scheduler=self.scheduler), url, engine, clock, Event())
            able = {kind: bench.handlers[kind] for kind in kinds} if kinds else bench.handlers
            return work_until_empty(replace(bench, handlers=able))


def county_bank(root: Path, scheduler: str) -> Bank:
    """What `acreline demo --institution` makes."""
    command = [sys.executable, "-m", "app.cli", "demo", "--institution", "--no-serve", "--out", str(root)]
    environment = os.environ | {"ACRELINE_SCHEDULER": scheduler}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    found = re.search(r"Password: (\S+)", done.stdout)
    assert found, done.stdout
    return Bank(root / "bank", found[1], scheduler)


def flanders_bank(root: Path, data: Path, scheduler: str) -> Bank:
    """The same people over 17 real parcels, with the run of a real season and a watch in it; no loans."""
    run, url = root / "runs" / "flanders", sqlite_url(root / "bank.db")
    source = data / "flanders-2019"
    command = [
        *(sys.executable, "-m", "app.cli", "run", "--catalog", str(source / "catalog.json")),
        *("--parcels", str(source / "parcels.gpkg"), *_SEASON, "--policy", "cn-planting-generic"),
        *("--out", str(run), "--scheduler", scheduler, "--json"),
    ]
    run.parent.mkdir(parents=True)
    environment = os.environ | {"ACRELINE_DATABASE_URL": url}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    engine = open_engine(url)
    clock, passwords = partial(datetime.now, UTC), Passwords()
    with writing(engine) as connection:
        open_bank(connection, lambda: passwords.hash(PASSWORD), clock)
        units = dict.fromkeys(read_table(run / "parcels.parquet", PARCELS).parcel_id, "010")
        keep_parcels_at(connection, units, find_user(connection, PEOPLE[0].login))
    request = WatchRequest(run, date(2019, 7, 31), calendars=("be-flanders",), chips=5, known_by="sensed")
    watch_run(request, lambda asked: open_institution(url, asked.record), Silent(), clock)
    (root / "layers").mkdir()
    make_layers(LayerRequest(run, root / "layers", 0.5, 6), Silent())
    with engine.connect() as connection:
        for code in ("001", "010"):
            make_outlines(connection, parcels_within(connection, units_below(connection, code)), root / "layers")
    engine.dispose()
    return Bank(root, PASSWORD, scheduler)


def made_once(place: Path, make: Callable[[Path, str], Bank], scheduler: str) -> Bank:
    """A bank that test processes share: whoever comes first makes it, and the others wait."""
    place.parent.mkdir(parents=True, exist_ok=True)
    said = place.with_suffix(".password")
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not said.exists():
            bank = make(place, scheduler)
            said.write_text(f"{bank.root}\n{bank.password}", encoding="utf-8")
    root, password = said.read_text(encoding="utf-8").split("\n")
    return Bank(Path(root), password, scheduler)
