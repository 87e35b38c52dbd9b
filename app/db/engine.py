"""Engines for SQLite and PostgreSQL, and transactions that write."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, StatementError

from geo.errors import DataError, InputError

#: Accepted schemes and the driver that each means.
DRIVERS: Final = {
    "sqlite": "sqlite+pysqlite",
    "sqlite+pysqlite": "sqlite+pysqlite",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
_EXAMPLES: Final = "sqlite:////data/acreline.db or postgresql+psycopg://user:password@host/name"
_BUSY_MS: Final = 30_000
_CONNECT_S: Final = 10
#: One writer at a time on PostgreSQL too, where this number is the lock that a load takes.
_WRITE_LOCK: Final = 0x41435245
_WRITES: Final = "acreline_writes"
#: Lock of what stands beside the book (sessions, who looked): it need not wait for a load.
BESIDE_THE_BOOK: Final = 0x41435246


def database_url(url: str) -> URL:
    """Parsed URL with its driver.

    Raises:
        InputError: the URL is none, its scheme is unknown, or it names no SQLite file in an existing folder.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        # The text is not repeated: it may hold a password.
        raise InputError("DATABASE_URL", "The database URL cannot be read.", f"Write {_EXAMPLES}.") from error
    if parsed.drivername not in DRIVERS:
        raise InputError(
            "DATABASE_SCHEME", f"The database scheme {parsed.drivername!r} is unknown.", f"Write {_EXAMPLES}."
        )
    if parsed.get_backend_name() == "sqlite":
        _check_file(parsed)
    return parsed.set(drivername=DRIVERS[parsed.drivername])


def sqlite_url(path: Path) -> str:
    """URL of an SQLite file."""
    return URL.create("sqlite+pysqlite", database=str(path.resolve())).render_as_string()


def open_engine(url: str, *, foreign_keys: bool = True) -> Engine:
    """Engine that has answered once; dispose of it when done.

    Args:
        url: as database_url takes it.
        foreign_keys: whether SQLite checks them; only a migration, which rebuilds tables, does without.

    Raises:
        InputError: the URL is wrong.
        DataError: the database cannot be reached, or the file is no database.
    """
    parsed = database_url(url)
    engine = (
        _sqlite_engine(parsed, foreign_keys=foreign_keys)
        if parsed.get_backend_name() == "sqlite"
        else _postgres_engine(parsed)
    )
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except DBAPIError as error:
        engine.dispose()
        raise _unreachable(parsed, error) from None  # the driver's own chain may repeat the password
    return engine


@contextmanager
def writing(engine: Engine, *, lock: int = _WRITE_LOCK) -> Iterator[Connection]:
    """Transaction that writes: all or nothing, and one at a time, so that two loads never meet half-way.

    Args:
        engine: the database.
        lock: number of the lock on PostgreSQL, for tables that loads never write; SQLite has one writer for all.
    """
    with engine.connect().execution_options(**{_WRITES: True}) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Transaction that reads: one state of the whole database, whatever others write meanwhile."""
    level = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with engine.connect().execution_options(**level) as connection, connection.begin():
        yield connection


def scrub(engine: Engine, tables: Sequence[str]) -> None:
    """Take what was erased out of the files: SQLite's log of writes, PostgreSQL's dead rows of some tables.

    Backups, replicas and PostgreSQL's own log of writes are the administrator's.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        else:
            connection.execute(text(f"VACUUM {', '.join(tables)}"))


def said_by(error: StatementError) -> str:
    """First line of what the driver said, without statement or parameters: those may hold personal data."""
    lines = (line.strip() for line in str(error.orig).splitlines())
    return next((line for line in lines if line), "no answer").rstrip(".")


def _sqlite_engine(url: URL, *, foreign_keys: bool) -> Engine:
    # Parameters may hold personal data, and errors reach logs. A connection is an open file: nobody waits for one of a
    # bounded number, and those used last are used again first.
    engine = create_engine(url, hide_parameters=True, pool_size=0, pool_use_lifo=True)

    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        _prepare_sqlite(connection, foreign_keys=foreign_keys)

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _postgres_engine(url: URL) -> Engine:
    return create_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,
        connect_args={"connect_timeout": _CONNECT_S, "options": "-c timezone=UTC"},
    )


def _prepare_sqlite(connection: sqlite3.Connection, *, foreign_keys: bool) -> None:
    # The driver would begin transactions by itself, and not before DDL: SQLAlchemy's begin event does it instead.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
    connection.execute(f"PRAGMA foreign_keys = {int(foreign_keys)}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA secure_delete = ON")  # what is erased does not stay in free space of the file


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and then writes could find itself behind another writer: take the lock at once.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _check_file(url: URL) -> None:
    if not url.database or url.database == ":memory:":
        raise InputError("DATABASE_FILE", "The SQLite URL names no file.", f"Write {_EXAMPLES}.")
    folder = Path(url.database).resolve().parent
    if not folder.is_dir():
        raise InputError("DATABASE_FOLDER", f"The folder of the database, {folder}, does not exist.", "Make it first.")


def _unreachable(url: URL, error: DBAPIError) -> DataError:
    shown = url.set(query={}).render_as_string(hide_password=True)
    said = said_by(error)
    if url.password:
        said = said.replace(str(url.password), "***")
    return DataError(
        "DATABASE_UNREACHABLE",
        f"The database {shown} cannot be used: {said}.",
        "Check ACRELINE_DATABASE_URL and that the server runs.",
    )
