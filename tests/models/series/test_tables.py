from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from geo.bands import BANDS, band_index
from geo.errors import InputError
from models.series.sample import grid_starts
from models.series.tables import ParcelTable, block_grid, read_parcel_table

DAYS = ("2018-03-05", "2018-05-02", "2018-05-08", "2018-07-20")


def rows(**changed: object) -> pd.DataFrame:
    """Two parcels on four days, all clear."""
    frame = pd.DataFrame({"pid": ["a"] * 4 + ["b"] * 4, "date": pd.to_datetime([*DAYS, *DAYS])})
    frame["level"] = "L2A"
    frame["cloud_mean"] = 0.0
    for place, band in enumerate(BANDS):
        frame[f"{band}_mean"] = 0.05 + 0.02 * place + 0.001 * np.arange(8)
    return frame.assign(**changed)


def outlines(tmp_path: Path, column: str = "pid") -> Path:
    shapes = [box(11.6, 48.37, 11.601, 48.371), box(11.62, 48.37, 11.621, 48.371), box(11.64, 48.37, 11.641, 48.371)]
    frame = gpd.GeoDataFrame({column: ["b", "a", "c"], "label": [" maize", "wheat", None]}, geometry=shapes, crs=4326)
    path = tmp_path / "parcels.gpkg"
    frame.to_file(path)
    return path


def read(tmp_path: Path, frame: pd.DataFrame, column: str = "pid") -> ParcelTable:
    path = tmp_path / "series.parquet"
    frame.to_parquet(path)
    return read_parcel_table(path, outlines(tmp_path, column), "label")


def slot(table: ParcelTable, day: str) -> int:
    starts = pd.DatetimeIndex(grid_starts(table.year))
    return int(starts.searchsorted(pd.Timestamp(day), side="right")) - 1


def test_parcels_come_in_the_order_of_their_outlines_with_their_own_series(tmp_path: Path) -> None:
    table = read(tmp_path, rows())
    assert table.key.tolist() == ["b", "a"]
    assert table.label.tolist() == ["maize", "wheat"]
    assert (table.year, table.unlabelled, table.without_outline) == (2018, 1, 0)
    assert table.months == {3, 5, 7}
    np.testing.assert_array_equal(table.clear_dates, 4)
    at = slot(table, DAYS[1])
    np.testing.assert_allclose(table.reflectance[1, at, 0], 0.0515)  # two days of one slot, averaged
    np.testing.assert_allclose(table.reflectance[0, at, 0], 0.0555)
    assert np.isnan(table.spread).all()
    np.testing.assert_allclose(table.lonlat[0], [11.6005, 48.3705], atol=1e-3)


def test_missing_cloud_is_not_clear_and_shares_above_one_are_clipped(tmp_path: Path) -> None:
    table = read(tmp_path, rows(cloud_mean=[np.nan, 0.05, 0.06, 1.4, 0, 0, 0, 0]))
    assert table.clear_dates.tolist() == [4, 1]


@pytest.mark.parametrize("column", ["clear", "clear_share"])
def test_a_clear_share_is_read_too(tmp_path: Path, column: str) -> None:
    frame = rows().drop(columns="cloud_mean").assign(**{column: [np.nan, 0.4, 0.5, 1.4, 1, 1, 1, 1]})
    assert read(tmp_path, frame.rename(columns={"pid": "parcel_id"}), "parcel_id").clear_dates.tolist() == [4, 2]


def test_a_true_or_false_column_says_what_is_clear(tmp_path: Path) -> None:
    frame = rows().drop(columns="cloud_mean").assign(clear=[True, False, True, False, True, True, True, True])
    assert read(tmp_path, frame).clear_dates.tolist() == [4, 2]


def test_top_of_atmosphere_is_brought_to_the_surface(tmp_path: Path) -> None:
    table = read(tmp_path, rows(level=[" l1c"] * 4 + ["S2MSI2A"] * 4))
    at, blue = slot(table, DAYS[0]), band_index("B02")
    assert table.reflectance[1, at, blue] < 0
    np.testing.assert_allclose(table.reflectance[0, at, blue], 0.054)


