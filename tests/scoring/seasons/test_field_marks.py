from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from geo.season import Season
from scoring.growth.calendars.windows import Expected
from scoring.growth.watching.fields import Fields, SeasonLooks
from scoring.seasons.field_marks import FIELD_MARKS, field_marks
from scoring.seasons.field_signs import signs_of_markers

SEASON = Season(date(2026, 10, 1), date(2027, 9, 30))
DAYS = np.arange("2026-10-05", "2027-07-25", 10, dtype="datetime64[D]")
#: Of winter wheat: sown and up in October, at its peak in April, cut in June.
WINDOWS = (
    "2026-09-25",
    "2026-11-10",
    "2026-10-03",
    "2026-11-30",
    "2027-04-01",
    "2027-05-10",
    "2027-05-25",
    "2027-06-25",
)


def _fields(n: int) -> Fields:
    columns = [np.full(n, day, dtype="datetime64[D]") for day in WINDOWS]
    ids = np.array([f"p{number:02d}" for number in range(n)])
    points = np.column_stack([np.arange(n) * 100.0, np.zeros(n)])
    return Fields(ids, np.full(n, "wheat"), points, np.zeros(n, dtype=np.int64), Expected(*columns), ())


def _curve(high: float, before: float = 0.2) -> np.ndarray:
    """NDVI of a stand that peaks in mid-April, with something else until the middle of October."""
    number = (DAYS - np.datetime64("2027-04-15")) / np.timedelta64(1, "D")
    stand = 0.2 + (high - 0.2) * np.exp(-((number / 45.0) ** 2))
    return np.where(np.datetime64("2026-10-16") > DAYS, before, stand)


def _marks(curves: list[np.ndarray], day: date, **more: int) -> pd.DataFrame:
    ndvi = np.stack(curves)
    looks = SeasonLooks.of(ndvi, np.ones_like(ndvi), DAYS)
    return field_marks(looks, _fields(len(curves)), SEASON, day, **more)


def _outcomes(marks: pd.DataFrame, marker: str) -> list[str]:
    own = marks[marks.marker == marker].sort_values("parcel_id")
    return [outcome or status for outcome, status in zip(own.outcome, own.status, strict=True)]


def test_a_stand_closes_before_its_peak_and_is_harvested_after():
    curves = [_curve(0.85)] * 10 + [_curve(0.2)] * 2
    spring, summer = (_marks(curves, day) for day in (date(2027, 5, 1), date(2027, 7, 20)))
    assert _outcomes(spring, "canopy") == ["closed"] * 10 + ["open"] * 2
    assert _outcomes(summer, "harvest")[:10] == ["on_time"] * 10
    assert list(spring.columns) == list(FIELD_MARKS)
    signs = signs_of_markers(spring, SEASON, date(2027, 5, 1))
    assert signs.closed == {f"p{number:02d}" for number in range(10)}


def test_the_crop_before_closes_no_canopy_however_bare_the_neighbours_are():
    # green until mid-October, and nine bare neighbours: a level taken from them would be passed at once
    curves = [_curve(0.2, before=0.7), *[_curve(0.2)] * 11]
    for day in (date(2026, 11, 15), date(2027, 3, 1), date(2027, 5, 1)):
        assert "closed" not in _outcomes(_marks(curves, day), "canopy")


def test_blocks_tell_what_the_whole_book_tells():
    curves = [_curve(high) for high in np.linspace(0.3, 0.9, 24)]
    whole, cut = (_marks(curves, date(2027, 7, 20), block_rows=rows) for rows in (100, 7))
    order = ["parcel_id", "marker"]
    pd.testing.assert_frame_equal(
        whole.sort_values(order, ignore_index=True), cut.sort_values(order, ignore_index=True)
    )
    assert field_marks(
        SeasonLooks.of(np.zeros((0, 1)), np.zeros((0, 1)), DAYS[:1]), _fields(0), SEASON, date(2027, 5, 1)
    ).empty
