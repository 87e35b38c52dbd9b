"""A U-TAE-like network to compare CropNet with: the encoder sees every date, attention over time weighs what it saw.

After Garnot and Landrieu, "Panoptic Segmentation of Satellite Image Time Series with Convolutional Temporal Attention
Networks" (ICCV 2021), with the attention of Garnot and Landrieu, "Lightweight Temporal Attention Encoder for Satellite
Image Time Series Classification" (AALTD 2020). Written anew from the papers. What differs from them:

- the encoder and decoder are those of segmentation_models_pytorch that CropNet's context uses, with weights shared by
  all dates, so that both networks see space alike;
- pixels hidden by clouds are zero, a channel says so, cells of the coarsest map without any clear pixel take no part
  in attention, and at full resolution hidden pixels take no part in the weighted mean. The papers' data hold clouds as
  they are; without this the network would be judged by gaps that it was not made for;
- a second head says vigour.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from geo.bands import BANDS, band_index
from models import torchvision_ops
from models.network import INDEX_PAIRS, NetworkSpec, TemporalEncoder

_HEADS: Final = 8
_KEY: Final = 4
_WIDTH: Final = 128
_PERIOD: Final = 1000.0
_NEVER: Final = -1e4
_CHANNELS: Final = len(BANDS) + len(INDEX_PAIRS) + 1


class Maps(NamedTuple):
    """What a network says of chips: logits (n, classes, y, x) and vigour (n, y, x), percentile / 100."""

    logits: Tensor
    vigour: Tensor


class TemporalAttention(nn.Module):
    """L-TAE: each head owns a share of the channels and one learned query over all dates.

    Args:
        channels: of the maps it reads and returns.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.normalise = nn.GroupNorm(_HEADS, channels)
        self.enter = nn.Linear(channels, _WIDTH)
        self.key = nn.Linear(_WIDTH, _HEADS * _KEY)
        self.query = nn.Parameter(torch.randn(_HEADS, _KEY) * math.sqrt(2 / _KEY))
        self.leave = nn.Sequential(nn.Linear(_WIDTH, channels), nn.LayerNorm(channels), nn.ReLU())

    def forward(self, maps: Tensor, clear: Tensor, days: Tensor) -> tuple[Tensor, Tensor]:
        """Attend over dates at every place.

        Args:
            maps: (n, dates, channels, y, x).
            clear: (n, dates, y, x) share of clear pixels.
            days: (dates,) days since 1 January of the main year.

        Returns:
            The attended map (n, channels, y, x) and the weights (n, heads, dates, y, x), which add up to 1 over dates.
        """
        steps = self.normalise(maps.flatten(0, 1)).view(maps.shape).permute(0, 3, 4, 1, 2)
        steps = self.enter(steps) + _positions(days)
        keys = self.key(steps).unflatten(-1, (_HEADS, _KEY))
        scores = torch.einsum("nyxthk,hk->nyxht", keys, self.query) / math.sqrt(_KEY)
        hidden = (clear == 0).permute(0, 2, 3, 1)[..., None, :]
        weights = torch.softmax(scores.masked_fill(hidden, _NEVER), dim=-1)
        values = steps.unflatten(-1, (_HEADS, _WIDTH // _HEADS))
        attended = self.leave(torch.einsum("nyxht,nyxthv->nyxhv", weights, values).flatten(-2))
        return attended.permute(0, 3, 1, 2), weights.permute(0, 3, 4, 1, 2)


def _positions(days: Tensor) -> Tensor:
    """Sinusoids of the day, (dates, width), the same for every head."""
    size = _WIDTH // _HEADS
    place = torch.arange(size, device=days.device)
    angle = days[:, None] / _PERIOD ** (2 * torch.div(place, 2, rounding_mode="floor") / size)
    return torch.where(place % 2 == 0, angle.sin(), angle.cos()).repeat(1, _HEADS)


class UTAE(nn.Module):
    """Encoder for each date, attention at the coarsest level, skips of all dates weighed by it, decoder, two heads.

    Args:
        spec: classes, encoder and decoder of the CropNet that it is compared with.
        dates_at_once: images that go through the encoder together where nothing is learned; speed depends on it.
    """

    centre: Tensor
    spread: Tensor

    def __init__(self, spec: NetworkSpec, dates_at_once: int = 8) -> None:
        super().__init__()
        torchvision_ops.declare_missing()
        import segmentation_models_pytorch as smp  # noqa: PLC0415 - after the operators are declared
        from segmentation_models_pytorch.decoders.unet.decoder import UnetDecoder  # noqa: PLC0415

        self.dates_at_once = dates_at_once
        like = TemporalEncoder(spec)  # its scaling of the bands
        self.register_buffer("centre", like.centre)
        self.register_buffer("spread", like.spread)
        depth = len(spec.decoder)
        self.encoder = smp.encoders.get_encoder(spec.backbone, in_channels=_CHANNELS, depth=depth, weights=None)
        channels = self.encoder.out_channels
        self.attention = TemporalAttention(channels[-1])
        # The decoder leaves out its first map: one more in front keeps the skip of full resolution.
        self.decoder = UnetDecoder((0, _CHANNELS, *channels[1:]), spec.decoder, n_blocks=depth)
        self.head = nn.Conv2d(spec.decoder[-1], spec.classes + 1, 3, padding=1)

    def forward(self, values: Tensor, days: Tensor) -> Maps:
        """Crop logits and vigour of chips.

        Args:
            values: (n, dates, bands, y, x) reflectance, NaN where not clear; sides in multiples of the coarsest pixel.
            days: (dates,) days since 1 January of the main year.
        """
        count, dates = values.shape[:2]
        images, clear = self._images(values.flatten(0, 1))
        group = len(images) if self.training else self.dates_at_once
        encoded = [self.encoder(part) for part in torch.split(images, group)]
        levels = [torch.cat(parts).unflatten(0, (count, dates)) for parts in zip(*encoded, strict=True)]
        shown = clear.unflatten(0, (count, dates))
        coarse = functional.adaptive_avg_pool2d(shown, levels[-1].shape[-2:])
        attended, weights = self.attention(levels[-1], coarse, days)
        skips = [_weighed(level, weights) for level in levels[1:-1]]
        finest = _weighed(levels[0], weights, shown)
        said = self.head(self.decoder([finest, finest, *skips, attended]))
        return Maps(said[:, :-1], said[:, -1])

    def _images(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """Scaled bands, indices and clear mask, zero in gaps: (images, channels, y, x) and the mask."""
        clear = torch.isfinite(values).all(dim=1)
        known = torch.where(clear[:, None], values, self.centre[:, None, None])
        scaled = ((known - self.centre[:, None, None]) / self.spread[:, None, None]).clamp(-6, 6)
        mask = clear[:, None].to(values.dtype)
        return torch.cat([scaled, _differences(known) * mask, mask], dim=1), mask[:, 0]


def _differences(known: Tensor) -> Tensor:
    """models.network.normalised_differences of (images, bands, y, x), without moving axes: (images, pairs, y, x)."""
    first, second = (known[:, [band_index(pair[side]) for pair in INDEX_PAIRS]] for side in (0, 1))
    return (2 * (first - second) / (first + second).clamp(min=0.02)).clamp(-2, 2)


def _weighed(maps: Tensor, weights: Tensor, shown: Tensor | None = None) -> Tensor:
    """Maps of all dates (n, dates, channels, y, x) as one, each head's share of the channels by its own weights."""
    count, dates, channels, height, width = maps.shape
    finer = functional.interpolate(weights.flatten(1, 2), (height, width), mode="bilinear", align_corners=False)
    finer = finer.view(count, _HEADS, dates, height, width)
    if shown is not None:
        finer = finer * shown[:, None]
        finer = finer / finer.sum(dim=2, keepdim=True).clamp(min=1e-3)
    shares = maps.unflatten(2, (_HEADS, channels // _HEADS))
    return torch.einsum("nhtyx,nthcyx->nhcyx", finer, shares).flatten(1, 2)
