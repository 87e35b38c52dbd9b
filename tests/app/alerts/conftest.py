from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.app.alerts.desk import Desk, open_desk


@pytest.fixture
def desk(engine: Engine) -> Desk:
    """A made-up bank with alerts, on SQLite and on PostgreSQL."""
    return open_desk(engine)
