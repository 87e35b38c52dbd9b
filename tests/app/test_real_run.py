"""The main job on real Sentinel-2 imagery over Flanders, as a user starts it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import rasterio
from shapely import box

from app.db.engine import sqlite_url
from app.jobs.progress import Silent
from app.jobs.watch.asking import WatchRequest
from app.jobs.watch.database import open_of_run
from app.jobs.watch.job import watch_run
from app.jobs.watch.summary import WatchSummary
from geo.legend import load_legend
from geo.observations import LIMITS, PARCELS, SERIES, read_table
from tiles.clear import Mask
from tiles.store import open_cube

pytestmark = pytest.mark.shared_data

EPSG = 32631
YEAR = ("--season-start", "2018-10-01", "--season-end", "2019-10-31")
SUMMER = ("--season-start", "2019-05-01", "--season-end", "2019-08-31")
Start = Callable[[Path, Path, tuple[str, ...]], dict[str, object]]


@pytest.fixture(scope="module")
def start(shared_data: Path) -> Start:
    def run(parcels: Path, out: Path, options: tuple[str, ...]) -> dict[str, object]:
        command = [
            *(sys.executable, "-m", "app.cli", "run"),
            *("--catalog", str(shared_data / "flanders-2019" / "catalog.json"), "--parcels", str(parcels)),
            *options,
            *("--policy", "cn-planting-generic", "--out", str(out), "--json"),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        summary = json.loads(done.stdout.strip().splitlines()[-1])
        assert isinstance(summary, dict)
        return summary

    return run


@pytest.fixture(scope="module")
def real_run(
    shared_data: Path, start: Start, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, object], float]:
    out = tmp_path_factory.mktemp("flanders") / "run"
    began = time.monotonic()
    summary = start(shared_data / "flanders-2019" / "parcels.gpkg", out, YEAR)
    return out, summary, time.monotonic() - began


@pytest.fixture(scope="module")
def turned(shared_data: Path) -> gpd.GeoDataFrame:
    """The parcels drawn 3 m inwards and turned by 17 degrees: no edge follows the pixels."""
    book = gpd.read_file(shared_data / "flanders-2019" / "parcels.gpkg").to_crs(EPSG)
    return book.assign(geometry=book.geometry.buffer(-3).rotate(17))


def test_it_takes_less_than_five_minutes_and_every_parcel_is_a_row(real_run) -> None:
    out, summary, seconds = real_run
    parcels = read_table(out / "parcels.parquet", PARCELS)
    assert seconds < 300
    assert len(parcels) == summary["parcels"] == 17
    assert parcels.parcel_id.is_unique
    assert not summary["simulated"]


def test_the_best_guess_is_right_for_most_wheat_maize_and_grass(shared_data: Path, real_run) -> None:
    truth = gpd.read_file(shared_data / "flanders-2019" / "parcels.gpkg").set_index("parcel_id").crop_code
    legend = load_legend()
    named = truth.map(lambda code: legend.coded(code, "worldcereal").key)
    guess = read_table(real_run[0] / "parcels.parquet", PARCELS).set_index("parcel_id").crop
    asked = named[named.isin(["wheat", "maize", "grass"])]
    assert len(asked) == 13
    assert (guess[asked.index] == asked).sum() >= 10


def test_limits_are_explained_or_withheld(real_run) -> None:
    limits = read_table(real_run[0] / "limits.parquet", LIMITS)
    own = limits[limits.subject_kind == "parcel"].set_index("subject_id")
    status = read_table(real_run[0] / "parcels.parquet", PARCELS).set_index("parcel_id").status
    assert len(own) == 17
    assert own.amount_minor[status.index[status != "OK"]].isna().all()
    assert all(json.loads(reasons) for reasons in own.reasons)


def test_ndvi_agrees_with_rasterio(shared_data: Path, real_run) -> None:
    book = gpd.read_file(shared_data / "flanders-2019" / "parcels.gpkg").to_crs(EPSG)
    _compare(shared_data, real_run[0], book)


def test_ndvi_agrees_on_parcels_that_cut_pixels(
    shared_data: Path, start: Start, scheduler: str, turned: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    turned.to_file(tmp_path / "turned.gpkg")
    start(tmp_path / "turned.gpkg", tmp_path / "run", (*SUMMER, "--scheduler", scheduler))
    _compare(shared_data, tmp_path / "run", turned)


def _compare(shared_data: Path, out: Path, book: gpd.GeoDataFrame) -> None:
    """Ten parcel-dates drawn at random, against pixel areas cut with shapely and values read with rasterio."""
    series = read_table(out / "series.parquet", SERIES)
    drawn = series[series.clear_share > 0].sample(10, random_state=17)
    shapes = book.set_index("parcel_id").geometry
    for row in drawn.itertuples():
        expected = _direct_ndvi(shared_data, out, row.date, shapes[row.parcel_id])
        assert row.ndvi == pytest.approx(expected, abs=1e-4)
    assert drawn.parcel_id.nunique() > 3


def _direct_ndvi(shared_data: Path, out: Path, day: date, shape: object) -> float:
    folder = next((shared_data / "flanders-2019" / "sentinel-2-l2a").glob(f"*_{day:%Y%m%d}T*"))
    red, nir = (_numbers(folder / f"{band}.tif") for band in ("B04", "B08"))
    with rasterio.open(folder / "B04.tif") as file:
        left, top, step = file.transform.c, file.transform.f, file.transform.a
    clear = _clear(
        out, day, left + step * (np.arange(red.shape[1]) + 0.5), top - step * (np.arange(red.shape[0]) + 0.5)
    )
    weights = np.zeros(red.shape)
    for y, x in np.ndindex(red.shape):
        pixel = box(left + x * step, top - (y + 1) * step, left + (x + 1) * step, top - y * step)
        weights[y, x] = pixel.intersection(shape).area / step**2
    weights *= clear & (red > 0) & (nir > 0)
    return float((weights * (nir - red) / (nir + red)).sum() / weights.sum())


def _clear(out: Path, day: date, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """The run's own mask: where clouds are is tested elsewhere."""
    (place,) = (out / "work" / "cube").glob("*/*")
    mask = open_cube(place).mask.sel(time=np.datetime64(day)).reindex(x=x, y=y, fill_value=Mask.NODATA)
    return mask.to_numpy() == Mask.CLEAR


