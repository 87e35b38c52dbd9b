"""What goes wrong on and around a built site: areas by look from completion on, measured window by window."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.jobs.sitewatch.stacks import SiteStack, around, widened, windows_of
from geo.sites import SiteMeasure
from models.sites.ground import shows_ground
from models.sites.looks import Days, Flags, Looks, Reflectance
from models.sites.operation import (
    OperationRule,
    built_near_looks,
    burnt_looks,
    canopy_looks,
    standing_water_looks,
)

_Measure = Callable[[Reflectance, Flags, Days, Flags, OperationRule], Looks]

#: In a window any look counts that shows some of it; whether it shows enough is asked of the whole ground.
_ANY: Final = OperationRule(least_clear=1e-9)


@dataclass(frozen=True, slots=True)
class OperationGrounds:
    """Where each thing is looked for, (y, x) each; None: it is not.

    Attributes:
        panels: pixels under rows.
        ground: the site's own: water, fire.
        around: outside the site, where somebody may build.
    """

    panels: Flags | None
    ground: Flags | None
    around: Flags | None

    def wanted(self) -> Sequence[tuple[SiteMeasure, _Measure, Flags]]:
        """What is measured, how, and where."""
        every: tuple[tuple[SiteMeasure, _Measure, Flags | None], ...] = (
            (SiteMeasure.CANOPY_IN_PANELS, canopy_looks, self.panels),
            (SiteMeasure.STANDING_WATER, standing_water_looks, self.ground),
            (SiteMeasure.BURNT, burnt_looks, self.ground),
            (SiteMeasure.BUILT_NEAR, built_near_looks, self.around),
        )
        return [(measure, how, where) for measure, how, where in every if where is not None and where.any()]


def operation_looks(stack: SiteStack, since: np.datetime64, grounds: OperationGrounds) -> Mapping[SiteMeasure, Looks]:
    """Areas by look from a day on; each look rests on itself and on looks before it.

    A patch that crosses the border of a window of 128 pixels is measured as two.

    Args:
        stack: all looks.
        since: day of completion.
        grounds: where to look.
    """
    later = stack.days >= since
    if not later.any():
        return {}
    return {measure: _whole(stack, later, how, where) for measure, how, where in grounds.wanted()}


def _whole(stack: SiteStack, later: Flags, how: _Measure, where: Flags) -> Looks:
    days = stack.days[later]
    area, squares, shown = (np.zeros(len(days)) for _ in range(3))
    for core in windows_of(around(where, stack.shape)):
        mask = np.zeros(stack.shape, dtype=np.bool_)
        mask[core.slices] = where[core.slices]
        if not mask.any():
            continue
        outer, _ = widened(core, stack.shape)
        images, classes = stack.read(outer)
        clear = shows_ground(images, classes)[later]
        part = mask[outer.slices]
        looks = how(np.nan_to_num(images[later], nan=1e-4), clear, days, part, _ANY)
        area += np.nan_to_num(looks.values)
        squares += np.nan_to_num(looks.errors) ** 2
        shown += looks.clear * float(part.sum())
    clear_share = shown / float(where.sum())
    told = np.where(clear_share >= OperationRule().least_clear, 1.0, np.nan)
    return Looks(days, told * area, told * np.sqrt(squares), clear_share)
