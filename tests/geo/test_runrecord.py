from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from geo.errors import DataError
from geo.runrecord import Failure, RunRecord, Scene

_RECORD = RunRecord(
    run_id="r1",
    created_at=datetime(2026, 11, 1, 12, 30, tzinfo=UTC),
    code_version="0.1.0",
    parameters={"season": "2018-10-01/2019-10-31", "policy": None, "nested": {"blocks": [1, 2]}},
    inputs={"parcels": "a" * 64},
    scenes=(Scene("S2_1", "02.11", "b" * 64), Scene("S2_2", "", "c" * 64)),
    model_hash="d" * 64,
    policy_id="in-kcc-2018",
    policy_hash="e" * 64,
    outputs={"crop.tif": "f" * 64},
    failures=(Failure("S2_3", "RASTER_DAMAGED", "B04.tif ist beschädigt 水"),),
    simulated=True,
)


def test_survives_its_json() -> None:
    assert RunRecord.from_json(_RECORD.to_json()) == _RECORD
    assert RunRecord.from_json(_RECORD.to_json().encode()) == _RECORD


def test_text_is_sorted_and_readable() -> None:
    text = _RECORD.to_json()
    assert "水" in text
    assert list(json.loads(text)) == sorted(json.loads(text))
    assert (
        replace(_RECORD, inputs={"b": "1", "a": "2"}).to_json()
        == replace(_RECORD, inputs={"a": "2", "b": "1"}).to_json()
    )


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"run_id": 7}, "run_id"),
        ({"created_at": "2026-11-01T12:30:00"}, "created_at"),
        ({"scenes": [{"id": "x"}]}, "scenes.0"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_damaged_records_name_the_place(change: dict[str, object], place: str) -> None:
    text = json.dumps(json.loads(_RECORD.to_json()) | change)
    with pytest.raises(DataError, match=place):
        RunRecord.from_json(text)


def test_no_json_is_no_record() -> None:
    with pytest.raises(DataError, match="damaged"):
        RunRecord.from_json("{")
