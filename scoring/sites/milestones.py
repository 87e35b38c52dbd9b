"""Milestones of a site as they were reached: cleared, being built, complete, steady.

A milestone lies between two looks: the last that does not show it and the first that does. What hides part of the site
does not show that all of it is built: completion lies before the first clear look from then on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from scoring.sites.plan import MilestoneKind
from scoring.sites.progress import Days, Floats, Observed, Progress, isotonic, progress_on

Flags = npt.NDArray[np.bool_]

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
        ended: rise of the share that is no more building; with `creep` set on simulated seeds 20000 to 20099.
        creep: rise in a day that is none either.
        clear: share of the site that a look must show to show it complete.
        murky: looks after the first that together show as much as a clear one.
        steady_days: days for which it has been complete before it is steady.
        steady_looks: looks in that time, at least.
    """

    cleared: float = 0.5
    building: float = 0.03
    complete: float = 0.95
    about: float = 0.2
    ended: float = 0.01
    creep: float = 0.0006
    clear: float = 0.8
    murky: int = 3
    steady_days: int = 60
    steady_looks: int = 3


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
    return found | reached(days, progress, complete, _clear(panels, rule), rule)


def reached(
    days: Days, progress: Progress, complete: Flags, clear: Flags | None, rule: MilestoneRule
) -> dict[MilestoneKind, Reached]:
    """Milestones of building.

    Args:
        days: (t,) datetime64[D] of looks, rising, one at least.
        progress: by these days.
        complete: (t,) whether the site is complete by each.
        clear: (t,) looks that show most of the site; None: all do.
        rule: when one counts.
    """
    return {
        MilestoneKind.BUILDING: _first(days, (progress.share >= rule.building) & (progress.low > 0)),
        MilestoneKind.COMPLETE: _seen(days, complete, clear, rule),
        MilestoneKind.STEADY: _first(days, _steady(days, complete, rule)),
    }


def _clear(observed: Observed, rule: MilestoneRule) -> Flags | None:
    """Looks that tell something which show most of the site."""
    if observed.clear is None:
        return None
    clear: Flags = observed.clear[np.isfinite(observed.shares)] >= rule.clear
    return clear


def _seen(days: Days, complete: Flags, clear: Flags | None, rule: MilestoneRule) -> Reached:
    """Completion: after the last look that does not show it, by the first clear look that does."""
    first = _first(days, complete)
    if clear is None or np.isnat(first.by):
        return first
    since = np.arange(len(days)) - int(complete.argmax())
    shown = (since >= 0) & (clear | (since >= rule.murky))
    return replace(first, by=days[shown][0] if shown.any() else _NEVER)


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


def _steady(days: Days, complete: Flags, rule: MilestoneRule) -> Flags:
    """(t,) whether each look lies long enough, and by enough looks, after completion."""
    if not complete.any():
        return complete
    first = int(complete.argmax())
    long = days >= days[first] + np.timedelta64(rule.steady_days, "D")
    steady: Flags = long & (np.arange(len(days)) >= first + rule.steady_looks)
    return steady


def _first(days: Days, shown: Flags) -> Reached:
    if not shown.any():
        return Reached(days[-1] if len(days) else _NEVER, _NEVER)
    at = int(shown.argmax())
    return Reached(days[at - 1] if at else _NEVER, days[at])
