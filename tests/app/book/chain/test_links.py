from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from shutil import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, select, text, update

from app.book.chain.links import BEGINNING, Link, append, canonical, content_hash, head
from app.book.chain.verification import verify
from app.book.chain.witness import Witness
from app.book.subjects import ensure_subjects, subject_hash
from app.db.engine import open_engine, sqlite_url, writing
from app.db.tables import ChainEntry
from app.db.tables.kinds import EntryKind, SubjectKind
from geo.errors import InputError
from tests.app.book.made_up_book import NOW, past_guards, salt_maker

_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_CONTENTS = st.dictionaries(
    _TEXTS,
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**63), 2**63) | _TEXTS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
        max_leaves=6,
    ),
    max_size=4,
)
_BATCHES = st.lists(
    st.tuples(st.integers(0, 10**9), st.lists(_CONTENTS, min_size=1, max_size=4)), min_size=1, max_size=4
)


@pytest.fixture(scope="module")
def file_engine(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = open_engine(sqlite_url(Path(copy(sqlite_template, tmp_path_factory.mktemp("chain") / "a.db"))))
    yield engine
    engine.dispose()


def _links(contents: list[dict[str, Any]], start: int) -> list[Link]:
    return [Link(EntryKind.FINDING, str(start + place), content) for place, content in enumerate(contents)]


def _append_all(connection: Connection, batches: list[tuple[int, list[dict[str, Any]]]]) -> dict[str, dict[str, Any]]:
    """Append batches, each so many microseconds after the one before; contents by row_key."""
    rows: dict[str, dict[str, Any]] = {}
    now = NOW
    for later, contents in batches:
        now += timedelta(microseconds=later)
        links = _links(contents, len(rows))
        append(connection, links, now)
        rows |= {link.row_key: dict(link.content) for link in links}
    return rows


def _witness(rows: dict[str, dict[str, Any]]) -> dict[EntryKind, Witness]:
    return {
        EntryKind.FINDING: Witness(
            lambda _, keys: {key: rows[key] for key in keys if key in rows}, lambda _: iter([list(rows)]), once=True
        )
    }


@settings(max_examples=40, deadline=None)
@given(_BATCHES, st.data())
def test_what_was_appended_is_vouched_for_and_any_change_is_found(
    file_engine: Engine, batches: list[tuple[int, list[dict[str, Any]]]], data: st.DataObject
) -> None:
    with file_engine.connect() as connection, connection.begin() as transaction:
        rows = _append_all(connection, batches)
        found = verify(connection, _witness(rows))
        assert (found.faults, found.entries) == ([], len(rows))
        assert found.head == head(connection).entry_hash
        seq = data.draw(st.integers(1, len(rows)))
        column, value = data.draw(
            st.sampled_from(
                [
                    ("row_key", "other"),
                    ("kind", EntryKind.CONSENT),
                    ("content_hash", "ab" * 32),
                    ("previous_hash", "ab" * 32),
                    ("entry_hash", "ab" * 32),
                    ("recorded_at", NOW - timedelta(days=1)),
                    ("seq", 10**6),
                ]
            )
        )
        past_guards(connection)
        connection.execute(update(ChainEntry).where(ChainEntry.seq == seq).values({column: value}))
        assert verify(connection, _witness(rows)).fault_count
        transaction.rollback()


@given(_CONTENTS)
@settings(max_examples=50)
def test_a_content_has_one_hash_whatever_its_order(content: dict[str, Any]) -> None:
    assert content_hash(dict(reversed(content.items()))) == content_hash(content)
    assert b'": ' not in canonical({"a": 1, "b": [1, "x"]})


@pytest.mark.parametrize("value", [1.5, float("nan"), b"x", NOW, {1: 2}, [0.5], {"a": {"b": 2.0}}])
def test_a_content_with_fractions_or_objects_refuses(value: object) -> None:
    with pytest.raises(TypeError):
        canonical({"value": value})  # type: ignore[dict-item]


def test_entries_are_numbered_without_gaps_and_name_what_was_before(engine: Engine) -> None:
    with writing(engine) as connection:
        assert head(connection).entry_hash == BEGINNING
        first = append(connection, _links([{"a": 1}, {"a": 2}], 0), NOW)
        assert append(connection, [], NOW) == first
        last = append(connection, _links([{"a": 3}], 2), NOW)
        rows = connection.execute(select(ChainEntry.__table__).order_by(ChainEntry.seq)).all()
    assert [row.seq for row in rows] == [1, 2, 3]
    assert [row.previous_hash for row in rows] == [BEGINNING, rows[0].entry_hash, first]
    assert (rows[2].entry_hash, rows[2].recorded_at) == (last, NOW)


def test_an_entry_is_what_its_recipe_says(engine: Engine) -> None:
    """The hash of a fixed entry, worked out by hand from the recipe: it must never change."""
    with writing(engine) as connection:
        got = append(connection, [Link(EntryKind.DECISION, "7", {"b": "é", "a": 1})], NOW)
    assert content_hash({"b": "é", "a": 1}) == _sha256('{"a":1,"b":"é"}')
    assert got == _sha256(
        '{"content_hash":"' + _sha256('{"a":1,"b":"é"}') + '","kind":"decision","previous_hash":"' + "0" * 64 + '",'
        '"recorded_at":"2026-11-22T03:00:00.000000+00:00","row_key":"7","seq":1}'
    )


def _sha256(said: str) -> str:
    return sha256(said.encode()).hexdigest()


def test_a_clock_set_back_refuses(engine: Engine) -> None:
    with writing(engine) as connection:
        append(connection, _links([{}], 0), NOW)
        with pytest.raises(InputError, match=r"last entry is of 2026-11-22T03:00:00\.000000") as caught:
            append(connection, _links([{}], 1), NOW - timedelta(microseconds=1))
        assert caught.value.code == "CLOCK_BACK"
        append(connection, _links([{}], 1), NOW)


def test_subjects_are_found_again_and_named_by_salted_hashes(engine: Engine) -> None:
    keys = [
        (SubjectKind.FARMER, "f1"),
        (SubjectKind.PARCEL, "f1"),
        (SubjectKind.FARMER, "f1"),
        (SubjectKind.FARMER, "田"),
    ]
    later: datetime = NOW + timedelta(days=1)
    with writing(engine) as connection:
        made = ensure_subjects(connection, keys, NOW, salt_maker())
        assert ensure_subjects(connection, keys[:1], later, _no_salt) == {keys[0]: made[keys[0]]}
        salts = {row.id: row.salt for row in connection.execute(text("SELECT id, salt FROM credit_subject"))}
    assert len(made) == len({subject.subject_hash for subject in made.values()}) == 3
    for (kind, name), subject in made.items():
        assert subject.subject_hash == subject_hash(kind, name, bytes(salts[subject.id]))


def _no_salt() -> bytes:
    raise AssertionError("a known subject needs no salt")
