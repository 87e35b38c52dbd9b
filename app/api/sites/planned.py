"""The planned S-curve as points that a chart joins with straight lines."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import numpy as np

from scoring.sites.plan import SitePlan, planned_share

#: Points at most, however many the plan's own curve has.
MOST: Final = 80
#: Points of a curve that is drawn from milestones.
_DRAWN: Final = 60


def planned_points(plan: SitePlan) -> list[tuple[date, float]]:
    """Day and share 0..1 by day, at most MOST, from the first planned day to that on which all is to be built.

    A plan's own points stand as they are given; where there are more than MOST, every so many of them, always the first
    and the last. Without a curve, days evenly over the span of the milestones, and the milestones' own days.
    """
    days = _thinned([day for day, _ in plan.curve]) if plan.curve else _spread([each.due for each in plan.milestones])
    shares = planned_share(plan, np.array(days, dtype="datetime64[D]"))
    return [(day, round(float(share), 4)) for day, share in zip(days, shares, strict=True)]


def _thinned(days: list[date]) -> list[date]:
    kept = np.unique(np.linspace(0, len(days) - 1, min(len(days), MOST)).round().astype(int))
    return [days[place] for place in kept.tolist()]


def _spread(due: list[date]) -> list[date]:
    first, span = min(due), (max(due) - min(due)).days
    even = {first + timedelta(days=round(span * part)) for part in np.linspace(0, 1, _DRAWN).tolist()}
    return sorted(even | set(due))
