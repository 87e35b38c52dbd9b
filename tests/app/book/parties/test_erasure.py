from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, LargeBinary, inspect, select, text, update
from sqlalchemy.exc import DBAPIError

from app.book.chain.verification import verify
from app.book.chain.witnesses import witnesses
from app.book.parties.access import everything_about
from app.book.parties.erasure import EMPTIED, Erased, erase, reasons_against
from app.book.parties.party_file import Entry
from app.book.parties.register import register
from app.book.parties.retention import due, hold, release
from app.book.subjects import ensure_subjects
from app.db.base import Base
from app.db.engine import scrub, writing
from app.db.loading import load_run
from app.db.tables import (
    BureauCheck,
    Consent,
    ContractPlot,
    CreditLimit,
    CreditSubject,
    CropCycle,
    Facility,
    GroundFinding,
    LandRight,
    LoanAccount,
    Membership,
    ParcelObservation,
    Party,
    PersonalData,
    Proposal,
    Role,
)
from app.db.tables.kinds import SubjectKind
from geo.errors import DataError, InputError
from tests.app.book.farmers import (
    FARMER,
    LONG_AGO,
    NAME,
    NOW,
    NUMBER,
    SINCE,
    Case,
    farmers_case,
    own_rules,
    take_in,
    vault,
)
from tests.app.db.made_up import made_up_run


@pytest.fixture
def case(engine: Engine) -> Case:
    return farmers_case(engine)


def _erase(case: Case, **changed: object) -> Erased:
    chosen = {"by_id": case.by_id, "reason": "asked for it", "rules": own_rules(), "now": NOW, **changed}
    with writing(case.engine) as connection:
        return erase(connection, case.party_id, **chosen)  # type: ignore[arg-type] # a test's keywords


def _faults(case: Case) -> list[str]:
    with case.engine.connect() as connection:
        return [f"{fault.code} {fault.row}" for fault in verify(connection, witnesses()).faults]


def _every_text(engine: Engine) -> str:
    """All values of all columns of all tables."""
    said = []
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            for row in connection.execute(select(table)):
                said += [str(value) for value in row]
    return "\n".join(said)


def _stands(what: str, said: str) -> bool:
    """Whether something stands in a text by itself: the digits of a hash may be those of an account."""
    return re.search(rf"(?<![0-9A-Za-z]){re.escape(what)}(?![0-9A-Za-z])", said) is not None


def test_nothing_of_the_person_is_left_anywhere(case: Case) -> None:
    before = _every_text(case.engine)
    identifying = [NAME, "13800000000", "Village 1", "KCC-77", "ACC-6228", "P-9", "C-1", "A-1"]
    assert all(each in before for each in identifying)
    done = _erase(case)
    after = _every_text(case.engine)
    assert [each for each in [*identifying, NUMBER] if _stands(each, after)] == []
    with case.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            for column in table.columns:
                if not isinstance(column.type, LargeBinary):
                    values = connection.scalars(select(column)).all()
                    assert FARMER not in [value for value in values if isinstance(value, str)], column
    assert (done.runs, done.batches) == (("run-1", "run-2"), ("batch-1",))
    assert done.counts["parcel_observation"] == 4
    assert done.counts["credit_limit"] == 6


def test_nothing_of_the_person_is_left_in_the_files_of_sqlite(
    migrated_sqlite_url: str, make_engine: Callable[[str], Engine]
) -> None:
    engine = make_engine(migrated_sqlite_url)
    case = farmers_case(engine)
    file = Path(str(engine.url.database))
    log = file.with_name(f"{file.name}-wal")
    assert NAME.encode() in file.read_bytes() + log.read_bytes()
    _erase(case)
    scrub(engine, EMPTIED)
    left = file.read_bytes() + log.read_bytes()
    assert [each for each in (NAME, "13800000000", "Village 1", "KCC-77", "ACC-6228") if each.encode() in left] == []


def test_dead_rows_of_postgres_go_too(case: Case) -> None:
    _erase(case)
    scrub(case.engine, EMPTIED)
    assert case.count(PersonalData, name=None) == 1


def test_what_the_bank_did_stays_and_the_chain_holds(case: Case) -> None:
    assert _faults(case) == []
    _erase(case)
    assert _faults(case) == []
    assert case.count(Facility) == 2
    assert case.count(Proposal, status="withdrawn", closed_at=NOW) == 1
    assert case.count(LoanAccount, outstanding_minor=0) == 1
    assert case.count(Consent, party_id=case.party_id) == 1
    assert case.count(LandRight, document_hash=None) == 1
    assert [case.count(table) for table in (BureauCheck, Membership, ContractPlot)] == [0, 0, 0]
    assert case.count(CropCycle, party_id=None) == 1
    assert case.count(Party, farmer_id=None, reference_hash=None) == 2
    assert case.count(PersonalData, name=None, erased_at=NOW) == 1
    assert case.count(CreditSubject, party_id=case.party_id, subject_id=None, salt=None, erased_at=NOW) == 1


