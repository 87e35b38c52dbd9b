from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.files import fingerprint, sha256_of, whole_file


def test_a_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.txt"
    with whole_file(path) as part:
        part.write_text("x")
        assert not path.exists()
    assert path.read_text() == "x"
    assert list(path.parent.iterdir()) == [path]


def _write_half(path: Path) -> None:
    with whole_file(path) as part:
        part.write_text("half")
        raise RuntimeError("stop")


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError, match="stop"):
        _write_half(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("content", [b"", b"abc", b"x" * 1_000_003])
def test_hash_is_sha256_of_the_content(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    assert sha256_of(tmp_path / "a") == hashlib.sha256(content).hexdigest()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), _JSON, min_size=1, max_size=5))
def test_order_of_keys_does_not_matter(parts: dict[str, object]) -> None:
    assert fingerprint(parts) == fingerprint(dict(reversed(parts.items())))


def test_fingerprint_tells_things_apart_and_stays_the_same() -> None:
    assert fingerprint("a", "b") != fingerprint("ab") != fingerprint(["a", "b"], None)
    assert fingerprint((1, 2)) == fingerprint([1, 2])
    # Stored by every run: a change here would make finished work look unfinished.
    assert fingerprint("水稻", 1.5, None) == hashlib.sha256('["水稻",1.5,null]'.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Pair:
    day: date
    where: Path


def test_dates_paths_and_dataclasses_have_stable_texts() -> None:
    pair = _Pair(date(2019, 5, 1), Path("a/b"))
    assert fingerprint(pair) == fingerprint({"day": "2019-05-01", "where": "a/b"})
    assert fingerprint(datetime(2019, 5, 1, tzinfo=UTC)) == fingerprint("2019-05-01T00:00:00+00:00")


@pytest.mark.parametrize("part", [{1, 2}, object(), b"bytes"])
def test_what_has_no_stable_text_is_refused(part: object) -> None:
    with pytest.raises(TypeError, match="no stable text"):
        fingerprint(part)
