"""Water by optical look and by radar pass brought to one scale.

Each of the two draws the shore its own way, on every look of a reservoir alike: its area is some per cent too large or
too small as a whole, while from look to look it moves by one or two. Where both saw about the same water, their ratio
tells how far they lie apart, and each is moved by the part that its own spread over reservoirs makes likely.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from models.sites.looks import Days, Flags, Floats, Looks

_TWO: Final = 2


@dataclass(frozen=True, slots=True)
class AlignmentRule:
    """What counts as the same water, and how far each kind is off. Set on simulated seeds 900000 to 900099.

    Attributes:
        optical: standard deviation over reservoirs of the logarithm of an area from optical looks over the truth.
        radar: the same from radar.
        near_days: days from a pass to the nearer of the optical looks around it, at most.
        span_days: days between these two, at most.
        beyond_days: days that a pass may lie before the first optical look or after the last.
        least: part of the largest area so far from which areas are compared: on small ones the shore is all there is.
        noise: standard deviation of a ratio beside the stated error of the optical area.
        doubt: standard deviation that is left of the mean ratio however many there are.
    """

    optical: float = 0.025
    radar: float = 0.04
    near_days: int = 12
    span_days: int = 40
    beyond_days: int = 3
    least: float = 0.25
    noise: float = 0.02
    doubt: float = 0.01


def aligned(optical: Looks, radar: Looks, rule: AlignmentRule | None = None) -> tuple[Looks, Looks]:
    """Both with their areas on one scale; as they are where fewer than two passes saw what optical looks saw.

    All looks speak: more of them move earlier areas a little.

    Args:
        optical: areas of water by optical look, NaN where one tells nothing.
        radar: areas by pass.
        rule: what is compared.
    """
    rule = rule or AlignmentRule()
    days, area, error = _told(optical)
    passes, seen, _ = _told(radar)
    if min(len(days), len(passes)) < _TWO:
        return optical, radar
    beside = np.interp(passes.astype(np.int64), days.astype(np.int64), area)
    least = rule.least * float(max(area.max(), seen.max()))
    same = _near(passes, days, rule) & (beside > least) & (seen > least)
    if int(same.sum()) < _TWO:
        return optical, radar
    doubt = np.interp(passes.astype(np.int64), days.astype(np.int64), error)[same] / beside[same]
    weights = 1.0 / (doubt**2 + rule.noise**2)
    apart = _median(np.log(seen[same] / beside[same]), weights)
    spread = rule.optical**2 + rule.radar**2 + _TWO / float(weights.sum()) + rule.doubt**2
    return (
        replace(optical, values=optical.values * np.exp(apart * rule.optical**2 / spread)),
        replace(radar, values=radar.values * np.exp(-apart * rule.radar**2 / spread)),
    )


def _told(looks: Looks) -> tuple[Days, Floats, Floats]:
    told = np.isfinite(looks.values)
    return looks.days[told], looks.values[told], looks.errors[told]


def _near(passes: Days, days: Days, rule: AlignmentRule) -> Flags:
    """(p,) passes with optical looks close around them."""
    at, known = passes.astype(np.int64), days.astype(np.int64)
    after = np.clip(np.searchsorted(known, at), 1, len(known) - 1)
    before = known[after - 1]
    gap = np.minimum(np.abs(known[after] - at), np.abs(at - before))
    within = (at >= known[0] - rule.beyond_days) & (at <= known[-1] + rule.beyond_days)
    near: Flags = within & (gap <= rule.near_days) & (known[after] - before <= rule.span_days)
    return near


def _median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values)
    heavy = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(heavy, heavy[-1] / 2.0)])