def test_lines_of_a_run_still_belong_together_and_runs_do_not(case: Case) -> None:
    _erase(case)
    with case.engine.connect() as connection:
        seen = connection.execute(
            select(ParcelObservation.run_id, ParcelObservation.farmer_id).where(
                ParcelObservation.farmer_id.startswith("erased-")
            )
        ).all()
        subjects = set(
            connection.scalars(select(CreditLimit.subject_id).where(CreditLimit.subject_kind == SubjectKind.FARMER))
        )
    by_run = {run: {name for each, name in seen if each == run} for run in ("run-1", "run-2")}
    assert [len(names) for names in by_run.values()] == [1, 1]
    assert by_run["run-1"] != by_run["run-2"]
    assert subjects == by_run["run-1"] | by_run["run-2"]


def test_an_emptied_row_or_a_changed_reason_is_found(case: Case) -> None:
    _erase(case)
    with writing(case.engine) as connection:
        ensure_subjects(connection, [(SubjectKind.PARCEL, "p003")], NOW, lambda: b"s" * 32)
    with case.engine.begin() as connection:
        connection.execute(update(Consent).values(text_version="4"))
        connection.execute(
            update(CreditSubject)
            .where(CreditSubject.subject_id == "p003")
            .values(subject_id=None, salt=None, erased_at=NOW)
        )
    changed, emptied = _faults(case)
    assert changed.startswith("ROW_CHANGED consent")
    assert emptied.startswith("NO_ENTRY erasure of subject")


def test_erasures_and_views_never_change(case: Case) -> None:
    _erase(case)
    for statement in ("UPDATE erasure SET reason = 'x'", "DELETE FROM erasure"):
        with pytest.raises(DBAPIError, match="never change"), case.engine.begin() as connection:
            connection.execute(text(statement))


def test_the_same_run_again_brings_nothing_back(case: Case) -> None:
    _erase(case)
    counts = load_run(case.engine, *made_up_run("run-1", day=1).tables)
    assert (counts.already_loaded, counts.erased) == (True, 0)
    assert case.count(ParcelObservation, farmer_id=FARMER) == 0


def test_another_run_comes_in_without_the_number(case: Case) -> None:
    _erase(case)
    counts = load_run(case.engine, *made_up_run("run-3", day=3).tables)
    assert (counts.erased, counts.parcels, counts.limits) == (1, 6, 7)
    assert case.count(ParcelObservation, run_id="run-3", farmer_id=FARMER) == 0
    assert case.count(ParcelObservation, run_id="run-3", farmer_id="f1") == 2
    assert case.count(CreditLimit, run_id="run-3", subject_id=FARMER) == 0


def test_somebody_who_comes_back_is_another_party(case: Case) -> None:
    _erase(case)
    back = Entry(farmer_id=FARMER, name=NAME, id_number=NUMBER)
    with pytest.raises(InputError, match="line 1: the data of this farmer were erased"):
        take_in(case.engine, back)
    with writing(case.engine) as connection, pytest.raises(DataError, match="1 of the farmers were erased"):
        ensure_subjects(connection, [(SubjectKind.FARMER, FARMER)], NOW, lambda: b"s" * 32)
    with writing(case.engine) as connection:
        done = register(connection, [back], vault=vault(), rules=own_rules(), now=NOW, again=True)
    assert done.party_ids[0] != case.party_id
    old, new = made_up_run("run-3", day=3), made_up_run("run-4", day=4)
    later = replace(new.record, created_at=NOW + timedelta(days=1))
    assert load_run(case.engine, *old.tables).erased == 1
    assert load_run(case.engine, later, *new.tables[1:]).erased == 0


def test_plots_that_a_finding_names_stay_without_their_code(case: Case) -> None:
    with case.engine.connect() as connection:
        right, plot = connection.execute(select(ContractPlot.land_right_id, ContractPlot.id)).one()
    other = ContractPlot(parcel_id="p001", land_right_id=right, plot_code="C-2", starts_on=date(2012, 5, 1), **SINCE)
    case.add(other)
    case.add(
        GroundFinding(
            first_plot_id=plot,
            second_plot_id=plot + 1,
            overlap_ha=1.0,
            share_of_smaller=0.5,
            starts_on=date(2012, 5, 1),
            status="open",
            recorded_at=LONG_AGO,
        )
    )
    _erase(case)
    assert case.count(ContractPlot, plot_code=None) == 2


