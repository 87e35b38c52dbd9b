"""What waits, who may decide it, and what comes of it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from app.db.tables import Decision, PersonalView
from app.db.tables.kinds import BatchStatus, ProposalStatus
from tests.app.api.decisions.conftest import Office
from tests.app.book.made_up_book import Offer, status_of, tamper

WHY = {"reason_code": "KNOWN_RISK", "reason": "flood plain"}


def _numbers(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [line["number"] for line in answer.json()["proposals"]]


def _able(page: Any, act: str) -> tuple[bool, str | None]:
    found = next(each for each in page["can"] if each["act"] == act)
    return found["allowed"], found["code"]


def _refused(answer: Any, status: int, code: str) -> str:
    said = answer.json()
    assert (answer.status_code, said["code"]) == (status, code), answer.text
    return str(said["message"])


def test_what_waits_comes_by_the_size_of_its_change_page_by_page(office: Office) -> None:
    small, large, lowered, new, none = office.propose(
        [Offer(), Offer(20_000), Offer(5_000), Offer(9_000, None), Offer(None, None, ())]
    )
    browser = office.signed_in("rob")
    assert _numbers(browser.get("/api/v1/proposals")) == [large, new, lowered, small, none]
    first = browser.get("/api/v1/proposals?limit=2").json()
    assert (first["found"], [line["number"] for line in first["proposals"]]) == (5, [large, new])
    second = browser.get(f"/api/v1/proposals?limit=2&after={first['next']}").json()
    assert [line["number"] for line in second["proposals"]] == [lowered, small]
    last = browser.get(f"/api/v1/proposals?limit=2&after={second['next']}").json()
    assert ([line["number"] for line in last["proposals"]], last["next"]) == ([none], None)
    latest = browser.get("/api/v1/proposals?sort=latest&limit=1").json()
    assert [line["number"] for line in latest["proposals"]] == [none]
    assert _numbers(browser.get(f"/api/v1/proposals?sort=latest&after={latest['next']}"))[0] == new
    for change, number in (("lowered", lowered), ("new", new), ("none", none)):
        assert _numbers(browser.get(f"/api/v1/proposals?change={change}")) == [number]
    assert _numbers(browser.get("/api/v1/proposals?change=raised")) == [large, small]
    assert _numbers(browser.get("/api/v1/proposals?batch=other")) == []
    for cursor in ("x", "1", "1.2.3", "-1.2", "9" * 30 + ".1"):
        _refused(browser.get(f"/api/v1/proposals?after={cursor}"), 400, "CURSOR")


def test_a_line_says_what_is_in_the_way_of_approving_it(office: Office) -> None:
    fits, large, visit = office.propose([Offer(), Offer(60_000, 60_000), Offer(visit=True)])
    lines = {line["number"]: line for line in office.signed_in("olga").get("/api/v1/proposals").json()["proposals"]}
    assert lines[fits]["approve"] == {"act": "approve", "allowed": True, "code": None, "message": None}
    assert lines[large]["approve"]["code"] == "AUTHORITY_TOO_SMALL"
    assert lines[visit]["approve"]["allowed"]  # a person may approve it, and answers for having looked
    assert lines[visit]["needs_visit"]
    assert lines[fits]["amount"] == {"amount": "12000.00", "currency": "CNY"}
    assert _numbers(office.signed_in("olga").get("/api/v1/proposals?needs_visit=true")) == [visit]


def test_what_is_of_others_is_not_there(office: Office) -> None:
    north, other = office.propose([Offer(), Offer()])
    [south] = office.propose([Offer()], "020", batch_id="b-2")
    [nobodys] = office.propose([Offer(parts=())], None, batch_id="b-3")
    office.without_farmer(other, "020")
    seen = {login: set(_numbers(office.signed_in(login).get("/api/v1/proposals"))) for login in ("rita", "rob", "susi")}
    assert seen == {"rita": {north, other, south, nobodys}, "rob": {north}, "susi": {south, other}}
    rob = office.signed_in("rob")
    for answer in (
        rob.get(f"/api/v1/proposals/{south}"),
        rob.get("/api/v1/proposals/999999"),
        rob.get(f"/api/v1/proposals/{south}/explanation"),
        rob.post("/api/v1/proposals/approve", json={"numbers": [north, south]}),
        rob.post(f"/api/v1/proposals/{south}/override-requests", json={"amount": "1", **WHY}),
    ):
        _refused(answer, 404, "UNKNOWN_PROPOSAL")
    assert status_of(office.engine, north) == ProposalStatus.OPEN


def test_the_page_of_a_proposal_says_who_may_what_and_that_somebody_looked(office: Office) -> None:
    [number] = office.propose([Offer()])
    page = office.signed_in("otto").get(f"/api/v1/proposals/{number}")
    assert page.status_code == 404  # the outlet below sees its own farmers only
    page = office.signed_in("rob").get(f"/api/v1/proposals/{number}").json()
    assert [part["amount"]["amount"] for part in page["parts"]] == ["7000.00", "5000.00"]
    assert (page["receipt"], page["receipt_fault"]["code"]) == (None, "FOLDER_MISSING")
    assert page["override"]["least"]["amount"] == "9600.00"
    assert page["override"]["most"]["amount"] == "14400.00"
    assert "KNOWN_RISK" in [reason["code"] for reason in page["override"]["reasons"]]
    assert all(each["allowed"] for each in page["can"])
    with office.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(PersonalView)) == 1
    page = office.signed_in("rita").get(f"/api/v1/proposals/{number}").json()
    assert _able(page, "approve") == (False, "NO_AUTHORITY")
    assert _able(page, "ask") == (True, None)
    tamper(office.engine, "UPDATE proposal SET policy_hash = inputs_hash")
    page = office.signed_in("rob").get(f"/api/v1/proposals/{number}").json()
    assert _able(page, "refuse") == (False, "PROPOSAL_OF_OTHER_POLICY")
    assert page["override"] is None


def test_several_are_approved_together_or_not_at_all(office: Office) -> None:
    first, second, held = office.propose([Offer(), Offer(), Offer(status=ProposalStatus.HELD)])
    browser = office.signed_in("olga")
    _refused(browser.post("/api/v1/proposals/approve", json={"numbers": [first, held]}), 409, "PROPOSAL_HELD")
    assert status_of(office.engine, first) == ProposalStatus.OPEN
    made = browser.post("/api/v1/proposals/approve", json={"numbers": [first, second, first]}).json()
    assert [(each["proposal"], each["outcome"], each["by"]) for each in made["decided"]] == [
        (first, "approved", "olga"),
        (second, "approved", "olga"),
    ]
    assert made["already"] == []


def test_the_same_approval_again_says_so_and_another_persons_says_who(office: Office) -> None:
    [number] = office.propose([Offer()])
    asked = {"numbers": [number]}
    decided = office.signed_in("olga").post("/api/v1/proposals/approve", json=asked).json()["decided"]
    again = office.signed_in("olga").post("/api/v1/proposals/approve", json=asked).json()
    assert again == {"decided": [], "already": decided}
    said = _refused(office.signed_in("rob").post("/api/v1/proposals/approve", json=asked), 409, "PROPOSAL_CLOSED")
    assert said.startswith(f"The proposal {number} was decided already: approved by olga")
    with office.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(Decision)) == 1


@pytest.mark.parametrize("act", ["refuse", "return"])
def test_refusing_and_returning_say_why(office: Office, act: str) -> None:
    [number] = office.propose([Offer()])
    browser = office.signed_in("olga")
    asked = {"numbers": [number], "note": " "}
    _refused(browser.post(f"/api/v1/proposals/{act}", json=asked), 400, "NOTE_MISSING")
    made = browser.post(f"/api/v1/proposals/{act}", json=asked | {"note": "land right not seen"}).json()
    assert made["decided"][0]["amount"] is None
    shown = browser.get(f"/api/v1/decisions/{made['decided'][0]['number']}").json()
    assert (shown["note"], shown["decided_by"]["login"]) == ("land right not seen", "olga")


def test_the_first_person_is_refused_and_the_second_one_approves(office: Office) -> None:
    [number] = office.propose([Offer()])
    olga, rob = office.signed_in("olga"), office.signed_in("rob")
    asked = olga.post(f"/api/v1/proposals/{number}/override-requests", json={"amount": "11000.50", **WHY})
    assert asked.status_code == 201, asked.text
    request = asked.json()
    assert (request["amount"]["amount"], request["made_by"]) == ("11000.50", "olga")
    assert _able(request, "withdraw") == (True, None)
    assert _able(request, "approve") == (False, "MAKER_IS_CHECKER")
    own = f"/api/v1/override-requests/{request['number']}"
    _refused(olga.post(f"{own}/approve"), 400, "MAKER_IS_CHECKER")
    waits = rob.get("/api/v1/override-requests").json()["requests"]
    assert [each["number"] for each in waits] == [request["number"]]
    assert _able(waits[0], "approve") == (True, None)
    _refused(rob.post(f"{own}/withdraw", json={}), 400, "REQUEST_OF_OTHER")
    made = rob.post(f"{own}/approve").json()["decided"][0]
    assert (made["outcome"], made["amount"]["amount"], made["by"]) == ("reduced", "11000.50", "rob")
    assert rob.post(f"{own}/approve").json()["already"] == [made]
    _refused(rob.post(f"{own}/refuse", json={"note": "no"}), 409, "REQUEST_CLOSED")
    shown = rob.get(f"/api/v1/decisions/{made['number']}").json()
    assert (shown["override_code"], shown["proposed"]["amount"]) == ("KNOWN_RISK", "12000.00")
    assert rob.get("/api/v1/override-requests").json() == {"requests": []}
    assert _numbers(rob.get("/api/v1/proposals?status=decided&sort=latest")) == [number]


def test_requests_are_answered_within_reach_only(office: Office) -> None:
    [number] = office.propose([Offer()])
    asked = office.signed_in("olga").post(
        f"/api/v1/proposals/{number}/override-requests", json={"amount": "11000", **WHY}
    )
    own = f"/api/v1/override-requests/{asked.json()['number']}"
    susi = office.signed_in("susi")
    assert susi.get("/api/v1/override-requests").json() == {"requests": []}
    _refused(susi.post(f"{own}/approve"), 404, "UNKNOWN_REQUEST")
    _refused(susi.get("/api/v1/decisions/1"), 404, "UNKNOWN_DECISION")
    again = office.signed_in("rob").post(
        f"/api/v1/proposals/{number}/override-requests", json={"amount": "11000", **WHY}
    )
    _refused(again, 409, "REQUEST_WAITS")
    refused = office.signed_in("rob").post(f"{own}/refuse", json={"note": "the papers say otherwise"}).json()
    assert (refused["status"], refused["answered_by"], refused["can"]) == ("refused", "rob", [])


@pytest.mark.parametrize(
    ("amount", "status", "code"),
    [
        ("1e4", 422, "REQUEST_INVALID"),
        ("-1", 422, "REQUEST_INVALID"),
        ("NaN", 422, "REQUEST_INVALID"),
        ("1,000", 422, "REQUEST_INVALID"),
        (11000.5, 422, "REQUEST_INVALID"),
        ("11000.505", 400, "MONEY_DECIMALS"),
        ("20000", 400, "OVERRIDE_TOO_FAR"),
    ],
)
def test_amounts_are_decimal_strings(lite: Office, amount: Any, status: int, code: str) -> None:
    [number] = lite.propose([Offer()])
    answer = lite.signed_in("olga").post(
        f"/api/v1/proposals/{number}/override-requests", json={"amount": amount, **WHY}
    )
    _refused(answer, status, code)


def test_a_held_batch_is_released_by_who_did_not_start_it(office: Office) -> None:
    hold = {"code": "FARMER_MOVES", "most": "0.30", "subjects": 1, "before_minor": 1, "after_minor": 2, "worst": []}
    rita = office.service.people["rita"].id
    [number] = office.propose(
        [Offer(status=ProposalStatus.HELD)], status=BatchStatus.HELD, created_by_id=rita, held_for=[hold]
    )
    own = "/api/v1/batches/b-1"
    line = office.signed_in("rita").get(own).json()
    assert (line["created_by"], line["held_for"][0]["after"]["amount"], line["by_status"]) == (
        "rita",
        "0.02",
        {"held": 1},
    )
    assert _able(line, "release") == (False, "MAKER_IS_CHECKER")
    _refused(office.signed_in("rita").post(f"{own}/release", json={"reason": "fine"}), 400, "MAKER_IS_CHECKER")
    ada = office.signed_in("ada")
    _refused(ada.post(f"{own}/release", json={"reason": " "}), 400, "REASON_EMPTY")
    _refused(ada.get("/api/v1/batches/b-9"), 404, "UNKNOWN_BATCH")
    assert [each["id"] for each in ada.get("/api/v1/batches").json()["batches"]] == ["b-1"]
    released = ada.post(f"{own}/release", json={"reason": "first season in the book"}).json()
    assert (released["status"], released["released_by"]) == ("released", "ada")
    _refused(ada.post(f"{own}/release", json={"reason": "again"}), 409, "BATCH_NOT_HELD")
    assert status_of(office.engine, number) == ProposalStatus.OPEN
    _refused(office.signed_in("olga").get("/api/v1/batches"), 403, "ROLE_LACKS")
