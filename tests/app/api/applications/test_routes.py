"""Applications over HTTP: from the farmer to the draw-down; what is refused, how; and nothing of other branches."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from app.alerts.visits.photos import MOST_BYTES
from tests.app.api.applications.conftest import DAY, POLICY, ROOT, Office
from tests.app.book.applications.made_up import SEASON, picture


def _sum(amounts: list[dict[str, str] | None]) -> Decimal:
    return sum((Decimal(each["amount"]) for each in amounts if each), Decimal())


def test_an_application_goes_from_the_farmer_to_the_money(office: Office) -> None:
    number = office.begin()
    assert number == "010-2026-00001"
    page = office.fill(number)
    assert (page["lacks"], page["stage"]) == ([], "draft")
    assert page["requested"] == {"amount": "1500.00", "currency": "CNY"}
    assert [plot["area_ha"] for plot in page["plots"]] == pytest.approx([0.8, 0.8])
    limit = office.as_("olga").get(f"{ROOT}/{number}/limit").json()
    assert Decimal(limit["limit"]["amount"]["amount"]) > 1500
    assert [plot["parcel_id"] for plot in limit["plots"]] == ["p000", "p001"]
    office.do("olga", number, "submit")
    assert office.refused("olga", number, "take-up") == (403, "ROLE_LACKS")
    office.do("rob", number, "take-up")
    proposal = office.do("rob", number, "propose")["proposal"]
    _explained(office, proposal)
    rob, rita = office.as_("rob"), office.as_("rita")
    asked = {"numbers": [proposal]}
    own = rob.post("/api/v1/proposals/approve", json=asked)
    assert (own.status_code, own.json()["code"]) == (400, "MAKER_IS_CHECKER")
    assert rita.post("/api/v1/proposals/approve", json=asked).status_code == 200
    _decided(office, office.look("olga", number)["decision"])
    _drawn(office, number)
    seen = {reason for who, reason in office.looks() if who == office.service.people["olga"].id}
    assert {"application page", "preliminary limit of an application", "work on an application"} <= seen


def _explained(office: Office, proposal: int) -> None:
    """Lines by plot and the farmer's words, of a proposal that gives what was asked for."""
    rita = office.as_("rita")
    page = rita.get(f"/api/v1/proposals/{proposal}").json()
    assert page["receipt_fault"] is None
    assert page["receipt"]["sha256"] == page["receipt_hash"]
    parts = page["parts"]
    assert [part["parcel_id"] for part in parts] == ["p000", "p001"]
    assert all(part["lines"] and part["crop"]["en"] == "Wheat" and part["area_ha"] for part in parts)
    assert _sum([part["amount"] for part in parts]) == 1500
    policy = Decimal(page["receipt"]["policy_amount"]["amount"])
    assert policy == sum(Decimal(line["effect"]) for line in page["receipt"]["lines"]) > 1500
    assert policy == _sum([part["policy_amount"] for part in parts])
    told = rita.get(f"/api/v1/proposals/{proposal}/explanation").json()
    assert told["en"]["opening"].startswith("You asked for 1,500 yuan, and that is what is proposed. By the rules")
    assert told["zh"]["opening"].startswith("您申请1,500元")
    assert told["en"]["reasons"]
    assert told["en"]["decided"] == ""


def _decided(office: Office, decision: int) -> None:
    page = office.as_("rita").get(f"/api/v1/decisions/{decision}?replay=true").json()
    assert page["replay"]["same"]
    assert page["replay"]["sha256"] == page["receipt"]["sha256"] == page["receipt_hash"]
    assert page["said"]["en"].startswith(f"Decision {decision} on proposal")
    told = office.as_("rita").get(f"/api/v1/proposals/{page['made']['proposal']}/explanation").json()
    assert told["en"]["decided"] == "The bank decided on 2026-11-22: approved, 1,500 yuan."


def _drawn(office: Office, number: str) -> None:
    contract = {"number": "C-1", "starts_on": "2026-11-23", "ends_on": "2027-11-22"}
    page = office.do("olga", number, "facility", **contract)
    assert (page["stage"], page["line"]["left"]["amount"]) == ("granted", "600.00")
    assert office.refused("olga", number, "drawdowns", amount="600.01") == (400, "DRAW_TOO_MUCH")
    draws = office.do("olga", number, "drawdowns", amount="600")["line"]["draws"]
    assert [(draw["status"], draw["own"]) for draw in draws] == [("requested", True)]
    assert office.refused("olga", number, f"drawdowns/{draws[0]['id']}/approve") == (403, "ROLE_LACKS")
    assert office.refused("rob", number, "drawdowns/999/approve") == (404, "DRAW_UNKNOWN")
    page = office.do("rob", number, f"drawdowns/{draws[0]['id']}/approve")
    assert page["line"]["draws"][0]["status"] == "approved"
    assert office.refused("rob", number, f"drawdowns/{draws[0]['id']}/approve") == (409, "DRAW_ANSWERED")
    again = office.begin()
    assert again == "010-2026-00002"


