from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geo.errors import DataError
from geo.observations import LIMITS, PARCELS, SCHEMAS, SERIES, read_table, to_table, write_table


def _series() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "parcel_id": ["a", "a", "b"],
            "geometry_version": "0" * 12,
            "date": [date(2019, 5, 1), date(2019, 5, 6), date(2019, 5, 1)],
            "known_at": pd.Timestamp("2019-05-07T10:00:00Z"),
            "level": "L2A",
            "clear_share": [1.0, 0.0, 0.5],
            "n_px": [12.5, 0.0, 3.0],
            "ndvi": [0.7, np.nan, 0.2],
            "source_hash": "h",
        }
    )


def test_a_table_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "series.parquet"
    write_table(_series(), SERIES, path)
    back = read_table(path, SERIES)
    assert list(back.columns) == SERIES.names
    assert back["date"].tolist() == _series()["date"].tolist()
    np.testing.assert_allclose(back["ndvi"], _series()["ndvi"], rtol=1e-6)
    assert back["B02_mean"].isna().all()


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_table(_series(), SERIES, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda frame: frame.drop(columns="date"), "TABLE_COLUMN"),
        (lambda frame: frame.assign(parcel_id=["a", None, "b"]), "TABLE_NULL"),
        (lambda frame: frame.assign(n_px="many"), "TABLE_TYPE"),
    ],
)
def test_tables_that_do_not_fit_are_refused(change: object, code: str) -> None:
    assert callable(change)
    with pytest.raises(DataError) as caught:
        to_table(change(_series()), SERIES)
    assert caught.value.code == code


def test_columns_that_nobody_defined_are_left_out() -> None:
    assert "note" not in to_table(_series().assign(note="x"), SERIES).column_names


def test_names_of_other_peoples_series_are_understood(tmp_path: Path) -> None:
    theirs = _series().drop(columns="clear_share").rename(columns={"parcel_id": "pid"})
    theirs["cloud_mean"] = [0.25, np.nan, 1.4]
    theirs.to_parquet(tmp_path / "theirs.parquet")
    back = read_table(tmp_path / "theirs.parquet", SERIES)
    assert back["parcel_id"].tolist() == ["a", "a", "b"]
    assert back["clear_share"].tolist() == [0.75, 0.0, 0.0]


@pytest.mark.parametrize("content", [None, b"not a table"])
def test_missing_and_damaged_files_are_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "limits.parquet"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=r"limits\.parquet"):
        read_table(path, LIMITS)


def test_amounts_are_whole_numbers_that_may_be_null() -> None:
    frame = pd.DataFrame(
        {
            "subject_kind": "parcel",
            "subject_id": ["a", "b"],
            "amount_minor": pd.array([12_345_678_901, None], dtype="Int64"),
            "currency": "INR",
            "needs_visit": [False, True],
            "policy_id": "p",
            "policy_hash": "h",
            "reasons": "[]",
        }
    )
    assert to_table(frame, LIMITS).column("amount_minor").to_pylist() == [12_345_678_901, None]


def test_every_parcel_needs_a_status() -> None:
    assert not PARCELS.field("status").nullable
    assert PARCELS.field("crop").nullable
    assert set(SCHEMAS) == {"series", "seasons", "parcels", "limits", "pixels", "radar"}
