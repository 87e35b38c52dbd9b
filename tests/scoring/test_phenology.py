from __future__ import annotations

import sqlite3
from datetime import date, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.features import rasterize

from geo.errors import DataError
from geo.observations import SEASONS, to_table
from scoring.phenology import find_cycles, smoothed_ndvi
from scoring.smoothing import upper_envelope

START = date(2018, 10, 1)


def _days(count=80, step=5):
    return [START + timedelta(days=step * number) for number in range(count)]


def _bumps(days, *peaks):
    """NDVI 0.2 with a bump of 0.6 and the given half-width about each peak (days after the start)."""
    at = np.array([(day - START).days for day in days], dtype=float)
    return 0.2 + sum(0.6 * np.exp(-(((at - peak) / width) ** 2)) for peak, width in peaks)


def _after_start(column):
    return [(stamp.date() - START).days for stamp in column]


def _found(ndvi, days, weights=None, **said):
    ndvi = np.atleast_2d(ndvi)
    return find_cycles(ndvi, np.ones_like(ndvi) if weights is None else np.atleast_2d(weights), days, **said)


def test_one_cycle_has_its_marks_at_a_quarter_of_the_amplitude():
    days = _days()
    found = _found(_bumps(days, (200, 45)), days)
    assert found[["index", "cycle", "main"]].to_numpy().tolist() == [[0, 1, True]]
    # a Gaussian is at a quarter of its height 1.177 widths from its middle
    assert _after_start(found.pos)[0] == pytest.approx(200, abs=5)
    assert _after_start(found.sos)[0] == pytest.approx(200 - 53, abs=6)
    assert _after_start(found.eos)[0] == pytest.approx(200 + 53, abs=6)
    assert found.ndvi_peak[0] == pytest.approx(0.8, abs=0.03)
    assert found.integral[0] == pytest.approx(0.6 * 45 * np.sqrt(np.pi), rel=0.15)


def test_two_crops_a_year_are_two_cycles_and_the_larger_is_the_main_one():
    days = _days()
    series = np.stack([_bumps(days, (120, 30), (270, 45)), _bumps(days, (200, 40)), _bumps(days, (100, 45), (250, 30))])
    found = _found(series, days)
    assert found["index"].tolist() == [0, 0, 1, 2, 2]
    assert found.cycle.tolist() == [1, 2, 1, 1, 2]
    assert found.main.tolist() == [False, True, True, True, False]
    assert _after_start(found.pos) == pytest.approx([120, 270, 200, 100, 250], abs=6)


def test_clouds_shadow_and_haze_do_not_move_the_marks():
    rng = np.random.default_rng(3)
    days = _days(130, 3)
    clean = _bumps(days, (130, 35), (280, 35))
    pulled = np.where(rng.random(clean.shape) < 0.25, clean * rng.uniform(0.2, 0.7, clean.shape), clean)
    noisy = pulled + rng.normal(0, 0.02, clean.shape)
    noisy[rng.random(clean.shape) < 0.3] = np.nan
    found = _found(noisy, days)
    sure = _found(clean, days)
    assert len(found) == 2
    for mark in ("sos", "pos", "eos"):
        assert _after_start(found[mark]) == pytest.approx(_after_start(sure[mark]), abs=12)


def test_gaps_at_both_ends_are_fine_and_a_hidden_side_has_no_mark():
    days = _days()
    series = _bumps(days, (200, 45))
    gaps = series.copy()
    gaps[:15] = gaps[-20:] = np.nan
    whole = _found(gaps, days)
    assert _after_start(whole.pos)[0] == pytest.approx(200, abs=5)
    assert whole.sos.notna().all()
    cut = series.copy()
    cut[:36] = np.nan  # from day 180: the rise is over
    late = _found(cut, days)
    assert late.sos.isna().all()
    assert _after_start(late.eos)[0] == pytest.approx(253, abs=6)
    early = _found(cut[::-1], days)
    assert early.eos.isna().all()
    assert early.sos.notna().all()


def test_a_crop_that_still_stands_on_the_last_day_is_a_cycle_without_an_end():
    days = _days()  # 395 days
    found = _found(_bumps(days, (430, 70)), days)
    assert len(found) == 1
    assert found.eos.isna().all()
    assert _after_start(found.pos)[0] >= 380
    assert _after_start(found.sos)[0] < 380


