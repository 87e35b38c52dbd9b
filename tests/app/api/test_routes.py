"""The API over a made-up run folder."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from fastapi.testclient import TestClient

from geo.status import Status


def test_health_names_the_run(client: TestClient) -> None:
    assert client.get("/api/health").json() == {"ok": True, "run_id": "test-run"}


def test_the_run_is_summed_up(client: TestClient, run_dir: Path) -> None:
    run = client.get("/api/run").json()
    limits = pd.read_parquet(run_dir / "limits.parquet")
    assert run["simulated"] is True
    assert run["totals"]["parcels"] == 20
    assert sum(entry["count"] for entry in run["by_status"]) == 20
    assert sum(entry["count"] for entry in run["by_crop"]) == 20
    assert Decimal(run["totals"]["limit"]["amount"]) * 100 == limits["amount_minor"].sum()
    assert run["totals"]["needs_visit"] == limits["needs_visit"].sum()
    assert run["totals"]["without_amount"] == limits["amount_minor"].isna().sum()
    assert (run["season_start"], run["season_end"], run["area_unit"]) == ("2025-10-01", "2026-09-30", "mu")


def test_the_bounds_hold_every_outline(client: TestClient, run_dir: Path) -> None:
    west, south, east, north = client.get("/api/run").json()["bounds"]
    features = json.loads((run_dir / "parcels.geojson").read_text(encoding="utf-8"))["features"]
    corners = [corner for feature in features for corner in feature["geometry"]["coordinates"][0]]
    assert west <= min(x for x, _ in corners) + 1e-9
    assert east >= max(x for x, _ in corners) - 1e-9
    assert south <= min(y for _, y in corners) + 1e-9
    assert north >= max(y for _, y in corners) - 1e-9


def test_the_legend_is_whole_and_in_order(client: TestClient) -> None:
    legend = client.get("/api/legend").json()
    assert [entry["value"] for entry in legend] == list(range(1, len(legend) + 1))
    assert legend[0] == {"key": "wheat", "value": 1, "en": "Wheat", "zh": "小麦", "colour": "#d9a441"}


def test_outlines_hold_ids_only_and_all_of_them(client: TestClient) -> None:
    features = client.get("/api/parcels.geojson").json()["features"]
    assert {tuple(feature["properties"]) for feature in features} == {("parcel_id",)}
    assert len(features) == 20


def test_outlines_are_kept_for_good_under_their_hash(client: TestClient) -> None:
    url = client.get("/api/run").json()["outlines_url"]
    named, bare = client.get(url), client.get("/api/parcels.geojson")
    assert "immutable" in named.headers["cache-control"]
    assert "no-cache" in bare.headers["cache-control"]
    again = client.get(url, headers={"If-None-Match": f"W/{named.headers['etag']}"})
    assert (again.status_code, again.content) == (304, b"")
    stale = client.get("/api/parcels.geojson?v=0000", headers={"If-None-Match": '"0000"'})
    assert stale.status_code == 200
    assert "immutable" not in stale.headers["cache-control"]


def test_states_are_columns_of_one_length(client: TestClient, run_dir: Path) -> None:
    states = client.get("/api/parcels/states").json()
    columns = {name: values for name, values in states.items() if name not in {"crops", "statuses"}}
    assert {len(values) for values in columns.values()} == {20}
    parcels = pd.read_parquet(run_dir / "parcels.parquet").set_index("parcel_id")
    for place, parcel_id in enumerate(states["parcel_id"]):
        row = parcels.loc[parcel_id]
        crop = states["crop"][place]
        assert states["statuses"][states["status"][place]] == row["status"]
        assert (None if crop is None else states["crops"][crop]) == (row["crop"] if pd.notna(row["crop"]) else None)


def test_a_parcel_says_everything(client: TestClient) -> None:
    parcel = client.get("/api/parcels/P-005").json()
    assert (parcel["crop"], parcel["declared_crop"], parcel["status"]) == ("wheat", "maize", "OK")
    assert [cycle["cycle"] for cycle in parcel["cycles"]] == [1, 2]
    assert parcel["area"]["mu"] == pytest.approx(parcel["area"]["ha"] * 15, abs=0.01)
    assert parcel["area"]["acre"] == pytest.approx(parcel["area"]["ha"] * 2.4710538, abs=0.01)
    west, south, east, north = parcel["bounds"]
    assert west < east
    assert south < north


def test_every_receipt_adds_up(client: TestClient) -> None:
    for place in range(20):
        limit = client.get(f"/api/parcels/P-{place:03d}").json()["limit"]
        total = sum(Decimal(line["effect"]) for line in limit["reasons"])
        assert limit["adds_up"] is True
        assert total == (Decimal(limit["amount"]["amount"]) if limit["amount"] else 0)
        assert all(line["en"] and line["zh"] for line in limit["reasons"])


def test_undecided_parcels_have_no_amount_and_ask_for_a_visit(client: TestClient) -> None:
    for place in range(20):
        parcel = client.get(f"/api/parcels/P-{place:03d}").json()
        assert (parcel["limit"]["amount"] is None) == (parcel["status"] != Status.OK)
        assert parcel["limit"]["needs_visit"] == (parcel["status"] != Status.OK)


def test_the_curve_is_the_parcels_own(client: TestClient, run_dir: Path) -> None:
    curve = client.get("/api/parcels/P-003/series").json()
    table = pd.read_parquet(run_dir / "series.parquet").query("parcel_id == 'P-003'")
    assert len(curve["date"]) == len(curve["ndvi"]) == len(curve["clear_share"]) == 36
    assert curve["date"] == sorted(curve["date"])
    assert [value is None for value in curve["ndvi"]] == table["ndvi"].isna().tolist()
    assert [v for v in curve["ndvi"] if v is not None] == pytest.approx(table["ndvi"].dropna().tolist(), abs=1e-4)


@pytest.mark.parametrize("path", ["P-999", "P-999/series", "..%2Frun.json", "%00", "P-003%20", "x" * 500])
def test_an_unknown_parcel_is_a_404_with_a_remedy(client: TestClient, path: str) -> None:
    answer = client.get(f"/api/parcels/{path}")
    assert answer.status_code == 404
    assert answer.json()["code"] == "PARCEL_UNKNOWN"
    assert answer.json()["remedy"]


@pytest.mark.parametrize(
    ("text", "found"), [("p-01", 10), ("F-002", 2), ("p-003", 1), ("%", 0), ("_", 0), ("' OR 1=1", 0)]
)
def test_search_by_parcel_or_farmer(client: TestClient, text: str, found: int) -> None:
    answer = client.get("/api/search", params={"q": text}).json()
    assert len(answer["matches"]) == found


def test_search_says_when_there_is_more(client: TestClient) -> None:
    answer = client.get("/api/search", params={"q": "P-", "limit": 5}).json()
    assert (len(answer["matches"]), answer["more"]) == (5, True)


@pytest.mark.parametrize("query", ["", "q=", "q=a&limit=0", "q=a&limit=999", f"q={'x' * 200}"])
def test_a_search_that_does_not_fit_is_refused(client: TestClient, query: str) -> None:
    answer = client.get(f"/api/search?{query}")
    assert answer.status_code == 422
    assert answer.json()["code"] == "REQUEST_INVALID"


def test_nothing_can_be_changed(client: TestClient) -> None:
    for path in ("/api/run", "/api/parcels/P-001", "/map-layers/crop/1/1/1.png"):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            assert client.request(method, path).status_code == 405


def test_an_address_that_does_not_exist_answers_in_the_same_shape(client: TestClient) -> None:
    answer = client.get("/api/nothing")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert set(answer.json()) == {"type", "title", "status", "detail", "code", "message", "remedy"}
