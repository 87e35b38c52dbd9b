"""The API over a made-up run folder."""

from __future__ import annotations

from fastapi.testclient import TestClient


def test_the_run_is_summed_up(client: TestClient) -> None:
    run = client.get("/api/run").json()
    assert run["simulated"] is True
    assert run["totals"]["parcels"] == 20
    assert sum(entry["count"] for entry in run["by_status"]) == 20
    assert sum(entry["count"] for entry in run["by_crop"]) == 20
