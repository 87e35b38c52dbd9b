"""A run folder and a client on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.api.application import create_app
from tests.app.api.run_folder import build_run_folder


@pytest.fixture(scope="session")
def run_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_run_folder(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="session")
def client(run_dir: Path) -> Iterator[TestClient]:
    with TestClient(create_app(run_dir), base_url="http://localhost") as client:
        yield client
