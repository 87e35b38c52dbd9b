"""Maps and series through a released network: the same figures whatever the batches, in bounded memory.

A map takes two steps. `encode` reads each pixel's series by itself; `correct` adds what the surroundings say, to a
window whose surroundings are there. `predict` does both for what fits into memory; a larger map is encoded part by part
and corrected window by window.
"""

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

from geo.bands import BANDS, RADAR_CHANNELS
from geo.errors import InputError
from models.network import CropNet, Heads
from models.packed import packed_features
from models.release import Release
from models.timegrid import SlotGrid, onto_slots, slot_grid

Floats = NDArray[np.float32]

#: Series that go through the temporal encoder at once: what stays in a core's cache is fastest. Figures do not depend
#: on it.
_BATCH: Final = 256
#: Pixels along a side of the coarsest pixel of the context: it halves its maps three times.
_COARSEST_PX: Final = 8


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


def predict(release: Release, values: Floats, dates: Sequence[date], radar: Floats | None = None) -> Prediction:
    """Crop probabilities and vigour of every pixel, with spatial context.

    Every pixel goes through the temporal encoder once; context is added in blocks of a fixed size on a grid that
    starts at the array's corner, each with a halo wider than the network sees. With one thread the figures are the
    same bits however the work is split; another number of threads moves them by less than the card's tolerance.
    Beside the input it needs about 90 floats a pixel.

    Args:
        release: network and card.
        values: (steps, bands, y, x) float32 surface reflectance, bands as geo.bands.BANDS, NaN where not clear. A
            step counts for a pixel only where all its bands are known.
        dates: a date of each step (its middle, or any day of its ten).
        radar: (steps, 2, y, x) float32 backscatter sigma0 in dB, VV and VH, on the same dates, NaN where there is no
            pass; None where there is no radar at all. It adds to what is clear and never stands in for it.

    Raises:
        InputError: the shape does not fit the bands or the dates, or the network cannot read radar.
    """
    features = encode(release, values, dates, radar)
    _, height, width = features.shape
    said = Prediction(
        np.empty((len(release.card.classes), height, width), dtype=np.float32),
        np.empty((height, width), dtype=np.float32),
    )
    for rows, columns in _blocks(height, width, release.card.tiling.block_px):
        part = correct(release, features, rows, columns)
        said.probabilities[:, rows, columns] = part.probabilities
        said.vigour[rows, columns] = part.vigour
    return said


def encode(release: Release, values: Floats, dates: Sequence[date], radar: Floats | None = None) -> Floats:
    """What the temporal encoder makes of every pixel by itself: (features, y, x) float32, NaN where never clear.

    Arguments and errors as in `predict`. From 256 pixels on, a pixel's figures are the same bits whatever is encoded
    with it and whatever the number of threads.
    """
    _check(values, dates)
    if radar is not None:
        _check_radar(release, radar, values)
    height, width = values.shape[2:]
    return _encoded(release, values, dates, radar).reshape(-1, height, width)


def correct(release: Release, features: Floats, rows: slice, columns: slice) -> Prediction:
    """Crop probabilities and vigour of a window, seen with its surroundings.

    Args:
        release: network and card.
        features: (features, y, x) of `encode`, with the card's halo around the window wherever there is a map; beyond
            the array's edge counts as never seen.
        rows: of the window. For the same figures whatever the window, starts of rows and columns keep their distance
            to each other in multiples of the network's coarsest pixel (8).
        columns: of the window.
    """
    halo = release.card.tiling.halo_px
    with torch.inference_mode():
        around = _with_halo(torch.from_numpy(features), rows, columns, halo)
        seen = torch.isfinite(around[0])
        alone = _heads(release.network, around.nan_to_num_(0.0))
        both = release.network.with_context(alone)
        here = (..., slice(halo, halo + rows.stop - rows.start), slice(halo, halo + columns.stop - columns.start))
        chances = torch.softmax(both.logits[0][here] / release.card.temperature, dim=0)
        return Prediction(_masked(chances, seen[here]), _percentile(both.vigour[0][here], seen[here]))


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
    _check(moved, dates)
    with torch.inference_mode():
        features = torch.from_numpy(_encoded(release, moved, dates, None))
        seen = torch.isfinite(features[0])
        alone = _heads(release.network, features.nan_to_num_(0.0)[:, None])
        chances = torch.softmax(alone.logits[0, :, 0] / release.card.temperature, dim=0)
        return SeriesPrediction(_masked(chances, seen).T, _percentile(alone.vigour[0, 0], seen))