def test_what_comes_in_the_wrong_order_or_late_is_refused(lite: Office) -> None:
    number = lite.begin()
    assert lite.refused("olga", number, "submit") == (400, "APPLICATION_LACKS")
    assert lite.refused("olga", number, "bureau", outcome="clear", as_of=DAY) == (400, "CONSENT_MISSING")
    contract = {"number": "C-1", "starts_on": "2026-11-23", "ends_on": "2027-11-22"}
    for login, what, body in (
        ("rob", "take-up", {}),
        ("rob", "propose", {}),
        ("rob", "return", {"note": "why"}),
        ("olga", "facility", contract),
        ("olga", "drawdowns", {"amount": "1"}),
    ):
        assert lite.refused(login, number, what, **body) == (409, "APPLICATION_STAGE"), what
    lite.fill(number)
    stale = lite.version - 1
    assert lite.refused("olga", number, "submit", version=stale) == (409, "APPLICATION_CHANGED")
    lite.do("olga", number, "submit")
    assert lite.refused("olga", number, "capacity", amount="1") == (409, "APPLICATION_STAGE")
    assert lite.refused("rita", number, "propose") == (409, "APPLICATION_STAGE")
    lite.do("rob", number, "take-up")
    assert lite.refused("rita", number, "propose") == (400, "NOT_TAKEN_UP")
    assert lite.refused("rob", number, "return", note="王小明 did not sign") == (400, "NOTE_NAMES")
    page = lite.do("rob", number, "return", note="the lease is not signed")
    assert (page["stage"], page["history"][-1]["note"]) == ("draft", "the lease is not signed")
    page = lite.do("olga", number, "withdraw", note="no longer wanted")
    assert (page["stage"], page["next_roles"]) == ("withdrawn", [])


def test_who_prepared_an_application_reviews_nothing_of_it(lite: Office) -> None:
    number = lite.begin("rob")
    lite.fill(number)  # olga goes on with it
    lite.do("rob", number, "submit")
    assert lite.refused("rob", number, "take-up") == (400, "MAKER_IS_CHECKER")
    assert "take_up" not in lite.look("rob", number)["may"]
    lite.do("rita", number, "take-up")
    assert "propose" in lite.look("rita", number)["may"]


def test_an_application_of_another_branch_is_not_there(lite: Office) -> None:
    number, susi = lite.begin(), lite.as_("susi")
    assert lite.send_paper("olga", number, picture()).status_code == 200
    paper = lite.look("olga", number)["papers"][0]["id"]
    assert susi.get(ROOT).json() == {"lines": [], "next": None}
    for what in ("", "/limit", "/parcels", "/ground?parcel=p000", f"/papers/{paper}"):
        answer = susi.get(f"{ROOT}/{number}{what}")
        assert (answer.status_code, answer.json()["code"]) == (404, "APPLICATION_UNKNOWN"), what
    for what, body in (("submit", {}), ("consents", {"purpose": "bureau", "text_version": "3", "language": "zh"})):
        assert lite.refused("susi", number, what, **body) == (404, "APPLICATION_UNKNOWN"), what
    taken = susi.post(ROOT, json={"party_id": lite.party, "policy_id": POLICY})
    assert (taken.status_code, taken.json()["code"]) == (404, "PARTY_UNKNOWN")
    lite.look("olga", number)
    plots = [{"parcel_id": "p-020", "crop": "wheat"}]
    assert lite.refused("olga", number, "plots", "PUT", plots=plots) == (404, "PARCEL_UNKNOWN")
    known = {"farmer_id": "F-1", "name": "Somebody else"}
    answer = susi.post("/api/v1/parties", json=known)
    assert (answer.status_code, answer.json()["code"]) == (409, "FARMER_TAKEN")
    assert "王" not in answer.text


@pytest.mark.parametrize(
    ("what", "method", "body"),
    [
        ("bureau", "POST", {"outcome": "clear", "as_of": DAY, "debt": "12k"}),
        ("bureau", "POST", {"outcome": "clear", "as_of": DAY, "debt": "1e5"}),
        ("bureau", "POST", {"outcome": "fine", "as_of": DAY}),
        ("capacity", "POST", {"amount": "-1"}),
        ("asked", "PUT", {"policy_id": POLICY, "amount": "12,000"}),
        ("asked", "PUT", {"policy_id": POLICY, "season_id": "next"}),
        ("plots", "PUT", {"plots": [{"parcel_id": "p000", "crop": "wheat", "unit": "jin"}]}),
        ("plots", "PUT", {"plots": [{"parcel_id": "p000", "crop": "wheat", "colour": "red"}]}),
        ("consents", "POST", {"purpose": "bureau", "text_version": "\x00", "language": "zh"}),
        ("submit", "POST", {"version": 0}),
    ],
)
def test_bodies_that_say_nothing_sensible_are_refused_in_one_line(
    what: str, method: str, body: dict[str, Any], closed: Office
) -> None:
    answer = closed.ask("olga", "010-2026-00001", what, method, **({"version": 1} | body))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "\n" not in answer.json()["message"]


