"""Pages of the book for other systems: every row once, in an order that stays, and nothing of people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, insert

from app.api.data.pages import cursor_of, key_of
from app.db.engine import writing
from app.db.tables import Parcel
from geo.errors import InputError
from tests.app.api.access.service import NOW, Service
from tests.app.api.branches import NORTH, TwoBranches, build_branches

LISTS = ("parcels", "limits", "alerts", "facilities")


@pytest.fixture
def bank(engine: Engine, tmp_path: Path) -> Iterator[TwoBranches]:
    built = build_branches(engine, tmp_path)
    with built.open:
        yield built


def _walk(client: TestClient, address: str) -> list[dict[str, Any]]:
    rows, following = [], address
    while following:
        answer = client.get(following)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        rows += page["items"]
        said = answer.headers.get("link")
        following = page["next"]
        assert said == (f'<{following}>; rel="next"' if following else None)
    return rows


def test_the_lists_of_a_branch(bank: TwoBranches) -> None:
    browser, whole = bank.browser("Nordolf"), bank.browser("rita")
    n = NORTH.base
    parcels = _walk(browser, "/api/v1/data/parcels?limit=3")
    assert [row["parcel_id"] for row in parcels] == NORTH.parcels
    assert {row["status"] for row in parcels} == {"OK"}
    limits = _walk(browser, "/api/v1/data/limits")
    assert [(row["parcel_id"], row["amount"]["amount"]) for row in limits] == [("Nord-p0", f"{(n + 66) / 100:.2f}")]
    alerts = _walk(browser, "/api/v1/data/alerts")
    assert [(row["number"], row["level"], row["ended_on"]) for row in alerts] == [(n + 1, "action", None)]
    facilities = _walk(browser, "/api/v1/data/facilities")
    assert [(row["number"], row["accounts"]) for row in facilities] == [("Nord-F1", 2)]
    assert facilities[0]["outstanding"]["amount"] == f"{(2 * n + 55) / 100:.2f}"
    assert len(_walk(whole, "/api/v1/data/parcels?limit=1")) == 8
    for name in LISTS:
        text = browser.get(f"/api/v1/data/{name}").text
        assert "Sued" not in text
        assert not any(word in text for word in (NORTH.name("f0"), NORTH.name("mann"), f"{n + 555}"))


def test_rows_since_an_instant_and_pages_that_did_not_change(bank: TwoBranches) -> None:
    browser = bank.browser("Nordolf")
    for name in LISTS:
        address = f"/api/v1/data/{name}?updated_since="
        everything = _walk(browser, f"/api/v1/data/{name}")
        assert _walk(browser, f"{address}2018-10-01T08:00:00Z") == everything
        assert _walk(browser, f"{address}2018-10-01T08:00:01Z") == []
        assert _walk(browser, f"{address}0001-01-01T00:00:00%2B23:00") == everything
        assert browser.get(f"{address}2018-10-01T08:00:00").status_code == 422  # of no zone
        first = browser.get(f"/api/v1/data/{name}")
        assert first.headers["cache-control"] == "private, no-cache"
        again = browser.get(f"/api/v1/data/{name}", headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    limit=st.integers(1, 4),
    arrivals=st.lists(st.lists(st.text("abzÄ中-/", min_size=1, max_size=4), max_size=3), max_size=6),
)
def test_every_row_comes_once_though_others_arrive(
    small_service: Service, limit: int, arrivals: list[list[str]]
) -> None:
    """What was there when the walk began comes exactly once, whatever is written between its pages."""
    browser = small_service.signed_in("rita")
    there = {row["parcel_id"] for row in _walk(browser, "/api/v1/data/parcels?limit=1000")}
    found: list[str] = []
    following, waiting = f"/api/v1/data/parcels?limit={limit}", [set(names) for names in arrivals]
    added: set[str] = set()
    while following:
        page = browser.get(following).json()
        found += [row["parcel_id"] for row in page["items"]]
        following = page["next"]
        new = (waiting.pop() if waiting else set()) - there - added
        with writing(small_service.access.engine) as connection:
            if new:
                connection.execute(insert(Parcel), [{"parcel_id": name, "recorded_at": NOW} for name in new])
        added |= new
    with writing(small_service.access.engine) as connection:
        connection.execute(delete(Parcel).where(Parcel.parcel_id.in_(added)))
    assert len(found) == len(set(found))
    assert there <= set(found) <= there | added
    assert found == sorted(found)


@given(st.text(max_size=40).filter(lambda text: "\0" not in text), st.integers(-(2**63) + 1, 2**63 - 1))
def test_cursors_come_back(text: str, number: int) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    assert key_of(cursor_of((number, text)), int, str) == (number, text)


@pytest.mark.parametrize(
    "cursor", ["", "x", "中", cursor_of((1,)), cursor_of(("a", "b")), cursor_of(("\0",)), "eyJhIjoxfQ"]
)
def test_a_cursor_of_nothing_is_refused(cursor: str) -> None:
    with pytest.raises(InputError, match="No page of this list"):
        key_of(cursor, str)
