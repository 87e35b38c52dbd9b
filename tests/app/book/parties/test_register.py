from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from app.book.chain.verification import verify
from app.book.chain.witnesses import witnesses
from app.book.parties.access import identity_number
from app.book.parties.consents import Agreed, give, stands, usable, valid_consent, withdraw
from app.book.parties.party_file import Entry, read_entries
from app.book.parties.party_views import consents_of, list_parties, party_card
from app.book.parties.retention import due, hold, load_rules, require_own
from app.book.parties.vault import normalised, open_vault
from app.db.engine import writing
from app.db.tables import BureauCheck, ChainEntry, OrgUnit, Party, PersonalData, Retention
from app.db.tables.kinds import ConsentPurpose
from geo.errors import DataError, InputError
from tests.app.book.farmers import FACT, LONG_AGO, NAME, NOW, NUMBER, SINCE, own_rules, take_in, vault

FULL = Entry(farmer_id="f0", name=NAME, phone="138", address="Village 1", id_number=NUMBER)


def test_an_identity_number_is_kept_encrypted_and_found_again(engine: Engine) -> None:
    number = take_in(engine, FULL).party_ids[0]
    with engine.connect() as connection:
        row = connection.execute(select(PersonalData.__table__)).one()
        assert NUMBER.encode() not in bytes(row.id_number_ciphertext)
        assert row.key_id == vault().key_id
        assert identity_number(connection, number, vault()) == NUMBER
        typed = vault().reference("1101 0519 4912 3100 2x")
        assert [line.id for line in list_parties(connection, reference=typed)] == [number]
        assert list_parties(connection, farmer_id="f9") == []
        card = party_card(connection, number)
    assert (card.name, card.line.has_id_number) == (NAME, True)
    assert NAME not in repr(card)
    assert NUMBER not in repr(FULL)


def test_the_same_entries_change_nothing_and_others_only_what_they_state(engine: Engine) -> None:
    assert take_in(engine, FULL).new == 1
    again = take_in(engine, FULL)
    assert (again.new, again.changed, again.same) == (0, 0, 1)
    moved = take_in(engine, Entry(farmer_id="f0", address="Village 2"))
    assert (moved.changed, moved.party_ids) == (1, again.party_ids)
    with engine.connect() as connection:
        card = party_card(connection, again.party_ids[0])
    assert (card.name, card.address) == (NAME, "Village 2")


def test_a_party_of_a_loan_file_gets_its_data_later(engine: Engine) -> None:
    with Session(engine) as session:
        session.add_all([Party(kind="person", farmer_id="f0", **SINCE), _unit()])
        session.commit()
    done = take_in(engine, Entry(farmer_id="f0", org_unit="001", name=NAME, id_number=NUMBER))
    assert (done.new, done.changed) == (0, 1)
    with engine.connect() as connection:
        assert party_card(connection, done.party_ids[0]).line.unit == "001"
        assert identity_number(connection, done.party_ids[0], vault()) == NUMBER
    assert take_in(engine, Entry(id_number=NUMBER)).party_ids == done.party_ids


def _unit() -> OrgUnit:
    return OrgUnit(code="001", name="Head office", kind="head_office", **SINCE)


def test_without_a_key_no_identity_number_is_kept(engine: Engine) -> None:
    with pytest.raises(InputError, match="ACRELINE_PERSONAL_KEY"):
        take_in(engine, FULL, vault=None)
    assert take_in(engine, Entry(farmer_id="f0", name=NAME), vault=None).new == 1


def test_another_key_neither_reads_nor_takes_in(engine: Engine) -> None:
    number = take_in(engine, FULL).party_ids[0]
    other = open_vault(SecretStr(b64encode(bytes(32)).decode()))
    assert other is not None
    with engine.connect() as connection, pytest.raises(DataError, match=f"encrypted with key {vault().key_id}"):
        identity_number(connection, number, other)
    with pytest.raises(DataError, match="with another key"):
        take_in(engine, FULL, vault=other)


