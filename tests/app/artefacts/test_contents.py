"""Files by their hash."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import pytest

from app.artefacts.contents import ContentStore
from geo.errors import DataError


def test_what_is_kept_is_read_again_by_its_hash_and_by_its_owner_only(tmp_path: Path) -> None:
    store = ContentStore(tmp_path)
    digest = store.keep(b"a paper")
    assert digest == hashlib.sha256(b"a paper").hexdigest()
    assert store.keep(b"a paper") == digest
    assert store.read(digest) == b"a paper"
    assert stat.S_IMODE(store.path(digest).stat().st_mode) == 0o600
    store.drop(digest)
    store.drop(digest)
    with pytest.raises(DataError, match="is gone"):
        store.read(digest)


def test_a_file_that_is_not_what_was_written_is_refused(tmp_path: Path) -> None:
    store = ContentStore(tmp_path)
    digest = store.keep(b"a paper")
    store.path(digest).write_bytes(b"another")
    with pytest.raises(DataError, match="damaged"):
        store.read(digest)


@pytest.mark.parametrize("name", ["", "..", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_no_other_name_reaches_a_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not a hash"):
        ContentStore(tmp_path).path(name)
