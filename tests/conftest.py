"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real data; the test skips with a reason where it is absent."""
    folder = Path(os.environ.get("ACRELINE_DATA_DIR", _REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("no real data: set ACRELINE_DATA_DIR to the folder that holds flanders-2019")
    return folder
