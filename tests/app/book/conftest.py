from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.app.book.made_up_book import Bank, open_bank


@pytest.fixture
def bank(engine: Engine) -> Bank:
    """A made-up bank, on SQLite and on PostgreSQL."""
    return open_bank(engine)
