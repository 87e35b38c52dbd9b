from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, text

from app.book.decisions.authorities import Grant, end_authority, grant
from app.book.decisions.by_people import approve, override, refuse, send_back
from app.book.decisions.rulings import decision_contents
from app.db.engine import writing
from app.db.tables import ChainEntry, Decision, DecisionParcel, Facility, Override, Proposal
from app.db.tables.kinds import BatchStatus, Outcome, ProposalStatus
from geo.errors import InputError
from scoring.lending.overrides import Change
from tests.app.book.made_up_book import LATER, NOW, Bank, Offer, pack_with, propose, status_of, tamper


def _decide(bank: Bank, number: int, login: str = "olga", **sitting: Any) -> int:
    with writing(bank.engine) as connection:
        return approve(connection, number, bank.sitting(login, **sitting))


def _override(bank: Bank, number: int, to: int, by: str = "rob", made_by: str = "olga", **change: str) -> int:
    said = {"reason_code": "FACTS", "reason": "seen on site"} | change
    with writing(bank.engine) as connection:
        return override(connection, number, Change(None, to * 100, **said), bank.people[made_by], bank.sitting(by))


def _refused(code: str, bank: Bank, number: int, **sitting: Any) -> str:
    with pytest.raises(InputError) as caught:
        _decide(bank, number, **sitting)
    assert caught.value.code == code
    assert caught.value.remedy
    return caught.value.message


def _row(bank: Bank, number: int) -> Any:
    with bank.engine.connect() as connection:
        return connection.execute(select(Decision.__table__).where(Decision.id == number)).one()


def _parts(bank: Bank, number: int) -> dict[str, int]:
    wanted = select(DecisionParcel.parcel_id, DecisionParcel.amount_minor).where(DecisionParcel.decision_id == number)
    with bank.engine.connect() as connection:
        return {row.parcel_id: row.amount_minor for row in connection.execute(wanted)}


def _entries(connection: Connection) -> list[tuple[str, str]]:
    return [
        tuple(row) for row in connection.execute(select(ChainEntry.kind, ChainEntry.row_key).order_by(ChainEntry.seq))
    ]


def test_an_approved_proposal_is_a_decision_with_parts_and_an_entry(bank: Bank) -> None:
    [number] = propose(bank, [Offer()])
    decided = _decide(bank, number)
    row = _row(bank, decided)
    assert (row.outcome, row.amount_minor, row.currency) == (Outcome.APPROVED, 1_200_000, "CNY")
    assert (row.proposed_by_id, row.decided_by_id) == (None, bank.people["olga"].id)
    assert (row.policy_hash, row.receipt_hash, row.reasons) == (bank.pack.content_hash, "cc" * 32, ["COST"])
    assert row.decided_at == LATER
    assert _parts(bank, decided) == {"p000": 700_000, "p001": 500_000}
    assert status_of(bank.engine, number) == ProposalStatus.DECIDED
    with bank.engine.connect() as connection:
        assert _entries(connection)[-1] == ("decision", str(decided))


def test_what_the_chain_vouches_for_names_neither_farmer_nor_ground(bank: Bank) -> None:
    [number] = propose(bank, [Offer()])
    decided = _decide(bank, number)
    with bank.engine.connect() as connection:
        content = str(decision_contents(connection, [str(decided)]))
    assert "700000" in content
    assert "b-1-f0" not in content
    assert "p000" not in content


def test_no_contract_changes(bank: Bank) -> None:
    [number] = propose(bank, [Offer()])
    with writing(bank.engine) as connection:
        connection.execute(
            insert(Facility),
            {"number": "F-1", "product": "planting", "limit_minor": 5, "currency": "CNY", "revolving": True}
            | {"starts_on": NOW.date(), "status": "active", "valid_from": NOW, "recorded_at": NOW},
        )
        before = connection.execute(select(Facility.__table__)).all()
    _decide(bank, number)
    with bank.engine.connect() as connection:
        assert connection.execute(select(Facility.__table__)).all() == before


@pytest.mark.parametrize(("decide", "outcome"), [(refuse, Outcome.REFUSED), (send_back, Outcome.RETURNED)])
def test_refusing_and_returning_need_a_note(bank: Bank, decide: Any, outcome: Outcome) -> None:
    [number] = propose(bank, [Offer()])
    with writing(bank.engine) as connection:
        with pytest.raises(InputError, match="needs a note"):
            decide(connection, number, "  ", bank.sitting("olga"))
        decided = decide(connection, number, "land right not seen", bank.sitting("olga"))
    row = _row(bank, decided)
    assert (row.outcome, row.amount_minor, row.note) == (outcome, None, "land right not seen")
    assert _parts(bank, decided) == {}


