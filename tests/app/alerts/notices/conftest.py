from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.alerts.notices.certificates import write_certificate


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of servers on this machine."""
    return write_certificate(tmp_path_factory.mktemp("certificate"))
