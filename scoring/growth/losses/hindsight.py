"""Abrupt losses with all looks of the season in hand, and a naive rule to compare with. Never for live use."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from scoring.growth.losses.abrupt import CONFIRMED, WITHDRAWN, Losses, LossRule, find_losses

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]

#: A fall as far as to 0.2 is mostly snow or the end of the season here; live it is raised all the same.
HINDSIGHT_RULE: Final = LossRule(floor=0.2)
#: What stays lost in the median of the looks up to this many days after.
_LEAST_LASTING: Final = 0.05
_LASTING_DAYS: Final = 15
#: A canopy that was cut does not go on falling; one that only fades does. A large fall needs no such proof.
_LEAST_REGROWTH: Final = 0.0
_REGROWTH_DAYS: Final = (5, 90)
_LARGE: Final = 0.3

_NAIVE: Final = LossRule(
    least_fall=0.15,
    scatter_factor=0,
    canopy=0.5,
    floor=0.2,
    memory_days=60,
    memory_looks=1,
    fading=0,
    quiet_days=0,
    common_share=0,
)


def find_losses_in_hindsight(ndvi: Floats, days: Days, rule: LossRule = HINDSIGHT_RULE) -> Losses:
    """Losses that lasted and were not the fading of the season; arguments as of `find_losses`."""
    losses = find_losses(ndvi, days, rule)
    losses = losses.at(losses.status != WITHDRAWN)
    if not len(losses.row):
        return losses
    looks = ndvi[losses.row]
    after = (days - losses.day[:, None]) / np.timedelta64(1, "D")
    here = np.where(after == 0, looks, -np.inf).max(axis=1)
    soon = np.where((after >= 0) & (after <= _LASTING_DAYS), looks, np.nan)
    lasting = losses.size + here - np.nanmedian(soon, axis=1)
    later = (after > _REGROWTH_DAYS[0]) & (after < _REGROWTH_DAYS[1]) & np.isfinite(looks)
    regrown = np.where(later, looks, -np.inf).max(axis=1) - np.nanmin(soon, axis=1)
    kept = (lasting >= _LEAST_LASTING) & ((regrown >= _LEAST_REGROWTH) | (lasting >= _LARGE))
    kept_losses = losses.at(kept)
    return replace(kept_losses, status=np.full(len(kept_losses.row), CONFIRMED))


def naive_losses(ndvi: Floats, days: Days) -> Losses:
    """The baseline: every fall of 0.15 NDVI of a canopy (0.5) from one look to the next within 60 days."""
    return find_losses(ndvi, days, _NAIVE)
