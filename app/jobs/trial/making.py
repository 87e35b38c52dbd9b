"""The trial: the county's run and watches, a bank around it, its loans, energy sites, limits and a week of visits."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from sqlalchemy import Engine, func, select

from app.alerts.reach import units_below
from app.alerts.visits.weeks import Draw, draw_list, list_of
from app.api.access.passwords import Passwords
from app.artefacts.folders import Folders
from app.book.decisions.people import find_user, set_password
from app.book.loans.imports import import_loans
from app.book.loans.loanfile import read_loan_file
from app.book.parcel_units import keep_parcels_at, place_in_villages
from app.book.parties.register import register
from app.book.parties.retention import load_rules
from app.book.refresh.asking import RefreshRequest
from app.book.refresh.batches import release_batch
from app.book.refresh.refreshing import refresh_book
from app.db.engine import open_engine, writing
from app.db.migrate import upgrade
from app.db.tables import ChainEntry, LimitBatch, User
from app.db.tables.kinds import BatchStatus
from app.jobs.maplayers.job import LayerRequest, make_layers
from app.jobs.progress import Reporter
from app.jobs.request import RunRequest
from app.jobs.run import run_season
from app.jobs.simulated import simulated_season
from app.jobs.trial.bank import PEOPLE, UNITS, open_bank
from app.jobs.trial.farmers import entries_of, units_of, villages_of
from app.jobs.trial.lending import loan_file
from app.jobs.trial.sites import make_sites
from app.jobs.watch.asking import WatchRequest
from app.jobs.watch.database import open_institution
from app.jobs.watch.job import watch_run
from app.maplayers.making import make_outlines
from app.maplayers.parcelset import parcels_within
from geo.season import Season
from scoring.lending.mapping import load_loan_mapping
from tiles.simulation.county import CountyPlan

#: The trial's own today: the county's season is just over. Its clock starts here and goes on as clocks do.
BEGINS: Final = datetime(2026, 11, 9, 1, 0, tzinfo=UTC)
#: Days on which the county was watched: wheat is reaped; maize is in.
_WATCHED_ON: Final = (date(2026, 6, 15), date(2026, 10, 30))
_YEARS_ON: Final = 2
_POLICY: Final = "cn-planting-generic"
_CALENDAR: Final = "cn-huanghuaihai"
#: What the columns of its loan file hold.
MAPPING: Final = Path(__file__).parent / "data" / "core.toml"
_WEEK: Final = date(2026, 11, 9)
_VISITS: Final = 12
_DRAWN_BY: Final = (("010", "rob"), ("020", "shen"))
_STARTS_BATCH: Final = "rita"
_CHIPS: Final = 30
#: Of the parcels' area, on a date that the map shows; and the most such dates.
_CLEAR_SHARE: Final = 0.8
_DATES: Final = 12


@dataclass(frozen=True, slots=True)
class Trial:
    """Where a trial lies.

    Attributes:
        root: its folder.
        seed: the same seed gives the same county, farmers and loans.
        workers: processes that compute; None: one per core.
        memory_mib: of each.
        scheduler: address of an existing Dask scheduler; None: processes of its own.
    """

    root: Path
    seed: int
    workers: int | None = None
    memory_mib: int = 2048
    scheduler: str | None = None

    @property
    def run(self) -> Path:
        """The county's run."""
        return self.root / "runs" / "county"

    @property
    def folders(self) -> Folders:
        """Where the bank's files lie."""
        names = ("layers", "runs", "book", "files", "photos")
        return Folders(**{name: self.root / name for name in names})


def _folders(trial: Trial) -> None:
    for folder in asdict(trial.folders).values():
        if folder is not None:
            folder.mkdir(exist_ok=True)


def make_trial(trial: Trial, url: str, password: str, report: Reporter) -> None:
    """Make what is not there yet of a trial; killed at any moment, the same call goes on.

    Args:
        trial: what to make.
        url: its database, of nobody else.
        password: of all its people, set anew each time.
        report: told of progress.
    """
    _folders(trial)
    upgrade(url)
    engine = open_engine(url)
    try:
        clock = TrialClock(engine)
        plots = _county(trial, url, report, clock)
        _bank(engine, password, clock)
        _farmers(engine, plots, trial, clock)
        _loans(engine, plots, trial, clock)
        _watches(trial, url, report, clock)
        make_sites(trial, engine, report, BEGINS.date(), clock)
        _limits(engine, trial, report, clock)
        _visits(engine, trial, clock)
        _layers(engine, trial, report)
    finally:
        engine.dispose()


