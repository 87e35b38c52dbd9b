from __future__ import annotations

import numpy as np
import pytest
import torch

from models.network import TemporalEncoder
from models.packed import packed_features
from models.release import Release
from models.series.sample import grid_days

DAYS = torch.from_numpy(grid_days())


def series(count: int, clear: float) -> torch.Tensor:
    """(slots, bands, n), some slots missing whole and some in one band only."""
    rng = np.random.default_rng(3)
    values = rng.uniform(0.0, 0.6, (len(DAYS), 10, count)).astype(np.float32)
    values[np.broadcast_to(rng.random((len(DAYS), 1, count)) >= clear, values.shape)] = np.nan
    values[3, 4, ::2] = np.nan
    return torch.from_numpy(values)


def encoder_of(release: Release) -> TemporalEncoder:
    return release.network.temporal


@pytest.mark.parametrize("clear", [0.05, 0.4, 1.0])
@torch.inference_mode()
def test_the_figures_are_those_of_the_encoder(release: Release, clear: float) -> None:
    values = series(70, clear)
    usual = encoder_of(release)(values.permute(2, 0, 1), DAYS)
    packed = packed_features(encoder_of(release), values, DAYS)
    torch.testing.assert_close(packed.nan_to_num(0.0), usual, atol=1e-5, rtol=1e-4)
    never = ~torch.isfinite(values).all(dim=1).any(dim=0)
    assert torch.equal(never, packed.isnan().all(dim=1))


@torch.inference_mode()
def test_radar_adds_the_same_in_both(release: Release) -> None:
    values = series(40, 0.4)
    radar = torch.from_numpy(np.random.default_rng(5).normal(-14, 4, (len(DAYS), 2, 40)).astype(np.float32))
    radar[::4] = torch.nan
    radar[:, :, 7] = torch.nan
    usual = encoder_of(release)(values.permute(2, 0, 1), DAYS, radar.permute(2, 0, 1))
    packed = packed_features(encoder_of(release), values, DAYS, radar)
    torch.testing.assert_close(packed.nan_to_num(0.0), usual, atol=1e-5, rtol=1e-4)
    alone = packed_features(encoder_of(release), values, DAYS)
    assert torch.equal(packed[7], alone[7])
    assert not torch.allclose(packed.nan_to_num(0.0), alone.nan_to_num(0.0), atol=1e-3)


@torch.inference_mode()
def test_nothing_clear_at_all_is_nan(release: Release) -> None:
    values = torch.full((len(DAYS), 10, 5), torch.nan)
    assert packed_features(encoder_of(release), values, DAYS).isnan().all()


@torch.inference_mode()
def test_a_gap_at_either_end_is_a_gap(release: Release) -> None:
    values = series(20, 1.0)
    values[[0, 1, -1]] = torch.nan
    usual = encoder_of(release)(values.permute(2, 0, 1), DAYS)
    torch.testing.assert_close(packed_features(encoder_of(release), values, DAYS), usual, atol=1e-5, rtol=1e-4)


@torch.inference_mode()
def test_a_series_is_the_same_whatever_stands_beside_it(release: Release) -> None:
    values = series(300, 0.5)
    together = packed_features(encoder_of(release), values, DAYS)
    part = packed_features(encoder_of(release), values[:, :, 100:164], DAYS)
    torch.testing.assert_close(together[100:164], part, atol=1e-6, rtol=0)
