"""Folders of runs that hold no more than says which run they are."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from app.artefacts.runs import RECORD
from geo.manifest import MANIFEST_NAME
from geo.runrecord import RunRecord


def put_run(folder: Path, run_id: str) -> str:
    """Write the record and an empty manifest of a run; its id."""
    folder.mkdir(parents=True)
    record = RunRecord(run_id, datetime(2026, 11, 1, tzinfo=UTC), "0.1.0", parameters={}, inputs={"all": "a" * 64})
    (folder / RECORD).write_text(record.to_json(), encoding="utf-8")
    (folder / MANIFEST_NAME).write_text("{}", encoding="utf-8")
    return run_id
