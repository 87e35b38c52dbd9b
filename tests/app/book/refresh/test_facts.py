from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import Connection, Engine, insert, update

from app.book.refresh.facts import Moment, moment_of, read_facts
from app.book.refresh.inputs import inputs_hash, lay_over, subjects_of
from app.db.engine import writing
from app.db.tables import (
    Application,
    BureauCheck,
    Consent,
    ContractPlot,
    CreditSubject,
    Decision,
    DecisionParcel,
    LandRight,
    OrgUnit,
    Parcel,
    Party,
    RepaymentCapacity,
    User,
)
from geo.errors import DataError
from scoring.inputs import CYCLES, INPUTS, Inputs
from scoring.policy import load_pack

CN = load_pack("cn-planting-generic")
DAY = date(2026, 11, 20)
AT = datetime(2026, 11, 20, 15, tzinfo=UTC)
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
SPAN: dict[str, Any] = {"valid_from": SINCE, "recorded_at": SINCE}
OUTSIDE: dict[str, Any] = {"source": "bureau", "as_of": date(2026, 10, 1), **SPAN}
FARMERS = ("f1", "f2")


def _inputs(**stated: list[Any]) -> Inputs:
    """Parcels a and b of f1, c of f2, d on its own."""
    names = ["a", "b", "c", "d"]
    columns: dict[str, Any] = {name: [None] * 4 for name in INPUTS.names}
    columns |= {"parcel_id": names, "farmer_id": ["f1", "f1", "f2", None], "season_id": ["2026-01-01/2026-12-31"] * 4}
    columns |= {"status": ["OK"] * 4, "area_ha": [1.0, 2.0, 3.0, 4.0], **stated}
    return Inputs(pa.table(columns, schema=INPUTS), CYCLES.empty_table())


@pytest.fixture
def rows(engine: Engine) -> Connection:
    """A transaction with parties of the farmers, parcels and one user; it is not committed."""
    with writing(engine) as connection:
        _add(
            connection, Party, *({"id": n, "kind": "person", "farmer_id": f, **SPAN} for n, f in enumerate(FARMERS, 1))
        )
        _add(connection, Parcel, *({"parcel_id": name, "recorded_at": SINCE} for name in "abcd"))
        agreed = {"purpose": "bureau", "text_version": "1", "language": "zh", "given_at": SINCE, **SPAN}
        _add(connection, Consent, {"id": 1, "party_id": 1, **agreed}, {"id": 2, "party_id": 2, **agreed})
        yield connection
        connection.rollback()


def _add(connection: Connection, table: Any, *rows: dict[str, Any]) -> None:
    connection.execute(insert(table), list(rows))


def _laid(connection: Connection, inputs: Inputs, day: date = DAY, at: datetime = AT) -> dict[str, list[Any]]:
    after = lay_over(inputs, read_facts(connection, Moment(day, at), CN)).parcels
    assert after.schema == INPUTS
    return after.to_pydict()


def _check(party: int = 1, debt: int | None = 500, outcome: str = "adverse", **more: Any) -> dict[str, Any]:
    currency = None if debt is None else "CNY"
    said = {"party_id": party, "outcome": outcome, "debt_minor": debt, "currency": currency, "consent_id": party}
    return {**said, **OUTSIDE, **more}


def test_without_rows_the_parcel_file_counts(rows):
    inputs = _inputs(other_debt_minor=[1, 1, None, None], land_right=["lease", None, None, "certificate"])
    assert _laid(rows, inputs) == inputs.parcels.to_pydict()


def test_a_bureau_report_counts_for_all_parcels_of_the_farmer_and_for_nobody_else(rows):
    _add(rows, BureauCheck, _check())
    laid = _laid(rows, _inputs(other_debt_minor=[1, 1, 7, None]))
    assert laid["other_debt_minor"] == [500, 500, 7, None]


@pytest.mark.parametrize(
    ("outcome", "debt", "expected"),
    [
        ("clear", None, 0),
        ("clear", 0, 0),
        ("no_record", None, 0),
        ("clear", 300, 300),
        ("adverse", None, None),
        ("unavailable", None, None),
    ],
)
def test_what_the_bureau_says_is_what_counts_and_a_missing_answer_is_no_zero(rows, outcome, debt, expected):
    _add(rows, BureauCheck, _check(debt=debt, outcome=outcome))
    assert _laid(rows, _inputs(other_debt_minor=[9, 9, None, None]))["other_debt_minor"][0] == expected


def test_the_latest_report_counts(rows):
    later = {"as_of": date(2026, 11, 1)}
    _add(rows, BureauCheck, _check(debt=2, outcome="clear", **later))
    _add(rows, BureauCheck, _check(debt=1, outcome="clear"))
    assert _laid(rows, _inputs())["other_debt_minor"][0] == 2


