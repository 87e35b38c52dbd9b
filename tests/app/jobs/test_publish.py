from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.jobs.publish import RECORD, commit, committed_run
from geo.manifest import read_manifest
from geo.runrecord import RunRecord

_RECORD = RunRecord("r1", datetime(2026, 11, 1, tzinfo=UTC), "0.1.0", parameters={}, inputs={"all": "a" * 64})


def test_a_folder_that_is_named_from_where_one_stands_is_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "crop.tif").write_bytes(b"map")
    monkeypatch.chdir(tmp_path)
    commit(Path("out"), _RECORD)
    assert set(read_manifest(tmp_path / "out")) == {"crop.tif", RECORD}
    assert committed_run(Path("out")) == _RECORD
