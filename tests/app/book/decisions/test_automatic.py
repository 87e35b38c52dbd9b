from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.book.chain.verification import verify
from app.book.chain.witnesses import witnesses
from app.book.decisions.authorities import Grant, end_authority, grant
from app.book.decisions.automatic import Approved, Left, approve_automatically
from app.db.engine import writing
from app.db.tables import Decision
from app.db.tables.kinds import ProposalStatus
from geo.errors import InputError
from tests.app.book.made_up_book import LATER, NOW, Bank, Offer, pack_with, propose, status_of


def _allow(bank: Bank, most: int = 15_000, **other: Any) -> int:
    given = {"user_id": None, "up_to_minor": most * 100, "currency": "CNY", "valid_from": NOW}
    given |= {"valid_to": NOW + timedelta(days=30), "policy_id": bank.pack.id} | other
    with writing(bank.engine) as connection:
        return grant(connection, Grant(**given), bank.people["ada"], NOW)


def _run(bank: Bank, **other: Any) -> Approved:
    with writing(bank.engine) as connection:
        return approve_automatically(connection, **({"pack": bank.pack, "now": LATER} | other))


def test_the_program_approves_under_a_dated_authority(bank: Bank) -> None:
    number = _allow(bank)
    numbers = propose(bank, [Offer(), Offer(13_000)])
    assert _run(bank) == Approved(2, 2_500_000, {})
    with bank.engine.connect() as connection:
        rows = connection.execute(select(Decision.__table__).order_by(Decision.id)).all()
        assert verify(connection, witnesses()).faults == []
    assert [(row.proposal_id, row.decided_by_id, row.authority_id) for row in rows] == [
        (each, None, number) for each in numbers
    ]
    assert _run(bank) == Approved(0, 0, {})


@pytest.mark.parametrize(
    ("offer", "left"),
    [
        (Offer(visit=True), Left.NEEDS_VISIT),
        (Offer(amount=None, parts=()), Left.NO_AMOUNT),
        (Offer(before=None), Left.NOTHING_BEFORE),
        (Offer(13_001), Left.MOVES_TOO_FAR),
        (Offer(6_999), Left.MOVES_TOO_FAR),
        (Offer(15_001, 15_000), Left.ABOVE_CEILING),
        (Offer(policy_hash="dd" * 32), Left.OTHER_POLICY),
    ],
)
def test_everything_else_waits_for_a_person(bank: Bank, offer: Offer, left: Left) -> None:
    _allow(bank)
    [number] = propose(bank, [offer])
    assert _run(bank) == Approved(0, 0, {left: 1})
    assert status_of(bank.engine, number) == ProposalStatus.OPEN


def test_the_packs_own_ceiling_counts_too(bank: Bank) -> None:
    _allow(bank, most=90_000)
    propose(bank, [Offer(20_000, 20_000), Offer(20_001, 20_000)])
    assert _run(bank) == Approved(1, 2_000_000, {Left.ABOVE_CEILING: 1})


def test_held_proposals_are_not_touched(bank: Bank) -> None:
    _allow(bank)
    [number] = propose(bank, [Offer(status=ProposalStatus.HELD)])
    assert _run(bank) == Approved(0, 0, {})
    assert status_of(bank.engine, number) == ProposalStatus.HELD


def test_only_the_batch_that_was_named(bank: Bank) -> None:
    _allow(bank)
    propose(bank, [Offer()])
    [second] = propose(bank, [Offer()], batch_id="b-2")
    assert _run(bank, batch_id="b-2").decisions == 1
    assert status_of(bank.engine, second) == ProposalStatus.DECIDED


def test_without_an_authority_in_force_nothing_is_approved(bank: Bank) -> None:
    propose(bank, [Offer()])
    with pytest.raises(InputError, match="No authority lets the program"):
        _run(bank)
    number = _allow(bank)
    with writing(bank.engine) as connection:
        end_authority(connection, number, bank.people["rita"], LATER)
    with pytest.raises(InputError, match="No authority lets the program"):
        _run(bank)


@pytest.mark.parametrize("section", ["authorities", "refresh"])
def test_the_pack_must_allow_it(bank: Bank, section: str) -> None:
    pack = pack_with(**{section: [] if section == "authorities" else None})
    bank = replace(bank, pack=pack)
    _allow(bank)
    propose(bank, [Offer()])
    with pytest.raises(InputError, match="lets nothing be approved automatically"):
        _run(bank)


@pytest.mark.parametrize(
    ("code", "other"),
    [
        ("AUTOMATIC_UNDATED", {"valid_to": None}),
        ("AUTOMATIC_UNDATED", {"policy_id": None}),
        ("AUTOMATIC_OVERRIDE", {"may_override": True}),
    ],
)
def test_an_automatic_authority_is_dated_and_bound_to_a_policy(bank: Bank, code: str, other: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        _allow(bank, **other)
    assert caught.value.code == code
