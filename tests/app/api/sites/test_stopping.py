"""A site is stopped and taken up again by whom may, within reach, with a reason that stays."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.db.engine import writing
from app.db.tables import OrgUnit, SiteResumption, SiteStop, User
from tests.app.api.access.service import NOW
from tests.app.api.sites.conftest import Office

SITES = "/api/v1/sites"
REASON = {"reason": "the loan was repaid"}


def listed(office: Office, login: str, **asked: str) -> list[str]:
    answer = office.browse(login).get(SITES, params=asked)
    assert answer.status_code == 200, answer.text
    return [row["site_id"] for row in answer.json()["sites"]]


def test_a_stopped_site_says_when_by_whom_and_why_until_it_is_taken_up_again(office: Office) -> None:
    rita = office.browse("rita")
    (alert,) = rita.get(f"{SITES}/s/1").json()["open_alerts"]
    answer = rita.post(f"{SITES}/s/1/stop", json=REASON)
    assert (answer.status_code, answer.json()) == (200, {"changed": True, "alerts": [alert["id"]]}), answer.text
    page = office.browse("olga").get(f"{SITES}/s/1").json()
    today = NOW.date().isoformat()
    assert page["ended_on"] == today
    (stop,) = page["stops"]
    assert (stop["stopped_at"][:10], stop["stopped_by"], stop["reason"]) == (today, "rita", REASON["reason"])
    assert (stop["resumed_at"], stop["resumed_by"]) == (None, None)
    assert page["share"] == page["watches"][-1]["share"]
    again = rita.post(f"{SITES}/s/1/resume")
    assert (again.status_code, again.json()) == (200, {"changed": True, "alerts": [alert["id"]]}), again.text
    page = office.browse("olga").get(f"{SITES}/s/1").json()
    assert page["ended_on"] is None
    assert (page["stops"][0]["reason"], page["stops"][0]["resumed_by"]) == (REASON["reason"], "rita")


def test_the_list_shows_stopped_sites_when_it_is_asked_for_them(office: Office) -> None:
    for site in ("s/1", "s-far"):
        assert office.browse("rita").post(f"{SITES}/{site}/stop", json=REASON).status_code == 200
    assert listed(office, "olga") == ["r-1", "s-new", "w-1"]
    assert listed(office, "olga", stopped="true") == ["s/1"]
    assert listed(office, "olga", stopped="true", standing="action") == []
    assert listed(office, "rita", stopped="true") == ["s-far", "s/1"]
    said = office.browse("olga").get(SITES, params={"stopped": "true"}).json()
    assert (said["stopped"], said["sites"][0]["ended_on"]) == (1, NOW.date().isoformat())
    assert said["counts"]["warning"] == 1
    assert office.browse("otto").get(SITES).json()["stopped"] == 0


def test_who_may_not_stop_a_site_is_refused(office: Office) -> None:
    with writing(office.engine) as connection:
        south = select(OrgUnit.id).where(OrgUnit.code == "020").scalar_subquery()
        connection.execute(update(User).where(User.login == "rita").values(org_unit_id=south))
    refused = (("olga", 403, "ROLE_LACKS"), ("rob", 403, "ROLE_LACKS"), ("rita", 404, "SITE_UNKNOWN"))
    for login, status, code in refused:
        for act in ("stop", "resume"):
            answer = office.browse(login).post(f"{SITES}/s/1/{act}", json=REASON)
            assert (answer.status_code, answer.json()["code"]) == (status, code), (login, act)
    assert office.browse("rita").post(f"{SITES}/s-far/stop", json=REASON).status_code == 200
    with office.engine.connect() as connection:
        assert connection.scalars(select(SiteStop.parcel_id)).all() == ["s-far"]


@pytest.mark.parametrize(
    "body", [{}, {"reason": ""}, {"reason": "a\0b"}, {"reason": "x" * 256}, REASON | {"by": "ada"}]
)
def test_a_reason_that_cannot_be_is_refused(small_office: Office, body: dict[str, Any]) -> None:
    answer = small_office.browse("rita").post(f"{SITES}/s/1/stop", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "REQUEST_INVALID")


@pytest.mark.parametrize(("reason", "code"), [("   ", "REASON_MISSING"), ("see 13800138000", "NOTE_NAMES")])
def test_a_reason_says_something_and_names_nobody(small_office: Office, reason: str, code: str) -> None:
    answer = small_office.browse("rita").post(f"{SITES}/s/1/stop", json={"reason": reason})
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert small_office.browse("rita").get(f"{SITES}/s/1").json()["stops"] == []


def test_what_was_done_is_done_once(office: Office) -> None:
    ada = office.browse("ada")
    assert ada.post(f"{SITES}/w-1/resume").json() == {"changed": False, "alerts": []}
    assert ada.post(f"{SITES}/w-1/stop", json=REASON).json() == {"changed": True, "alerts": []}
    assert ada.post(f"{SITES}/w-1/stop", json={"reason": "another"}).json() == {"changed": False, "alerts": []}
    with office.engine.connect() as connection:
        assert connection.scalars(select(SiteStop.reason)).all() == [REASON["reason"]]
        assert connection.scalar(select(func.count()).select_from(SiteResumption)) == 0
