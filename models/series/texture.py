"""How pixels of one parcel differ from its mean: patches that stay through the season, and noise."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

#: Spread within a plot where the source has none: medians over the Bavarian parcels of 2018, reflectance.
_USUAL_SPREAD: Final = (0.009, 0.012, 0.017, 0.016, 0.028, 0.037, 0.040, 0.038, 0.023, 0.023)

#: Where a stand is greener, it is darker in the visible and short-wave infrared and brighter in between.
GREENER: Final = (-1, -1, -1, -1, 1, 1, 1, 1, -1, -1)

#: Share of a plot's spread that lies in patches; the rest differs from pixel to pixel and date to date.
PATCHY: Final = 0.75

#: Least reflectance of a painted pixel.
_DARKEST: Final = 1e-3


def known_spread(spread: NDArray[np.float32]) -> NDArray[np.float32]:
    """Spread within plots, (n, bands), with what is usual where it is NaN."""
    return np.where(np.isfinite(spread), spread, np.array(_USUAL_SPREAD)).astype(np.float32)


def as_pixels(values: Tensor, spread: Tensor, share: float, rng: torch.Generator) -> Tensor:
    """Some series of a batch as those of a single pixel of their plot instead of its mean.

    Args:
        values: (n, slots, bands) reflectance, NaN gaps, on the CPU.
        spread: (n, bands) standard deviation within the plot.
        share: of the series that are changed.
        rng: generator on the CPU.

    Returns:
        (n, slots, bands).
    """
    count = len(values)
    patch = PATCHY * torch.randn(count, 1, 1, generator=rng) * torch.tensor(GREENER, dtype=values.dtype)
    noise = (1 - PATCHY) * torch.randn(values.shape, generator=rng)
    changed = torch.rand(count, 1, 1, generator=rng) < share
    return torch.where(changed, (values + spread[:, None] * (patch + noise)).clamp(min=_DARKEST), values)
