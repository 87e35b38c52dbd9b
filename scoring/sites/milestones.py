"""Milestones of a solar site as they were reached: cleared, being built, complete, steady.

A milestone lies between two looks: the last that does not show it and the first that does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from scoring.sites.plan import MilestoneKind
from scoring.sites.progress import Days, Floats, Observed, isotonic, progress_on

_NEVER: Final = np.datetime64("NaT", "D")


@dataclass(frozen=True, slots=True)
class MilestoneRule:
    """When a milestone counts as reached.

    Attributes:
        cleared: share of the border that is bare or built on.
        building: share of the plan that is built, while the lower bound is above 0.
        complete: share of the plan from which a site is complete: edges of rows share their pixels with soil. Where
            growth has ended at about the whole plan, it counts as a part of that end.
        about: how far from the plan growth may end for that.
        ended: rise of the share that is no more building.
        creep: rise in a day that is none either.
        steady_days: days for which it has been complete before it is steady.
        steady_looks: looks in that time, at least.
    """

    cleared: float = 0.5
    building: float = 0.03
    complete: float = 0.95
    about: float = 0.2
    ended: float = 0.025
    creep: float = 0.0008
    steady_days: int = 60
    steady_looks: int = 3


#: Of a reservoir. The last of its area fills slowly, and the fit of a rise lags behind its end, so that .95 as it is
#: measured comes late; set on simulated seeds 900000 to 900199.
FILLING: Final = MilestoneRule(complete=0.94)


@dataclass(frozen=True, slots=True)
class Reached:
    """A milestone that was reached.

    Attributes:
        after: datetime64[D], last look that does not show it; NaT where the first look shows it.
        by: datetime64[D], first look that shows it; NaT while it is not reached.
    """

    after: np.datetime64
    by: np.datetime64


def milestones_of(
    panels: Observed, cleared: Observed | None = None, rule: MilestoneRule | None = None
) -> Mapping[MilestoneKind, Reached]:
    """Milestones from all looks at a site.

    Args:
        panels: share of the plan that is built, by look.
        cleared: share of the border that is bare or built on; None where it was not measured.
        rule: when one counts.
    """
    rule = rule or MilestoneRule()
    days = panels.days[np.isfinite(panels.shares)]
    found = {}
    if cleared is not None:
        seen = cleared.days[np.isfinite(cleared.shares)]
        found[MilestoneKind.CLEARED] = _first(seen, _shares(cleared, seen) >= rule.cleared)
    if not len(days):
        return found | dict.fromkeys(list(MilestoneKind)[1:], Reached(_NEVER, _NEVER))
    progress = progress_on(panels, days)
    scaled = replace(panels, shares=panels.shares / _end(panels, rule))
    complete = progress_on(scaled, days).share >= rule.complete
    found[MilestoneKind.BUILDING] = _first(days, (progress.share >= rule.building) & (progress.low > 0))
    found[MilestoneKind.COMPLETE] = _first(days, complete)
    found[MilestoneKind.STEADY] = _first(days, _steady(days, complete, rule))
    return found


def _end(panels: Observed, rule: MilestoneRule) -> float:
    """Share at which building has ended, if that is about the whole plan; else 1.

    It is the first level from which on the share only creeps: mixed pixels are made out bit by bit for months.
    """
    seen = np.isfinite(panels.shares)
    days = panels.days[seen].astype("datetime64[D]").astype(np.int64)
    level = isotonic(panels.shares[seen], panels.errors[seen] ** -2.0)
    for at in range(len(level) - rule.steady_looks):
        near = abs(level[at] - 1.0) <= rule.about and days[-1] - days[at] >= rule.steady_days
        if near and (level[at:] - level[at] <= rule.ended + rule.creep * (days[at:] - days[at])).all():
            return float(level[at])
    return 1.0


def _shares(observed: Observed, days: Days) -> Floats:
    return progress_on(observed, days).share if len(days) else np.zeros(0)


def _steady(days: Days, complete: np.ndarray, rule: MilestoneRule) -> np.ndarray:
    """(t,) whether each look lies long enough, and by enough looks, after completion."""
    if not complete.any():
        return complete
    first = int(complete.argmax())
    long = days >= days[first] + np.timedelta64(rule.steady_days, "D")
    steady: np.ndarray = long & (np.arange(len(days)) >= first + rule.steady_looks)
    return steady


def _first(days: Days, shown: np.ndarray) -> Reached:
    if not shown.any():
        return Reached(days[-1] if len(days) else _NEVER, _NEVER)
    at = int(shown.argmax())
    return Reached(days[at - 1] if at else _NEVER, days[at])
