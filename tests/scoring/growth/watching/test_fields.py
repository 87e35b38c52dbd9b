"""What a run knows of its parcels: calendars laid out by parcel, and looks read from batches."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest

from geo.errors import DataError
from scoring.growth.calendars.regional import load_calendar
from scoring.growth.watching.fields import Fields, SeasonLooks
from tests.scoring.growth.seasons import SEASON

_DAYS = np.array(["2018-05-01", "2018-05-06"], dtype="datetime64[D]")


def _fields(crops: list[str], regions: list[str]) -> Fields:
    ids = [f"p{k}" for k in range(len(crops))]
    return Fields.of(ids, crops, np.zeros((len(crops), 2)), regions, [load_calendar("de-bavaria")], SEASON)


def test_windows_are_those_of_crop_and_region() -> None:
    found = _fields(["maize", "grass", "maize", "", "legumes"], ["bavaria", "DE2", "elsewhere", "bavaria", "bavaria"])
    assert found.expected.annual.tolist() == [True, False, False, False, True]
    assert found.expected.known.tolist() == [True, True, False, False, True]
    assert found.mown.tolist() == [False, True, False, False, False]
    assert found.kind[0] == found.kind[2]
    assert found.kind[3] == -1
    assert {crop for crop, _ in found.region_crops} >= {"maize", "wheat"}
    assert found.at(np.array([2, 0])).parcel_ids.tolist() == ["p2", "p0"]
    with pytest.raises(DataError, match="do not fit"):
        _fields(["maize"], ["bavaria", "bavaria"])


def _batch(rows: list[tuple[str, int, float | None, float]]) -> pa.RecordBatch:
    ids, days, ndvi, clear = zip(*rows, strict=True)
    return pa.record_batch(
        {
            "parcel_id": pa.array(ids),
            "date": pa.array([_DAYS[day].item() if day < 2 else date(2018, 6, 1) for day in days]),
            "known_at": pa.array([datetime(2018, 5, 7, 23, 59, tzinfo=UTC)] * len(ids), pa.timestamp("us", "UTC")),
            "ndvi": pa.array(ndvi, pa.float32()),
            "clear_share": pa.array(clear, pa.float32()),
        }
    )


def test_looks_are_read_batch_by_batch_and_the_clearest_counts() -> None:
    first = _batch(
        [("b", 0, 0.4, 0.6), ("a", 0, 0.3, 0.4), ("x", 0, 0.3, 1.0), ("a", 1, None, 1.0), ("a", 2, 0.5, 1.0)]
    )
    second = _batch([("b", 0, 0.5, 0.9), ("b", 1, 0.7, 0.9), ("b", 1, 0.6, 0.5), ("a", 1, 1.5, 1.0)])
    looks = SeasonLooks.read(["a", "b"], _DAYS, [first, second])
    np.testing.assert_allclose(looks.ndvi, [[np.nan, np.nan], [0.5, 0.7]])
    assert looks.percent.tolist() == [[0, 0], [90, 90]]
    assert looks.known_on[1].tolist() == [int(np.datetime64("2018-05-07").astype(int))] * 2
    np.testing.assert_allclose(looks.at(np.array([1])).ndvi, [[0.5, 0.7]])


def test_looks_of_whole_arrays_are_those_clear_enough() -> None:
    looks = SeasonLooks.of(np.array([[0.4, 0.5]]), np.array([[0.4, 0.5]]), _DAYS)
    assert np.isnan(looks.ndvi[0, 0])
    assert looks.known_on[0, 1] == int(_DAYS[1].astype(int))
    with pytest.raises(DataError, match="do not fit"):
        SeasonLooks.of(np.zeros((1, 2)), np.zeros((1, 3)), _DAYS)
