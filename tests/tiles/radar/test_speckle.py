from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tiles.radar.speckle import HALO_PX, lee_filter, to_power


def _speckled(seed: int = 1, looks: float = 4.4, shape: tuple[int, ...] = (64, 64)):
    rng = np.random.default_rng(seed)
    return (0.1 * rng.gamma(looks, 1 / looks, shape)).astype(np.float32)


def test_decibels_become_power():
    values = np.array([0.0, -10.0, np.nan], dtype=np.float32)
    np.testing.assert_allclose(to_power(values, decibels=True), [1.0, 0.1, np.nan], rtol=1e-6)
    np.testing.assert_array_equal(
        to_power(np.array([0.5, 0.0, -1.0], np.float32), decibels=False), [0.5, np.nan, np.nan]
    )


def test_speckle_falls_and_the_mean_power_stays():
    noisy = _speckled()
    smooth = lee_filter(noisy)
    assert smooth.std() < 0.45 * noisy.std()
    assert abs(smooth.mean() / noisy.mean() - 1) < 0.02  # filtering decibels instead would lose about 0.5 dB


def test_a_bright_target_stays():
    power = _speckled()
    power[32, 32] = 50.0
    assert lee_filter(power)[32, 32] > 35.0


def test_no_data_stays_and_does_not_leak():
    power = np.full((20, 20), 0.2, dtype=np.float32)
    power[5:8, 5:8] = np.nan
    smooth = lee_filter(power)
    assert np.isnan(smooth[5:8, 5:8]).all()
    np.testing.assert_allclose(smooth[np.isfinite(power)], 0.2, rtol=1e-6)


@settings(deadline=None, max_examples=25)
@given(top=st.integers(0, 30), left=st.integers(0, 30), height=st.integers(1, 20), width=st.integers(1, 20))
def test_a_pixel_does_not_depend_on_the_cut(top, left, height, width):
    power = _speckled(shape=(2, 60, 60))
    power[:, 10:14, 20:25] = np.nan
    whole = lee_filter(power)
    rows = slice(max(top - HALO_PX, 0), top + height + HALO_PX)
    columns = slice(max(left - HALO_PX, 0), left + width + HALO_PX)
    cut = lee_filter(power[:, rows, columns])
    inner = cut[:, top - rows.start : top - rows.start + height, left - columns.start : left - columns.start + width]
    np.testing.assert_array_equal(inner, whole[:, top : top + height, left : left + width])
