from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.app.api.visits.office import Office, open_office


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """A bank whose officers send visits, on SQLite and on PostgreSQL."""
    return open_office(engine, tmp_path / "photos")
