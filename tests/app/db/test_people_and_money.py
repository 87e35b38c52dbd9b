from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from app.db.base import Base, OutsideFact, Temporal
from app.db.engine import writing
from app.db.loading import load_run
from app.db.tables import (
    Application,
    Authority,
    BureauCheck,
    Consent,
    ContractPlot,
    CreditSubject,
    Decision,
    Drawdown,
    Facility,
    Guarantee,
    Insurance,
    LandRight,
    LoanAccount,
    Override,
    Parcel,
    Party,
    PersonalData,
    Role,
    Sublimit,
    User,
)
from tests.app.db.made_up import made_up_run

NOW = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
SINCE: dict[str, Any] = {"valid_from": NOW, "recorded_at": NOW}
TODAY = date(2026, 11, 20)
FACT: dict[str, Any] = {"source": "registry", "as_of": TODAY, **SINCE}


@pytest.fixture
def case(engine: Engine, decided: Callable[[Engine], None]) -> Engine:
    """A run, a decided application with a facility, and a farmer."""
    load_run(engine, *made_up_run().tables)
    decided(engine)
    with Session(engine) as session:
        session.add(Party(kind="person", farmer_id="f0", reference_hash="aa" * 32, reference_key="salt-1", **SINCE))
        session.commit()
    return engine


def _id(engine: Engine, table: type[Base], **where: object) -> int:
    with Session(engine) as session:
        found = session.scalars(select(table).filter_by(**where)).first()
        assert found is not None
        return int(found.id)  # type: ignore[attr-defined]  # every table here has one


def _add(engine: Engine, *rows: Base) -> None:
    with Session(engine) as session:
        session.add_all(rows)
        session.commit()


def test_the_way_from_land_to_loan_can_be_kept(case: Engine) -> None:
    party, facility = _id(case, Party), _id(case, Facility)
    officer, reviewer = _id(case, User, login="officer"), _id(case, User, login="reviewer")
    _add(
        case,
        Consent(party_id=party, purpose="bureau", text_version="3", language="zh", given_at=NOW, **SINCE),
        LandRight(party_id=party, basis="lease", kind="tenancy", starts_on=TODAY, certified_area_ha=1.2, **FACT),
        Role(party_id=party, facility_id=facility, kind="borrower", share_parts=10_000, **SINCE),
        Sublimit(facility_id=facility, purpose="crop", limit_minor=90_000, currency="CNY", drawable=True, **SINCE),
        Guarantee(facility_id=facility, guarantor_id=party, kind="personal", currency="CNY", starts_on=TODAY, **FACT),
        Insurance(
            party_id=party,
            parcel_id="p000",
            kind="crop",
            insurer="I",
            policy_number="1",
            insured_minor=100,
            premium_minor=5,
            currency="CNY",
            starts_on=TODAY,
            ends_on=TODAY,
            **FACT,
        ),
    )
    _add(
        case,
        BureauCheck(
            party_id=party, outcome="clear", debt_minor=0, currency="CNY", consent_id=_id(case, Consent), **FACT
        ),
        ContractPlot(parcel_id="p000", land_right_id=_id(case, LandRight), starts_on=TODAY, **SINCE),
        ContractPlot(parcel_id="p001", land_right_id=_id(case, LandRight), starts_on=TODAY, **SINCE),
        ContractPlot(parcel_id="p000", facility_id=facility, starts_on=TODAY, **SINCE),
        Drawdown(
            sublimit_id=_id(case, Sublimit),
            amount_minor=50_000,
            currency="CNY",
            status="paid",
            requested_at=NOW,
            paid_at=NOW,
            proposed_by_id=officer,
            approved_by_id=reviewer,
            **SINCE,
        ),
    )
    _add(
        case,
        LoanAccount(
            drawdown_id=_id(case, Drawdown),
            account_number="62",
            product="planting",
            currency="CNY",
            principal_minor=50_000,
            outstanding_minor=50_000,
            overdue_minor=0,
            days_overdue=0,
            rate_ppm=43_500,
            opened_on=TODAY,
            due_on=TODAY + timedelta(365),
            loan_class="normal",
            **FACT,
        ),
    )
    with Session(case) as session:
        account = session.scalars(select(LoanAccount)).one()
        assert (account.loan_class, account.recorded_at, account.consent_id) == ("normal", NOW, None)


