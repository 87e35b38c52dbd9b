from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.db.engine import open_engine, sqlite_url
from tests.app.alerts.desk import Desk, open_desk


@pytest.fixture(scope="session")
def desk_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SQLite file of the made-up bank, to copy: making it takes longer than most tests."""
    file = Path(shutil.copy(sqlite_template, tmp_path_factory.mktemp("desk") / "acreline.db"))
    engine = open_engine(sqlite_url(file))
    open_desk(engine)
    engine.dispose()
    return file


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def desk(request: pytest.FixtureRequest, make_engine: Callable[[str], Engine], tmp_path: Path) -> Desk:
    """A made-up bank with alerts, on SQLite and on PostgreSQL."""
    if request.param == "postgresql":
        return open_desk(request.getfixturevalue("migrated_postgres"))
    file = shutil.copy(request.getfixturevalue("desk_file"), tmp_path / "acreline.db")
    return Desk(make_engine(sqlite_url(Path(file))))
