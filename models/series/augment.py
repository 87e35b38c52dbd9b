"""Make training series look like what a run will meet: gaps, windows, cloud remains, mixed borders, other levels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How strongly series are changed; spreads are standard deviations.

    Attributes:
        drop_up_to: largest share of slots dropped at random; each series draws its own between 0 and this.
        gap_up_to_days: longest single gap, days.
        window_share: share of series cut to a random window.
        shift_days: largest shift of the calendar, days, either way.
        gain, band_gain: spread of the factor on all bands, and on each band.
        offset: spread of the offset on each band, reflectance.
        noise: spread of independent noise, share of the value.
        cloud_share: share of slots with remains of cloud or shadow.
        mix_share, mix_up_to: share of series mixed with another of their batch, and the largest part mixed in.
        pixel_share: share of series that look like one pixel of their plot (models.series.texture).
        radar_lost: share of series that lose their radar altogether, so that a network does without it as well.
        radar_gain_db, radar_noise_db: spread of one offset for a series (incidence angle, calibration), and of
            independent noise (speckle that averaging leaves).
    """

    drop_up_to: float = 0.6
    gap_up_to_days: float = 70
    window_share: float = 0.6
    shift_days: float = 12
    gain: float = 0.05
    band_gain: float = 0.03
    offset: float = 0.006
    noise: float = 0.04
    cloud_share: float = 0.03
    mix_share: float = 0.3
    mix_up_to: float = 0.25
    pixel_share: float = 0.5
    radar_lost: float = 0.5
    radar_gain_db: float = 0.5
    radar_noise_db: float = 0.7


def augment(
    values: Tensor, days: Tensor, partner: Tensor, strength: Augmentation, rng: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Change a batch at random.

    Args:
        values: (n, slots, bands) reflectance, NaN gaps, on the CPU.
        days: (slots,) middle of the slots, days since 1 January of the main year.
        partner: (n, slots, bands) series of neighbours to mix with; gaps of a partner mix nothing.
        strength: how strongly.
        rng: generator on the CPU.

    Returns:
        Changed values, (n, slots, bands), and shifted days, (n, slots). Every series keeps at least one clear slot
        where it had one.
    """
    count = len(values)
    mixed = _mixed(values, partner, strength, rng)
    scaled = _levels(mixed, strength, rng)
    clouded = _clouds(scaled, strength, rng)
    kept = _kept(values, days, strength, rng)
    shift = (torch.rand(count, 1, generator=rng) * 2 - 1) * strength.shift_days
    return torch.where(kept[..., None], clouded, math.nan), days + shift


def augment_radar(radar: Tensor, days: Tensor, strength: Augmentation, rng: torch.Generator) -> Tensor:
    """Change the radar of a batch at random: passes dropped, a window, offsets, speckle; some series lose all of it.

    Args:
        radar: (n, slots, 2) backscatter sigma0 in dB, NaN without a pass, on the CPU.
        days: (slots,) middle of the slots, days since 1 January of the main year.
        strength: how strongly.
        rng: generator on the CPU.

    Returns:
        (n, slots, 2).
    """
    count, slots, _ = radar.shape
    offset = strength.radar_gain_db * torch.randn(count, 1, 1, generator=rng)
    noise = strength.radar_noise_db * torch.randn(radar.shape, generator=rng)
    dropped = torch.rand(count, slots, generator=rng) < torch.rand(count, 1, generator=rng) * strength.drop_up_to
    lost = torch.rand(count, 1, generator=rng) < strength.radar_lost
    kept = ~dropped & ~lost & _window(days, count, strength, rng)
    return torch.where(kept[..., None], radar + offset + noise, math.nan)


def _mixed(values: Tensor, partner: Tensor, strength: Augmentation, rng: torch.Generator) -> Tensor:
    count = len(values)
    part = torch.rand(count, 1, 1, generator=rng) * strength.mix_up_to
    part = part * (torch.rand(count, 1, 1, generator=rng) < strength.mix_share)
    return torch.where(torch.isfinite(partner), (1 - part) * values + part * partner, values)


def _levels(values: Tensor, strength: Augmentation, rng: torch.Generator) -> Tensor:
    count, _, bands = values.shape
    gain = 1 + strength.gain * torch.randn(count, 1, 1, generator=rng)
    gain = gain * (1 + strength.band_gain * torch.randn(count, 1, bands, generator=rng))
    offset = strength.offset * torch.randn(count, 1, bands, generator=rng)
    noise = 1 + strength.noise * torch.randn(values.shape, generator=rng)
    return values * gain * noise + offset


def _clouds(values: Tensor, strength: Augmentation, rng: torch.Generator) -> Tensor:
    """Brighten some slots towards cloud, darken as many by shadow."""
    count, slots, _ = values.shape
    kind = torch.rand(count, slots, 1, generator=rng)
    depth = torch.rand(count, slots, 1, generator=rng)
    cloud = values + depth * 0.5 * (0.6 - values)
    shadow = values * (0.4 + 0.6 * depth)
    half = strength.cloud_share / 2
    return torch.where(kind < half, cloud, torch.where(kind > 1 - half, shadow, values))


def _kept(values: Tensor, days: Tensor, strength: Augmentation, rng: torch.Generator) -> Tensor:
    """Slots that stay, (n, slots): random drops, one gap and a window; the first rule wins over an empty series."""
    clear = torch.isfinite(values).all(dim=2)
    count = len(values)
    rate = torch.rand(count, 1, generator=rng) * strength.drop_up_to
    random = torch.rand(clear.shape, generator=rng) >= rate
    kept = clear & random & ~_gap(days, count, strength, rng) & _window(days, count, strength, rng)
    return torch.where(kept.sum(dim=1, keepdim=True) >= 3, kept, clear)  # noqa: PLR2004 - too little left to learn from


def _gap(days: Tensor, count: int, strength: Augmentation, rng: torch.Generator) -> Tensor:
    start = days.min() + torch.rand(count, 1, generator=rng) * (days.max() - days.min())
    length = torch.rand(count, 1, generator=rng) * strength.gap_up_to_days
    return (days >= start) & (days < start + length)


def _window(days: Tensor, count: int, strength: Augmentation, rng: torch.Generator) -> Tensor:
    """A season that starts between the August before and March, and ends between July and the January after."""
    start = -150 + 240 * torch.rand(count, 1, generator=rng)
    end = 185 + 215 * torch.rand(count, 1, generator=rng)
    whole = torch.rand(count, 1, generator=rng) >= strength.window_share
    return whole | ((days >= start) & (days <= end))