@pytest.mark.parametrize(
    "more",
    [
        {"expires_on": date(2026, 11, 19)},
        {"as_of": date(2026, 11, 21)},
        {"consent_id": None},
        {"valid_to": SINCE + timedelta(days=1)},
        {"valid_from": AT + timedelta(seconds=1)},
        {"recorded_at": AT + timedelta(seconds=1)},
    ],
)
def test_a_report_that_was_not_good_on_the_day_does_not_count(rows, more):
    _add(rows, BureauCheck, _check(**more))
    assert _laid(rows, _inputs())["other_debt_minor"] == [None] * 4


@pytest.mark.parametrize(
    "said",
    [
        {"purpose": "location"},
        {"withdrawn_at": AT - timedelta(seconds=1)},
        {"expires_on": date(2026, 11, 19)},
        {"given_at": AT + timedelta(seconds=1)},
    ],
)
def test_a_report_without_a_consent_that_holds_does_not_count(rows, said):
    _add(rows, BureauCheck, _check())
    rows.execute(update(Consent).where(Consent.id == 1).values(said))
    assert _laid(rows, _inputs())["other_debt_minor"][0] is None


def test_capacity_is_of_the_day_too(rows):
    said = {"currency": "CNY", "method": "own", **OUTSIDE}
    _add(
        rows,
        RepaymentCapacity,
        {"party_id": 2, "capacity_minor": 10, **said},
        {"party_id": 2, "capacity_minor": 20, **said, "as_of": date(2026, 11, 1), "recorded_at": AT},
    )
    inputs = _inputs(household_capacity_minor=[5, 5, None, None])
    assert _laid(rows, inputs)["household_capacity_minor"] == [5, 5, 20, None]
    assert _laid(rows, inputs, at=AT - timedelta(seconds=1))["household_capacity_minor"] == [5, 5, 10, None]


def test_amounts_in_another_currency_are_refused(rows):
    _add(rows, BureauCheck, _check(currency="USD"))
    with pytest.raises(DataError, match="1 subjects have a debt in USD") as caught:
        read_facts(rows, Moment(DAY, AT), CN)
    assert caught.value.code == "CURRENCY_DIFFERS"


def _right(number: int, party: int = 1, basis: str = "certificate", **more: Any) -> dict[str, Any]:
    kind = "ownership" if basis == "certificate" else "tenancy"
    said = {"id": number, "party_id": party, "basis": basis, "kind": kind, "starts_on": date(2020, 1, 1)}
    return {**said, **OUTSIDE, "certified_area_ha": None, "ends_on": None, **more}


def _plot(parcel: str, right: int, area: float | None = None, **more: Any) -> dict[str, Any]:
    said = {"parcel_id": parcel, "land_right_id": right, "starts_on": date(2020, 1, 1), "certified_area_ha": area}
    return {**said, **SPAN, "ends_on": None, **more}


def test_a_plot_gives_its_parcel_a_right_and_an_area(rows):
    _add(rows, LandRight, _right(1), _right(2, party=2, basis="lease", certified_area_ha=2.5))
    _add(rows, ContractPlot, _plot("a", 1, 0.75), _plot("c", 2))
    laid = _laid(rows, _inputs(land_right=["lease"] * 4, certified_area_ha=[9.0] * 4))
    assert laid["land_right"] == ["certificate", "lease", "lease", "lease"]
    assert laid["certified_area_ha"] == [0.75, 9.0, 2.5, 9.0]


def test_several_plots_add_up_and_one_lease_makes_a_lease(rows):
    _add(rows, LandRight, _right(1), _right(2, basis="lease"))
    _add(rows, ContractPlot, _plot("a", 1, 0.5), _plot("a", 2, 0.25), _plot("b", 1, 1.0), _plot("b", 1))
    laid = _laid(rows, _inputs())
    assert laid["land_right"][:2] == ["lease", "certificate"]
    assert laid["certified_area_ha"][:2] == [0.75, None]


def test_a_right_of_somebody_else_backs_no_farmer_but_a_parcel_on_its_own(rows):
    _add(rows, LandRight, _right(1, party=2))
    _add(rows, ContractPlot, _plot("a", 1, 0.5), _plot("d", 1, 0.25))
    assert _laid(rows, _inputs())["land_right"] == [None, None, None, "certificate"]


@pytest.mark.parametrize(
    ("right", "plot"),
    [
        ({"ends_on": date(2026, 11, 19)}, {}),
        ({"starts_on": date(2026, 11, 21)}, {}),
        ({}, {"ends_on": date(2026, 11, 19)}),
        ({}, {"valid_to": AT}),
        ({"expires_on": date(2026, 11, 19)}, {}),
    ],
)
def test_a_right_that_does_not_hold_on_the_day_does_not_count(rows, right, plot):
    _add(rows, LandRight, _right(1, **right))
    _add(rows, ContractPlot, _plot("a", 1, 0.5, **plot))
    assert _laid(rows, _inputs())["land_right"][0] is None


