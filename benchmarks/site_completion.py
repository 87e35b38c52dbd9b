"""How far a told day of completion lies from the first clear look at the complete site: one measure for all types."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Days = npt.NDArray[np.datetime64]

WITHIN = 10.0
_DAY = np.timedelta64(1, "D")


def days_off(told: np.datetime64, completed: np.datetime64, clear: Days) -> float:
    """Days that a told completion lies off: 0 between true completion and the first clear look from then on.

    Above 0 are days after that look, below 0 days before completion. NaN where nothing is to be told (the site was not
    complete, or not seen complete) and nothing false was told; inf where one of the two says so and the other does not.

    Args:
        told: day of completion as it is told in the end; NaT for never.
        completed: true one; NaT for never.
        clear: (t,) days of looks that show most of the site.
    """
    done = clear[clear >= completed] if not np.isnat(completed) else clear[:0]
    if np.isnat(told):
        return float("inf") if len(done) else float("nan")
    if np.isnat(completed):
        return float("inf")
    if told < completed:
        return float((told - completed) / _DAY)
    if not len(done):
        return float("nan")
    return max(float((told - done[0]) / _DAY), 0.0)


def days_after_look(told: np.datetime64, completed: np.datetime64, clear: Days) -> float:
    """The same from the first clear look alone: a day told rightly from a look that shows a part counts as early."""
    done = clear[clear >= completed] if not np.isnat(completed) else clear[:0]
    if not len(done):
        return float("nan")
    return float("inf") if np.isnat(told) else float((told - done[0]) / _DAY)


def interval_holds(after: np.datetime64, by: np.datetime64, completed: np.datetime64) -> float:
    """1 where true completion lies after the one look and by the other, 0 where it does not; NaN where one is missing.

    Args:
        after: last look that does not show it complete; NaT for none.
        by: first look that does; NaT for never.
        completed: true day; NaT for never.
    """
    if np.isnat(by) or np.isnat(completed):
        return float("nan")
    return float((np.isnat(after) or after < completed) and completed <= by)
