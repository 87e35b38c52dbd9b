"""Curves with uncertainty: shadow does not pull them down, gaps widen them, live ones look only back."""

from __future__ import annotations

import numpy as np
import pytest

from scoring.growth.smooth import NOISE, hindsight_curves, live_curves, measured_noise

DAYS = np.datetime64("2024-01-01") + np.arange(0, 240, 5)


def _season(count: int = 3, noise: float = 0.02, seed: int = 1) -> np.ndarray:
    at = np.arange(len(DAYS)) / len(DAYS)
    wave = 0.3 + 0.5 * np.sin(np.pi * at) ** 2
    return wave + np.random.default_rng(seed).normal(0, noise, (count, len(DAYS)))


def test_curves_follow_a_season_within_their_error():
    ndvi = _season(200)
    truth = 0.3 + 0.5 * np.sin(np.pi * np.arange(len(DAYS)) / len(DAYS)) ** 2
    for curves, least in ((live_curves(ndvi, DAYS, 0.02), 0.85), (hindsight_curves(ndvi, DAYS, 0.02), 0.85)):
        inside = np.abs(curves.level - truth) <= 2 * curves.error
        assert inside[:, 4:].mean() > least


def test_hindsight_is_surer_than_live_and_equal_at_the_end():
    ndvi = _season()
    live, later = live_curves(ndvi, DAYS), hindsight_curves(ndvi, DAYS)
    assert np.all(later.error <= live.error + 1e-12)
    np.testing.assert_allclose(later.level[:, -1], live.level[:, -1])


def test_shadow_does_not_pull_the_curve_down():
    ndvi = _season()
    shaded = ndvi.copy()
    shaded[:, 20::9] -= 0.35
    for curves in (live_curves, hindsight_curves):
        fallen = curves(ndvi, DAYS).level - curves(shaded, DAYS).level
        assert fallen[:, 20:].max() < 0.1
        assert np.median(fallen[:, 20:]) < 0.02


def test_a_gap_widens_the_error():
    ndvi = _season()
    ndvi[:, 20:30] = np.nan
    live, later = live_curves(ndvi, DAYS), hindsight_curves(ndvi, DAYS)
    assert np.all(np.diff(live.error[:, 19:30]) > 0)
    assert np.all(later.error[:, 25] > later.error[:, 15])


def test_live_curves_do_not_change_with_what_comes_later():
    ndvi = _season()
    cut = ndvi.copy()
    cut[:, 30:] = 0.1
    np.testing.assert_array_equal(live_curves(ndvi, DAYS).level[:, :30], live_curves(cut, DAYS).level[:, :30])


def test_nothing_is_said_before_the_first_look_or_without_one():
    ndvi = _season()
    ndvi[0, :10], ndvi[1] = np.nan, np.nan
    for curves in (live_curves(ndvi, DAYS), hindsight_curves(ndvi, DAYS)):
        assert np.isnan(curves.level[0, :10]).all()
        assert np.isfinite(curves.level[0, 10:]).all()
        assert np.isnan(curves.level[1]).all()


@pytest.mark.parametrize("noise", [0.015, 0.03, 0.05])
def test_noise_is_measured(noise):
    found = measured_noise(_season(300, noise), DAYS)
    assert np.median(found) == pytest.approx(noise, rel=0.15)


def test_noise_ignores_shadow_and_needs_looks():
    ndvi = _season(300, 0.02)
    ndvi[:, 10::10] -= 0.4
    ndvi[0, 4:] = np.nan
    found = measured_noise(ndvi, DAYS)
    assert np.median(found) < 0.035
    assert found[0] == NOISE