def test_a_crop_that_only_just_emerged_is_the_next_seasons_where_it_follows_another():
    days = _days()
    emerging = _bumps(days, (415, 30))
    assert len(_found(emerging, days)) == 1
    found = _found(_bumps(days, (180, 45), (415, 30)), days)
    assert len(found) == 1
    assert _after_start(found.pos)[0] == pytest.approx(180, abs=5)


def test_a_crop_that_was_highest_before_the_season_is_last_seasons():
    days = _days()
    assert _found(_bumps(days, (-20, 60)), days).empty


def test_weights_of_nothing_are_gaps():
    days = _days()
    series = _bumps(days, (200, 45))
    wrong = series.copy()
    wrong[60:64] = 0.95
    weights = np.ones_like(series)
    weights[60:64] = 0.0
    pd.testing.assert_frame_equal(_found(wrong, days, weights), _found(np.where(weights > 0, series, np.nan), days))


def test_evergreen_bare_and_unseen_parcels_have_no_cycle():
    days = _days()
    rng = np.random.default_rng(1)
    series = np.full((4, len(days)), 0.82)
    series[0] += rng.normal(0, 0.02, len(days))
    series[1] = 0.12
    series[2] = np.nan
    series[3, 4:] = np.nan
    assert _found(series, days).empty
    assert _found(np.zeros((0, len(days))), days).empty


def test_a_parcel_alone_gives_what_it_gives_among_many():
    rng = np.random.default_rng(5)
    days = _days()
    peaks = [((rng.uniform(80, 150), 30), (rng.uniform(250, 320), 40)) for _ in range(40)]
    series = np.stack([_bumps(days, *both) for both in peaks]) + rng.normal(0, 0.02, (40, len(days)))
    together = _found(series, days)
    for row in (0, 17, 39):
        alone = _found(series[row], days).drop(columns="index")
        among = together[together["index"] == row].drop(columns="index").reset_index(drop=True)
        pd.testing.assert_frame_equal(alone, among, rtol=1e-9)


def test_cycles_fit_the_table_of_seasons():
    days = _days()
    found = _found(_bumps(days, (30, 60), (250, 40)), days)
    table = found.assign(parcel_id="p", geometry_version="v", season_id="s", crop_set=[["wheat"]] * len(found))
    written = to_table(table, SEASONS).to_pandas(date_as_object=True)
    assert all(isinstance(value, date) for value in written.pos)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(DataError, match="do not fit"):
        find_cycles(np.zeros((2, 5)), np.zeros((2, 4)), _days(5))


def test_smoothing_keeps_a_straight_line_and_lies_above_the_middle_of_noise():
    line = np.linspace(0.2, 0.8, 40)[None]
    assert upper_envelope(line, np.ones_like(line), stiffness=14.0) == pytest.approx(line, abs=1e-6)
    noise = 0.5 + np.random.default_rng(2).uniform(-0.2, 0.2, (5, 60))
    assert upper_envelope(noise, np.ones_like(noise), stiffness=14.0).mean() > noise.mean() + 0.03


@given(st.lists(st.one_of(st.just(np.nan), st.floats(-0.2, 1.0)), min_size=30, max_size=30))
@settings(max_examples=100, deadline=None)
def test_whatever_is_seen_the_marks_are_in_order(values):
    days = _days(30, 10)
    found = _found(np.array(values), days)
    assert found.main.sum() == (1 if len(found) else 0)
    assert found.cycle.tolist() == list(range(1, len(found) + 1))
    for row in found.itertuples():
        assert row.sos is pd.NaT or row.sos <= row.pos
        assert row.eos is pd.NaT or row.pos <= row.eos
        assert days[0] <= row.pos.date() <= days[-1] + timedelta(days=5)
    assert found.pos.is_monotonic_increasing


@pytest.mark.shared_data
def test_bavarian_wheat_and_maize_peak_when_they_should(shared_data):
    found, labels = _bavaria(shared_data)
    main = found[found.main].assign(label=lambda frame: labels.reindex(frame.pid).to_numpy())
    wheat = main[main.label.str.contains("Winterweizen", na=False)]
    maize = main[main.label.str.contains("mais", case=False, na=False)]
    assert len(wheat) >= 50
    assert len(maize) >= 40
    assert wheat.pos.median().month in {5, 6}
    assert maize.pos.median().month in {7, 8, 9}
    assert wheat.eos.median() < maize.eos.median()
    assert wheat.sos.median().month in {2, 3, 4}
    assert maize.sos.median().month in {5, 6}


