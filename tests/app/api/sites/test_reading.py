"""The list of sites and the page of one: within reach, as the newest watch says, and as it was planned."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import shapely
from sqlalchemy import insert, select

from app.book.decisions.people import find_user
from app.db.engine import writing
from app.db.tables import SiteStanding, Watch
from app.sites.stopping import stop_site
from geo.sites import SiteType
from tests.app.api.access.service import NOW
from tests.app.api.sites.conftest import Office

SITES = "/api/v1/sites"
AS_OF = date(2026, 11, 9)


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [row["site_id"] for row in answer.json()["sites"]]


def row_of(office: Office, login: str, site_id: str) -> dict[str, Any]:
    rows = office.browse(login).get(SITES).json()["sites"]
    found: dict[str, Any] = next(row for row in rows if row["site_id"] == site_id)
    return found


def test_people_see_the_sites_of_their_unit_and_of_those_below_it(office: Office) -> None:
    assert ids(office.browse("olga").get(SITES)) == ["r-1", "s-new", "s/1", "w-1"]
    assert ids(office.browse("otto").get(SITES)) == ["w-1"]
    assert ids(office.browse("susi").get(SITES)) == ["s-far"]
    assert ids(office.browse("rita").get(SITES)) == ["r-1", "s-far", "s-new", "s/1", "w-1"]
    for login, site_id in (("susi", "s/1"), ("otto", "s/1"), ("olga", "s-far"), ("olga", "p-010"), ("olga", "none")):
        for below in ("", "/pictures", f"/pictures/run/{AS_OF}"):
            answer = office.browse(login).get(f"{SITES}/{site_id}{below}")
            assert (answer.status_code, answer.json()["code"]) == (404, "SITE_UNKNOWN"), (login, site_id, below)


def test_a_row_says_what_the_newest_watch_said(office: Office) -> None:
    row = row_of(office, "olga", "s/1")
    with office.engine.connect() as connection:
        newest = connection.exec_driver_sql(
            "SELECT watch_id, as_of, seen_on, planned, low, share, high, standing FROM site_standing"
            " WHERE parcel_id = 's/1' ORDER BY as_of DESC"
        ).all()
    assert len(newest) == 3
    assert newest[0][0] == office.sites["s/1"].watch_ids[-1]
    assert (row["planned"], row["low"], row["share"], row["high"], row["standing"]) == tuple(newest[0][3:])
    assert row["as_of"] == str(AS_OF) == str(newest[0][1])[:10]
    assert row["low"] < row["share"] < row["high"] < row["planned"]
    assert row["reached"] == ["cleared", "being_built"]
    assert row["next"] == {"kind": "complete", "due": "2026-10-30"}
    assert (row["unit_code"], row["unit_name"], row["alerts"]) == ("010", "Unit 010", 1)
    assert (row["capacity_mw"], row["complete_due"]) == (40.0, "2026-10-30")
    site = office.sites["s/1"].site
    assert (row["lon"], row["lat"]) == pytest.approx(site.place, abs=1e-3)
    assert site.outline.contains(site.outline.representative_point())


def test_mounting_country_and_what_ground_may_hold_are_told_with_their_source(office: Office) -> None:
    said = {site: row_of(office, "olga", site) for site in ("s/1", "w-1")}
    assert [(row["mounting"], row["country"]) for row in said.values()] == [("fixed", "CN"), (None, "CN")]
    page = office.browse("olga").get(f"{SITES}/s/1").json()
    ground, built = page["ground_capacity"], page["detail"]["capacity"]
    assert (ground["low"], ground["high"]) == pytest.approx((36 * 0.60, 36 * 0.87))
    assert ground["planned"] == "above"  # 40 MW on 36 ha
    assert built["planned"] is None
    for held in (ground, built):
        assert (held["mounting"], held["country"], held["checked"]) == ("fixed", "CN", False)
        assert "10.1109/JPHOTOV.2021.3136805" in held["source"]
    assert office.browse("olga").get(f"{SITES}/w-1").json()["ground_capacity"] is None


@pytest.mark.parametrize(("recorded_at", "counts"), [(NOW, True), (NOW - timedelta(days=30), False)])
def test_of_two_watches_of_a_day_the_one_recorded_last_counts(
    office: Office, recorded_at: datetime, counts: bool
) -> None:
    *_, last = office.sites["s/1"].watch_ids
    changes: list[tuple[Any, Any, dict[str, Any]]] = [
        (Watch, Watch.id, {"id": "other", "recorded_at": recorded_at}),
        (SiteStanding, SiteStanding.watch_id, {"watch_id": "other", "standing": "action"}),
    ]
    with writing(office.engine) as connection:
        for table, key, other in changes:
            row = connection.execute(select(table.__table__).where(key == last)).mappings().one()
            connection.execute(insert(table), [{**row, **other}])
    assert row_of(office, "olga", "s/1")["standing"] == ("action" if counts else "warning")
    said = office.browse("olga").get(f"{SITES}/s/1").json()["watches"]
    assert [each["watch_id"] for each in said[2:]] == ([last, "other"] if counts else ["other", last])


def test_what_was_not_seen_and_what_was_never_watched_is_unseen(office: Office) -> None:
    nothing = dict.fromkeys(("seen_on", "planned", "low", "share", "high"))
    unseen, new = row_of(office, "olga", "r-1"), row_of(office, "olga", "s-new")
    assert {**unseen, **nothing} == unseen
    assert {**new, **nothing} == new
    said = [(row["standing"], row["as_of"]) for row in (unseen, new)]
    assert said == [("unseen", str(AS_OF)), ("unseen", None)]
    assert unseen["reached"] == new["reached"] == []
    assert new["next"]["kind"] == "cleared"


def test_why_a_site_was_not_seen_is_said_in_the_list_and_on_its_page(office: Office) -> None:
    said = {login: row_of(office, login, site)["unseen_because"] for login, site in (("olga", "r-1"), ("rita", "s/1"))}
    assert said == {"olga": "SITES_NO_SCENES", "rita": None}
    assert row_of(office, "olga", "s-new")["unseen_because"] is None
    failure = office.browse("olga").get(f"{SITES}/r-1").json()["detail"]["failure"]
    assert failure == office.sites["r-1"].site.failure
    assert office.browse("olga").get(f"{SITES}/s/1").json()["detail"]["failure"] is None


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"kind": "solar"}, ["s-new", "s/1"]),
        ({"kind": "hydro"}, []),
        ({"standing": "warning"}, ["s/1"]),
        ({"standing": "unseen"}, ["r-1", "s-new"]),
        ({"standing": "unseen", "kind": "solar"}, ["s-new"]),
        ({"q": "S/"}, ["s/1"]),
        ({"q": " WIND "}, ["w-1"]),
        ({"q": "东山"}, ["r-1", "s-new", "s/1", "w-1"]),
        ({"q": "%"}, []),
    ],
)
def test_the_list_is_narrowed(small_office: Office, asked: dict[str, str], found: list[str]) -> None:
    assert ids(small_office.browse("olga").get(SITES, params=asked)) == found


def test_counts_are_of_all_that_fit_but_for_their_standing(small_office: Office) -> None:
    olga = small_office.browse("olga")
    whole = {"unseen": 2, "on_track": 1, "watch": 0, "warning": 1, "action": 0}
    assert olga.get(SITES).json()["counts"] == whole
    assert olga.get(SITES, params={"standing": "on_track"}).json()["counts"] == whole
    assert olga.get(SITES, params={"kind": "wind"}).json()["counts"] == dict.fromkeys(whole, 0) | {"on_track": 1}
    assert olga.get(SITES).json()["as_of"] == str(AS_OF)


def test_the_list_draws_borders_to_about_ten_metres(small_office: Office) -> None:
    for site_id in ("s/1", "w-1"):
        drawn = shapely.from_geojson(json.dumps(row_of(small_office, "olga", site_id)["outline"]))
        exact = shapely.from_geojson(json.dumps(small_office.browse("olga").get(f"{SITES}/{site_id}").json()["border"]))
        assert shapely.hausdorff_distance(drawn, exact) < 1.2e-4
        assert shapely.get_num_coordinates(drawn) <= shapely.get_num_coordinates(exact)
        corners = shapely.get_coordinates(drawn)
        assert (corners == corners.round(5)).all()


@pytest.mark.parametrize("asked", [{"kind": "tidal"}, {"standing": "late"}, {"q": "a\0"}, {"q": "x" * 129}])
def test_a_list_that_there_is_not_is_refused(small_office: Office, asked: dict[str, str]) -> None:
    assert small_office.browse("olga").get(SITES, params=asked).status_code == 422


def test_a_list_that_did_not_change_is_not_sent_again(small_office: Office) -> None:
    olga = small_office.browse("olga")
    for url in (SITES, f"{SITES}/s/1"):
        tag = olga.get(url).headers["etag"]
        again = olga.get(url, headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        assert olga.get(url, headers={"If-None-Match": 'W/"other"'}).status_code == 200


def test_the_page_says_what_is_planned(small_office: Office) -> None:
    page, plan = small_office.browse("olga").get(f"{SITES}/s/1").json(), small_office.sites["s/1"].site.plan
    assert page["border"]["type"] == "Polygon"
    assert page["permits"] == list(plan.permits)
    assert (page["built_ha"], page["points"]) == (36.0, [])
    assert [(each["kind"], each["due"], each["draws"]) for each in page["milestones"]] == [
        (one.kind, str(one.due), one.draws) for one in plan.milestones
    ]
    days, shares = zip(*page["planned_curve"], strict=True)
    assert (days[0], days[-1]) == ("2026-01-13", "2027-01-28")
    assert list(days) == sorted(set(days))
    assert len(days) <= 80
    assert list(shares) == sorted(shares)
    assert (shares[0], shares[-1], dict(page["planned_curve"])["2026-10-30"]) == (0, 1, 1)


def test_the_page_says_what_was_seen(small_office: Office) -> None:
    page, stood = small_office.browse("olga").get(f"{SITES}/s/1").json(), small_office.sites["s/1"]
    reached = {each["kind"]: (each["after"], each["by"]) for each in page["milestones"]}
    looks = stood.site.milestones(AS_OF)
    assert reached["cleared"] == tuple(looks["cleared"] or ())
    assert reached["complete"] == (None, None)
    wanted = stood.site.looks(AS_OF)
    assert len(page["looks"]) == len(wanted)
    panels = wanted[wanted.measure == "panels_m2"]
    shown = [each for each in page["looks"] if each["measure"] == "panels_m2"]
    assert [each["day"] for each in shown] == [str(day) for day in panels.date]
    assert [each["value"] for each in shown] == panels.value.tolist()
    assert page["detail"] == {"whole": None} | stood.site.detail(AS_OF)
    assert page["simulated"] is True
    assert [each["as_of"] for each in page["watches"]] == [str(AS_OF - timedelta(days=back)) for back in (60, 30, 0)]
    assert {name: page["watches"][-1][name] for name in ("low", "share", "high")} == {
        name: page[name] for name in ("low", "share", "high")
    }


def test_the_page_says_who_spoke_of_it(small_office: Office) -> None:
    page = small_office.browse("olga").get(f"{SITES}/s/1").json()
    assert [(each["starts_on"], each["energy_kwh"]) for each in page["meters"]] == [
        ("2026-09-30", 18_250.0),
        ("2026-10-15", 21_400.5),
    ]
    (line,) = page["red_lines"]
    assert (line["kind"], line["name"], line["source"]) == ("farmland", "基本农田 3", "land office")
    assert line["area_m2"] == pytest.approx(10 * 30 * 100, rel=0.01)  # columns 85 to 95 of rows 20 to 50, 10 m each
    assert line["geometry"]["type"] == "Polygon"
    (alert,) = page["open_alerts"]
    assert alert["title"] == {"en": "Behind its plan", "zh": "进度落后于计划"}
    assert (alert["cause"], alert["level"]) == ("behind_plan", "warning")
    story = small_office.browse("olga").get(f"/api/v1/alerts/{alert['id']}").json()
    assert (story["alert"]["parcel_id"], story["site"], story["evidence"]["unit"]) == ("s/1", "solar", "share")
    assert page["reports"] == []


def test_a_wind_farm_has_its_places(small_office: Office) -> None:
    page = small_office.browse("olga").get(f"{SITES}/w-1").json()
    assert page["border"]["type"] == "MultiPolygon"
    assert len(page["points"]) == len(page["detail"]["places"]) == 4
    assert page["detail"]["places"][3]["tower"] is None
    assert page["detail"]["places"][3]["pad"] > 0.5
    assert page["detail"]["over_permit"] == [0, 1]


def test_a_site_that_was_never_watched_has_a_page(small_office: Office) -> None:
    page = small_office.browse("olga").get(f"{SITES}/s-new").json()
    empty: dict[str, Any] = {"detail": None, "looks": [], "watches": [], "simulated": False, "open_alerts": []}
    assert {name: page[name] for name in empty} == empty
    assert len(page["milestones"]) == 4


def test_a_site_that_is_no_longer_watched_is_off_the_list_and_keeps_its_page(office: Office) -> None:
    with writing(office.engine) as connection:
        stop_site(connection, "s/1", find_user(connection, "rita"), NOW, "loan repaid")
    olga = office.browse("olga")
    assert "s/1" not in ids(olga.get(SITES))
    page = olga.get(f"{SITES}/s/1").json()
    assert (page["share"], page["ended_on"]) == (page["watches"][-1]["share"], "2026-11-22")
    assert olga.get(f"{SITES}/w-1").json()["ended_on"] is None


def test_a_facility_of_another_branch_is_not_named(office: Office) -> None:
    office.lend("F-own", "010")
    office.lend("F-far", "020")
    quiet = {"meters": False, "red_lines": False, "watches": 0}
    office.stand(SiteType.SOLAR, "010", site_id="s-own", place=(116.0, 33.3), facility="F-own", **quiet)
    office.stand(SiteType.SOLAR, "010", site_id="s-lent", place=(116.1, 33.3), facility="F-far", **quiet)
    assert row_of(office, "olga", "s-own")["facility"] == "F-own"
    assert row_of(office, "olga", "s-lent")["facility"] is None
    assert row_of(office, "rita", "s-lent")["facility"] == "F-far"
    assert ids(office.browse("olga").get(SITES, params={"q": "f-far"})) == []
    assert ids(office.browse("rita").get(SITES, params={"q": "f-far"})) == ["s-lent"]
