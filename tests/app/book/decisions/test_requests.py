"""Override requests: one asks, another one answers, and none outlives its proposal."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from app.book.decisions.by_people import approve, refuse
from app.book.decisions.people import deactivate_user
from app.book.decisions.requests import (
    Request,
    approve_request,
    ask,
    find_request,
    list_requests,
    refuse_request,
    withdraw_request,
)
from app.book.parties.erased_rows import empty_rows
from app.book.parties.relations import standing_of
from app.book.refresh.batches import withdraw_batch
from app.book.refresh.proposals import supersede_of
from app.db.engine import writing
from app.db.tables import CreditSubject, Decision, Override, OverrideRequest, Party, Proposal
from app.db.tables.kinds import Outcome, ProposalStatus
from app.db.tables.office_kinds import RequestStatus
from geo.errors import InputError
from scoring.lending.overrides import Change
from tests.app.book.made_up_book import LATER, NOW, Bank, Offer, pack_with, propose, status_of


def _ask(bank: Bank, number: int, to: int = 11_000, login: str = "olga", **change: str) -> int:
    said = {"reason_code": "FACTS", "reason": " seen on site "} | change
    with writing(bank.engine) as connection:
        return ask(connection, number, Change(None, to * 100, **said), bank.sitting(login))


def _approve(bank: Bank, request: int, login: str = "rob") -> int:
    with writing(bank.engine) as connection:
        return approve_request(connection, request, bank.sitting(login))


def _found(bank: Bank, request: int) -> Request:
    with bank.engine.connect() as connection:
        return find_request(connection, request)


def _code(error: pytest.ExceptionInfo[InputError]) -> str:
    assert error.value.remedy
    return error.value.code


def test_an_approved_request_is_an_override_of_two_people(bank: Bank) -> None:
    [number] = propose(bank, [Offer()])
    request = _ask(bank, number)
    asked = _found(bank, request)
    assert (asked.status, asked.made_by, asked.reason) == (RequestStatus.OPEN, "olga", "seen on site")
    assert status_of(bank.engine, number) == ProposalStatus.OPEN
    decision = _approve(bank, request)
    answered = _found(bank, request)
    assert (answered.status, answered.answered_by, answered.answer_note) == (RequestStatus.APPROVED, "rob", None)
    assert answered.decision_id == decision
    with bank.engine.connect() as connection:
        row = connection.execute(select(Decision.outcome, Decision.amount_minor, Decision.decided_by_id)).one()
        made_by = connection.execute(select(Override.made_by_id)).scalar_one()
    assert tuple(row) == (Outcome.REDUCED, 1_100_000, bank.people["rob"].id)
    assert made_by == bank.people["olga"].id


def test_the_maker_does_not_answer_and_nobody_else_withdraws(bank: Bank) -> None:
    [number] = propose(bank, [Offer()])
    request = _ask(bank, number, login="rob")
    with pytest.raises(InputError) as caught:
        _approve(bank, request)
    assert _code(caught) == "MAKER_IS_CHECKER"
    with writing(bank.engine) as connection:
        with pytest.raises(InputError) as caught:
            refuse_request(connection, request, "no", bank.sitting("rob"))
        assert _code(caught) == "MAKER_IS_CHECKER"
        with pytest.raises(InputError) as caught:
            withdraw_request(connection, request, bank.people["olga"], "", LATER)
        assert _code(caught) == "REQUEST_OF_OTHER"
        withdraw_request(connection, request, bank.people["rob"], " better facts ", LATER)
    found = _found(bank, request)
    assert (found.status, found.answered_by, found.answer_note) == (RequestStatus.WITHDRAWN, "rob", "better facts")


def test_a_refused_request_leaves_the_proposal_open(bank: Bank) -> None:
    [number] = propose(bank, [Offer()])
    request = _ask(bank, number)
    with writing(bank.engine) as connection:
        with pytest.raises(InputError) as caught:
            refuse_request(connection, request, " ", bank.sitting("rob"))
        assert _code(caught) == "NOTE_MISSING"
        with pytest.raises(InputError) as caught:
            refuse_request(connection, request, "no", bank.sitting("rita"))
        assert _code(caught) == "NO_AUTHORITY"
        refuse_request(connection, request, "the papers say otherwise", bank.sitting("rob"))
    assert _found(bank, request).status == RequestStatus.REFUSED
    assert status_of(bank.engine, number) == ProposalStatus.OPEN
    assert _found(bank, _ask(bank, number)).status == RequestStatus.OPEN  # a later one may be asked for


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("OVERRIDE_REASON", {"reason_code": "WHIM"}),
        ("REASON_EMPTY", {"reason": " "}),
        ("OVERRIDE_NOTHING", {"to": 12_000}),
        ("OVERRIDE_TOO_FAR", {"to": 14_401}),
    ],
)
def test_what_the_pack_does_not_allow_cannot_be_asked_for(bank: Bank, code: str, change: dict[str, Any]) -> None:
    [number] = propose(bank, [Offer()])
    with pytest.raises(InputError) as caught:
        _ask(bank, number, **change)
    assert _code(caught) == code
    with bank.engine.connect() as connection:
        assert list_requests(connection) == []


def test_what_cannot_be_decided_cannot_be_asked_for(bank: Bank) -> None:
    held, decided, above = propose(
        bank, [Offer(status=ProposalStatus.HELD), Offer(), Offer(100_000, 100_000, (100_000,))]
    )
    with writing(bank.engine) as connection:
        approve(connection, decided, bank.sitting("olga"))
    for number, code in ((held, "PROPOSAL_HELD"), (decided, "PROPOSAL_CLOSED"), (999_999, "UNKNOWN_PROPOSAL")):
        with pytest.raises(InputError) as caught:
            _ask(bank, number)
        assert _code(caught) == code
    with pytest.raises(InputError, match="decided already: approved by olga, 2026-11-22 04:00 UTC"):
        _ask(bank, decided)
    with pytest.raises(InputError) as caught:
        _ask(bank, above, 110_000)
    assert _code(caught) == "ABOVE_PACK_CEILING"
    with pytest.raises(InputError) as caught:
        _ask(replace(bank, pack=pack_with(version="other")), above, 90_000)
    assert _code(caught) == "PROPOSAL_OF_OTHER_POLICY"


def test_a_proposal_has_at_most_one_open_request(bank: Bank) -> None:
    [number] = propose(bank, [Offer()])
    first = _ask(bank, number)
    with pytest.raises(InputError, match=f"open request already: {first}, by olga"):
        _ask(bank, number, login="rob")
    row = {"proposal_id": number, "to_minor": 1, "currency": "CNY", "reason_code": "FACTS", "reason": "x"}
    row |= {"made_by_id": bank.people["rob"].id, "status": RequestStatus.OPEN, "recorded_at": NOW}
    with pytest.raises(Exception, match=r"(?i)unique"), writing(bank.engine) as connection:
        connection.execute(insert(OverrideRequest), [row])


def test_the_packs_rules_hold_again_when_somebody_approves(bank: Bank) -> None:
    numbers = propose(bank, [Offer() for _ in range(5)])
    requests = [_ask(bank, number) for number in numbers]
    with pytest.raises(InputError) as caught:
        _approve(bank, requests[0], "ben")
    assert _code(caught) == "AUTHORITY_TOO_SMALL"
    for request in requests[:3]:  # allowed while the decisions are few
        _approve(bank, request)
    with pytest.raises(InputError) as caught:
        _approve(bank, requests[3])
    assert _code(caught) == "OVERRIDES_TOO_MANY"
    assert _found(bank, requests[3]).status == RequestStatus.OPEN


def test_who_left_asked_for_nothing_that_can_be_approved(bank: Bank) -> None:
    [number] = propose(bank, [Offer()])
    request = _ask(bank, number)
    with writing(bank.engine) as connection:
        deactivate_user(connection, "olga", bank.people["ada"], LATER)
    with pytest.raises(InputError) as caught:
        _approve(bank, request)
    assert _code(caught) == "USER_INACTIVE"


def test_an_answered_request_is_not_answered_again(bank: Bank) -> None:
    [number] = propose(bank, [Offer()])
    request = _ask(bank, number)
    _approve(bank, request)
    with pytest.raises(InputError, match=f"request {request} was approved by rob already"):
        _approve(bank, request)
    with pytest.raises(InputError) as caught:
        _approve(bank, 999_999)
    assert _code(caught) == "UNKNOWN_REQUEST"


def _decide(bank: Bank, number: int) -> None:
    with writing(bank.engine) as connection:
        refuse(connection, number, "land right not seen", bank.sitting("rob"))


def _refresh(bank: Bank, number: int) -> None:
    with writing(bank.engine) as connection:
        subject = connection.execute(select(Proposal.credit_subject_id).where(Proposal.id == number)).scalar_one()
        supersede_of(connection, [subject], LATER)


def _withdraw(bank: Bank, number: int) -> None:
    assert number
    with writing(bank.engine) as connection:
        withdraw_batch(connection, "b-1", bank.people["rita"], "wrong run", LATER)


def _erase(bank: Bank, number: int) -> None:
    assert number
    with writing(bank.engine) as connection:
        row = {"kind": "person", "farmer_id": "b-1-f0", "valid_from": NOW, "recorded_at": NOW}
        party = connection.execute(insert(Party).values(row).returning(Party.id)).scalar_one()
        connection.execute(update(CreditSubject).values(party_id=party))
        empty_rows(connection, party, "b-1-f0", standing_of(connection, party), LATER)


@pytest.mark.parametrize(
    ("close", "note"),
    [(_decide, "decided otherwise"), (_refresh, "superseded"), (_withdraw, "withdrawn"), (_erase, "withdrawn")],
)
def test_a_request_ends_with_its_proposal(bank: Bank, close: Any, note: str) -> None:
    [number] = propose(bank, [Offer()])
    request = _ask(bank, number)
    close(bank, number)
    found = _found(bank, request)
    assert (found.status, found.answered_by) == (RequestStatus.WITHDRAWN, None)
    assert note in (found.answer_note or "")
    assert found.answered_at == LATER


def test_of_two_who_approve_at_once_one_wins_and_the_other_is_told_who(bank: Bank) -> None:
    numbers = propose(bank, [Offer() for _ in range(4)])
    start = Barrier(2)

    def decide(login: str, number: int) -> str:
        start.wait(timeout=20)
        try:
            with writing(bank.engine) as connection:
                approve(connection, number, bank.sitting(login, now=LATER + timedelta(minutes=number)))
        except InputError as error:
            return f"{error.code}: {error.message}"
        return "won"

    with ThreadPoolExecutor(2) as pool:
        for number in numbers:
            logins = ("olga", "rob")
            said = list(pool.map(decide, logins, (number, number)))
            winner = logins[said.index("won")]
            [loser] = [text for text in said if text != "won"]
            assert loser.startswith(f"PROPOSAL_CLOSED: The proposal {number} was decided already: approved by {winner}")
    with bank.engine.connect() as connection:
        assert sorted(connection.scalars(select(Decision.proposal_id))) == sorted(numbers)
