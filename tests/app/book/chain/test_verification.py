from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, text

from app.book.chain.heads import export_head, read_heads
from app.book.chain.links import head
from app.book.chain.verification import Verified, verify
from app.book.chain.witnesses import witnesses
from app.book.decisions.by_people import approve, override
from app.book.decisions.cases import Case, cases
from app.book.decisions.people import deactivate_user
from app.book.decisions.rulings import Ruling, record
from app.db.engine import writing
from app.db.tables import Decision
from app.db.tables.kinds import EntryKind, Outcome
from geo.errors import DataError, InputError
from scoring.lending.overrides import Change
from tests.app.book.made_up_book import LATER, NOW, Bank, Offer, open_bank, past_guards, propose, tamper


def _verify(bank: Bank, folder: Path | None = None) -> Verified:
    kept = [] if folder is None else read_heads(folder)
    with bank.engine.connect() as connection:
        return verify(connection, witnesses(), kept)


@pytest.fixture
def book(bank: Bank) -> Bank:
    """Two decisions, one of them an override, and a person who left."""
    first, second = propose(bank, [Offer(), Offer()])
    with writing(bank.engine) as connection:
        approve(connection, first, bank.sitting("olga"))
        change = Change(None, 1_100_000, "FACTS", "seen on site")
        override(connection, second, change, bank.people["olga"], bank.sitting("rob"))
        deactivate_user(connection, "ben", bank.people["ada"], LATER)
    return bank


def test_an_untouched_book_is_vouched_for(book: Bank) -> None:
    found = _verify(book)
    assert found.faults == []
    assert found.by_kind == {"authority": 3, "batch": 1, "decision": 2, "user": 6}
    assert (found.entries, found.subjects, found.erased) == (12, 2, 0)
    with book.engine.connect() as connection:
        assert head(connection).entry_hash == found.head


def test_an_empty_book_is_vouched_for(engine: Any) -> None:
    with engine.connect() as connection:
        assert verify(connection, witnesses()).faults == []


#: What somebody with the run of the database does, and what is said of it.
TAMPERED = {
    "amount": (
        "UPDATE decision SET amount_minor = 1 WHERE id = (SELECT min(id) FROM decision)",
        "ROW_CHANGED decision",
    ),
    "outcome": ("UPDATE decision SET outcome = 'refused' WHERE outcome = 'approved'", "ROW_CHANGED decision"),
    "decider": ("UPDATE decision SET decided_by_id = 1", "ROW_CHANGED decision"),
    "note": ("UPDATE decision SET note = 'x'", "ROW_CHANGED decision"),
    "instant": (
        "UPDATE decision SET decided_at = recorded_at, recorded_at = '2026-11-22 03:00:00'",
        "ROW_CHANGED decision",
    ),
    "subject of a decision": (
        "UPDATE decision SET credit_subject_id = (SELECT max(id) FROM credit_subject)",
        "ROW_CHANGED decision",
    ),
    "reasons": ("UPDATE decision SET reasons = '[0.5]'", "ROW_CHANGED decision"),
    "decision gone": ("DELETE FROM decision WHERE outcome = 'reduced'", "ROW_GONE decision"),
    "override": ("UPDATE override SET reason = 'other'", "ROW_CHANGED decision"),
    "override gone": ("DELETE FROM override", "ROW_CHANGED decision"),
    "part": ("UPDATE decision_parcel SET amount_minor = amount_minor + 1", "ROW_CHANGED decision"),
    "part moved": ("UPDATE decision_parcel SET parcel_id = 'p005' WHERE parcel_id = 'p000'", "ROW_CHANGED decision"),
    "part gone": ("DELETE FROM decision_parcel WHERE parcel_id = 'p001'", "ROW_CHANGED decision"),
    "authority": ("UPDATE authority SET up_to_minor = 999999999", "ROW_CHANGED authority"),
    "authority's end": ("UPDATE authority SET valid_to = '2027-01-01 00:00:00'", "ROW_CHANGED authority"),
    "authority gone": ("DELETE FROM authority", "ROW_GONE authority"),
    "role": ("UPDATE app_user SET role = 'admin' WHERE login = 'olga'", "ROW_CHANGED user"),
    "active": ("UPDATE app_user SET active = (1 = 1) WHERE login = 'ben'", "ROW_CHANGED user"),
    "login": ("UPDATE app_user SET login = 'olga2' WHERE login = 'olga'", "ROW_CHANGED user"),
    "batch": ("UPDATE limit_batch SET policy_hash = 'x'", "ROW_CHANGED batch"),
    "batch gone": ("DELETE FROM limit_batch", "ROW_GONE batch"),
    "proposal": ("UPDATE proposal SET amount_minor = 1", "ROW_CHANGED batch"),
    "proposal gone": ("DELETE FROM proposal", "ROW_CHANGED batch"),
    "reasons of a proposal": ("UPDATE proposal SET reasons = '[]'", "ROW_CHANGED batch"),
    "part of a proposal": ("UPDATE proposal_parcel SET amount_minor = 1", "ROW_CHANGED batch"),
    "subject's name": ("UPDATE credit_subject SET subject_id = subject_id || 'x'", "SUBJECT subject"),
    "subject's hash": ("UPDATE credit_subject SET subject_hash = subject_hash || 'x'", "SUBJECT subject"),
    "content hash": ("UPDATE chain_entry SET content_hash = 'x' WHERE seq = 5", "ENTRY_HASH entry 5"),
    "entry hash": ("UPDATE chain_entry SET entry_hash = 'x' WHERE seq = 5", "PREVIOUS_HASH entry 6"),
    "row key": ("UPDATE chain_entry SET row_key = 'none' WHERE seq = 5", "ENTRY_HASH entry 5"),
    "entry gone": ("DELETE FROM chain_entry WHERE seq = 5", "GAP entry 6"),
    "first entry gone": ("DELETE FROM chain_entry WHERE seq = 1", "GAP entry 2"),
    "clock": ("UPDATE chain_entry SET recorded_at = '2030-01-01 00:00:00' WHERE seq = 5", "CLOCK entry 6"),
    "last entries gone": ("DELETE FROM chain_entry WHERE kind = 'decision'", "NO_ENTRY decision"),
}


