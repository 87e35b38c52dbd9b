"""Today, alerts, parcels and curves as the pages of the office ask for them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine

from app.artefacts.curves import Curves
from geo.errors import InputError
from geo.observations import SERIES, write_table
from geo.season import parse_season
from tests.app.api.branches import NORTH, TwoBranches, build_branches

ALERT = NORTH.base + 1


@pytest.fixture
def bank(engine: Engine, tmp_path: Path) -> Iterator[TwoBranches]:
    """On SQLite and on PostgreSQL."""
    built = build_branches(engine, tmp_path)
    with built.open:
        yield built


def test_the_pages_of_an_officer(bank: TwoBranches) -> None:
    browser = bank.browser("Nordolf")
    today = browser.get("/api/v1/today").json()
    assert today["alerts"]["by_level"] == {"action": 1, "warning": 0, "watch": 0, "info": 0}
    assert (today["overdue"]["total"], today["maturing"]["total"], today["papers"]["total"]) == (1, 1, 4)
    assert today["overdue"]["lines"][0]["due_on"] == "2019-06-08"
    waiting = today["proposals"]["lines"][0]
    assert (waiting["proposed_by"], waiting["to"]["amount"]) == ("Nordolf", "70000.99")
    assert [task["parcel_id"] for task in today["visits"]["tasks"]] == ["Nord-p0"]
    story = browser.get(f"/api/v1/alerts/{ALERT}").json()
    assert (story["site"], story["evidence"]["unit"]) == (None, "ndvi")
    picture = browser.get(story["evidence"]["chips"]["before"]["url"])
    assert (picture.headers["content-type"], picture.content[:4]) == ("image/png", b"\x89PNG")
    assert "immutable" in picture.headers["cache-control"]
    assert browser.get(f"/api/v1/alerts/{ALERT}/pictures/..%2F..%2Frun.json").status_code in {404, 422}
    people = {each["login"] for each in browser.get("/api/v1/alerts/assignees").json()}
    assert people == {"Nordolf", "Nordine", "rita"}
    assert browser.get("/api/v1/alerts", params={"mine": True}).json()["found"] == 0
    found = browser.get("/api/v1/alerts", params={"level": ["watch", "action"], "cause": "abrupt_loss"}).json()
    assert [each["number"] for each in found["alerts"]] == [ALERT]
    file = browser.get("/api/v1/parcels/Nord-p0").json()
    assert (file["farmer"], file["declared_crop"], file["limit_of"]) == (
        {"id": "Nord-f0", "name": None},
        "wheat",
        "run",
    )
    assert file["proposal"]["decided"] == {"amount": "70000.66", "currency": "CNY"}


def test_alerts_change_all_or_none(bank: TwoBranches) -> None:
    browser = bank.browser("Nordolf")

    def act(what: str, **said: Any) -> Any:
        return browser.post(f"/api/v1/alerts/{what}", json={"numbers": [ALERT]} | said)

    both = act("acknowledge", numbers=[ALERT, 9_000_001])
    assert (both.status_code, both.json()["code"]) == (404, "ALERT_UNKNOWN")
    assert act("acknowledge").json() == {"changed": [ALERT], "already": []}
    assert act("acknowledge").json() == {"changed": [], "already": [ALERT]}
    assert act("assign").json()["code"] == "ASSIGN_WHOM"
    assert act("assign", to="Nordine").json()["changed"] == [ALERT]
    assert act("note", said="Nord-mann is not at home").json()["code"] == "NOTE_NAMES"
    assert act("reopen", said="again").json()["changed"] == []
    assert browser.post("/api/v1/alerts/forget", json={"numbers": [ALERT]}).status_code == 422


def test_a_curve_with_what_its_neighbours_lead_to_expect(bank: TwoBranches) -> None:
    browser = bank.browser("Nordolf")
    answer = browser.get("/api/v1/parcels/Nord-p0/curve")
    curve = answer.json()
    assert (len(curve["looks"]["date"]), curve["looks"]["ndvi"][0], curve["looks"]["ndvi"][-1]) == (20, 0.2, 0.8)
    assert (curve["expected"], curve["neighbours"]) == (None, None), "fewer than eight parcels of the crop"
    assert [mark["kind"] for mark in curve["markers"]] == ["start", "start", "peak", "peak", "end"]
    held = {"If-None-Match": answer.headers["etag"]}
    assert browser.get("/api/v1/parcels/Nord-p0/curve", headers=held).status_code == 304
    assert browser.get("/api/v1/today", headers=held).headers["cache-control"] == "no-store"


def test_of_several_rows_of_a_day_the_one_known_last_counts(tmp_path: Path) -> None:
    days = [pd.Timestamp("2018-11-05").date()] * 2 + [pd.Timestamp("2018-11-15").date()]
    known = pd.to_datetime(["2018-11-08", "2018-11-06", "2018-11-16"], utc=True)
    rows = pd.DataFrame({"date": days, "known_at": known, "ndvi": [0.5, 0.1, np.nan], "clear_share": [1.0, 0.5, 0.0]})
    fixed = {"parcel_id": "p", "geometry_version": "a" * 12, "n_px": 9.0, "level": "L2A", "source_hash": "f" * 12}
    write_table(rows.assign(**fixed), SERIES, tmp_path / "series.parquet")
    curves = Curves.read(tmp_path, ["q", "p"], parse_season("2018-10-01/2019-10-31"))
    seen, ndvi, clear = curves.looks(curves.rows["p"])
    assert seen == sorted(set(days))
    np.testing.assert_allclose(ndvi, [0.5, np.nan])
    np.testing.assert_allclose(clear, [1.0, 0.0])
    assert curves.looks(curves.rows["q"])[0] == []
    with pytest.raises(InputError, match="no curves"):
        Curves.read(tmp_path / "none", ["p"], parse_season("2018-10-01/2019-10-31"))
