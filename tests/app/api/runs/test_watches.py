"""Watches over a run that two branches share: each is told of its own parcels only."""

from __future__ import annotations

from tests.app.api.access.service import Service
from tests.app.api.find.conftest import service

__all__ = ["service"]


def test_a_watch_counts_what_is_within_reach(service: Service) -> None:
    told = {
        login: service.signed_in(login).get("/api/v1/watches").json()["watches"] for login in ("olga", "susi", "rita")
    }
    assert {login: [each["parcels"] for each in lines] for login, lines in told.items()} == {
        "olga": [5], "susi": [3], "rita": [6],
    }  # fmt: skip
    counts = {login: lines[0]["counts"] for login, lines in told.items()}
    assert counts == {"olga": {"opened": 2}, "susi": {"opened": 1}, "rita": {"opened": 3}}
