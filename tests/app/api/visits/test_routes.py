from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app.alerts.visits.along import short_code
from app.alerts.visits.uploads import MOST_PHOTO_BYTES
from app.book.decisions.people import find_user, place_unit
from app.book.villages import InVillage, keep_villages
from app.db.engine import writing
from tests.app.alerts.desk import NOW, picture
from tests.app.api.visits.office import KEY, Office

_OTHER_KEY = "7c9f4a10-0a55-4a0e-8f52-2b1c9e0d4f6a"


def _put(browser: Any, said: dict[str, Any], key: str = KEY) -> Any:
    return browser.put(f"/api/v1/visits/{key}", json=said)


def _photo(browser: Any, content: bytes, key: str = KEY) -> Any:
    return browser.put(f"/api/v1/visits/{key}/photo", content=content, headers={"Content-Type": "image/jpeg"})


def test_the_list_goes_along_with_outlines_and_words_and_names_no_farmer(office: Office) -> None:
    answer = office.signed_in("olga").get("/api/v1/visits/week")
    said = answer.json()
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert (said["week"], said["forget_at"], said["far_m"]) == ("2019-06-17", "2019-06-20T21:00:00Z", 500.0)
    tasks = {task["parcel_id"]: task for task in said["tasks"]}
    assert set(tasks) <= {"p000", "p001", "p003", "p004"}, "p002 is of another branch"
    first = tasks["p000"]
    assert (first["rank"], first["drawn"], first["done"], first["list_unit"]) == (1, "ranked", False, "001")
    assert (first["alert"]["level"], first["alert"]["cause"]) == ("warning", "abrupt_loss")
    assert first["unit"] == {"code": "010", "name": "North"}
    assert first["looks_for"]["en"]
    assert first["looks_for"]["zh"]
    assert first["outline"][0][0][0] == pytest.approx([4.0, 51.0], abs=0.006)
    assert [(each["login"], each["units"]) for each in said["officers"]] == [
        ("otto", ["010"]),
        ("rita", ["010"]),
        ("rob", ["010"]),
    ]
    assert said["way_m"] > 0
    assert "f900" not in answer.text
    assert {"abrupt_loss", "not_sown"} <= {cause["key"] for cause in said["causes"]}


def test_the_list_goes_village_by_village(office: Office) -> None:
    with writing(office.access.engine) as connection:
        villages = {"p001": InVillage("371522103201", "Liulin"), "p002": InVillage("371522103202", "Dongpo")}
        keep_villages(connection, villages, NOW)
        place_unit(connection, "001", (4.02, 51.0), find_user(connection, "ada"))
    said = office.signed_in("olga").get("/api/v1/visits/week").json()["tasks"]
    named = {task["parcel_id"]: task["village"] for task in said}
    assert {parcel for parcel, village in named.items() if village} <= {"p001"}
    assert named.get("p001", {"code": "371522103201", "name": "Liulin"}) == {"code": "371522103201", "name": "Liulin"}
    places = [task["outline"][0][0][0][0] for task in said]
    assert places in (sorted(places), sorted(places, reverse=True)), "along the road, there and back"


def test_a_list_is_the_branchs_own_and_of_the_week_asked_for(office: Office) -> None:
    south = {task["parcel_id"] for task in office.signed_in("berta").get("/api/v1/visits/week").json()["tasks"]}
    assert not south & {"p000", "p001"}
    olga = office.signed_in("olga")
    assert olga.get("/api/v1/visits/week?week=2019-06-19").json()["week"] == "2019-06-17"
    assert olga.get("/api/v1/visits/week?week=2019-06-03").json()["tasks"] == []
    office.clock.pass_by(days=40)
    late = office.signed_in("olga").get("/api/v1/visits/week").json()
    assert (late["week"], late["tasks"]) == (None, [])


