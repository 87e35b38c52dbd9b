from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from sqlalchemy import Engine, insert, update

from app.alerts.loans.stages import loan_stages
from app.alerts.loans.standing import own_action_alerts, standing_alerts
from app.book.refresh.facts import Moment
from app.db.tables import (
    AlertEvent,
    CropCycle,
    OrgUnit,
    Party,
    Role,
    SeasonObservation,
    User,
    Visit,
)
from geo.errors import InputError
from tests.app.alerts.lent import CN, FAILED, LOSS, NOW, SINCE, START, Loans
from tests.app.alerts.told import SEASON_ID, day


@pytest.fixture
def loans(engine: Engine) -> Loans:
    return Loans(engine)


def test_loans_stand_beside_what_was_seen_of_their_crop(loans):
    loans.loan("harvested", ("p001",), date(2019, 8, 1))
    loans.loan("overdue", ("p001",), date(2019, 7, 10), days_overdue=11)
    loans.loan("failed", ("p000",), date(2019, 7, 10), days_overdue=11)
    loans.loan("unseen", ("p005",), date(2019, 7, 30))
    loans.loan("no plots", (), date(2019, 7, 30))
    loans.loan("later", ("p001",), date(2019, 12, 1))
    loans.loan("repaid", ("p001",), date(2019, 8, 1), outstanding_minor=0)
    loans.watch("06-02", FAILED)
    found = loans.stages("07-21")
    assert {name: (loan.stage.code, str(loan.stage.path)) for name, loan in found.items()} == {
        "overdue": ("OVERDUE_HARVESTED", "ask"), "failed": ("OVERDUE_FAILED_OWN", "visit"),
        "harvested": ("DUE_HARVESTED", "remind"), "unseen": ("DUE_NOT_SEEN", "remind"),
        "no plots": ("DUE_NOT_SEEN", "remind"),
    }  # fmt: skip
    assert [*found][:2] == ["failed", "overdue"]
    assert found["overdue"].text("en") == "Crop seen growing and harvested on 2019-07-15: ask for the reason."
    assert found["overdue"].as_dict()["zh"] == "观测到作物生长并于2019-07-15收获：请询问未还款原因。"
    assert found["failed"].text("en").startswith("Crop failure seen on 2019-05-30, not seen on the neighbours")
    assert (found["harvested"].stage.days, found["harvested"].stage.reminder) == (11, 15)


def test_a_region_that_fell_opens_the_way_of_relief(loans):
    loans.loan("L", ("p000",), date(2019, 7, 10), days_overdue=11)
    loans.watch("06-02", FAILED, scope="regional")
    stage = loans.stages("07-21")["L"].stage
    assert (stage.code, str(stage.path)) == ("OVERDUE_FAILED_REGIONAL", "relief")


@pytest.mark.parametrize("how", ["false alarm", "recovered", "not confirmed", "after harvest", "watch", "other cause"])
def test_an_alert_that_does_not_tell_of_a_failed_crop_does_not_count(loans, how):
    loans.loan("L", ("p000",), date(2019, 7, 10), days_overdue=11)
    line = ("p000", LOSS, "06-01", "06-01", "opened", "watch" if how == "watch" else "action")
    line = ("p000", "other_crop", *line[2:]) if how == "other cause" else line
    ended = (("p000", LOSS, "06-01", "06-20", "ended", "none"),) if how == "recovered" else ()
    more = {"event_on": day("07-18")} if how == "after harvest" else {}
    loans.watch("06-21", line, *ended, **more)
    if how == "false alarm":
        _call(loans, "false_alarm")
    if how == "not confirmed":
        _visit(loans, "not_confirmed")
    assert loans.stages("07-21")["L"].stage.code == "OVERDUE_HARVESTED"


def test_a_loss_that_lasted_or_that_a_visit_bore_out_counts(loans):
    loans.loan("L", ("p000",), date(2019, 7, 10), days_overdue=11)
    loans.watch("11-05", FAILED, ("p000", LOSS, "06-01", "11-01", "ended", "none"))
    assert loans.stages("12-01")["L"].stage.code == "OVERDUE_FAILED_OWN"


def test_a_visit_that_confirms_outlives_the_alert(loans):
    loans.loan("L", ("p000",), date(2019, 7, 10), days_overdue=11)
    loans.watch("06-21", FAILED, ("p000", LOSS, "06-01", "06-20", "ended", "none"))
    _visit(loans, "confirmed")
    assert loans.stages("07-21")["L"].stage.code == "OVERDUE_FAILED_OWN"


def _call(loans: Loans, kind: str) -> None:
    with loans.engine.connect() as connection:
        (alert,) = standing_alerts(connection, day("07-21"))
    event = {
        "alert_id": alert.alert_id, "kind": kind, "happened_on": day("06-30"), "level": "action", "evidence": {},
        "by_id": _officers(loans)[0], "recorded_at": NOW,
    }  # fmt: skip
    loans.write(insert(AlertEvent).values(event))


