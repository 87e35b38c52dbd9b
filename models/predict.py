"""Maps and series through a released network: the same figures whatever the batches, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from geo.bands import BANDS
from geo.errors import InputError
from models.network import Heads
from models.release import Release
from models.timegrid import onto_slots, slot_grid

Floats = NDArray[np.float32]

#: Series that go through the temporal encoder at once: what stays in a core's cache is fastest.
_BATCH: Final = 256


@dataclass(frozen=True, slots=True)
class Prediction:
    """Maps on the grid of the input; NaN where a pixel has no clear step in the whole season.

    Attributes:
        probabilities: (classes, y, x) float32, adds up to 1 over the classes of the card.
        vigour: (y, x) float32, percentile 0 to 100 among the same crop.
    """

    probabilities: Floats
    vigour: Floats


@dataclass(frozen=True, slots=True)
class SeriesPrediction:
    """Figures of single series; NaN where a series has no clear step.

    Attributes:
        probabilities: (n, classes) float32, adds up to 1.
        vigour: (n,) float32, percentile 0 to 100 among the same crop.
    """

    probabilities: Floats
    vigour: Floats


def predict(release: Release, values: Floats, dates: Sequence[date]) -> Prediction:
    """Crop probabilities and vigour of every pixel, with spatial context.

    Every pixel goes through the temporal encoder once; context is added in blocks of a fixed size on a grid that
    starts at the array's corner, each with a halo as wide as the network sees, so the result does not depend on how
    the work is split. Beside the input it needs about 90 floats a pixel.

    Args:
        release: network and card.
        values: (steps, bands, y, x) float32 surface reflectance, bands as geo.bands.BANDS, NaN where not clear. A
            step counts for a pixel only where all its bands are known.
        dates: a date of each step (its middle, or any day of its ten).

    Raises:
        InputError: the shape does not fit the bands or the dates.
    """
    _check(values, dates, band_axis=1)
    grid = slot_grid(dates)
    slots = onto_slots(values, grid)
    _, _, height, width = slots.shape
    flat = slots.reshape(*slots.shape[:2], height * width)
    with torch.inference_mode():
        alone = _alone(release, flat, torch.from_numpy(grid.days))
        maps = Heads(
            alone.features.view(1, -1, height, width),
            alone.logits.view(1, -1, height, width),
            alone.vigour.view(1, height, width),
        )
        both = _with_context(release, maps)
        chances = torch.softmax(both.logits[0] / release.card.temperature, dim=0)
    clear = np.asarray(np.isfinite(slots).all(axis=1).any(axis=0))
    return Prediction(_masked(chances, clear), _masked(both.vigour[0].clamp(0, 1) * 100, clear))


def classify_series(release: Release, values: Floats, dates: Sequence[date]) -> SeriesPrediction:
    """Crop probabilities and vigour of single series, without spatial context.

    Args:
        release: network and card.
        values: (n, steps, bands) float32 surface reflectance, NaN where not clear.
        dates: a date of each step.

    Raises:
        InputError: the shape does not fit the bands or the dates.
    """
    moved = np.moveaxis(values, 0, -1)
    _check(moved, dates, band_axis=1)
    grid = slot_grid(dates)
    slots = onto_slots(moved, grid)
    with torch.inference_mode():
        alone = _alone(release, slots, torch.from_numpy(grid.days))
        chances = torch.softmax(alone.logits / release.card.temperature, dim=0)
    clear = np.asarray(np.isfinite(slots).all(axis=1).any(axis=0))
    return SeriesPrediction(_masked(chances, clear).T, _masked(alone.vigour.clamp(0, 1) * 100, clear))


def _check(values: Floats, dates: Sequence[date], *, band_axis: int) -> None:
    if values.ndim <= band_axis or values.shape[band_axis] != len(BANDS):
        raise InputError(
            "MODEL_BANDS", f"The steps have shape {values.shape}, not {len(BANDS)} bands.", f"Give {', '.join(BANDS)}."
        )
    if values.shape[0] != len(dates):
        raise InputError(
            "MODEL_STEPS", f"There are {values.shape[0]} steps and {len(dates)} dates.", "Give one date for each step."
        )


def _alone(release: Release, flat: Floats, days: Tensor) -> Heads:
    """Heads of single series from (slots, bands, n): features (f, n), logits (classes, n), vigour (n,)."""
    spec, count = release.network.spec, flat.shape[2]
    heads = Heads(torch.empty(spec.features, count), torch.empty(spec.classes, count), torch.empty(count))
    for start in range(0, count, _BATCH):
        part = slice(start, start + _BATCH)
        batch = torch.from_numpy(np.ascontiguousarray(flat[:, :, part].transpose(2, 0, 1)))
        said = release.network.series(batch, days)
        heads.features[:, part] = said.features.T
        heads.logits[:, part] = said.logits.T
        heads.vigour[part] = said.vigour
    return heads


def _with_context(release: Release, alone: Heads) -> Heads:
    """Heads of the whole map, corrected block by block."""
    tiling = release.card.tiling
    height, width = alone.vigour.shape[1:]
    features, logits = (_padded(part, release) for part in (alone.features, alone.logits))
    both = Heads(alone.features, torch.empty_like(alone.logits), torch.empty_like(alone.vigour))
    reach = tiling.block_px + 2 * tiling.halo_px
    for row, column in _corners(height, width, tiling.block_px):
        there = (..., slice(row, row + reach), slice(column, column + reach))
        correction = release.network.context(features[there], logits[there])
        rows, columns = min(tiling.block_px, height - row), min(tiling.block_px, width - column)
        inner = correction[..., tiling.halo_px : tiling.halo_px + rows, tiling.halo_px : tiling.halo_px + columns]
        here = (..., slice(row, row + rows), slice(column, column + columns))
        both.logits[here] = alone.logits[here] + inner[:, :-1]
        both.vigour[here] = alone.vigour[here] + inner[:, -1]
    return both


def _padded(part: Tensor, release: Release) -> Tensor:
    """A map with zeros around it, so that every block is whole and has its halo."""
    tiling = release.card.tiling
    height, width = part.shape[-2:]
    below, right = (-side % tiling.block_px + tiling.halo_px for side in (height, width))
    return functional.pad(part, (tiling.halo_px, right, tiling.halo_px, below))


def _corners(height: int, width: int, block_px: int) -> Iterator[tuple[int, int]]:
    return ((row, column) for row in range(0, height, block_px) for column in range(0, width, block_px))


def _masked(figures: Tensor, clear: NDArray[np.bool_]) -> Floats:
    return np.where(clear, figures.numpy(), np.float32(np.nan)).astype(np.float32)