def test_what_cannot_be_meant_is_refused(lite: Office) -> None:
    number = lite.begin()
    lite.do("olga", number, "consents", purpose="bureau", text_version="3", language="zh")
    told = {"outcome": "unavailable", "as_of": DAY, "debt": "5"}
    assert lite.refused("olga", number, "bureau", **told) == (400, "BUREAU_AMOUNTS")
    assert lite.refused("olga", number, "bureau", outcome="clear", as_of="2026-12-01") == (400, "STATED_LATER")
    asked = {"policy_id": POLICY, "season_id": SEASON}
    assert lite.refused("olga", number, "asked", "PUT", **asked, amount="0") == (400, "APPLICATION_AMOUNT")
    for plot in (
        {"parcel_id": "p000", "crop": "water"},
        {"parcel_id": "p000", "crop": "wheat", "land_right_id": 99},
        {"parcel_id": "p000", "crop": "wheat", "sowing_on": DAY, "harvest_on": "2026-11-01"},
    ):
        assert lite.refused("olga", number, "plots", "PUT", plots=[plot]) == (400, "APPLICATION_PLOT")
    lite.do("olga", number, "plots", "PUT", plots=[{"parcel_id": "p002", "crop": "wheat"}])
    assert lite.look("olga", number)["plots"][0]["outline_ha"] == 1.0


def test_papers_are_kept_shown_and_limited(lite: Office) -> None:
    number, olga = lite.begin(), lite.as_("olga")
    for content, refusal in (
        (b"", (400, "PAPER_FORMAT")),
        (b"<html>", (400, "PAPER_FORMAT")),
        (picture()[:60], (400, "PHOTO_DAMAGED")),
        (b"%PDF-" + bytes(MOST_BYTES), (413, "BODY_TOO_LARGE")),
    ):
        answer = lite.send_paper("olga", number, content)
        assert (answer.status_code, answer.json()["code"]) == refusal, content[:8]
    assert lite.send_paper("olga", number, picture(), kind="selfie").status_code == 422
    page = lite.send_paper("olga", number, picture()).json()
    lite.version, paper = page["version"], page["papers"][0]["id"]
    shown = olga.get(f"{ROOT}/{number}/papers/{paper}")
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert shown.headers["cache-control"] == "no-store"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["content-disposition"] == f'inline; filename="paper-{paper}.jpg"'
    assert olga.delete(f"{ROOT}/{number}/papers/{paper}?version={lite.version}").json()["papers"] == []
    gone = olga.get(f"{ROOT}/{number}/papers/{paper}")
    assert (gone.status_code, gone.json()["code"]) == (404, "PAPER_UNKNOWN")
    assert (lite.service.people["olga"].id, "paper of an application") in lite.looks()


def test_the_map_says_what_is_pledged_theirs_and_picked(office: Office) -> None:
    number, olga = office.begin(), office.as_("olga")
    office.fill(number)
    layer = olga.get("/api/v1/parcel-layer").json()["set"]
    address = f"{ROOT}/{number}/map/{layer}"
    places = {
        name: olga.get(f"/api/v1/parcel-layer/{layer}/parcels/{name}").json()["number"] for name in ("p000", "p002")
    }
    column = olga.get(address)
    assert (column.headers["content-type"], column.headers["cache-control"]) == ("application/octet-stream", "no-store")
    assert [column.content[places[name]] for name in places] == [4, 0]
    for login, what in (("olga", "submit"), ("rob", "take-up"), ("rob", "propose")):
        page = office.do(login, number, what)
    assert office.as_("rita").post("/api/v1/proposals/approve", json={"numbers": [page["proposal"]]}).status_code == 200
    office.look("olga", number)
    office.do("olga", number, "facility", number="C-1", starts_on="2026-11-23", ends_on="2027-11-22")
    assert [olga.get(address).content[places[name]] for name in places] == [7, 0]
    ground = olga.get(f"{ROOT}/{number}/ground?parcel=p000").json()["pledges"]
    assert [(pledge["parcel_id"], pledge["contract"]) for pledge in ground] == [("p000", "C-1")]
    other = office.as_("susi").get(address)
    assert (other.status_code, other.json()["code"]) == (404, "LAYER_CHANGED")
