"""Areas by look of what counts on a ground, in patches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import ndimage

from geo.bands import RESOLUTION_M
from models.sites.looks import Days, Flags, Looks

_PIXEL_M2: Final = float(RESOLUTION_M**2)
_AROUND: Final = np.ones((3, 3), dtype=np.bool_)
_SOLID: Final = np.ones((2, 2), dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class PatchRule:
    """What counts.

    Attributes:
        least_clear: share of the ground that a look must show to tell anything.
        least_px: pixels of the smallest patch; single ones are noise.
    """

    least_clear: float = 0.5
    least_px: int = 8


def patch_areas(counted: Flags, able: Flags, days: Days, ground: Flags, rule: PatchRule) -> Looks:
    """Area by look, m2; its error from edges, hidden ground and single pixels.

    Args:
        counted: (t, y, x) pixels that may count.
        able: (t, y, x) pixels that a look tells something of.
        days: (t,) datetime64[D], rising.
        ground: (y, x) where it is looked for.
        rule: what counts.
    """
    size = max(int(ground.sum()), 1)
    shown = (able & ground).sum(axis=(1, 2)) / size
    values, errors = np.full(len(days), np.nan), np.full(len(days), np.nan)
    for time in np.flatnonzero(shown >= rule.least_clear):
        patches = solid_patches(counted[time] & ground, rule.least_px)
        area, edge = int(patches.sum()), int((patches & ~ndimage.binary_erosion(patches, _AROUND)).sum())
        hidden = area * (1.0 / float(shown[time]) - 1.0)
        values[time] = area * _PIXEL_M2
        errors[time] = float(np.sqrt((edge / 4.0) ** 2 + hidden**2 + 1.0)) * _PIXEL_M2
    return Looks(days, values, errors, shown)


def solid_patches(pixels: Flags, least: int) -> Flags:
    """Pixels of patches that are large enough where they are two pixels wide or more: what is narrower is an edge."""
    solid = ndimage.binary_opening(pixels, _SOLID)
    labels, count = ndimage.label(solid, _AROUND)
    if not count:
        return np.asarray(solid, dtype=np.bool_)
    large = np.bincount(labels.ravel(), minlength=count + 1) >= least
    large[0] = False
    return np.asarray(large[labels], dtype=np.bool_)
