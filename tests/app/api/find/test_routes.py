"""Finding over HTTP, on SQLite and on PostgreSQL: nothing of another branch, no name before the look is noted."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update

from app.book.parcel_units import place_in_villages
from app.book.villages import InVillage
from app.db.engine import writing
from app.db.tables import PersonalData, PersonalView
from geo.status import Status
from tests.app.api.access.service import NOW, Service

FIND = "/api/v1/find"
VIEW = {"west": 3.9, "south": 50.9, "east": 4.1, "north": 51.1}


def found(browser: TestClient, q: str, **more: Any) -> list[tuple[str, str]]:
    answer = browser.get(FIND, params={"q": q, **more})
    assert answer.status_code == 200, answer.text
    return [(hit["kind"], hit["key"]) for hit in answer.json()["hits"]]


def the_set(browser: TestClient) -> str:
    name: str = browser.get("/api/v1/parcel-layer").json()["set"]
    return name


def looks(service: Service) -> list[tuple[object, ...]]:
    columns = PersonalView.party_id, PersonalView.viewed_by_id, PersonalView.reason
    with service.access.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(PersonalView.id))]


def test_parcels_units_and_places(service: Service) -> None:
    olga = service.signed_in("olga")
    assert found(olga, "P00") == [("parcel", name) for name in ("p000", "p001", "p002", "p004", "p005")]
    assert found(olga, "p001") == [("parcel", "p001")]
    assert found(olga, "51.002, 4.002") == [("place", "51.00200, 4.00200")]
    assert found(olga, "unit 01") == [("unit", "010"), ("unit", "011")]
    hit = olga.get(FIND, params={"q": "011"}).json()["hits"][0]
    unit = {"kind": "unit", "key": "011", "name": "Unit 011", "site": None, "party": None, "parcels": 2}
    assert hit == unit | {"bounds": hit["bounds"]}
    assert hit["bounds"] == pytest.approx([4.02, 51, 4.025, 51.005])
    without = olga.get(FIND, params={"q": "p005"}).json()["hits"][0]
    assert without["bounds"] is None
    farmers = [(service.parties["011"], service.people["olga"].id, "search on the map")]
    assert looks(service) == farmers, "the one farmer whose name holds the code of the unit"


def test_a_branch_finds_nothing_of_another(service: Service) -> None:
    olga, susi, rita = (service.signed_in(login) for login in ("olga", "susi", "rita"))
    for text in ("p003", "020", "f1", "Farmer of 020", "farmer of None"):
        assert found(olga, text) == [], text
    assert found(susi, "p003") == [("parcel", "p003")]
    assert found(susi, "farmer of") == [("farmer", "f1")]
    assert found(susi, "p001") == found(susi, "unit 010") == []
    assert len(found(rita, "farmer of")) == 5
    assert ("farmer", str(service.parties[None])) in found(rita, "farmer of none")


def test_villages_are_found_by_name_and_code_with_the_parcels_within_reach(service: Service) -> None:
    with writing(service.access.engine) as connection:
        who = service.people["ada"]
        liu, dong = InVillage("371522103201", "柳林村 Liulin"), InVillage("371522103202", "东坡村 Dongpo")
        villages = {"p000": liu, "p001": liu, "p003": dong, "p005": liu}
        place_in_villages(connection, villages, who, NOW)
    olga, susi = service.signed_in("olga"), service.signed_in("susi")
    assert found(olga, "liulin") == found(olga, "柳林") == found(olga, "103201") == [("village", "371522103201")]
    hit = olga.get(FIND, params={"q": "Liulin", "only": "village"}).json()["hits"][0]
    assert (hit["name"], hit["parcels"]) == ("柳林村 Liulin", 3)
    assert hit["bounds"] == pytest.approx([4, 51, 4.015, 51.005])
    assert found(olga, "dongpo") == [], "of another branch"
    assert found(susi, "dongpo") == [("village", "371522103202")]
    card = olga.get("/api/v1/find/parcels/p000").json()
    assert card["village"] == {"code": "371522103201", "name": "柳林村 Liulin"}
    assert olga.get("/api/v1/find/parcels/p002").json()["village"] is None


def test_a_search_for_farmers_gives_their_parties_and_nothing_else(service: Service) -> None:
    olga = service.signed_in("olga")
    assert found(olga, "010", only="farmer") == found(olga, "f0", only="farmer") == [("farmer", "f0")]
    hit = olga.get(FIND, params={"q": "f0", "only": "farmer"}).json()["hits"][0]
    assert hit["party"] == service.parties["010"]
    assert {reason for *_, reason in looks(service)} == {"search for a farmer"}
    assert found(olga, "01", only="unit") == [("unit", "010"), ("unit", "011")]
    assert found(olga, "f1", only="farmer") == [], "of another branch"
    assert olga.get(FIND, params={"q": "f0", "only": "person"}).status_code == 422


def test_names_are_shown_after_the_look_was_written_down(service: Service) -> None:
    olga = service.signed_in("olga")
    assert looks(service) == []
    hit = olga.get(FIND, params={"q": "of 010"}).json()["hits"]
    assert [(each["name"], each["parcels"]) for each in hit] == [("Farmer of 010", 2)]
    assert hit[0]["bounds"] == pytest.approx([4, 51, 4.015, 51.005])
    assert looks(service) == [(service.parties["010"], service.people["olga"].id, "search on the map")]
    assert found(olga, "F0") == [("farmer", "f0")]
    assert len(looks(service)) == 2
    assert found(olga, "F") == [("farmer", "f0")], "one character searches numbers and no names"
    assert service.signed_in("ada").get(FIND, params={"q": "of 010"}).status_code == 403


def test_names_are_found_whatever_their_letters(service: Service) -> None:
    with writing(service.access.engine) as connection:
        row = update(PersonalData).where(PersonalData.party_id == service.parties["010"])
        connection.execute(row.values(name="Émile 王小明 100%_"))
    olga = service.signed_in("olga")
    for text in ("émile", "ÉMILE", "小明", "王小明", "100%_"):
        assert found(olga, text) == [("farmer", "f0")], text
    for text in ("%%", "__", "小王", "é_ile"):
        assert found(olga, text) == [], text


def test_pages_follow_each_other_without_gap(service: Service) -> None:
    rita = service.signed_in("rita")
    whole = found(rita, "0", limit=20)
    kinds = [kind for kind, _ in whole]
    assert kinds == sorted(kinds, key=["place", "unit", "farmer", "parcel"].index)
    pieces = [hit for after in range(0, len(whole), 3) for hit in found(rita, "0", after=after, limit=3)]
    assert pieces == whole
    page = rita.get(FIND, params={"q": "0", "limit": 3}).json()
    assert page["more"]
    assert not rita.get(FIND, params={"q": "0", "after": len(whole) - 1, "limit": 3}).json()["more"]
    assert found(rita, "0", after=len(whole)) == []


def test_looks_are_noted_for_the_page_that_is_shown_only(service: Service) -> None:
    rita = service.signed_in("rita")
    first = found(rita, "farmer of", limit=2)
    assert len(first) == len(looks(service)) == 2
    assert len(found(rita, "farmer of", after=2, limit=10)) == 3
    with service.access.engine.connect() as connection:
        assert connection.scalar(select(func.count(PersonalView.party_id.distinct()))) == 5


@pytest.mark.parametrize("q", ["", "x" * 101, None])
def test_a_search_needs_a_text_of_some_length(service: Service, q: str | None) -> None:
    assert service.signed_in("olga").get(FIND, params={} if q is None else {"q": q}).status_code == 422
    assert found(service.signed_in("olga"), "  ") == []


def test_keys_name_the_persons_units_and_all_crops(service: Service) -> None:
    keys = service.signed_in("olga").get(f"{FIND}/keys").json()
    assert [unit["code"] for unit in keys["units"]] == ["010", "011"]
    assert {"key", "value", "en", "zh", "colour"} == set(keys["crops"][0])


def left(browser: TestClient, **sieve: Any) -> list[str]:
    """Parcels that filters leave."""
    content_hash = the_set(browser)
    raw = browser.get(f"{FIND}/{content_hash}/left", params=sieve).content
    prefix = f"/api/v1/parcel-layer/{content_hash}/numbers"
    return [browser.get(f"{prefix}/{at}").json()["parcel_id"] for at, each in enumerate(raw) if each]


def test_filters_leave_what_fits_all_of_them(service: Service) -> None:
    olga = service.signed_in("olga")
    everything = ["p-010", "p-011", "p-None", "p000", "p001", "p002", "p004", "p005"]
    assert left(olga) == everything
    assert left(olga, level=["warning", "action"]) == ["p001", "p002"]
    assert left(olga, level="action", unit="010") == ["p002"], "the unit and those below it"
    assert left(olga, unit="011") == ["p-011", "p002"]
    assert left(olga, status="INVALID_GEOMETRY") == ["p005"]
    assert left(olga, crop="wheat", mine=True) == ["p001"]
    assert left(olga, crop="no_such") == []
    assert left(service.signed_in("rob"), mine=True) == []


def test_what_is_in_view_comes_by_level(service: Service) -> None:
    rita = service.signed_in("rita")
    address = f"{FIND}/{the_set(rita)}/inside"
    view = rita.get(address, params=VIEW).json()
    assert view["found"] == 5
    assert [each["parcel_id"] for each in view["parcels"]] == ["p002", "p001", "p003", "p000", "p004"]
    first = view["parcels"][0]
    assert first["bounds"] == pytest.approx([4.02, 51, 4.025, 51.005])
    decided = list(Status).index(Status.OK)
    assert [first[key] for key in ("alert", "status", "vigour", "limit")] == [4, decided, 62, 255]
    assert view["marks"]["alert"] == [4, 3, 1]
    assert view["marks"]["lon"][0] == pytest.approx(4.0225)
    part = rita.get(address, params=VIEW | {"east": 4.001, "level": "warning"}).json()
    assert (part["found"], part["marks"]["alert"]) == (0, [3]), "signs are sent for some way around the view"


def test_cells_show_what_is_left(service: Service) -> None:
    rita = service.signed_in("rita")
    address = f"{FIND}/{the_set(rita)}/cells/alert"
    assert sorted(set(rita.get(address).content)) == [0, 1, 3, 4, 255]
    answer = rita.get(address, params={"level": "info"})
    assert sorted(set(answer.content)) == [1, 255]
    again = rita.get(address, params={"level": "info"}, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("way", ["left", "cells/alert", "inside"])
def test_the_set_of_another_branch_is_not_there(service: Service, way: str) -> None:
    theirs = the_set(service.signed_in("susi"))
    answer = service.signed_in("olga").get(f"{FIND}/{theirs}/{way}", params=VIEW)
    assert (answer.status_code, answer.json()["code"]) == (404, "LAYER_CHANGED")


def test_a_unit_elsewhere_is_no_filter(service: Service) -> None:
    olga = service.signed_in("olga")
    for unit in ("020", "001", "nowhere"):
        answer = olga.get(f"{FIND}/{the_set(olga)}/left", params={"unit": unit})
        assert (answer.status_code, answer.json()["code"]) == (404, "UNKNOWN_UNIT")


def test_the_card_of_a_parcel_names_nobody(service: Service) -> None:
    olga = service.signed_in("olga")
    card = olga.get(f"{FIND}/parcels/p001").json()
    assert (card["unit"]["code"], card["level"], card["alerts"]) == ("010", "warning", 1)
    assert (card["status"], card["crop"], card["vigour_pct"], card["limit"]) == ("OK", "wheat", 62.5, None)
    assert card["outline"]["type"] == "Polygon"
    assert card["bounds"] == pytest.approx([4.01, 51, 4.015, 51.005])
    assert looks(service) == []
    bare = olga.get(f"{FIND}/parcels/p-010").json()
    assert (bare["outline"], bare["status"], bare["area_ha"]) == (None, None, None)
    assert olga.get(f"{FIND}/parcels/p005").json()["status"] == "INVALID_GEOMETRY"
    for stranger in ("p003", "p-020", "nowhere", "a/b"):
        answer = olga.get(f"{FIND}/parcels/{stranger}")
        assert (answer.status_code, answer.json()["code"]) == (404, "PARCEL_UNKNOWN")
