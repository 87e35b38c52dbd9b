from __future__ import annotations

import pandas as pd
import pytest

from geo.errors import DataError
from geo.status import Status
from scoring.status import decide_status

SOUND = {
    "valid": True, "inside": True, "full_pixels": 8, "verified": True, "clear_dates": 6, "covered": True, "set_size": 1,
}  # fmt: skip
FAULTS = [
    ("valid", False, Status.INVALID_GEOMETRY),
    ("inside", False, Status.OUTSIDE_IMAGERY),
    ("full_pixels", 7, Status.TOO_SMALL),
    ("verified", False, Status.UNVERIFIED),
    ("clear_dates", 5, Status.CLOUDY),
    ("covered", False, Status.OUTSIDE_VALIDATION),
    ("set_size", 2, Status.AMBIGUOUS),
]


def test_sound_evidence_is_ok_at_the_bounds():
    assert decide_status(pd.DataFrame([SOUND], index=["a"])).to_dict() == {"a": "OK"}


@pytest.mark.parametrize(("column", "value", "status"), FAULTS)
def test_each_fault_has_its_status(column, value, status):
    assert decide_status(pd.DataFrame([{**SOUND, column: value}])).tolist() == [status]


def test_the_first_reason_wins():
    rows = [dict(SOUND) | {column: value for column, value, _ in FAULTS[start:]} for start in range(len(FAULTS))]
    assert decide_status(pd.DataFrame(rows)).tolist() == [status for _, _, status in FAULTS]


@pytest.mark.parametrize(("column", "_value", "status"), FAULTS)
def test_missing_evidence_speaks_against_the_parcel(column, _value, status):
    frame = pd.DataFrame([SOUND, SOUND]).astype({column: object})
    frame.loc[1, column] = None
    assert decide_status(frame).tolist() == ["OK", status]


def test_an_empty_set_is_ambiguous_and_clear_dates_can_be_asked_for():
    assert decide_status(pd.DataFrame([{**SOUND, "set_size": 0}])).tolist() == ["AMBIGUOUS"]
    assert decide_status(pd.DataFrame([SOUND]), least_clear_dates=7).tolist() == ["CLOUDY"]


def test_a_missing_column_is_named():
    with pytest.raises(DataError, match="clear_dates"):
        decide_status(pd.DataFrame([SOUND]).drop(columns="clear_dates"))
