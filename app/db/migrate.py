"""Bring a database to the newest schema, or back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from app.db.engine import open_engine, writing
from geo.errors import DataError

_SCRIPTS: Final = "app.db:migrations"


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database to a revision, by default the newest; nothing is done when it is there already.

    Raises:
        InputError: the URL is wrong.
        DataError: the database cannot be reached, or was made by a newer Acreline.
    """
    with _migrating(url) as (connection, config):
        _refuse_newer(connection)
        command.upgrade(config, revision)


def downgrade(url: str, revision: str) -> None:
    """Take the database back to an older revision ("base" for an empty one); data of newer tables are lost."""
    with _migrating(url) as (connection, config):
        _refuse_newer(connection)
        command.downgrade(config, revision)


def newest_revision() -> str:
    """Name of the newest revision that this Acreline knows."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise DataError("DATABASE_NO_MIGRATIONS", "This installation holds no migrations.", "Install Acreline again.")
    return head


def revision_of(engine: Engine) -> str | None:
    """Revision of a database; None for an empty one."""
    with engine.connect() as connection:
        return _revision(connection)


def check_current(engine: Engine) -> None:
    """Refuse a database that this Acreline's tables do not fit.

    Raises:
        DataError: the database is empty, older or newer.
    """
    found, wanted = revision_of(engine), newest_revision()
    if found != wanted:
        raise DataError(
            "DATABASE_OUTDATED",
            f"The database is at revision {found or 'none'}, and this Acreline needs {wanted}.",
            "Run acreline book upgrade, or install the Acreline that it was made with.",
        )


@contextmanager
def _migrating(url: str) -> Iterator[tuple[Connection, Config]]:
    # Dropping a table that SQLite rebuilds would take along the rows that refer to it: keys are checked at the end.
    engine = open_engine(url, foreign_keys=False)
    try:
        with writing(engine) as connection:
            config = _config()
            config.attributes["connection"] = connection
            yield connection, config
            _check_keys(connection)
    finally:
        engine.dispose()


def _check_keys(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise DataError("DATABASE_KEYS", f"A row of {broken[0]!r} refers to a row of {broken[2]!r} that is not there.")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", _SCRIPTS)
    config.set_main_option("path_separator", "os")
    return config


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_newer(connection: Connection) -> None:
    found = _revision(connection)
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found is not None and found not in known:
        raise DataError(
            "DATABASE_NEWER",
            f"The database is at revision {found}, which this Acreline does not know.",
            "Install the Acreline that made it, or a newer one.",
        )
