"""A decided case, as tests of the database have it."""

from __future__ import annotations

from tests.app.db.conftest import decided

__all__ = ["decided"]