def test_sending_twice_is_one_visit_and_does_its_task(office: Office) -> None:
    browser = office.signed_in("olga")
    first, again = _put(browser, office.said()), _put(browser, office.said())
    assert first.json() == {"number": first.json()["number"], "parcel_id": "p000", "new": True} | {
        "distance_m": 0.0,
        "far": False,
    }
    assert again.json() == first.json() | {"new": False}
    assert office.visits() == [("p000", None)]
    (task,) = [each for each in browser.get("/api/v1/visits/week").json()["tasks"] if each["parcel_id"] == "p000"]
    assert task["done"]
    other = _put(browser, office.said(outcome="partly"))
    assert (other.status_code, other.json()["code"]) == (409, "VISIT_KEY")
    somebody = _put(office.signed_in("otto"), office.said(second_officer="olga"))
    assert (somebody.status_code, somebody.json()["code"]) == (409, "VISIT_KEY")


def test_a_photo_comes_before_its_visit_and_keeps_nothing_but_pixels(office: Office, tmp_path: Path) -> None:
    browser, content = office.signed_in("olga"), picture(tmp_path, gps=True).read_bytes()
    early = _put(browser, office.said(photo=True))
    assert (early.status_code, early.json()["code"]) == (409, "VISIT_PHOTO")
    assert office.visits() == []
    assert [_photo(browser, content).json() for _ in range(2)] == [{"visit": None}] * 2
    done = _put(browser, office.said(photo=True)).json()
    assert _photo(browser, content).json() == {"visit": done["number"]}
    assert _put(browser, office.said(photo=True)).json()["new"] is False
    ((_, digest),) = office.visits()
    assert digest is not None
    assert [file.name for file in office.photos.rglob("*") if file.is_file()] == [f"{digest}.jpg"], "none waits"
    shown = browser.get(f"/api/v1/visits/{done['number']}/photo")
    assert (shown.headers["content-type"], shown.headers["cache-control"]) == ("image/jpeg", "no-store")
    assert not Image.open(io.BytesIO(shown.content)).getexif()
    (line,) = browser.get("/api/v1/visits?parcel=p000").json()["visits"]
    assert (line["photo"], line["officers"]) == (f"/api/v1/visits/{done['number']}/photo", ["olga", "otto"])
    stranger = office.signed_in("berta")
    assert stranger.get(line["photo"]).json()["code"] == "VISIT_UNKNOWN"
    assert stranger.get("/api/v1/visits?parcel=p000").status_code == 404


def test_visits_to_a_parcel_come_newest_first_with_the_names_of_what_was_found(office: Office) -> None:
    browser = office.signed_in("olga")
    assert browser.get("/api/v1/visits?parcel=p000").json() == {"parcel_id": "p000", "visits": [], "causes": []}
    found = {"alert": None, "parcel_id": "p000", "outcome": "other_cause"}
    _put(browser, office.said(captured_at="2019-06-17T07:30:00Z", **found | {"cause_found": "outside_permit"}))
    _put(browser, office.said(captured_at="2019-06-18T09:30:00Z", **found | {"cause_found": "elephants"}), _OTHER_KEY)
    shown = browser.get("/api/v1/visits?parcel=p000").json()
    assert [line["cause_found"] for line in shown["visits"]] == ["elephants", "outside_permit"]
    ((key, title),) = [(cause["key"], cause["title"]) for cause in shown["causes"]]
    assert key == "outside_permit", "one that no rules know has no name but its key"
    assert title["en"] != title["zh"]


def test_a_photo_that_a_correction_leaves_out_does_not_wait_on(office: Office, tmp_path: Path) -> None:
    browser = office.signed_in("olga")
    _photo(browser, picture(tmp_path).read_bytes())
    refused = _put(browser, office.said(photo=True, captured_at="2019-06-20T12:00:00Z"))
    assert refused.json()["code"] == "VISIT_TIME"
    corrected = _put(browser, office.said(photo=False))
    assert (corrected.status_code, corrected.json()["new"]) == (200, True), "nothing was written under the key before"
    assert office.visits() == [("p000", None)]
    assert not [file for file in office.photos.rglob("*") if file.is_file()]


