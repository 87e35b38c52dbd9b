from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.book.applications.made_up import Desk, open_desk
from tests.app.book.made_up_book import Bank


@pytest.fixture
def desk(bank: Bank, tmp_path: Path) -> Desk:
    """A branch that takes applications, on SQLite and on PostgreSQL."""
    return open_desk(bank, tmp_path / "files")
