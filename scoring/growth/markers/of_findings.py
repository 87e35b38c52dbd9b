"""Markers of what radar and pixels tell, from their findings: OK, NOT_VALID, or NOT_EXECUTED where neither was read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
from scipy.special import ndtri

from scoring.alerts.findings import NEVER, Findings
from scoring.growth.markers.table import OUTCOMES, Marker, settle

#: Why a cause was not looked for, and why it could not be judged.
_WHY_NOT: Final = {
    "flood": ("no_radar", "not_seen_by_radar"),
    "two_crops": ("no_pixels", "too_small_or_few_looks"),
    "construction": ("no_pixels", "too_small_or_few_looks"),
}
#: A confidence of 1 is no score.
_SUREST: Final = 1.0 - 1e-9


def marker_of(cause: str, found: Iterable[Findings] | None, n: int) -> Marker:
    """A marker as of the day of the last findings; what was judged stays until it is judged again.

    Args:
        cause: "flood", "two_crops" or "construction".
        found: findings in the order of their days, those of other causes passed over; None where nothing was read that
            could tell (a run without radar, cubes that are gone).
        n: parcels.
    """
    calm, there = OUTCOMES[cause]
    judged, raised = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
    score, value, high = (np.full(n, np.nan) for _ in range(3))
    event, why = np.full(n, NEVER), np.full(n, "", dtype="<U16")
    for each in found or ():
        if each.cause != cause:
            continue
        now = each.judged
        judged |= now
        raised[now], event[now], why[now] = each.raised[now], each.event_on[now], each.why[now]
        value[now], high[now] = each.value[now], each.expected_high[now]
        score[now] = ndtri(np.minimum(each.confidence[now], _SUREST))
    return settle(
        cause,
        executed=np.full(n, found is not None),
        valid=judged,
        outcome=np.where(raised, there, calm),
        raised=raised,
        score=score,
        why_not=_WHY_NOT[cause],
        judged=np.zeros((n, 0), dtype=np.bool_),
        event=event,
        value=value,
        band=(np.nan, high),
        note=why,
    )
