from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.bands import BANDS
from geo.errors import InputError
from models.series.augment import Augmentation, augment, augment_radar
from models.series.collection import class_names, merge_rare, real_series
from models.series.folds import block_folds
from models.series.levels import narrow_infrared, surface_reflectance
from models.series.parcels import PARCEL_SOURCES, read_parcel_series
from models.series.sample import CYCLES, SeriesSet, grid_days, grid_starts, joined, to_grid
from models.series.simulated import SimulatedSource, simulated_series
from models.series.vigour import greenness, vigour_targets


def test_the_grid_is_the_same_for_every_year() -> None:
    assert {len(grid_starts(year)) for year in range(2015, 2030)} == {54}
    assert grid_days()[0] < -140
    assert (np.diff(grid_days()) > 7).all()


@settings(max_examples=50, deadline=None)
@given(st.dates(date(2017, 8, 1), date(2019, 1, 31)))
def test_an_acquisition_falls_into_the_slot_that_holds_its_day(day: date) -> None:
    frame = pd.DataFrame({"key": ["a"], "date": [pd.Timestamp(day)], **dict.fromkeys(BANDS, 0.1)})
    _, values = to_grid(frame, 2018)
    slot = int(np.flatnonzero(np.isfinite(values[0, :, 0]))[0])
    assert grid_starts(2018)[slot] <= day < grid_starts(2018)[slot] + timedelta(days=11)


def test_acquisitions_of_a_slot_are_averaged_and_others_left_out() -> None:
    days = ["2018-03-01", "2018-03-09", "2018-03-11", "2020-03-01"]
    frame = pd.DataFrame({"key": ["a"] * 4, "date": pd.to_datetime(days)})
    for band in BANDS:
        frame[band] = [0.1, 0.3, 0.5, 0.9]
    _, values = to_grid(frame, 2018)
    seen = values[0, :, 0][np.isfinite(values[0, :, 0])]
    np.testing.assert_allclose(seen, [0.2, 0.5])


def test_levels_bring_dense_vegetation_near_the_surface() -> None:
    top = pd.DataFrame({band: [0.1] for band in BANDS})
    surface = surface_reflectance(top)
    assert surface["B02"][0] < surface["B04"][0] < surface["B12"][0]
    assert narrow_infrared(pd.DataFrame({"B07": [0.3], "B08": [0.33]}))[0] == pytest.approx(0.33, abs=0.02)


def test_folds_keep_blocks_whole_and_cycles_with_their_seasons(labelled: SeriesSet) -> None:
    cycles = labelled.within(0, 200).as_cycles(labelled.crop)
    both = joined([labelled, cycles])
    fold = block_folds(both, 3, seed=1)
    for block in np.unique(both.block.astype(str)):
        assert len(np.unique(fold[both.block == block])) == 1
    assert np.bincount(fold).max() - np.bincount(fold).min() <= 60
    np.testing.assert_array_equal(fold, block_folds(both, 3, seed=1))


def test_vigour_is_the_rank_among_peers(labelled: SeriesSet) -> None:
    green, target = greenness(labelled.values), vigour_targets(labelled)
    wheat = labelled.crop == "wheat"
    order = np.argsort(green[wheat])
    assert (np.diff(target[wheat][order]) >= 0).all()
    assert target.min() > 0
    assert target.max() < 1
    few = labelled.take(np.arange(10))
    assert np.isnan(vigour_targets(few)).all()


def test_rare_crops_merge(labelled: SeriesSet) -> None:
    crop = labelled.crop.copy()
    crop[:3] = "cassava"
    merged = merge_rare(labelled.with_crop(crop))
    assert (merged.crop[:3] == "other_crop").all()
    assert class_names(merged) == ("wheat", "maize", "grass", "other_crop")


def test_augmentation_keeps_something_and_depends_on_the_generator_alone(labelled: SeriesSet) -> None:
    values, days = torch.from_numpy(labelled.values), torch.from_numpy(grid_days())
    strong = Augmentation(drop_up_to=0.95, window_share=1.0)

    def changed(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
        return augment(values, days, values.flip(0), strong, torch.Generator().manual_seed(seed))

    first, shifted = changed(3)
    assert torch.equal(torch.nan_to_num(first), torch.nan_to_num(changed(3)[0]))
    assert not torch.equal(torch.nan_to_num(first), torch.nan_to_num(changed(4)[0]))
    assert torch.isfinite(first).all(dim=2).any(dim=1).all()
    assert not (torch.isfinite(first) & ~torch.isfinite(values)).any()
    assert (shifted - days).abs().max() <= strong.shift_days + 1e-3


def test_radar_is_lost_whole_or_kept_in_part() -> None:
    radar = torch.full((400, len(grid_days()), 2), -12.0)
    radar[:, ::2] = torch.nan
    changed = augment_radar(radar, torch.from_numpy(grid_days()), Augmentation(), torch.Generator().manual_seed(1))
    seen = torch.isfinite(changed)
    assert not seen[:, ::2].any()
    assert (seen[..., 0] == seen[..., 1]).all()
    assert 0.4 < (~seen.any(dim=2).any(dim=1)).float().mean() < 0.6
    assert (changed[seen] + 12).abs().max() < 6


def test_simulated_series_are_labelled_by_their_main_crop_and_by_cycle() -> None:
    source = SimulatedSource("huanghuai", areas=1, plots=40)
    series = simulated_series(source, seed=5)
    assert series.simulated.all()
    assert {"wheat", "rice", "cotton"} <= set(series.crop[series.source == source.name])
    assert {"maize", "wheat"} <= set(series.crop[series.source == source.name + CYCLES])
    again = simulated_series(source, seed=5)
    np.testing.assert_array_equal(np.nan_to_num(series.values), np.nan_to_num(again.values))


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        read_parcel_series(tmp_path, PARCEL_SOURCES[0])
    assert "bavaria.parquet" in error.value.message


@pytest.mark.shared_data
def test_real_tables_become_plausible_series(shared_data: Path) -> None:
    reality = real_series(shared_data)
    counts = pd.Series(reality.source).value_counts()
    assert counts["bavaria-2018"] >= 280
    assert counts["centralasia-2016"] >= 2400
    assert counts["canada-2017"] >= 3000
    assert not any("2019" in str(name) for name in counts.index)
    values = reality.values  # noqa: PD011 - an array of ours, not of pandas
    known = np.isfinite(values)
    assert (known.all(axis=2) == known.any(axis=2)).all()
    for source in np.unique(reality.source.astype(str)):
        rows = np.flatnonzero(reality.source == source)
        median = np.nanmedian(np.concatenate(list(values[rows])), axis=0)
        assert 0.02 < median[BANDS.index("B04")] < 0.16
        assert 0.2 < median[BANDS.index("B08")] < 0.4
    passes = reality.radar[reality.source == "canada-2017"]
    assert np.isfinite(passes).all(axis=2).any(axis=1).mean() > 0.9
    vv, vh = np.nanmedian(passes, axis=(0, 1))
    assert -13 < vv < -8
    assert -21 < vh < -14
    assert not np.isfinite(reality.radar[reality.source == "bavaria-2018"]).any()
