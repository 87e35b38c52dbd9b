from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.errors import InputError
from geo.season import dekads
from models.predict import classify_series, correct, encode, predict
from models.release import Release
from models.timegrid import main_year, onto_slots, slot_grid

DATES = tuple(start + timedelta(days=4) for start in dekads(date(2018, 10, 1), date(2019, 10, 31)))


def cube(height: int, width: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = rng.uniform(0.02, 0.5, (len(DATES), 10, height, width)).astype(np.float32)
    values[np.broadcast_to(rng.random((len(DATES), 1, height, width)) < 0.4, values.shape)] = np.nan
    return values


def test_shapes_types_and_sums(release: Release) -> None:
    said = predict(release, cube(20, 28), DATES)
    assert said.probabilities.shape == (3, 20, 28)
    assert said.probabilities.dtype == said.vigour.dtype == np.float32
    np.testing.assert_allclose(said.probabilities.sum(axis=0), 1, atol=1e-5)
    assert ((said.vigour >= 0) & (said.vigour <= 100)).all()


def test_a_pixel_never_seen_clear_stays_unknown_and_moves_no_other(release: Release) -> None:
    values = cube(16, 16)
    values[:, :, 3, 4] = np.nan
    said = predict(release, values, DATES)
    assert np.isnan(said.probabilities[:, 3, 4]).all()
    assert np.isnan(said.vigour[3, 4])
    assert np.isfinite(np.delete(said.vigour.ravel(), 3 * 16 + 4)).all()


def test_a_step_with_a_missing_band_counts_as_not_clear(release: Release) -> None:
    values = cube(8, 8)
    gone, part = values.copy(), values.copy()
    gone[7], part[7, 3] = np.nan, np.nan
    np.testing.assert_array_equal(
        predict(release, gone, DATES).probabilities, predict(release, part, DATES).probabilities
    )


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(dropped=st.sets(st.integers(1, len(DATES) - 2), min_size=1, max_size=20))
def test_an_empty_step_is_the_same_as_no_step(release: Release, dropped: set[int]) -> None:
    series = np.moveaxis(cube(4, 4), 1, -1).reshape(len(DATES), 16, 10).swapaxes(0, 1).copy()
    series[:, sorted(dropped)] = np.nan
    kept = [place for place in range(len(DATES)) if place not in dropped]
    full = classify_series(release, series, DATES)
    short = classify_series(release, series[:, kept], [DATES[place] for place in kept])
    np.testing.assert_allclose(full.probabilities, short.probabilities, atol=1e-5)
    np.testing.assert_allclose(full.vigour, short.vigour, atol=1e-3)


def test_the_same_call_gives_the_same_bits(release: Release) -> None:
    values = cube(40, 40)
    first, second = predict(release, values, DATES), predict(release, values, DATES)
    assert np.array_equal(first.probabilities, second.probabilities)
    assert np.array_equal(first.vigour, second.vigour)


def with_tiling(release: Release, **changes: int) -> Release:
    tiling = release.card.tiling.model_copy(update=changes)
    return replace(release, card=release.card.model_copy(update={"tiling": tiling}))


@pytest.mark.parametrize("block_px", [16, 64, 128])
def test_blocks_leave_no_seams(release: Release, block_px: int) -> None:
    values = cube(100, 72)
    usual, moved = predict(release, values, DATES), predict(with_tiling(release, block_px=block_px), values, DATES)
    tolerance = release.card.tiling.tolerance
    np.testing.assert_allclose(usual.probabilities, moved.probabilities, atol=tolerance)
    np.testing.assert_allclose(usual.vigour, moved.vigour, atol=100 * tolerance)


def test_a_halo_that_is_too_narrow_leaves_seams(release: Release) -> None:
    """The test above can fail: blocks that do not see their surroundings differ where they meet."""
    values = cube(72, 72)
    usual, blind = predict(release, values, DATES), predict(with_tiling(release, halo_px=8), values, DATES)
    assert np.abs(usual.probabilities - blind.probabilities).max() > 10 * release.card.tiling.tolerance


def test_a_map_in_parts_is_the_map_in_one(release: Release) -> None:
    values = cube(80, 96)
    whole = predict(release, values, DATES)
    features = np.concatenate([encode(release, values[:, :, rows], DATES) for rows in (slice(0, 30), slice(30, 80))], 1)
    rows, columns = slice(24, 61), slice(40, 96)
    part = correct(release, features, rows, columns)
    np.testing.assert_allclose(whole.probabilities[:, rows, columns], part.probabilities, atol=1e-6)
    np.testing.assert_allclose(whole.vigour[rows, columns], part.vigour, atol=1e-4)


def test_what_lies_beyond_the_halo_does_not_matter(release: Release) -> None:
    values = cube(40, 160)
    near = values[..., : 32 + release.card.tiling.halo_px]
    far, cut = (encode(release, part, DATES) for part in (values, near))
    window = slice(0, 40), slice(0, 32)
    tolerance = release.card.tiling.tolerance
    np.testing.assert_allclose(
        correct(release, far, *window).probabilities, correct(release, cut, *window).probabilities, atol=tolerance
    )


@pytest.mark.parametrize("batch", [32, 100, 4096])
def test_the_order_and_size_of_batches_do_not_matter(
    release: Release, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = cube(13, 77)
    usual, turned = encode(release, values, DATES), encode(release, np.ascontiguousarray(values[..., ::-1]), DATES)
    monkeypatch.setattr("models.predict._BATCH", batch)
    np.testing.assert_allclose(usual, encode(release, values, DATES), atol=1e-6)
    np.testing.assert_allclose(usual, turned[..., ::-1], atol=1e-6)


def test_series_in_one_batch_or_one_by_one(release: Release) -> None:
    series = np.moveaxis(cube(6, 6), 1, -1).reshape(len(DATES), 36, 10).swapaxes(0, 1)
    together = classify_series(release, series, DATES).probabilities
    alone = np.concatenate([classify_series(release, one[None], DATES).probabilities for one in series])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_context_uses_neighbours_and_series_do_not(release: Release) -> None:
    values = cube(24, 24)
    changed = values.copy()
    changed[:, :, 12, 12] *= 0.3
    before, after = predict(release, values, DATES), predict(release, changed, DATES)
    assert np.abs(before.probabilities - after.probabilities)[:, 12, 13].max() > 1e-6


def test_wrong_bands_and_dates_are_refused(release: Release) -> None:
    with pytest.raises(InputError) as bands:
        predict(release, np.zeros((3, 9, 4, 4), dtype=np.float32), DATES[:3])
    assert bands.value.code == "MODEL_BANDS"
    with pytest.raises(InputError) as steps:
        classify_series(release, np.zeros((2, 3, 10), dtype=np.float32), DATES[:2])
    assert steps.value.code == "MODEL_STEPS"


def test_radar_adds_to_the_map_whatever_the_batches(release: Release) -> None:
    values = cube(20, 20)
    radar = np.random.default_rng(8).normal(-14, 3, (len(values), 2, 20, 20)).astype(np.float32)
    radar[::3] = np.nan
    whole = encode(release, values, DATES, radar)
    part = encode(release, values[..., :17], DATES, np.ascontiguousarray(radar[..., :17]))
    np.testing.assert_array_equal(whole[..., :17], part)
    assert not np.allclose(whole, encode(release, values, DATES), equal_nan=True)
    none = np.full_like(radar, np.nan)
    np.testing.assert_array_equal(encode(release, values, DATES, none), encode(release, values, DATES))


def test_radar_of_another_shape_or_for_a_network_without_it_is_refused(release: Release) -> None:
    values = cube(8, 8)
    with pytest.raises(InputError) as shape:
        encode(release, values, DATES, values[:, :2, :4])
    assert shape.value.code == "MODEL_RADAR"
    facts = release.card.network.model_copy(update={"radar": 0})
    blind = replace(release, card=release.card.model_copy(update={"network": facts}))
    with pytest.raises(InputError) as unknown:
        encode(blind, values, DATES, values[:, :2])
    assert unknown.value.code == "MODEL_RADAR"


def test_main_year_is_that_of_the_middle() -> None:
    assert main_year(date(2018, 10, 1), date(2019, 10, 31)) == 2019
    assert main_year(date(2018, 1, 1), date(2018, 12, 31)) == 2018
    assert main_year(date(2022, 9, 1), date(2024, 1, 21)) == 2023


def test_slots_have_no_holes_and_average_what_shares_one() -> None:
    days = [date(2019, 3, 3), date(2019, 3, 7), date(2019, 3, 28)]
    grid = slot_grid(days)
    assert [start.day for start in grid.starts] == [1, 11, 21]
    assert grid.positions == (0, 0, 2)
    slots = onto_slots(np.array([[1.0, np.nan], [3.0, 5.0], [7.0, 7.0]], dtype=np.float32), grid)
    np.testing.assert_array_equal(slots, np.array([[2, 5], [np.nan, np.nan], [7, 7]], dtype=np.float32))


def test_no_step_is_refused() -> None:
    with pytest.raises(InputError) as none:
        slot_grid([])
    assert none.value.code == "NO_STEPS"


def test_the_number_of_threads_does_not_matter_much(release: Release) -> None:
    values, threads = cube(24, 24), torch.get_num_threads()
    said = []
    try:
        for number in (1, 2):
            torch.set_num_threads(number)
            said.append(predict(release, values, DATES))
    finally:
        torch.set_num_threads(threads)
    for other in said[1:]:
        np.testing.assert_allclose(said[0].probabilities, other.probabilities, atol=1e-5)