class TrialClock:
    """The trial's own time: it begins on one day, goes on as long as somebody looks, and is never set back."""

    def __init__(self, engine: Engine) -> None:
        with engine.connect() as connection:
            last = connection.scalar(select(func.max(ChainEntry.recorded_at)))
        self._from = max(BEGINS, last or BEGINS)
        self._started = time.monotonic()

    def __call__(self) -> datetime:
        """Now."""
        return self._from + timedelta(seconds=time.monotonic() - self._started)


def _county(trial: Trial, url: str, report: Reporter, clock: TrialClock) -> pd.DataFrame:
    """The county's run, loaded into the database; its parcels as the bank knows them."""
    season = simulated_season(trial.root / "season", _plan(trial.seed), report)
    request = RunRequest(
        catalog=str(season.catalog),
        parcels=season.parcels,
        season=season.season,
        policy=_POLICY,
        out=trial.run,
        scheduler=trial.scheduler,
        workers=trial.workers,
        memory_mib=trial.memory_mib,
    )
    run_season(request, url, report, clock)
    return pd.DataFrame(gpd.read_file(season.parcels, ignore_geometry=True))


def _plan(seed: int) -> CountyPlan:
    """The county two years on, in a season in which the policy is in force."""
    plan = CountyPlan(seed=seed)
    days = tuple(day.replace(year=day.year + _YEARS_ON) for day in plan.days)
    season = Season(*(day.replace(year=day.year + _YEARS_ON) for day in (plan.season.start, plan.season.end)))
    return replace(plan, days=days, season=season)


def _bank(engine: Engine, password: str, clock: TrialClock) -> None:
    passwords = Passwords()
    with writing(engine) as connection:
        if connection.scalar(select(func.count()).select_from(User)):
            for new in PEOPLE:
                set_password(connection, new.login, passwords.hash(password), clock())
        else:
            open_bank(connection, lambda: passwords.hash(password), clock)


def _farmers(engine: Engine, plots: pd.DataFrame, trial: Trial, clock: TrialClock) -> None:
    entries = entries_of(plots, np.random.default_rng([trial.seed, 1]))
    with writing(engine) as connection:
        register(connection, entries, vault=None, rules=load_rules(), now=clock())
        by = find_user(connection, PEOPLE[0].login)
        keep_parcels_at(connection, units_of(plots, entries), by)
        place_in_villages(connection, villages_of(plots), by, clock())


def _loans(engine: Engine, plots: pd.DataFrame, trial: Trial, clock: TrialClock) -> None:
    file = trial.root / "loans.csv"
    rows = loan_file(plots, BEGINS.date(), np.random.default_rng([trial.seed, 2]))
    rows.to_csv(file, index=False)
    import_loans(engine, read_loan_file(file, load_loan_mapping(str(MAPPING)), BEGINS.date()), now=clock())


def _watches(trial: Trial, url: str, report: Reporter, clock: TrialClock) -> None:
    for day in _WATCHED_ON:
        request = WatchRequest(trial.run, day, calendars=(_CALENDAR,), chips=_CHIPS)
        watch_run(request, lambda asked: open_institution(url, asked.record), report, clock)


def _limits(engine: Engine, trial: Trial, report: Reporter, clock: TrialClock) -> None:
    """A batch that somebody of risk starts; where it is held, the administrator opens it."""
    with engine.connect() as connection:
        starter = find_user(connection, _STARTS_BATCH).id
    request = RefreshRequest(BEGINS.date(), trial.run, trial.root / "book", by=starter)
    summary = refresh_book(request, engine, report, clock)
    with writing(engine) as connection:
        held = connection.scalar(select(LimitBatch.status).where(LimitBatch.id == summary.batch_id))
        if held is BatchStatus.HELD:
            by = find_user(connection, PEOPLE[0].login)
            release_batch(connection, summary.batch_id, by, "first season of the trial", clock())


def _visits(engine: Engine, trial: Trial, clock: TrialClock) -> None:
    with writing(engine) as connection:
        for unit, login in _DRAWN_BY:
            if list_of(connection, _WEEK, unit) is None:
                draw = Draw(_WEEK, unit, _VISITS, BEGINS.date(), seed=f"{trial.seed}-{unit}")
                draw_list(connection, draw, find_user(connection, login), clock())


def _layers(engine: Engine, trial: Trial, report: Reporter) -> None:
    layers = trial.root / "layers"
    make_layers(LayerRequest(trial.run, layers, _CLEAR_SHARE, _DATES), report)
    with engine.connect() as connection:
        for code, *_ in UNITS:
            make_outlines(connection, parcels_within(connection, units_below(connection, code)), layers)