def test_a_number_moved_to_another_party_is_found(engine: Engine) -> None:
    one, other = take_in(engine, FULL, Entry(farmer_id="f1", id_number="110105194912310021")).party_ids
    sealed = select(PersonalData.id_number_ciphertext).where(PersonalData.party_id == one).scalar_subquery()
    with engine.begin() as connection:
        connection.execute(
            update(PersonalData).where(PersonalData.party_id == other).values(id_number_ciphertext=sealed)
        )
    with engine.connect() as connection, pytest.raises(DataError, match="changed, or is another party's"):
        identity_number(connection, other, vault())


def test_numbers_are_compared_however_they_are_typed() -> None:
    assert normalised(" １１０-105 x") == "110105X"


def test_faults_name_lines_and_nothing_else(engine: Engine, tmp_path: Path) -> None:
    take_in(engine, FULL, Entry(farmer_id="f5", id_number="999999"))
    file = tmp_path / "parties.csv"
    file.write_text(
        "farmer_id,kind,org_unit,name,id_number\n"
        "f1,person,,Li Si,\n"
        "f1,person,,Li Si,\n"
        "f2,robot,,Wang Wu,\n"
        ",person,,Zhao Liu,\n"
        "f3,person,,Qian Qi,12-3\n"
    )
    with pytest.raises(InputError) as error:
        take_in(engine, *read_entries(file), where=str(file))
    said = str(error.value)
    assert "5 faults, nothing was written: line 2: the farmer_id comes twice; line 3: the farmer_id" in said
    assert "line 4: the kind is none of person, household" in said
    assert "line 6: the id_number is too short" in said
    assert [each for each in ("Li Si", "robot", "12-3", "Zhao") if each in said] == []
    for entries, what in (
        ([Entry(farmer_id="f0", id_number="999998")], "has this farmer_id and another id_number"),
        ([Entry(farmer_id="f7", id_number=NUMBER)], "has this id_number and another farmer_id"),
        ([Entry(farmer_id="f7", org_unit="77")], "no such org_unit"),
        (
            [Entry(farmer_id="f7", id_number="1234567"), Entry(2, "f8", id_number="123 4567")],
            "same id_number as line 1",
        ),
    ):
        with pytest.raises(InputError, match=what):
            take_in(engine, *entries)
    with engine.connect() as connection:
        assert len(list_parties(connection)) == 2


def test_a_file_with_other_columns_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "parties.csv"
    file.write_text("farmer_id,Zhang San\nf1,x\n")
    with pytest.raises(InputError) as error:
        read_entries(file)
    assert "Column 2" in str(error.value)
    assert "Zhang" not in str(error.value)


def test_many_parties_come_in_as_stated(migrated_sqlite_url: str, make_engine: Callable[[str], Engine]) -> None:
    engine = make_engine(migrated_sqlite_url)
    entries = [Entry(line, farmer_id=f"f{line:05d}", name=f"n{line}") for line in range(5_003)]
    done = take_in(engine, *entries)
    assert done.new == len(set(done.party_ids)) == 5_003
    with engine.connect() as connection:
        assert party_card(connection, done.party_ids[5_001]).name == "n5001"


# Consents


def _give(engine: Engine, party: int, given: datetime = LONG_AGO, expires: date | None = None) -> int:
    with writing(engine) as connection:
        return give(connection, party, Agreed(ConsentPurpose.BUREAU, "3", "zh", None, expires), given, NOW)


def _valid(engine: Engine, party: int, day: date) -> int | None:
    with engine.connect() as connection:
        return valid_consent(connection, party, ConsentPurpose.BUREAU, day)


def test_a_consent_stands_from_its_day_to_its_last(engine: Engine) -> None:
    party = take_in(engine, FULL).party_ids[0]
    number = _give(engine, party, expires=date(2013, 5, 1))
    days = [date(2012, 4, 30), date(2012, 5, 1), date(2013, 5, 1), date(2013, 5, 2)]
    assert [_valid(engine, party, day) for day in days] == [None, number, number, None]
    with engine.connect() as connection:
        assert valid_consent(connection, party, ConsentPurpose.LOCATION, days[1]) is None
        (line,) = consents_of(connection, party, stands(days[3]))
    assert (line.id, line.stands) == (number, False)