def _numbers(path: Path) -> npt.NDArray[np.float64]:
    with rasterio.open(path) as file:
        numbers: npt.NDArray[np.float64] = file.read(1).astype(np.float64)
        return numbers


def test_dates_without_a_clear_pixel_have_no_index(real_run) -> None:
    series = read_table(real_run[0] / "series.parquet", SERIES)
    assert (series.sensed_at.dt.date == series.date).all()  # Flanders: the solar day is the UTC day
    assert (series.sensed_at <= series.known_at).all()
    unseen = series[series.n_px == 0]
    assert len(unseen)
    assert unseen.ndvi.isna().all()
    assert pd.Series(series.ndvi.dropna()).between(-1, 1).all()


def test_a_watch_of_a_past_day_is_the_same_after_later_ones(real_run, tmp_path: Path) -> None:
    run, url = real_run[0], sqlite_url(tmp_path / "alerts.db")

    def watch(day: str, out: str) -> WatchSummary:
        request = WatchRequest(run, date.fromisoformat(day), out=tmp_path / out, calendars=("be-flanders",))
        opened = lambda asked: open_of_run(url, run, asked.record)  # noqa: E731
        return watch_run(request, opened, Silent(), lambda: datetime(2026, 11, 22, tzinfo=UTC))

    days = ("2019-03-31", "2019-06-01", "2019-07-15", "2019-10-31")
    first = {day: watch(day, "first") for day in days}
    assert [summary.done for summary in first.values()] == ["recorded"] * len(days)
    assert first["2019-07-15"].said["chips"]["without_cube"] == 0
    for day in days[:-1]:
        again = watch(day, "again")
        assert again.said == first[day].said
        assert _content(again.folder) == _content(first[day].folder)
    between = watch("2019-05-20", "first")
    assert between.replay is not None
    assert (between.replay.differences, between.replay.same) == ((), sum(between.said["changes"].values()))


def _content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
