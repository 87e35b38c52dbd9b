"""How far a wind farm is: pads that are laid and towers that stand, against what is planned and what is permitted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.stats import norm

from geo.errors import InputError
from scoring.sites.milestones import MilestoneRule
from scoring.sites.progress import COVERAGE, Days, Floats, Observed, Progress, progress_on

#: Part of the progress that pads are; the rest are towers. A judgement: a plan's own curve says what its shares mean.
PADS_PART: Final = 0.5

#: Turbines that may seem to lack in progress while a farm counts as complete: under half of one tower (PADS_PART of one
#: would be a tower that is not there). Set on simulated seeds 900000 to 900199.
_LACKS: Final = 0.35


#: Latest looks by which pads elsewhere are counted.
_LOOKS: Final = 3

#: Standard errors that a bound is off.
_NORMAL: Final = float(norm.isf((1 - COVERAGE) / 2))


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of one thing by date.

    Attributes:
        days: (t,) datetime64[D], rising.
        counts: (t,) how many; NaN where a look tells nothing.
        errors: (t,) standard errors.
    """

    days: Days
    counts: Floats
    errors: Floats

    def shares(self, planned: int) -> Observed:
        """As shares of what is planned."""
        return Observed(self.days, self.counts / planned, self.errors / planned)


def wind_progress(pads: Counts, towers: Counts, planned: int, days: Days) -> Progress:
    """Progress of a wind farm: half its pads, half its towers. A tower that stands has its pad, seen or not.

    Args:
        pads: pads that are laid.
        towers: towers that stand; without a look that tells, nothing is known of them and the upper bound stays open.
        planned: turbines of the plan.
        days: (d,) datetime64[D], rising.

    Raises:
        InputError: no turbine is planned.
    """
    if planned < 1:
        raise InputError("SITES_TURBINES", f"A wind farm of {planned} turbines.", "Give the planned places.")
    laid = progress_on(pads.shares(planned), days)
    risen = progress_on(towers.shares(planned), days)
    low, share, high = (
        PADS_PART * np.maximum(getattr(laid, bound), getattr(risen, bound)) + (1.0 - PADS_PART) * getattr(risen, bound)
        for bound in ("low", "share", "high")
    )
    return Progress(
        low,
        share,
        high,
        np.fmax(laid.seen_on, risen.seen_on),
    )


def farm_rule(planned: int) -> MilestoneRule:
    """When milestones of a farm of so many turbines count: a small one is complete with its last tower, at no share."""
    usual = MilestoneRule()
    return replace(usual, complete=min(usual.complete, 1.0 - _LACKS / planned))


def over_permit(elsewhere: Counts) -> tuple[int, int] | None:
    """Pads at no planned place, at least and as it seems, by the latest looks that tell; None where none does.

    The median of three looks: what has gone again was no pad, and one look may hide or invent one.

    Args:
        elsewhere: patches like pads that are at no planned place; looks after the day that is asked for are left out.
    """
    told = np.flatnonzero(np.isfinite(elsewhere.counts))[-_LOOKS:]
    if not len(told):
        return None
    seems, error = float(np.median(elsewhere.counts[told])), float(np.median(elsewhere.errors[told]))
    return max(int(np.floor(seems - _NORMAL * error)), 0), int(np.floor(seems))