def test_what_was_fetched_under_a_withdrawn_consent_is_not_used_from_that_day(engine: Engine) -> None:
    party = take_in(engine, FULL).party_ids[0]
    first = _give(engine, party)
    with Session(engine) as session:
        plain = {"party_id": party, "outcome": "no_record", **FACT}
        session.add_all([BureauCheck(consent_id=first, **plain), BureauCheck(**plain)])
        session.commit()
    with writing(engine) as connection:
        withdraw(connection, first, datetime(2020, 3, 5, 22, tzinfo=UTC), NOW)
    second = _give(engine, party, given=datetime(2021, 1, 1, tzinfo=UTC))

    def used(day: date, zone: str = "UTC") -> int:
        wanted = select(BureauCheck.id).where(usable(BureauCheck.consent_id, day, ZoneInfo(zone)))
        with engine.connect() as connection:
            return len(connection.scalars(wanted).all())

    assert [used(date(2020, 3, day)) for day in (4, 5, 6)] == [2, 1, 1]
    assert used(date(2020, 3, 5), "Asia/Shanghai") == 2  # it is the sixth there
    assert used(date(2022, 1, 1)) == 1  # a new consent does not mend what the old one allowed
    assert _valid(engine, party, date(2022, 1, 1)) == second
    with engine.connect() as connection:
        assert verify(connection, witnesses()).faults == []
        assert len(connection.scalars(select(ChainEntry.seq)).all()) == 3


def test_consents_that_cannot_be_are_refused(engine: Engine) -> None:
    party = take_in(engine, FULL).party_ids[0]
    number = _give(engine, party)
    for wrong in (
        lambda: _give(engine, 999),
        lambda: _give(engine, party, given=NOW + timedelta(days=1)),
        lambda: _give(engine, party, expires=date(2011, 1, 1)),
    ):
        with pytest.raises(InputError):
            wrong()
    with writing(engine) as connection:
        with pytest.raises(InputError, match="SHA-256"):
            give(connection, party, Agreed(ConsentPurpose.BUREAU, "3", "zh", "abc"), LONG_AGO, NOW)
        with pytest.raises(InputError, match="no consent 99"):
            withdraw(connection, 99, NOW, NOW)
        with pytest.raises(InputError, match="after it was given"):
            withdraw(connection, number, LONG_AGO - timedelta(days=1), NOW)
        withdraw(connection, number, NOW, NOW)
        with pytest.raises(InputError, match="was withdrawn on 2026-11-22"):
            withdraw(connection, number, NOW, NOW)


# Retention


def test_only_those_are_due_whose_periods_are_over(engine: Engine) -> None:
    old, new = take_in(engine, FULL, now=LONG_AGO).party_ids[0], take_in(engine, Entry(farmer_id="f1")).party_ids[0]
    held = take_in(engine, Entry(farmer_id="f2"), now=LONG_AGO).party_ids[0]
    with writing(engine) as connection:
        hold(connection, held, "admin", "lawsuit", LONG_AGO)
    with engine.connect() as connection:
        assert due(connection, own_rules(), date(2022, 5, 1)) == []
        assert due(connection, own_rules(), date(2022, 5, 2)) == [old]
        assert due(connection, own_rules(), date(2036, 11, 23)) == [old, new]


def test_periods_on_record_are_kept_unless_they_were_examples(engine: Engine) -> None:
    one = take_in(engine, FULL, now=LONG_AGO).party_ids[0]
    other = take_in(engine, Entry(farmer_id="f1"), now=LONG_AGO, rules=load_rules()).party_ids[0]
    quick = own_rules(rules=tuple(rule.model_copy(update={"years": 1}) for rule in load_rules().rules))
    with engine.connect() as connection:
        assert due(connection, quick, date(2014, 1, 1)) == [other]
        assert due(connection, quick, date(2023, 1, 1)) == [one, other]
        bases = connection.scalars(select(Retention.basis).where(Retention.subject_key == str(other))).all()
    assert all(basis.startswith("example: ") for basis in bases)


def test_nothing_is_erased_by_examples_and_rules_are_complete(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="are examples"):
        require_own(load_rules())
    file = tmp_path / "own.toml"
    rule = '[[rule]]\ncategory = "personal"\nyears = 5\nbasis = "law"\n'
    file.write_text(f'id = "own"\nexample = false\nfrom = 2026-01-01\n{rule}')
    with pytest.raises(InputError, match="'credit_file' is missing"):
        load_rules(str(file))