def test_only_open_proposals_are_decided_and_only_once(bank: Bank) -> None:
    statuses = [ProposalStatus.HELD, ProposalStatus.SUPERSEDED, ProposalStatus.WITHDRAWN, ProposalStatus.OPEN]
    numbers = propose(bank, [Offer(status=status) for status in statuses])
    assert "b-1" in _refused("PROPOSAL_HELD", bank, numbers[0])
    assert "superseded" in _refused("PROPOSAL_CLOSED", bank, numbers[1])
    assert "withdrawn" in _refused("PROPOSAL_CLOSED", bank, numbers[2])
    _decide(bank, numbers[3])
    assert "decided" in _refused("PROPOSAL_CLOSED", bank, numbers[3])
    _refused("UNKNOWN_PROPOSAL", bank, 999_999)


def test_who_started_or_released_the_batch_does_not_decide(bank: Bank) -> None:
    olga, rob = bank.people["olga"].id, bank.people["rob"].id
    [number] = propose(
        bank,
        [Offer()],
        status=BatchStatus.RELEASED,
        created_by_id=rob,
        released_by_id=olga,
        release_reason="looked at",
    )
    assert "released the batch b-1" in _refused("MAKER_IS_CHECKER", bank, number)
    assert "started the batch b-1" in _refused("MAKER_IS_CHECKER", bank, number, login="rob")
    _decide(bank, number, login="ben")


def test_who_made_the_proposal_does_not_decide(bank: Bank) -> None:
    [number] = propose(bank, [Offer()])
    tamper(bank.engine, "UPDATE proposal SET made_by_id = (SELECT id FROM app_user WHERE login = 'olga')")
    assert "made the proposal" in _refused("MAKER_IS_CHECKER", bank, number)
    assert _row(bank, _decide(bank, number, login="rob")).proposed_by_id == bank.people["olga"].id


def test_an_amount_needs_an_authority_in_force_that_covers_it(bank: Bank) -> None:
    small, large = propose(bank, [Offer(), Offer(amount=50_001, before=50_000, parts=(50_001,))])
    assert "rita holds no authority" in _refused("NO_AUTHORITY", bank, small, login="rita")
    assert "50,001.00 CNY" in _refused("AUTHORITY_TOO_SMALL", bank, large)
    _decide(bank, large, login="rob")
    with writing(bank.engine) as connection:
        end_authority(connection, 1 + _first_authority(connection), bank.people["ada"], LATER)
    _refused("NO_AUTHORITY", bank, small, login="rob", now=LATER)


def _first_authority(connection: Connection) -> int:
    return int(connection.execute(text("SELECT min(id) FROM authority")).scalar_one())


def test_an_authority_of_another_currency_product_or_policy_does_not_fit(bank: Bank) -> None:
    [number] = propose(bank, [Offer()])
    rita, ada = bank.people["rita"], bank.people["ada"]
    with writing(bank.engine) as connection:
        for other in ({"currency": "INR"}, {"product": "equipment"}, {"policy_id": "in-kcc-2018"}):
            given = {"user_id": rita.id, "up_to_minor": 10**9, "currency": "CNY", "valid_from": NOW} | other
            grant(connection, Grant(**given), ada, NOW)
    _refused("AUTHORITY_TOO_SMALL", bank, number, login="rita")
    with writing(bank.engine) as connection:
        grant(connection, Grant(rita.id, 10**9, "CNY", NOW, policy_id=bank.pack.id), ada, NOW)
    _decide(bank, number, login="rita")


def test_the_pack_sets_a_ceiling_of_its_own(bank: Bank) -> None:
    above, at = propose(bank, [Offer(100_001, 100_000, (100_001,)), Offer(100_000, 100_000, (100_000,))])
    assert "100,001.00 CNY" in _refused("ABOVE_PACK_CEILING", bank, above, login="rob")
    _decide(bank, at, login="rob")


def test_the_pack_must_be_in_force_on_the_local_day(bank: Bank) -> None:
    pack = pack_with(valid_to="2026-11-22")
    local_midnight = NOW.replace(hour=16)  # 2026-11-23 00:00 in Shanghai
    numbers = propose(replace(bank, pack=pack), [Offer(), Offer()])
    assert "not on 2026-11-23" in _refused("POLICY_NOT_IN_FORCE", bank, numbers[0], now=local_midnight, pack=pack)
    _decide(bank, numbers[1], now=local_midnight - timedelta(seconds=1), pack=pack)