def test_tampering_is_found_and_named(book: Bank) -> None:
    unseen = {
        what: said for what, (statement, expected) in TAMPERED.items() if (said := _unseen(book, statement, expected))
    }
    assert unseen == {}


def test_a_word_that_no_version_writes_is_one_clear_line(
    migrated_sqlite_url: str, make_engine: Callable[[str], Engine]
) -> None:
    engine = make_engine(migrated_sqlite_url)
    bank = open_bank(engine)
    with engine.begin() as connection:
        connection.execute(text("PRAGMA ignore_check_constraints = ON"))
        connection.execute(text("UPDATE app_user SET role = 'king' WHERE id = 1"))
    with pytest.raises(DataError, match="no version writes: 'king'"):
        _verify(bank)


def _unseen(book: Bank, statement: str, expected: str) -> object:
    """What is said instead of what is expected, when a statement goes past guards and keys; all of it taken back."""
    with book.engine.connect() as connection, connection.begin() as transaction:
        past_guards(connection)
        connection.execute(text(statement))
        found = verify(connection, witnesses())
        transaction.rollback()
    told = [f"{fault.code} {fault.row}" for fault in found.faults]
    return None if any(each.startswith(expected) for each in told) else told or "nothing"


def test_a_decision_that_nobody_vouched_for_is_found(book: Bank) -> None:
    with writing(book.engine) as connection:
        row = connection.execute(text("SELECT max(id) FROM decision")).scalar_one()
        copied = connection.execute(Decision.__table__.select().where(Decision.id == row)).mappings().one()
        connection.execute(insert(Decision), [dict(copied) | {"id": row + 1}])
    assert [(fault.code, fault.row) for fault in _verify(book).faults] == [("NO_ENTRY", f"decision {row + 1}")]


def test_a_whole_chain_written_anew_is_found_by_exported_heads(book: Bank, tmp_path: Path) -> None:
    with book.engine.connect() as connection:
        export_head(connection, tmp_path, NOW.date(), NOW)
    assert _verify(book, tmp_path).faults == []
    tamper(book.engine, "UPDATE chain_entry SET entry_hash = 'x' || seq WHERE seq = (SELECT max(seq) FROM chain_entry)")
    assert "HEAD_LOST" in {fault.code for fault in _verify(book, tmp_path).faults}
    tamper(book.engine, "DELETE FROM chain_entry WHERE seq = (SELECT max(seq) FROM chain_entry)")
    lost = [fault for fault in _verify(book, tmp_path).faults if fault.code == "HEAD_LOST"]
    assert "the chain ends before it" in lost[0].says
    with book.engine.connect() as connection, pytest.raises(DataError, match="no longer in the chain"):
        export_head(connection, tmp_path, NOW.date(), NOW)


def test_heads_are_kept_once_and_by_day(book: Bank, tmp_path: Path) -> None:
    folder = tmp_path / "heads"
    with book.engine.connect() as connection:
        first, new = export_head(connection, folder, NOW.date(), NOW)
        again, not_new = export_head(connection, folder, NOW.date(), LATER)
        export_head(connection, folder, NOW.date() + timedelta(days=1), LATER + timedelta(days=1))
    assert (new, not_new, first.seq) == (True, False, again.seq)
    assert sorted(path.name for path in folder.iterdir()) == ["2026-11-22.json", "2026-11-23.json", "heads.jsonl"]
    assert len((folder / "heads.jsonl").read_text().splitlines()) == 2
    assert len(read_heads(folder)) == 2


@pytest.mark.parametrize("said", ["{", "[]", '{"format": 2}', '{"format": 1, "seq": 1}'])
def test_a_file_that_is_no_head_is_named(tmp_path: Path, said: str) -> None:
    (tmp_path / "2026-11-22.json").write_text(said)
    with pytest.raises(InputError, match=r"2026-11-22\.json holds something that is no head"):
        read_heads(tmp_path)
    with pytest.raises(InputError, match="There is no folder"):
        read_heads(tmp_path / "none")


def test_an_emptied_subject_leaves_decisions_vouched_for_and_needs_an_erasure(book: Bank) -> None:
    tamper(book.engine, "UPDATE credit_subject SET subject_id = NULL, salt = NULL, erased_at = recorded_at")
    found = _verify(book)
    assert {fault.code for fault in found.faults} == {"NO_ENTRY"}
    assert all("erasure of subject" in fault.row for fault in found.faults)
    assert found.erased == 2


def test_five_thousand_decisions_are_verified_in_seconds(migrated_sqlite_url: str, make_engine: Any) -> None:
    bank = open_bank(make_engine(migrated_sqlite_url))
    propose(bank, [Offer()] * 5_000)
    with writing(bank.engine) as connection:
        for chunk in cases(connection):
            record(connection, [_approved(case, bank.people["olga"].id) for case in chunk], LATER)
    before = time.process_time()
    found = _verify(bank)
    assert found.by_kind[EntryKind.DECISION] == 5_000
    assert found.faults == []
    assert time.process_time() - before < 5  # of one core; 1 to 2 s where nothing else runs


def _approved(case: Case, by: int) -> Ruling:
    return Ruling(case, Outcome.APPROVED, case.amount_minor, None, None, by, 1)
