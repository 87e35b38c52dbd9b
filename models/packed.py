"""The temporal encoder over many pixels at once, worked only where they are clear: the same weights, less work."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from geo.bands import band_index
from models.network import INDEX_PAIRS, TIME_TERMS, TemporalEncoder, time_terms

#: Takes no part in attention; finite, so that a series without any clear slot needs no care of its own.
_NEVER = -1e30


class _Places(NamedTuple):
    """Clear slots of all series as one list of rows, ordered by slot and then by series.

    Attributes:
        row: (rows,) place of each row in an array (slots, n) laid out flat.
        slot: (rows,) its slot.
        series: (rows,) its series.
        rank: (rows,) how many clear slots of its series come before it.
        most: most clear slots of any series, at least 1.
        shape: numbers of slots and of series.
    """

    row: Tensor
    slot: Tensor
    series: Tensor
    rank: Tensor
    most: int
    shape: tuple[int, int]

    @classmethod
    def of(cls, clear: Tensor) -> _Places:
        """Rows of (slots, n) bool."""
        slots, series = clear.shape
        row = clear.reshape(-1).nonzero()[:, 0]
        slot = torch.div(row, series, rounding_mode="floor")
        seen = clear.cumsum(dim=0)
        rank = seen.view(-1).index_select(0, row) - 1
        return cls(row, slot, row - slot * series, rank, max(int(seen[-1].max()), 1), (slots, series))


def packed_features(encoder: TemporalEncoder, values: Tensor, days: Tensor, radar: Tensor | None = None) -> Tensor:
    """Features of series as `encoder` gives them in evaluation mode, to 1e-5; a gap costs next to nothing.

    Only clear slots are scored and attended to, and a gap is zero to its neighbours, so nothing else need be computed.

    Args:
        encoder: in evaluation mode.
        values: (slots, bands, n) reflectance on consecutive ten-day slots, NaN where no clear acquisition.
        days: (slots,) middle of each slot, days since 1 January of the main year.
        radar: (slots, 2, n) backscatter sigma0 in dB, VV and VH, NaN where there is no pass; None without radar.

    Returns:
        (n, features); NaN where a series has no clear slot at all.
    """
    clear = torch.isfinite(values.sum(dim=1))
    places = _Places.of(clear)
    step = _steps(encoder, values, days, places)
    step = functional.relu_(encoder.across(_neighbours(encoder, step, places))).add_(step[:-1])
    merged = encoder.merge(_attended(encoder, step, places))
    if encoder.radar is not None and radar is not None:
        merged += encoder.radar(radar.permute(2, 0, 1), days)  # passes are regular: there is little to leave out
    features = functional.relu_(encoder.leave(functional.relu_(merged)))
    return features.masked_fill_(~clear.any(dim=0)[:, None], torch.nan)


def _steps(encoder: TemporalEncoder, values: Tensor, days: Tensor, places: _Places) -> Tensor:
    """Every row by itself, (rows + 1, width); the last row is zero and stands for every gap."""
    bands = values.shape[1]
    by_band = values.transpose(0, 1).reshape(bands, -1)
    known = by_band.index_select(1, places.row)
    inputs = values.new_zeros(encoder.enter.in_features, len(places.row) + 1)
    scaled = (known - encoder.centre[:, None]) / encoder.spread[:, None]
    torch.clamp(scaled, -6, 6, out=inputs[:bands, :-1])
    inputs[bands:-TIME_TERMS, :-1] = _differences(known)
    inputs[-TIME_TERMS:, :-1] = time_terms(days).t().contiguous().index_select(1, places.slot)
    step = functional.relu_(encoder.enter(inputs.t()))
    step[-1] = 0
    return step


def _differences(known: Tensor) -> Tensor:
    """models.network.normalised_differences of (bands, rows), bands first: (pairs, rows)."""
    first, second = (
        known.index_select(0, torch.tensor([band_index(pair[side]) for pair in INDEX_PAIRS], device=known.device))
        for side in (0, 1)
    )
    return (2 * (first - second) / (first + second).clamp_(min=0.02)).clamp_(-2, 2)


def _neighbours(encoder: TemporalEncoder, step: Tensor, places: _Places) -> Tensor:
    """The depth-wise convolution over slots at every row, (rows, width)."""
    taps = encoder.along.weight[:, 0, :, 0].t().contiguous()
    reach, gap = len(taps) // 2, len(step) - 1
    slots, series = places.shape
    rows = torch.full(((slots + 2 * reach) * series,), gap, device=step.device)
    rows[places.row + reach * series] = torch.arange(gap, device=step.device)
    mixed = torch.addcmul(encoder.along.get_parameter("bias"), step[:-1], taps[reach])
    for place, tap in enumerate(taps):
        if place != reach:
            mixed.addcmul_(step.index_select(0, rows.index_select(0, places.row + place * series)), tap)
    return mixed


def _attended(encoder: TemporalEncoder, step: Tensor, places: _Places) -> Tensor:
    """What each query gathers from each series, (n, queries * width)."""
    series, at = places.shape[1], places.series * places.most + places.rank
    dense = step.new_zeros(series * places.most, step.shape[1]).index_copy_(0, at, step)
    said = encoder.scores(step)
    scores = said.new_full((len(dense), said.shape[1]), _NEVER).index_copy_(0, at, said)
    by_query = scores.view(series, places.most, -1).transpose(1, 2).contiguous()  # slots side by side are sooner
    return torch.bmm(torch.softmax(by_query, dim=2), dense.view(series, places.most, -1)).flatten(1)