def _drawdown(engine: Engine, **changed: object) -> Drawdown:
    officer = _id(engine, User, login="officer")
    _add(
        engine,
        Sublimit(
            facility_id=_id(engine, Facility), purpose="crop", limit_minor=1, currency="CNY", drawable=True, **SINCE
        ),
    )
    row: dict[str, Any] = {
        "sublimit_id": _id(engine, Sublimit),
        "amount_minor": 1,
        "currency": "CNY",
        "status": "requested",
        "requested_at": NOW,
        "proposed_by_id": officer,
        **SINCE,
    }
    return Drawdown(**{**row, **changed})


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda e: _drawdown(e, approved_by_id=_id(e, User, login="officer")), "maker_is_not_checker"),
        (lambda e: _drawdown(e, status="approved"), "approved_by_somebody"),
        (lambda e: _drawdown(e, paid_at=NOW), "paid_has_instant"),
        (lambda e: _drawdown(e, amount_minor=0), "amount_positive"),
        (
            lambda e: Override(
                decision_id=_id(e, Decision),
                to_minor=1,
                currency="CNY",
                reason_code="LOCAL",
                reason="  ",
                made_by_id=_id(e, User, login="officer"),
                approved_by_id=_id(e, User, login="reviewer"),
                recorded_at=NOW,
            ),
            "has_reason",
        ),
        (lambda e: Role(party_id=_id(e, Party), kind="borrower", **SINCE), "one_subject"),
        (
            lambda e: Role(
                party_id=_id(e, Party),
                application_id=_id(e, Application),
                facility_id=_id(e, Facility),
                kind="borrower",
                **SINCE,
            ),
            "one_subject",
        ),
        (
            lambda e: Role(
                party_id=_id(e, Party), facility_id=_id(e, Facility), kind="borrower", share_parts=10_001, **SINCE
            ),
            "share",
        ),
        (lambda _: ContractPlot(parcel_id="p000", starts_on=TODAY, **SINCE), "has_contract"),
        (
            lambda e: BureauCheck(party_id=_id(e, Party), outcome="unavailable", debt_minor=0, currency="CNY", **FACT),
            "unavailable_has_no_debt",
        ),
        (
            lambda e: BureauCheck(party_id=_id(e, Party), outcome="clear", debt_minor=0, **FACT),
            "amounts_have_currency",
        ),
        (lambda _: Party(kind="person", valid_from=NOW, valid_to=NOW, recorded_at=NOW), "valid"),
        (
            lambda e: PersonalData(party_id=_id(e, Party), name="A", erased_at=NOW, recorded_at=NOW),
            "erased_is_empty",
        ),
        (
            lambda e: PersonalData(party_id=_id(e, Party), id_number_ciphertext=b"x", recorded_at=NOW),
            "ciphertext_has_key",
        ),
    ],
)
def test_what_must_not_be_is_refused(case: Engine, make: Callable[[Engine], Base], named: str) -> None:
    row = make(case)
    with pytest.raises(IntegrityError, match=named):
        _add(case, row)


def test_a_value_outside_its_list_is_refused_by_the_database_itself(engine: Engine) -> None:
    statement = text("INSERT INTO party (kind, valid_from, recorded_at) VALUES ('robot', '2026-01-01', '2026-01-01')")
    with pytest.raises(IntegrityError, match="partykind"), engine.begin() as connection:
        connection.execute(statement)


def test_personal_data_is_erased_without_touching_the_rest(case: Engine) -> None:
    party = _id(case, Party)
    _add(case, PersonalData(party_id=party, name="李四", id_number_ciphertext=b"\x01", key_id="k1", recorded_at=NOW))
    with writing(case) as connection:
        connection.execute(
            update(PersonalData)
            .where(PersonalData.party_id == party)
            .values(name=None, phone=None, address=None, id_number_ciphertext=None, erased_at=NOW)
        )
    with Session(case) as session:
        assert session.scalars(select(PersonalData.name)).one() is None
        assert session.scalars(select(Party.reference_hash)).one() == "aa" * 32


@pytest.mark.parametrize("change", ["UPDATE decision SET amount_minor = 1", "DELETE FROM decision"])
def test_a_decision_never_changes(case: Engine, change: str) -> None:
    with pytest.raises(DBAPIError, match="rows of decision never change"), writing(case) as connection:
        connection.execute(text(change))
    with case.connect() as connection:
        assert connection.scalar(select(Decision.amount_minor)) == 100_000


def test_the_subject_behind_a_decision_cannot_go(case: Engine) -> None:
    with pytest.raises(IntegrityError), writing(case) as connection:
        connection.execute(delete(CreditSubject))


def test_the_program_approves_only_under_an_authority_with_an_end(case: Engine) -> None:
    granted = {"granted_by_id": _id(case, User), "policy_id": "cn", "up_to_minor": 1, "currency": "CNY"}
    with pytest.raises(IntegrityError, match="automatic_is_dated"):
        _add(case, Authority(may_override=False, **granted, **SINCE))


def test_one_person_is_one_party(case: Engine) -> None:
    with pytest.raises(IntegrityError, match="reference_hash"):
        _add(case, Party(kind="person", reference_hash="aa" * 32, **SINCE))


def test_a_parcel_of_no_unit_is_anybodys(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(insert(Parcel), [{"parcel_id": "x", "recorded_at": NOW}])
    with engine.connect() as connection:
        assert connection.scalar(select(Parcel.org_unit_id)) is None


def test_money_rows_say_when_they_hold_and_outside_facts_who_says_so() -> None:
    temporal = {mapper.class_.__name__ for mapper in Base.registry.mappers if issubclass(mapper.class_, Temporal)}
    outside = {mapper.class_.__name__ for mapper in Base.registry.mappers if issubclass(mapper.class_, OutsideFact)}
    assert temporal >= {"Party", "Role", "LandRight", "ContractPlot", "CropCycle", "Application", "Facility"}
    assert temporal >= {"Sublimit", "Drawdown", "LoanAccount", "Consent", "OrgUnit", "Authority", "User"}
    assert outside == {"LandRight", "CropCycle", "BureauCheck", "LoanAccount", "Guarantee", "Insurance"} | {
        "InsuranceClaim",
        "MeterReading",
        "OutsideSignal",
        "RedLine",
        "RepaymentCapacity",
    }
    personal = {"name", "phone", "address", "id_number_ciphertext"}
    holders = {t.name for t in Base.metadata.sorted_tables if personal & set(t.columns.keys())}
    names_of_things = {"org_unit", "village", "energy_site", "red_line"}
    assert holders == {"personal_data"} | names_of_things
