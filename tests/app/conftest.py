"""Fresh databases on SQLite and on a private PostgreSQL server, and a finished run of a small simulated county."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from app.db.base import Base
from app.db.engine import open_engine, sqlite_url
from app.db.migrate import upgrade
from app.jobs.cluster import local_cluster
from app.jobs.progress import Silent
from app.jobs.request import RunRequest
from app.jobs.run import run_season
from app.jobs.summary import RunSummary
from geo.grid import TILE_M
from tests.postgres_server import private_postgres
from tiles.simulation.county import CountyPlan
from tiles.simulation.mosaic import Layout
from tiles.simulation.season import SimulatedSeason, write_season


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Socket folder of a private server that listens on no network address."""
    with private_postgres() as folder:
        yield folder


def _postgres_url(server: str, name: str) -> str:
    return f"postgresql+psycopg://postgres@/{name}?host={server}"


def _administer(server: str, statement: str) -> None:
    admin = create_engine(_postgres_url(server, "postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with admin.connect() as connection:
        connection.execute(text(statement))


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """URL of an empty PostgreSQL database that goes away after the test."""
    name = f"t{uuid4().hex}"
    _administer(postgres_server, f"CREATE DATABASE {name}")
    yield _postgres_url(postgres_server, name)
    _administer(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres_engine(postgres_server: str) -> Iterator[Engine]:
    """Engine on a PostgreSQL database at the newest revision: one for all tests, since making one is slow."""
    _administer(postgres_server, "CREATE DATABASE migrated")
    upgrade(_postgres_url(postgres_server, "migrated"))
    engine = open_engine(_postgres_url(postgres_server, "migrated"))
    yield engine
    engine.dispose()


@pytest.fixture
def migrated_postgres(postgres_engine: Engine) -> Iterator[Engine]:
    """Engine of all tests on a PostgreSQL database at the newest revision, emptied after the test."""
    yield postgres_engine
    _empty(postgres_engine)


@pytest.fixture
def migrated_postgres_url(migrated_postgres: Engine) -> str:
    """URL of a PostgreSQL database at the newest revision, emptied after the test."""
    return migrated_postgres.url.render_as_string(hide_password=False)


def _empty(engine: Engine) -> None:
    """Delete all rows, in one message: a table at a time would take longer than many tests."""
    steps = [
        "SET LOCAL lock_timeout = '10s'",  # a test that forgot a transaction fails here
        "SET LOCAL session_replication_role = replica",  # past the guards of what never changes
        *(str(table.delete().compile(engine)) for table in reversed(Base.metadata.sorted_tables)),
    ]
    with engine.begin() as connection:
        connection.exec_driver_sql("; ".join(steps))


@pytest.fixture
def sqlite_database(tmp_path: Path) -> str:
    """URL of an SQLite file that does not exist yet."""
    return sqlite_url(tmp_path / "acreline.db")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SQLite file at the newest revision, to copy."""
    file = tmp_path_factory.mktemp("template") / "acreline.db"
    upgrade(sqlite_url(file))
    return file


@pytest.fixture
def migrated_sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """URL of an SQLite file at the newest revision."""
    return sqlite_url(Path(shutil.copy(sqlite_template, tmp_path / "acreline.db")))


_BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(params=_BOTH)
def empty_database_url(request: pytest.FixtureRequest) -> str:
    """URL of an empty database: the test runs on SQLite and on PostgreSQL."""
    name = "sqlite_database" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(name))


@pytest.fixture(params=_BOTH)
def database_url(request: pytest.FixtureRequest) -> str:
    """URL of a database at the newest revision, on SQLite and on PostgreSQL."""
    name = "migrated_sqlite_url" if request.param == "sqlite" else "migrated_postgres_url"
    return str(request.getfixturevalue(name))


@pytest.fixture
def make_engine() -> Iterator[Callable[[str], Engine]]:
    """Opens engines and disposes of them after the test."""
    engines: list[Engine] = []

    def make(url: str) -> Engine:
        engines.append(open_engine(url))
        return engines[-1]

    yield make
    for engine in engines:
        engine.dispose()


@pytest.fixture
def engine(database_url: str, make_engine: Callable[[str], Engine], request: pytest.FixtureRequest) -> Engine:
    """Engine on a database at the newest revision: on SQLite one of the test's own, on PostgreSQL that of all tests."""
    if database_url.startswith("sqlite"):
        return make_engine(database_url)
    shared: Engine = request.getfixturevalue("migrated_postgres")
    return shared


@pytest.fixture(scope="module", params=_BOTH)
def module_engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Engine on a database at the newest revision that the tests of a module share, on SQLite and on PostgreSQL."""
    if request.param == "postgresql":
        engine: Engine = request.getfixturevalue("postgres_engine")
        yield engine
        _empty(engine)
        return
    file = tmp_path_factory.mktemp("module") / "acreline.db"
    shutil.copy(request.getfixturevalue("sqlite_template"), file)
    engine = open_engine(sqlite_url(file))
    yield engine
    engine.dispose()


_WORKER_MIB = 4096
# The county lies across a tile border.
SIZE_PX = 128
BORDER_M = 37 * TILE_M


def clock() -> datetime:
    return datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


RunToEnd = Callable[..., RunSummary]


@pytest.fixture(scope="session")
def run_to_end() -> RunToEnd:
    def start(request: RunRequest, report: Silent | None = None) -> RunSummary:
        request.out.mkdir(exist_ok=True)
        return run_season(request, sqlite_url(request.out / "acreline.db"), report or Silent(), clock)

    return start


@pytest.fixture(scope="session")
def scheduler() -> Iterator[str]:
    """Address of a scheduler with one worker, for jobs whose workers are not what is tested: hiring them takes seconds.

    The worker keeps the environment in which it was started.
    """
    with local_cluster(1, _WORKER_MIB) as cluster:
        yield cluster.scheduler_address


@pytest.fixture(scope="session")
def border_season(tmp_path_factory: pytest.TempPathFactory) -> SimulatedSeason:
    plan = replace(
        CountyPlan(),
        size_px=SIZE_PX,
        left_m=BORDER_M - SIZE_PX * 10 // 2,
        days=tuple(date(2023, 11, 3) + timedelta(days=20 * number) for number in range(18)),
        parcels=90,
        layout=Layout(block_ha=8.0, plot_ha=0.8),
    )
    return write_season(tmp_path_factory.mktemp("border"), plan=plan)


@pytest.fixture(scope="session")
def border_request(
    border_season: SimulatedSeason, scheduler: str, tmp_path_factory: pytest.TempPathFactory
) -> RunRequest:
    return RunRequest(
        catalog=str(border_season.catalog),
        parcels=border_season.parcels,
        season=border_season.season,
        policy="cn-planting-generic",
        out=tmp_path_factory.mktemp("run") / "out",
        scheduler=scheduler,
    )


@pytest.fixture(scope="session")
def finished(border_request: RunRequest, run_to_end: RunToEnd) -> tuple[Path, RunSummary]:
    return border_request.out, run_to_end(border_request)