def _check(values: Floats, dates: Sequence[date]) -> None:
    if values.ndim < 2 or values.shape[1] != len(BANDS):  # noqa: PLR2004 - steps and bands
        raise InputError(
            "MODEL_BANDS", f"The steps have shape {values.shape}, not {len(BANDS)} bands.", f"Give {', '.join(BANDS)}."
        )
    if values.shape[0] != len(dates):
        raise InputError(
            "MODEL_STEPS", f"There are {values.shape[0]} steps and {len(dates)} dates.", "Give one date for each step."
        )


def _check_radar(release: Release, radar: Floats, values: Floats) -> None:
    if release.card.network.radar == 0:
        raise InputError("MODEL_RADAR", "This network cannot read radar.", "Leave radar out, or take another model.")
    wanted = (len(values), len(RADAR_CHANNELS), *values.shape[2:])
    if radar.shape != wanted:
        raise InputError(
            "MODEL_RADAR",
            f"The radar has shape {radar.shape}, not {wanted}.",
            "Give VV and VH on the steps of the bands.",
        )


def _encoded(release: Release, values: Floats, dates: Sequence[date], radar: Floats | None) -> Floats:
    """Features of (steps, bands, ...), flat: (features, n)."""
    grid = slot_grid(dates)
    flat, days = _flat(values, grid), torch.from_numpy(grid.days)
    passes = None if radar is None else _flat(radar, grid)
    features = np.empty((release.network.spec.features, flat.shape[2]), dtype=np.float32)
    with torch.inference_mode():
        for start in range(0, flat.shape[2], _BATCH):
            # The last batch is a full one too: products with one row alone are rounded otherwise.
            part = slice(max(min(start, flat.shape[2] - _BATCH), 0), start + _BATCH)
            beside = None if passes is None else passes[:, :, part]
            features[:, part] = packed_features(release.network.temporal, flat[:, :, part], days, beside).t().numpy()
    return features


def _flat(values: Floats, grid: SlotGrid) -> Tensor:
    """Steps (steps, channels, ...) in their slots, (slots, channels, n)."""
    slots = onto_slots(values, grid)
    return torch.from_numpy(slots.reshape(*slots.shape[:2], -1))


def _heads(network: CropNet, features: Tensor) -> Heads:
    """Heads of (features, y, x), without context: (1, channels, y, x)."""
    weights = (network.crop_head.weight[..., None, None], network.vigour_head.weight[..., None, None])
    crop = functional.conv2d(features[None], weights[0], network.crop_head.bias)
    vigour = functional.conv2d(features[None], weights[1], network.vigour_head.bias)
    return Heads(features[None], crop, vigour[:, 0])


def _with_halo(features: Tensor, rows: slice, columns: slice, halo: int) -> Tensor:
    """A window with its halo, NaN beyond the array; sides rounded up to what the network can halve."""
    margins, parts = [], []
    for size, part in zip(features.shape[1:], (rows, columns), strict=True):
        first, last = part.start - halo, part.stop + -(part.stop - part.start) % _COARSEST_PX + halo
        margins.append((max(-first, 0), max(last - size, 0)))
        parts.append(slice(max(first, 0), min(last, size)))
    return functional.pad(features[:, parts[0], parts[1]], (*margins[1], *margins[0]), value=torch.nan)


def _blocks(height: int, width: int, block_px: int) -> Iterator[tuple[slice, slice]]:
    for row in range(0, height, block_px):
        for column in range(0, width, block_px):
            yield slice(row, min(row + block_px, height)), slice(column, min(column + block_px, width))


def _percentile(vigour: Tensor, seen: Tensor) -> Floats:
    return _masked(vigour.clamp(0, 1) * 100, seen)


def _masked(figures: Tensor, seen: Tensor) -> Floats:
    masked: Floats = torch.where(seen, figures, torch.nan).numpy()
    return masked