def test_a_contract_that_others_share_keeps_its_number(case: Case) -> None:
    with case.engine.connect() as connection:
        facility = connection.scalars(select(Facility.id).where(Facility.number == "KCC-77")).one()
    spouse = take_in(case.engine, Entry(farmer_id="f9"), now=LONG_AGO).party_ids[0]
    case.add(Role(party_id=spouse, facility_id=facility, kind="co_borrower", **SINCE))
    _erase(case)
    assert case.count(Facility, number="KCC-77") == 1
    _erase(replace(case, party_id=spouse))
    assert case.count(Facility, number="KCC-77") == 0


def _against(case: Case, party_id: int | None = None) -> tuple[str, ...]:
    with case.engine.connect() as connection:
        return reasons_against(connection, party_id or case.party_id, own_rules(), NOW)


def _due(case: Case) -> list[int]:
    with case.engine.connect() as connection:
        return due(connection, own_rules(), NOW.date())


def test_an_open_facility_or_account_stands_against_it(case: Case) -> None:
    assert _against(case) == ()
    with case.engine.begin() as connection:
        connection.execute(
            update(Facility).where(Facility.number == "KCC-77").values(status="active", decision_id=None)
        )
    assert case.party_id in _due(case)
    assert _against(case) == ()  # what the core system brought is over with its account
    with case.engine.begin() as connection:
        connection.execute(update(LoanAccount).values(outstanding_minor=1))
    assert _against(case) == ("facility open: 1", "account open: 1")
    with case.engine.begin() as connection:
        connection.execute(update(LoanAccount).values(outstanding_minor=None))
    assert _against(case) == ("facility open: 1", "account open: 1")
    assert case.party_id not in _due(case)
    with pytest.raises(DataError, match="facility open: 1; account open: 1"):
        _erase(case)
    assert NAME in _every_text(case.engine)


def test_a_guarantor_is_bound_as_long_as_the_loan_runs(case: Case) -> None:
    with case.engine.connect() as connection:
        running = connection.scalars(select(Facility.id).where(Facility.number == "F-1")).one()
    case.add(Role(party_id=case.party_id, facility_id=running, kind="guarantor", **SINCE))
    assert "facility open: 1" in _against(case)


def test_periods_and_holds_stand_against_it(case: Case) -> None:
    new = take_in(case.engine, Entry(farmer_id="f8")).party_ids[0]
    said = _against(case, new)
    assert "personal is kept until 2031-11-22 (identity and contact, five years after the relation ends)" in said
    assert len(said) == 4
    with writing(case.engine) as connection:
        hold(connection, case.party_id, "officer", "lawsuit 7", NOW)
    assert _against(case) == ("legal hold by officer: lawsuit 7",)
    with writing(case.engine) as connection:
        assert release(connection, case.party_id, "officer", "settled") == 1
    basis = "legal hold by officer: lawsuit 7; released by officer: settled"
    assert _against(case) == (f"personal is kept until 2026-11-22 ({basis})",)
    with case.engine.connect() as connection:
        assert reasons_against(connection, case.party_id, own_rules(), NOW + timedelta(days=1)) == ()


def test_a_party_is_erased_once(case: Case) -> None:
    _erase(case)
    with pytest.raises(DataError, match="it was erased already"):
        _erase(case)
    with pytest.raises(InputError, match="no party 999"):
        _erase(replace(case, party_id=999))
    with pytest.raises(InputError, match="reason"):
        _erase(case, reason=" ")


def test_a_dry_run_leaves_everything(case: Case) -> None:
    before = _every_text(case.engine)
    with writing(case.engine) as connection:
        undone = connection.begin_nested()
        done = erase(connection, case.party_id, by_id=case.by_id, reason="r", rules=own_rules(), now=NOW)
        undone.rollback()
    assert done.counts["personal_data"] == 1
    assert _every_text(case.engine) == before


def test_everything_about_a_person_can_be_had(case: Case) -> None:
    with case.engine.connect() as connection:
        found = everything_about(connection, case.party_id, vault())
        about_nobody = {name for name, rows in found.items() if not rows}
    assert found["personal_data"][0]["id_number"] == NUMBER
    assert found["facility"][0]["number"] == "KCC-77"
    assert len(found["parcel_observation"]) == 4
    assert {"party", "consent", "land_right", "contract_plot", "loan_account", "credit_limit"} <= found.keys()
    assert about_nobody == set()
    assert inspect(case.engine).has_table("personal_view")
