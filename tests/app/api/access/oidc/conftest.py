from __future__ import annotations

from tests.app.api.access.conftest import service, small_service

__all__ = ["service", "small_service"]
