from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert, update

from app.alerts.loans.context import CROP_UNKNOWN, DAYS_UNKNOWN, OTHER_CROP, LoanContext, loan_context
from app.alerts.loans.lines import context_lines
from app.alerts.loans.of_alert import Policies, beside_alert
from app.db.engine import writing
from app.db.tables import (
    ContractPlot,
    CropCycle,
    Facility,
    Insurance,
    InsuranceClaim,
    Parcel,
    Party,
    Role,
    Run,
)
from geo.errors import InputError
from scoring.lending.claim_notice import Loss
from scoring.pack_schema import Pack
from scoring.policy import load_pack

KCC, CN = load_pack("in-kcc-2018"), load_pack("cn-planting-generic")
START = datetime(2026, 1, 1, tzinfo=UTC)
SINCE: dict[str, Any] = {"valid_from": START, "recorded_at": START}
FACT = {"source": "core", "as_of": START.date()} | SINCE
LOSS = Loss("abrupt_loss", known_on=date(2026, 6, 12), seen_on=date(2026, 6, 10), not_before=date(2026, 6, 5))
DAY = date(2026, 6, 12)


class Insured:
    """A parcel that backs a contract of a farmer."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        with writing(engine) as connection:
            connection.execute(insert(Parcel), [{"parcel_id": "p1", "recorded_at": START}])
            party = {"kind": "person", "farmer_id": "F1"} | SINCE
            self.party = connection.execute(insert(Party).values(party)).inserted_primary_key[0]
            line = {"number": "L1", "product": "kcc", "currency": "INR", "revolving": True, "status": "active"}
            values = line | {"starts_on": START.date()} | SINCE
            self.line = connection.execute(insert(Facility).values(values)).inserted_primary_key[0]
            role = {"party_id": self.party, "facility_id": self.line, "kind": "borrower"} | SINCE
            connection.execute(insert(Role).values(role))
            plot = {"parcel_id": "p1", "facility_id": self.line, "starts_on": START.date()} | SINCE
            connection.execute(insert(ContractPlot).values(plot))

    def policy(self, **said: Any) -> int:
        row = {
            "party_id": None, "facility_id": self.line, "parcel_id": None, "kind": "crop", "insurer": "AIC",
            "policy_number": "PMFBY-7", "crop": "rice", "insured_minor": 5_000_000, "currency": "INR",
            "starts_on": date(2026, 6, 1), "ends_on": date(2026, 10, 31),
        } | FACT | said  # fmt: skip
        with writing(self.engine) as connection:
            return int(connection.execute(insert(Insurance).values(row)).inserted_primary_key[0])

    def claim(self, policy: int, **said: Any) -> None:
        row = {"insurance_id": policy, "event": "hail", "currency": "INR", "outcome": "open"} | FACT | said
        with writing(self.engine) as connection:
            connection.execute(insert(InsuranceClaim).values(row))

    def crop(self, crop: str) -> None:
        row = {
            "parcel_id": "p1", "season_id": "2026-06-01/2026-10-31", "cycle": 1, "origin": "declared", "crop": crop,
            "sowing_on": date(2026, 6, 1), "harvest_on": date(2026, 10, 31),
        } | FACT  # fmt: skip
        with writing(self.engine) as connection:
            connection.execute(insert(CropCycle).values(row))

    def context(self, pack: Pack = KCC, day: date = DAY, **said: Any) -> LoanContext:
        asked = {"scope": "regional", "severity": 0.4} | said
        with self.engine.connect() as connection:
            return loan_context(connection, "p1", LOSS, pack, day, **asked)


@pytest.fixture
def insured(engine: Engine) -> Insured:
    return Insured(engine)


def test_a_policy_stands_with_its_last_day_and_claims(insured):
    number = insured.policy()
    insured.claim(number, starts_on=date(2026, 6, 10))
    insured.crop("rice")
    context = insured.context()
    (cover,) = context.covers
    assert (cover.insurer, cover.policy_number, cover.kind, cover.remarks) == ("AIC", "PMFBY-7", "crop", ())
    assert cover.notice is not None
    assert (cover.notice.last_day, cover.notice.careful_day, cover.notice.days_left) == (
        date(2026, 6, 13), date(2026, 6, 9), 1,
    )  # fmt: skip
    assert [(claim.event, claim.outcome) for claim in cover.claims] == [("hail", "open")]
    said = "\n".join(context_lines(context, "en"))
    assert "Report the loss by 2026-06-13 (1 day(s) left), counted from 2026-06-10." in said
    assert "It may have happened soon after 2026-06-05: then the last day is 2026-06-09." in said
    assert "A claim is on record: hail, 2026-06-10, open." in said
    assert "Needs a declared crop loss of at least 33 %; seen here: 40 %. The declared figure counts." in said
    assert "a person decides" in said
    late = "\n".join(context_lines(insured.context(day=date(2026, 6, 20)), "zh"))
    assert "已过期：报案截止日为2026-06-13，已过7天" in late


def test_a_policy_of_the_parcel_the_contract_or_the_borrower_counts_and_no_other(insured):
    insured.policy(policy_number="contract")
    insured.policy(policy_number="parcel", parcel_id="p1")
    insured.policy(policy_number="person", facility_id=None, party_id=insured.party)
    insured.policy(policy_number="life", kind="life")
    insured.policy(policy_number="before", ends_on=date(2026, 6, 9))
    insured.policy(policy_number="ended", valid_to=START + timedelta(days=5))
    with writing(insured.engine) as connection:
        connection.execute(insert(Parcel), [{"parcel_id": "p2", "recorded_at": START}])
    insured.policy(policy_number="other parcel", parcel_id="p2")
    assert {cover.policy_number for cover in insured.context().covers} == {"contract", "parcel", "person"}


def test_what_the_book_does_not_know_is_said(insured):
    insured.crop("maize")
    insured.policy(policy_number=None, starts_on=None, ends_on=None, crop=None)
    insured.policy(policy_number="rice")
    unknown, other = sorted(insured.context().covers, key=lambda cover: cover.policy_number or "")
    assert unknown.remarks == (DAYS_UNKNOWN, CROP_UNKNOWN)
    assert other.remarks == (OTHER_CROP,)
    said = context_lines(insured.context(), "en")
    assert any("It insures Rice, and another crop is declared" in line for line in said)


def test_without_a_policy_or_a_rule_it_says_so(insured):
    assert "The book knows no crop policy" in context_lines(insured.context(), "en")[0]
    insured.policy()
    bare = CN.model_copy(update={"claims": None, "relief": None})
    context = insured.context(bare)
    assert (context.covers[0].notice, context.claims_stated, context.relief_stated) == (None, False, False)
    said = "\n".join(context_lines(context, "en"))
    assert "states no time for notice to this insurer" in said
    assert "The policy pack states nothing of relief." in said
    by_policy = "\n".join(context_lines(insured.context(CN), "zh"))
    assert "具体时限以保单条款为准" in by_policy


def test_relief_of_the_region_is_not_shown_beside_an_own_failure(insured):
    assert [offer.option.code for offer in insured.context(scope="own").offers] == []
    assert [offer.option.code for offer in insured.context(scope="unclear").offers] == [
        "rescheduling_33", "rescheduling_50",
    ]  # fmt: skip
    told = insured.context(severity=None).as_dict()
    assert [offer["seen_reaches"] for offer in told["relief"]] == [None, None]
    assert told["event_day"] == "2026-06-10"


def test_an_alert_stands_under_the_policy_of_its_run_or_the_one_named(desk):
    with desk.engine.connect() as connection:
        number = desk.number("p000")
        own = beside_alert(connection, number, date(2019, 6, 20), Policies())
        named = beside_alert(connection, number, date(2019, 6, 20), Policies("in-kcc-2018"))
        with pytest.raises(InputError, match="no-such-pack"):
            beside_alert(connection, number, date(2019, 6, 20), Policies("no-such-pack"))
    assert (own.policy, named.policy) == ("cn-planting-generic", "in-kcc-2018")
    assert own.context is not None
    loss = own.context.loss
    assert (loss.known_on, loss.seen_on, loss.not_before) == (date(2019, 6, 1), date(2019, 5, 30), date(2019, 5, 20))
    assert [offer.seen_loss for offer in own.context.offers] == [0.625] * 3
    assert own.as_dict()["event_day"] == "2019-05-30"


def test_a_policy_of_the_run_that_is_not_at_hand_is_said_and_not_guessed(desk):
    with writing(desk.engine) as connection:
        connection.execute(update(Run).values(policy_id="own-bank-2019"))
    with desk.engine.connect() as connection:
        beside = beside_alert(connection, desk.number("p000"), date(2019, 6, 20), Policies())
    assert (beside.context, beside.as_dict()) == (None, {"policy": "own-bank-2019"})
    assert beside.lines("en") == [
        "The policy own-bank-2019 is not at hand: name one with --policy, and its folder with --packs."
    ]
