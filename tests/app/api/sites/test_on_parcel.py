"""What is told of a site where its parcel is shown: on the parcel's page, on the map's card, and in its search."""

from __future__ import annotations

from typing import Any

import pytest

from app.book.decisions.people import find_user
from app.db.engine import writing
from app.sites.stopping import stop_site
from tests.app.api.access.service import NOW
from tests.app.api.sites.conftest import Office
from tests.app.api.sites.test_reading import row_of

SAID = ("kind", "name", "standing", "as_of", "seen_on", "planned", "low", "share", "high")


def on_page(office: Office, login: str, parcel: str) -> Any:
    return office.browse(login).get(f"/api/v1/parcels/{parcel}").json()["site"]


def hits(office: Office, login: str, text: str, **more: str) -> list[dict[str, Any]]:
    answer = office.browse(login).get("/api/v1/find", params={"q": text} | more)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["hits"]
    return found


@pytest.mark.parametrize("site_id", ["s/1", "w-1", "r-1", "s-new"])
def test_page_and_card_say_what_the_list_says(small_office: Office, site_id: str) -> None:
    row = row_of(small_office, "olga", site_id)
    said = on_page(small_office, "olga", site_id)
    assert {name: said[name] for name in SAID} == {name: row[name] for name in SAID}
    assert said["ended_on"] is None
    card = small_office.browse("olga").get(f"/api/v1/find/parcels/{site_id}").json()
    assert card["site"] == said
    assert (card["crop"], card["status"]) == (None, None)


def test_a_parcel_without_a_site_has_none(small_office: Office) -> None:
    assert on_page(small_office, "olga", "p-010") is None
    assert small_office.browse("olga").get("/api/v1/find/parcels/p-010").json()["site"] is None


def test_a_site_of_another_branch_is_told_nowhere(small_office: Office) -> None:
    olga = small_office.browse("olga")
    for address in ("/api/v1/parcels/s-far", "/api/v1/find/parcels/s-far"):
        answer = olga.get(address)
        assert (answer.status_code, answer.json()["code"]) == (404, "PARCEL_UNKNOWN")
    assert hits(small_office, "olga", "s-far") == hits(small_office, "olga", "Far 东山") == []
    assert [hit["key"] for hit in hits(small_office, "susi", "s-far")] == ["s-far"]


def test_a_site_is_found_by_its_name_and_by_its_number_and_stands_once(small_office: Office) -> None:
    name = row_of(small_office, "olga", "w-1")["name"]
    for text in ("w-1", "W-1", name, name.upper()):
        (hit,) = [hit for hit in hits(small_office, "olga", text) if hit["key"] == "w-1"]
        assert (hit["kind"], hit["name"], hit["site"], hit["parcels"], hit["party"]) == ("site", name, "wind", 1, None)
        west, south, east, north = hit["bounds"]
        assert west < east
        assert south < north
    assert {hit["kind"] for hit in hits(small_office, "olga", "w-1", only="site")} == {"site"}
    assert [hit["kind"] for hit in hits(small_office, "olga", "w-1", only="parcel")] == ["parcel"]


def test_pages_of_hits_hold_each_site_once(small_office: Office) -> None:
    whole = [(hit["kind"], hit["key"]) for hit in hits(small_office, "olga", "-", limit="20")]
    paged = [
        (hit["kind"], hit["key"])
        for after in range(len(whole))
        for hit in hits(small_office, "olga", "-", limit="1", after=str(after))
    ]
    assert paged == whole
    assert len(set(whole)) == len(whole) > 3
    assert len({key for _, key in whole}) == len(whole)


def test_a_site_that_is_no_longer_watched_says_since_when(office: Office) -> None:
    before = on_page(office, "olga", "s/1")
    with writing(office.engine) as connection:
        stop_site(connection, "s/1", find_user(connection, "rita"), NOW, "loan repaid")
    assert on_page(office, "olga", "s/1") == before | {"ended_on": "2026-11-22"}
    assert [hit["key"] for hit in hits(office, "olga", "s/1")] == ["s/1"]
