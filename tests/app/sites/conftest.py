"""A bank in which a solar site has been watched."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.app.book.made_up_book import open_bank
from tests.app.sites.standing_sites import stand_site


@pytest.fixture
def book(engine: Engine, tmp_path: Path) -> Engine:
    open_bank(engine)
    stand_site(engine, tmp_path)
    return engine
