from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.app.api.access.service import Service, open_service


@pytest.fixture
def service(engine: Engine) -> Service:
    """The service of a made-up bank, on SQLite and on PostgreSQL."""
    return open_service(engine)


@pytest.fixture
def small_service(migrated_sqlite_url: str, make_engine: object) -> Service:
    """The same on SQLite only, for what no query decides."""
    return open_service(make_engine(migrated_sqlite_url))  # type: ignore[operator] # the fixture's own callable