def test_a_parcel_without_series_stays_and_one_without_outline_is_counted(tmp_path: Path) -> None:
    frame = rows()
    table = read(tmp_path, frame[frame.pid == "a"].replace({"pid": {"a": "stray"}}))
    assert len(table) == 2
    assert table.without_outline == 1
    assert np.isnan(table.reflectance).all()
    assert table.clear_dates.tolist() == [0, 0]


def test_text_tables_are_read(tmp_path: Path) -> None:
    path = tmp_path / "series.csv"
    rows().to_csv(path, index=False)
    assert len(read_parcel_table(path, outlines(tmp_path), "label")) == 2


@pytest.mark.parametrize(
    ("frame", "code", "word"),
    [
        (rows().drop(columns="pid"), "SERIES_COLUMN", "pid"),
        (rows().drop(columns="B8A_mean"), "SERIES_COLUMN", "B8A_mean"),
        (rows().drop(columns="level"), "SERIES_COLUMN", "level"),
        (rows().drop(columns="cloud_mean"), "SERIES_COLUMN", "cloud_mean"),
        (rows(level="L3"), "SERIES_VALUE", "'L3'"),
        (rows(date="spring"), "SERIES_VALUE", "date"),
        (rows(cloud_mean="some"), "SERIES_VALUE", "cloud_mean"),
        (rows(B08_mean=3000.0), "SERIES_SCALE", "reflectance"),
        (rows(date=pd.to_datetime(["2017-01-01", *DAYS, *DAYS[:3]])), "SERIES_SPAN", "2017-01-01"),
        (rows().iloc[:0], "SERIES_FILE", "rows"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, frame: pd.DataFrame, code: str, word: str) -> None:
    if code == "SERIES_SPAN":
        frame.loc[7, "date"] = pd.Timestamp("2019-07-01")
    with pytest.raises(InputError) as error:
        read(tmp_path, frame)
    assert error.value.code == code
    assert word in error.value.message
    assert "series.parquet" in error.value.message


def test_outlines_must_be_usable(tmp_path: Path) -> None:
    series, shapes = tmp_path / "series.parquet", outlines(tmp_path)
    rows().to_parquet(series)
    with pytest.raises(InputError, match="'crop'"):
        read_parcel_table(series, shapes, "crop")
    with pytest.raises(InputError, match="missing"):
        read_parcel_table(series, tmp_path / "absent.gpkg", "label")
    with pytest.raises(InputError, match="cannot be read"):
        read_parcel_table(series, series, "label")
    twice = gpd.read_file(shapes)
    pd.concat([twice, twice]).to_file(tmp_path / "twice.gpkg")
    with pytest.raises(InputError, match="repeats"):
        read_parcel_table(series, tmp_path / "twice.gpkg", "label")
    with pytest.raises(InputError, match="missing"):
        read_parcel_table(tmp_path / "absent.parquet", shapes, "label")
    (tmp_path / "text.parquet").write_text("no table")
    with pytest.raises(InputError, match="cannot be read"):
        read_parcel_table(tmp_path / "text.parquet", shapes, "label")


def test_blocks_are_squares_in_metres() -> None:
    steps = np.arange(20) * 0.001  # about 74 m east at this latitude
    lonlat = np.stack([11.6 + steps, np.full(20, 48.37)], axis=1)
    names = block_grid(lonlat, 300)
    sizes = pd.Series(names).value_counts(sort=False)
    assert 5 <= len(sizes) <= 6
    assert sizes.max() <= 5
    with pytest.raises(InputError, match="Blocks"):
        block_grid(lonlat, 0)


@pytest.mark.shared_data
def test_real_tables_are_read(shared_data: Path) -> None:
    folder = shared_data / "parcel-series"
    table = read_parcel_table(folder / "centralasia.parquet", folder / "centralasia.gpkg", "label")
    assert len(table) == 2464
    assert table.year == 2016
    assert (table.clear_dates >= 5).all()