def _bavaria(folder):
    series = pd.read_parquet(
        folder / "parcel-series" / "bavaria.parquet", columns=["pid", "date", "cloud_mean", "NDVI_mean"]
    )
    series["clear"] = (1.0 - series.cloud_mean).clip(0, 1).fillna(0.0)
    ndvi = series.pivot_table(index="pid", columns="date", values="NDVI_mean")
    clear = series.pivot_table(index="pid", columns="date", values="clear").reindex_like(ndvi).fillna(0.0)
    days = [pd.Timestamp(day).date() for day in ndvi.columns]
    found = find_cycles(ndvi.to_numpy(), clear.where(clear >= 0.9, 0.0).to_numpy(), days)
    with sqlite3.connect(folder / "parcel-series" / "bavaria.gpkg") as base:
        table = base.execute("SELECT table_name FROM gpkg_contents").fetchone()[0]
        rows = base.execute(f'SELECT pid, label FROM "{table}"').fetchall()  # noqa: S608 - a name from the file itself
    base.close()
    return found.assign(pid=ndvi.index.to_numpy()[found["index"]]), pd.Series(dict(rows))


def test_curves_are_read_every_five_days():
    days = _days()
    curves, at = smoothed_ndvi(_bumps(days, (200, 45))[None], np.ones((1, len(days))), days)
    assert curves.shape == (1, len(at)) == (1, 80)
    assert at[0] == np.datetime64(START)


@pytest.mark.shared_data
def test_flemish_wheat_peaks_in_spring_and_maize_in_summer_after_its_catch_crop(shared_data):
    parcels, ndvi, clear, days = _flanders(shared_data / "flanders-2019")
    found = find_cycles(ndvi, clear, days)
    found["crop"] = parcels.crop.to_numpy()[found["index"]]
    wheat = found[found.crop == "winter wheat"]
    assert wheat["index"].nunique() == len(wheat) == 4
    assert wheat.pos.dt.month.isin([4, 5, 6]).all()
    maize = found[found.crop == "maize"]
    summer = maize[maize.pos.dt.month.isin([7, 8, 9])]
    assert summer["index"].nunique() == maize["index"].nunique() == 3
    assert summer.sos.dt.month.isin([5, 6, 7]).all()


def _flanders(folder):
    """Plain means of whole pixels (the parcels of this region follow pixel edges) from October 2018 to October 2019."""
    parcels = gpd.read_file(folder / "parcels.gpkg")
    scenes = {
        date.fromisoformat(scene.name.split("_")[2][:8]): scene for scene in (folder / "sentinel-2-l2a").glob("S2_*")
    }
    days = [day for day in sorted(scenes) if START <= day <= date(2019, 10, 31)]
    masks = _masks(parcels, scenes[days[0]] / "B04.tif")
    seen = [_means(scenes[day], masks) for day in days]
    return parcels, np.array([ndvi for ndvi, _ in seen]).T, np.array([clear for _, clear in seen]).T, days


def _masks(parcels, template):
    """Parcel masks, shape (n, y, x)."""
    with rasterio.open(template) as source:
        shapes = parcels.to_crs(source.crs).geometry
        return np.stack([rasterize([shape], source.shape, transform=source.transform) == 1 for shape in shapes])


def _means(scene, masks):
    red, infrared, scl = (rasterio.open(scene / f"{name}.tif") for name in ("B04", "B08", "SCL"))
    with red, infrared, scl:
        low, high = red.read(1).astype(float), infrared.read(1).astype(float)
        classes = scl.read(1, out_shape=low.shape)
    good = np.isin(classes, (4, 5, 6)) & (low + high > 0)
    ndvi = np.divide(high - low, high + low, out=np.zeros_like(low), where=good)
    count = (masks & good).sum(axis=(1, 2))
    total = np.where(masks & good, ndvi, 0.0).sum(axis=(1, 2))
    return np.divide(total, count, out=np.full(len(masks), np.nan), where=count > 0), count / masks.sum(axis=(1, 2))