def test_another_persons_photo_is_not_there(office: Office, tmp_path: Path) -> None:
    _photo(office.signed_in("otto"), picture(tmp_path).read_bytes())
    assert _put(office.signed_in("olga"), office.said(photo=True)).json()["code"] == "VISIT_PHOTO"


def test_what_does_not_fit_is_refused_and_nothing_is_written(office: Office) -> None:
    browser, theirs = office.signed_in("olga"), office.desk.number("p002")
    for changed, status, code in (
        ({"second_officer": "olga"}, 400, "VISIT_OFFICERS"),
        ({"second_officer": "berta"}, 400, "UNKNOWN_USER"),
        ({"second_officer": "nobody"}, 400, "UNKNOWN_USER"),
        ({"alert": theirs}, 404, "ALERT_UNKNOWN"),
        ({"alert": None, "parcel_id": "p002"}, 404, "PARCEL_UNKNOWN"),
        ({"alert": None, "parcel_id": "p000", "outcome": "confirmed"}, 400, "VISIT_CAUSE"),
        ({"captured_at": "2019-06-20T12:00:00Z"}, 400, "VISIT_TIME"),
        ({"captured_at": "2019-06-18T07:30:00"}, 422, "REQUEST_INVALID"),
        ({"latitude": None}, 400, "VISIT_POSITION"),
        ({"longitude": 181}, 422, "REQUEST_INVALID"),
        ({"note": "x" * 2001}, 422, "REQUEST_INVALID"),
        ({"officer": "rob"}, 422, "REQUEST_INVALID"),
    ):
        answer = _put(browser, office.said(**changed))
        assert (answer.status_code, answer.json()["code"]) == (status, code), changed
    assert browser.put("/api/v1/visits/1", json=office.said()).status_code == 422
    assert office.visits() == []


def test_sizes_have_limits_of_their_own(office: Office) -> None:
    browser = office.signed_in("olga")
    assert _photo(browser, b"\xff\xd8\xff" + bytes(MOST_PHOTO_BYTES)).status_code == 413
    assert _put(browser, office.said(note="x" * 70_000)).status_code == 413
    assert _photo(browser, b"\xff\xd8\xff" + bytes(1000)).json()["code"] == "PHOTO_DAMAGED"
    assert _photo(browser, b"GIF89a").json()["code"] == "PHOTO_FORMAT"
    wide = io.BytesIO()
    Image.new("1", (4001, 2000)).save(wide, "PNG")
    assert _photo(browser, wide.getvalue()).json()["code"] == "PHOTO_SIZE"
    assert not [file for file in office.photos.rglob("*") if file.is_file()]


def test_photos_whose_visit_never_comes_do_not_pile_up(office: Office, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("app.alerts.visits.uploads.MOST_WAITING", 1)
    office.clock.now = office.clock.now.replace(year=2026, month=11)
    browser, content = office.signed_in("olga"), picture(tmp_path).read_bytes()
    assert _photo(browser, content).status_code == 200
    assert _photo(browser, content).status_code == 200, "the same again"
    assert _photo(browser, content, _OTHER_KEY).json()["code"] == "VISIT_PHOTO"


def test_without_a_folder_visits_come_without_photos(office: Office, tmp_path: Path) -> None:
    browser = office.signed_in("olga", photos=False)
    assert _photo(browser, picture(tmp_path).read_bytes()).status_code == 503
    assert _put(browser, office.said(photo=True)).status_code == 503
    assert _put(browser, office.said()).status_code == 200


def test_short_codes_are_checked_base_32() -> None:
    assert [short_code(number) for number in (0, 1, 31, 32, 36, 1234)] == ["0-0", "1-1", "Z-Z", "10-*", "14-U", "16J-D"]


def test_only_the_offices_own_page_may_ask_where_the_phone_is(office: Office, client: Any) -> None:
    said = office.signed_in("olga").get("/api/v1/me").headers["permissions-policy"]
    assert said.startswith("geolocation=(self),")
    assert client.get("/api/health").headers["permissions-policy"].startswith("geolocation=(),")
