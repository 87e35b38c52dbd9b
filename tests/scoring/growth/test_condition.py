"""How parcels stand on a day: beside neighbours, against their own past."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from scoring.growth import condition
from scoring.growth.condition import CONDITION, Past, parcel_condition
from scoring.growth.watching.fields import SeasonLooks

DAYS = np.arange("2019-03-01", "2019-06-21", 8, dtype="datetime64[D]")
AS_OF = date(2019, 6, 20)
N = 12
IDS = np.array([f"p{row:02d}" for row in range(N)])
NEIGHBOURS = np.array([[other for other in range(N) if other != row] + [-1] for row in range(N)], dtype=np.int32)


def _ndvi() -> np.ndarray:
    return 0.3 + 0.005 * np.arange(len(DAYS)) + 0.01 * (np.arange(N) % 3)[:, None]


def _found(ndvi: np.ndarray, past: Past | None = None) -> list[dict[str, object]]:
    looks = SeasonLooks.of(ndvi, np.ones_like(ndvi), DAYS)
    tables = list(parcel_condition(looks, IDS, NEIGHBOURS, past or Past.none(N), AS_OF))
    whole = pa.concat_tables(tables)
    assert whole.schema == CONDITION
    rows: list[dict[str, object]] = whole.to_pylist()
    return rows


def _past(years: int, low: float = 0.2, high: float = 0.6) -> Past:
    days = [date(2019 - year, 6, 11) for year in range(years, 0, -1)]
    values = np.tile(np.linspace(low, high, max(years, 1))[:years], (N, 1))
    return Past(values.astype(np.float16), tuple(days))


def test_a_parcel_that_fails_alone_stands_far_below_its_neighbours() -> None:
    ndvi = _ndvi()
    ndvi[3, -2:] = 0.1
    row = _found(ndvi)[3]
    assert row["z"] == pytest.approx((row["ndvi"] - row["neighbours_median"]) / row["neighbours_spread"], rel=1e-4)
    assert row["z"] < -5
    assert (row["last_look"], row["ten_days_from"], row["neighbours_seen"]) == (DAYS[-1].item(), date(2019, 6, 11), 11)
    assert row["vci"] is None


def test_neighbours_are_those_of_the_same_ten_days() -> None:
    ndvi = _ndvi()
    ndvi[3, -4:] = np.nan  # seen last in another ten days
    ndvi[6:, -1] = ndvi[6:, -2] = np.nan  # too few are left in the latest
    rows = _found(ndvi)
    assert rows[3]["ten_days_from"] == date(2019, 5, 11)
    assert rows[3]["z"] is not None
    assert (rows[0]["neighbours_seen"], rows[0]["z"], rows[0]["neighbours_median"]) == (4, None, None)


def test_the_past_of_three_years_gives_a_vci() -> None:
    ndvi = _ndvi()
    value = ndvi[0, -1]
    told = [_found(ndvi, _past(years))[0]["vci"] for years in (2, 3)]
    assert told[0] is None
    assert told[1] == pytest.approx(100 * (value - 0.2) / 0.4, abs=0.5)


def test_pasts_of_several_runs_are_laid_together() -> None:
    one, other = _past(3), _past(1, low=0.5)
    both = one.beside(other)
    assert both.steps == one.steps
    assert np.allclose(both.ndvi[:, :2], one.ndvi[:, :2])
    assert np.allclose(both.ndvi[:, 2], (one.ndvi[:, 2] + other.ndvi[:, 0]) / 2, atol=1e-3)
    assert Past.none(N).beside(one).steps == one.steps
    assert np.array_equal(Past.none(N).beside(one).ndvi, one.ndvi)


def test_the_past_ends_before_the_season() -> None:
    looks = SeasonLooks.of(_ndvi(), np.ones((N, len(DAYS))), DAYS)
    assert max(Past.of(looks, date(2019, 5, 1)).steps) == date(2019, 4, 21)
    assert Past.of(looks, date(2019, 1, 1)).steps == ()


def test_parts_of_any_size_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    ndvi = _ndvi()
    ndvi[2, 5:] = np.nan
    whole = _found(ndvi, _past(3))
    monkeypatch.setattr(condition, "_ROWS", 5)
    assert _found(ndvi, _past(3)) == whole


def test_without_a_look_nothing_is_said() -> None:
    row = _found(np.full((N, len(DAYS)), np.nan))[0]
    assert {name for name, value in row.items() if value is not None} == {"parcel_id", "as_of"}
    empty = SeasonLooks.empty(N, DAYS[:0])
    assert next(parcel_condition(empty, IDS, NEIGHBOURS, Past.none(N), AS_OF)).num_rows == N