def test_the_pack_must_be_the_one_that_made_the_proposal(bank: Bank) -> None:
    [number] = propose(bank, [Offer()])
    said = _refused("PROPOSAL_OF_OTHER_POLICY", bank, number, pack=pack_with(version="other"))
    assert "cn-planting-generic" in said


def test_without_an_amount_nothing_can_be_approved(bank: Bank) -> None:
    [number] = propose(bank, [Offer(amount=None, parts=(None, None))])
    _refused("NOTHING_PROPOSED", bank, number)


def test_a_clock_set_back_refuses_and_writes_nothing(bank: Bank) -> None:
    first, second = propose(bank, [Offer(), Offer()])
    _decide(bank, first)
    assert "2026-11-22T03:59:59" in _refused("CLOCK_BACK", bank, second, now=LATER - timedelta(seconds=1))
    assert status_of(bank.engine, second) == ProposalStatus.OPEN
    with bank.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM decision")).scalar_one() == 1


def test_an_override_takes_two_people_and_scales_the_parts_to_the_minor_unit(bank: Bank) -> None:
    [number] = propose(bank, [Offer(10_000, 10_000, (3_333, 3_333, 3_334))])
    decided = _override(bank, number, 9_001)
    row = _row(bank, decided)
    assert (row.outcome, row.amount_minor) == (Outcome.REDUCED, 900_100)
    assert (row.proposed_by_id, row.decided_by_id) == (bank.people["olga"].id, bank.people["rob"].id)
    parts = _parts(bank, decided)
    assert sum(parts.values()) == 900_100
    assert parts == {"p000": 300_003, "p001": 300_003, "p002": 300_094}
    with bank.engine.connect() as connection:
        found = connection.execute(select(Override.__table__)).one()
    assert (found.from_minor, found.to_minor, found.reason_code) == (1_000_000, 900_100, "FACTS")
    assert (found.made_by_id, found.approved_by_id) == (bank.people["olga"].id, bank.people["rob"].id)


def test_an_override_upwards_is_approved(bank: Bank) -> None:
    [number] = propose(bank, [Offer(10_000, 10_000, (10_000,))])
    assert _row(bank, _override(bank, number, 12_000)).outcome == Outcome.APPROVED


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("MAKER_IS_CHECKER", {"made_by": "rob"}),
        ("AUTHORITY_TOO_SMALL", {"by": "ben"}),
        ("OVERRIDE_REASON", {"reason_code": "WHIM"}),
        ("REASON_EMPTY", {"reason": " "}),
        ("OVERRIDE_NOTHING", {"to": 10_000}),
        ("OVERRIDE_TOO_FAR", {"to": 12_001}),
        ("OVERRIDE_TOO_FAR", {"to": 7_999}),
    ],
)
def test_an_override_keeps_to_the_packs_bounds(bank: Bank, code: str, change: dict[str, Any]) -> None:
    [number] = propose(bank, [Offer(10_000, 10_000, (10_000,))])
    with pytest.raises(InputError) as caught:
        _override(bank, number, **({"to": 9_000} | change))
    assert caught.value.code == code
    assert status_of(bank.engine, number) == ProposalStatus.OPEN


def test_a_pack_without_the_section_allows_no_override(bank: Bank) -> None:
    bank = replace(bank, pack=pack_with(overrides=None))
    [number] = propose(bank, [Offer()])
    with pytest.raises(InputError, match=r"no section \[overrides\]"):
        _override(bank, number, 11_000)


def test_too_many_overrides_refuse(bank: Bank) -> None:
    numbers = propose(bank, [Offer() for _ in range(5)])
    _decide(bank, numbers[0])
    _override(bank, numbers[1], 11_000)
    _override(bank, numbers[2], 11_000)
    with pytest.raises(InputError, match="3 of 4 decisions within 90 days"):
        _override(bank, numbers[3], 11_000)
    _decide(bank, numbers[3])
    with pytest.raises(InputError, match="3 of 5 decisions"):
        _override(bank, numbers[4], 11_000)


def test_rows_of_decisions_never_change(bank: Bank) -> None:
    [number] = propose(bank, [Offer()])
    _decide(bank, number)
    with pytest.raises(Exception, match="never change"), writing(bank.engine) as connection:
        connection.execute(text("UPDATE decision SET amount_minor = 1"))
    with bank.engine.connect() as connection:
        assert connection.execute(select(Proposal.closed_at).where(Proposal.id == number)).scalar_one() == LATER
