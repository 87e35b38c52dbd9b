"""SeriesNet: a deeper classifier of whole series than the map's temporal encoder, a member of ensembles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from geo.bands import BANDS
from models.network import INDEX_PAIRS, TIME_TERMS, normalised_differences, time_terms


@dataclass(frozen=True, slots=True)
class SeriesSpec:
    """What a member is built with.

    Attributes:
        classes: number of classes.
        width: channels at the resolution of the slots; twice as many at half of it.
        kernel: length of the convolutions, in slots.
        queries: learned queries that attend over the slots.
        drop: share of pooled features dropped in training.
    """

    classes: int
    width: int = 64
    kernel: int = 5
    queries: int = 4
    drop: float = 0.3


class Filled(NamedTuple):
    """Series without gaps.

    Attributes:
        values: (n, slots, bands) reflectance, interpolated over time; zero where a series has no clear slot at all.
        clear: (n, slots) 1 where the slot was clear, 0 where it is interpolated.
        days: (n, slots) middle of each slot, days since 1 January of the main year.
    """

    values: Tensor
    clear: Tensor
    days: Tensor

    def mixed(self, partner: Tensor, part: Tensor) -> Filled:
        """Every series mixed with a partner, (n,) rows, of which it takes a part, (n,) shares (Zhang et al. 2018)."""
        share = part[:, None]
        return Filled(
            torch.lerp(self.values, self.values[partner], share[..., None]),
            torch.lerp(self.clear, self.clear[partner], share),
            torch.lerp(self.days, self.days[partner], share),
        )


def fill_series(values: Tensor, days: Tensor) -> Filled:
    """Interpolate linearly over time; the ends keep the nearest clear slot.

    Args:
        values: (n, slots, bands) reflectance; a slot with NaN in any band is a gap.
        days: (slots,) or (n, slots) middle of each slot, days since 1 January of the main year.
    """
    clear = torch.isfinite(values).all(dim=2)
    slots = values.shape[1]
    slot = torch.arange(slots, device=values.device).expand(clear.shape)
    before = torch.where(clear, slot, -1).cummax(dim=1).values
    after = torch.where(clear, slot, slots).flip(1).cummin(dim=1).values.flip(1)
    first = torch.where(before < 0, after, before).clamp(max=slots - 1)
    last = torch.where(after == slots, first, after)
    part = (slot - first) / (last - first).clamp(min=1)
    known = torch.where(clear[..., None], values, 0.0)
    filled = torch.lerp(_taken(known, first), _taken(known, last), part[..., None])
    return Filled(filled, clear.to(values.dtype), days.expand(clear.shape))


def _taken(known: Tensor, slot: Tensor) -> Tensor:
    """Values at a slot of each place, (n, slots, bands)."""
    return known.gather(1, slot[..., None].expand_as(known))


class SeriesNet(nn.Module):
    """Residual convolutions over slots at two resolutions, then attention and maximum over time, then classes.

    Attributes:
        centre, spread: (bands,) mean and standard deviation that bring reflectance to a common scale.
    """

    centre: Tensor
    spread: Tensor

    def __init__(self, spec: SeriesSpec, centre: Tensor, spread: Tensor) -> None:
        super().__init__()
        self.spec = spec
        self.register_buffer("centre", centre)
        self.register_buffer("spread", spread)
        channels = len(BANDS) + len(INDEX_PAIRS) + TIME_TERMS + 1
        wide = 2 * spec.width
        self.enter = _convolution(channels, spec.width, spec.kernel)
        self.fine = _Residual(spec.width, spec.kernel)
        self.widen = nn.Conv1d(spec.width, wide, 1)
        self.coarse = _Residual(wide, spec.kernel)
        self.scores = nn.Conv1d(wide, spec.queries, 1)
        self.drop = nn.Dropout(spec.drop)
        self.leave = nn.Linear(wide * (spec.queries + 1), spec.classes)

    def forward(self, series: Filled) -> Tensor:
        """Logits of the classes, (n, classes)."""
        scaled = ((series.values - self.centre) / self.spread).clamp(-6, 6)
        indices = normalised_differences(series.values)
        steps = torch.cat([scaled, indices, time_terms(series.days), series.clear[..., None]], dim=2)
        fine = self.fine(functional.gelu(self.enter(steps.transpose(1, 2))))
        coarse = self.coarse(functional.avg_pool1d(self.widen(fine), 2, ceil_mode=True))
        weights = torch.softmax(self.scores(coarse), dim=2)
        attended = torch.matmul(weights, coarse.transpose(1, 2)).flatten(1)
        logits: Tensor = self.leave(self.drop(torch.cat([attended, coarse.amax(dim=2)], dim=1)))
        return logits


class _Residual(nn.Module):
    def __init__(self, width: int, kernel: int) -> None:
        super().__init__()
        self.first = _convolution(width, width, kernel)
        self.second = _convolution(width, width, kernel)

    def forward(self, image: Tensor) -> Tensor:
        correction = self.second(functional.gelu(self.first(image)))
        return functional.gelu(image + correction)


def _convolution(channels: int, width: int, kernel: int) -> nn.Sequential:
    """Convolution over slots and batch normalisation."""
    return nn.Sequential(nn.Conv1d(channels, width, kernel, padding=kernel // 2, bias=False), nn.BatchNorm1d(width))