def _decide(rows: Connection) -> None:
    _add(rows, OrgUnit, {"id": 1, "code": "1", "name": "Office", "kind": "branch", **SPAN})
    person = {"org_unit_id": 1, "login": "r", "display_name": "r", "role": "reviewer", "language": "en", "active": True}
    _add(rows, User, {"id": 1, **person, **SPAN})
    made = {"salt": b"s", "recorded_at": SINCE}
    _add(
        rows,
        CreditSubject,
        {"id": 1, "kind": "farmer", "subject_id": "f1", "subject_hash": "1", **made},
        {"id": 2, "kind": "parcel", "subject_id": "d", "subject_hash": "2", **made},
    )
    said = {"application_id": None, "policy_id": "p", "policy_hash": "h", "reasons": [], "currency": "CNY"}
    said |= {"proposal_id": None, "decided_by_id": 1}
    asked = {"org_unit_id": 1, "created_by_id": 1, "product": "planting", "requested_minor": 1, "currency": "CNY"}
    _add(rows, Application, {"id": 1, "number": "A", "status": "decided", **asked, **SPAN})
    said["application_id"] = 1
    for number, subject, outcome, amount, day in (
        (1, 1, "approved", 100, 1),
        (2, 1, "reduced", 80, 2),
        (3, 1, "refused", None, 3),
        (4, 2, "approved", 40, 1),
    ):
        at = SINCE + timedelta(days=day)
        dated = {"decided_at": at, "recorded_at": at, "outcome": outcome, "amount_minor": amount}
        _add(rows, Decision, {"id": number, "credit_subject_id": subject, **said, **dated})
    _add(
        rows,
        DecisionParcel,
        {"decision_id": 1, "parcel_id": "a", "amount_minor": 60, "currency": "CNY"},
        {"decision_id": 1, "parcel_id": "b", "amount_minor": 40, "currency": "CNY"},
        {"decision_id": 2, "parcel_id": "a", "amount_minor": 80, "currency": "CNY"},
        {"decision_id": 4, "parcel_id": "d", "amount_minor": 40, "currency": "CNY"},
    )


def test_the_last_approved_amount_counts_and_lies_on_the_parcels_of_its_decision(rows):
    _decide(rows)
    laid = _laid(rows, _inputs(approved_minor=[1, 2, 3, 4]))
    assert laid["approved_minor"] == [80, None, 3, 40]  # b had a part of the first decision only
    facts = read_facts(rows, Moment(DAY, AT), CN)
    assert dict(zip(facts.approved.subject_id, facts.approved.amount_minor, strict=True)) == {"f1": 80, "d": 40}
    early = _laid(rows, _inputs(approved_minor=[1, 2, 3, 4]), at=SINCE + timedelta(days=1))
    assert early["approved_minor"] == [60, 40, 3, 40]


def test_a_moment_is_the_end_of_a_local_day_or_now():
    now = datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert moment_of(DAY, CN, now).at == now
    end = moment_of(date(2026, 11, 19), CN, now).at
    assert end.astimezone(UTC) == datetime(2026, 11, 19, 16, tzinfo=UTC) - timedelta(microseconds=1)


def test_a_subject_is_the_farmer_or_the_parcel_on_its_own():
    assert subjects_of(_inputs().parcels).to_records(index=False).tolist() == [
        ("farmer", "f1"), ("farmer", "f1"), ("farmer", "f2"), ("parcel", "d"),
    ]  # fmt: skip


def test_the_hash_of_inputs_is_of_what_they_say():
    inputs = _inputs(district=["x", None, "y", "x"], other_debt_minor=[0, None, 3, 4])
    coded = inputs.parcels["district"].combine_chunks().dictionary_encode()
    place = inputs.parcels.schema.get_field_index("district")
    stored = inputs.parcels.set_column(place, "district", coded)
    assert inputs_hash(inputs) == inputs_hash(Inputs(stored, inputs.cycles))
    others = [
        _inputs(district=["x", "", "y", "x"], other_debt_minor=[0, None, 3, 4]),
        _inputs(district=["x", None, "y", "x"], other_debt_minor=[None, 0, 3, 4]),
        _inputs(district=["x", None, "yx", ""], other_debt_minor=[0, None, 3, 4]),
        _inputs(district=["x", None, "y", "x"]),
    ]
    assert len({inputs_hash(each) for each in [inputs, *others]}) == 5