def _officers(loans: Loans) -> list[int]:
    unit = loans.write(insert(OrgUnit).values(code="1", name="1", kind="branch", **SINCE)).inserted_primary_key[0]
    person = {"org_unit_id": unit, "display_name": "n", "role": "officer", "language": "en", "active": True} | SINCE
    return [loans.write(insert(User).values(login=login, **person)).inserted_primary_key[0] for login in ("a", "b")]


def _visit(loans: Loans, outcome: str) -> None:
    officers = _officers(loans)
    with loans.engine.connect() as connection:
        (alert,) = standing_alerts(connection, day("07-21"))
    visit = {
        "parcel_id": "p000", "alert_id": alert.alert_id, "officer_id": officers[0], "second_officer_id": officers[1],
        "captured_at": NOW, "outcome": outcome, "note": "seen", "recorded_at": NOW,
    }  # fmt: skip
    loans.write(insert(Visit).values(visit))


def test_a_loan_that_matures_before_its_crop_may_need_an_extension(loans):
    loans.loan("L", ("p001",), date(2019, 6, 10))
    cycle = {
        "parcel_id": "p001", "season_id": SEASON_ID, "cycle": 1, "origin": "declared", "crop": "wheat",
        "harvest_on": date(2019, 7, 10), "source": "core", "as_of": START.date(),
    } | SINCE  # fmt: skip
    loans.write(insert(CropCycle).values(cycle))
    loan = loans.stages("05-20")["L"]
    assert (loan.stage.code, str(loan.stage.path)) == ("DUE_BEFORE_HARVEST", "extension")
    assert "expected from 2019-07-10" in loan.text("en")


def test_the_last_day_that_a_loan_file_states_of_a_crop_is_that_of_its_harvest(loans):
    loans.loan("L", ("p001",), date(2019, 6, 10))
    cycle = {
        "parcel_id": "p001", "season_id": "2019-03-01/2019-07-20", "cycle": 1, "origin": "declared", "crop": "wheat",
        "source": "core", "as_of": START.date(),
    } | SINCE  # fmt: skip
    loans.write(insert(CropCycle).values(cycle))
    assert "expected from 2019-07-20" in loans.stages("05-20")["L"].text("en")


def test_a_crop_that_was_cut_by_the_day_counts_by_the_day(loans):
    loans.loan("L", ("p001",), date(2019, 6, 10))
    assert loans.stages("05-20")["L"].stage.code == "DUE_GROWING"
    loans.write(update(SeasonObservation).values(eos=None))
    marks = pd.DataFrame(
        [("p001", "harvest", "OK", "early", date(2019, 5, 18), date(2019, 7, 1)),
         ("p001", "sowing", "OK", "sown", date(2019, 3, 1), None)],
        columns=["parcel_id", "marker", "status", "outcome", "event_date", "expected_from"],
    ).assign(as_of=day("05-20"), season_id=SEASON_ID)  # fmt: skip
    loan = loans.stages("05-20", markers=marks)["L"]
    assert (loan.stage.code, loan.crop.on) == ("DUE_HARVESTED", date(2019, 5, 18))


def test_loans_of_a_unit_are_its_borrowers_and_those_of_no_unit(loans):
    units = {}
    for code, parent in (("0", None), ("1", "0"), ("2", "0")):
        row = {"code": code, "name": code, "kind": "branch", "parent_id": units.get(parent)} | SINCE
        units[code] = loans.write(insert(OrgUnit).values(row)).inserted_primary_key[0]
    for code in ("1", "2"):
        loans.loan(code, (), date(2019, 7, 30))
        row = {"kind": "person", "farmer_id": code, "org_unit_id": units[code]} | SINCE
        party = loans.write(insert(Party).values(row)).inserted_primary_key[0]
        with loans.engine.connect() as connection:
            line = connection.exec_driver_sql(f"SELECT id FROM facility WHERE number = 'F-{code}'").scalar_one()  # noqa: S608
        loans.write(insert(Role).values(party_id=party, facility_id=line, kind="borrower", **SINCE))
    loans.loan("nobody's", (), date(2019, 7, 30))
    assert set(loans.stages("07-21", unit="1")) == {"1", "nobody's"}
    assert set(loans.stages("07-21", unit="0")) == {"1", "2", "nobody's"}
    with pytest.raises(InputError, match="no unit '9'"):
        loans.stages("07-21", unit="9")


def test_own_action_alerts_are_those_that_stood_on_the_day(loans):
    loans.watch(
        "06-21",
        ("p000", LOSS, "06-01", "06-01", "opened", "watch"), ("p000", LOSS, "06-01", "06-11", "raised", "action"),
        ("p001", LOSS, "06-01", "06-01", "opened", "action"), ("p001", LOSS, "06-01", "06-11", "lowered", "warning"),
    )  # fmt: skip
    with loans.engine.connect() as connection:
        told_on = {on: own_action_alerts(connection, day(on)) for on in ("05-31", "06-01", "06-11")}
    assert told_on == {"05-31": frozenset(), "06-01": {"p001"}, "06-11": {"p000"}}


def test_a_pack_without_reminders_is_refused(loans):
    with loans.engine.connect() as connection, pytest.raises(InputError, match="does not say when loans are called"):
        loan_stages(connection, Moment(day("07-21"), NOW), CN.model_copy(update={"collection": None}))
