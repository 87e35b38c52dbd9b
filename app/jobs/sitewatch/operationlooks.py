"""What goes wrong on and around a built site: areas by look from completion on, measured window by window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.jobs.sitewatch.stacks import SiteStack, around, widened, windows_of
from geo.sites import SiteMeasure
from models.sites.ground import shows_ground
from models.sites.looks import Days, Flags, Looks, Reflectance
from models.sites.near import NearRule, built_near_looks
from models.sites.operation import OperationRule, operation_measures
from models.sites.patches import PatchRule

_Grounds = Mapping[SiteMeasure, Flags]
_Measure = Callable[[Reflectance, Flags, Days, _Grounds], Mapping[SiteMeasure, Looks]]

#: In a window any look counts that shows some of it; whether it shows enough is asked of the whole ground.
_ANY: Final = PatchRule(least_clear=1e-9)


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

    def own(self) -> _Grounds:
        """Of what is measured on the site itself."""
        every = {
            SiteMeasure.CANOPY_IN_PANELS: self.panels,
            SiteMeasure.STANDING_WATER: self.ground,
            SiteMeasure.BURNT: self.ground,
        }
        return _some(every)

    def outside(self) -> _Grounds:
        """Of what is measured around it."""
        return _some({SiteMeasure.BUILT_NEAR: self.around})


def _some(every: Mapping[SiteMeasure, Flags | None]) -> _Grounds:
    return {measure: where for measure, where in every.items() if where is not None and where.any()}


def operation_looks(stack: SiteStack, since: np.datetime64, grounds: OperationGrounds) -> Mapping[SiteMeasure, Looks]:
    """Areas by look from a day on; each look rests on itself and on looks before it.

    What happens on the site is set against looks since that day, building near it against all looks. A patch that
    crosses the border of a window of 128 pixels is measured as two.

    Args:
        stack: all looks.
        since: day of completion.
        grounds: where to look.
    """
    later = stack.days >= since
    if not later.any():
        return {}
    near = _whole(stack, np.ones_like(later), _near, grounds.outside())
    return {**_whole(stack, later, _own, grounds.own()), **{name: _cut(looks, later) for name, looks in near.items()}}


def _own(images: Reflectance, clear: Flags, days: Days, where: _Grounds) -> Mapping[SiteMeasure, Looks]:
    rows = where.get(SiteMeasure.CANOPY_IN_PANELS, np.zeros(clear.shape[1:], dtype=np.bool_))
    ground = where.get(SiteMeasure.STANDING_WATER, np.zeros_like(rows))
    return operation_measures(images, clear, days, ground, rows, OperationRule(patches=_ANY))


def _near(images: Reflectance, clear: Flags, days: Days, where: _Grounds) -> Mapping[SiteMeasure, Looks]:
    ground = where[SiteMeasure.BUILT_NEAR]
    return {SiteMeasure.BUILT_NEAR: built_near_looks(images, clear, days, ground, NearRule(patches=_ANY))}


def _cut(looks: Looks, kept: Flags) -> Looks:
    return Looks(looks.days[kept], looks.values[kept], looks.errors[kept], looks.clear[kept])


def _whole(stack: SiteStack, kept: Flags, how: _Measure, grounds: _Grounds) -> Mapping[SiteMeasure, Looks]:
    """Measures of some looks, summed over windows."""
    if not grounds:
        return {}
    days = stack.days[kept]
    sums = {measure: np.zeros((3, len(days))) for measure in grounds}
    for core in windows_of(around(np.logical_or.reduce([*grounds.values()]), stack.shape)):
        masks = {measure: np.zeros(stack.shape, dtype=np.bool_) for measure in grounds}
        for measure, where in grounds.items():
            masks[measure][core.slices] = where[core.slices]
        if not any(mask.any() for mask in masks.values()):
            continue
        outer, _ = widened(core, stack.shape)
        images, classes = stack.read(outer)
        clear = shows_ground(images, classes)[kept]
        parts = {measure: mask[outer.slices] for measure, mask in masks.items()}
        found = how(np.nan_to_num(images[kept], nan=1e-4), clear, days, parts)
        for measure, part in parts.items():
            looks, size = found[measure], float(part.sum())
            sums[measure] += [np.nan_to_num(looks.values), np.nan_to_num(looks.errors) ** 2, looks.clear * size]
    return {measure: _summed(days, each, float(grounds[measure].sum())) for measure, each in sums.items()}


def _summed(days: Days, sums: np.ndarray, ground_px: float) -> Looks:
    area, squares, shown = sums
    clear_share = shown / ground_px
    told = np.where(clear_share >= PatchRule().least_clear, 1.0, np.nan)
    return Looks(days, told * area, told * np.sqrt(squares), clear_share)
