"""Where a site stands against its plan, as findings that the alerts' fold takes: on track, watch, warning, action."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from scoring.alerts.findings import NEVER, Findings
from scoring.sites.plan import SitePlan, planned_share
from scoring.sites.progress import Progress

BEHIND_PLAN: Final = "behind_plan"
RULE: Final = "behind-plan-1"


@dataclass(frozen=True, slots=True)
class Standing:
    """A site as of one day, with the day as of which it was judged before.

    Attributes:
        plan: its plan, without faults.
        progress: on that one day, (1,) each, never below what was reported before.
        judged_before: latest look that an earlier finding rests on; None for none.
    """

    plan: SitePlan
    progress: Progress
    judged_before: date | None = None


def delay_findings(standings: Sequence[Standing], day: date) -> Findings:
    """What the plan says of sites as of one day.

    A site is compared with its plan on the day of its latest look, not on the day of the question: what nobody saw
    since is not missing. It is behind only where even the upper bound of its progress is below the plan; how far
    (`severity`) is the share of the plan by which the upper bound falls short, so that noise alone raises nothing.

    Args:
        standings: n sites, in the order of the block.
        day: as of which it is asked.
    """
    looks = np.array([one.progress.seen_on[0] for one in standings], dtype="datetime64[D]")
    before = np.array([one.judged_before for one in standings], dtype="datetime64[D]")
    judged = ~np.isnat(looks) & (np.isnat(before) | (looks > before))
    high = np.array([one.progress.high[0] for one in standings])
    share = np.array([one.progress.share[0] for one in standings])
    planned = np.array([_planned(one, look) for one, look in zip(standings, looks, strict=True)])
    short = np.where(judged, np.clip(planned - high, 0.0, 1.0), np.nan)
    unknown = np.full(len(standings), np.nan)
    return Findings(
        cause=BEHIND_PLAN,
        day=day,
        judged=judged,
        raised=judged & (short > 0),
        severity=short,
        confidence=unknown,
        fallen=unknown,
        event_from=np.full(len(standings), NEVER),
        event_on=np.full(len(standings), NEVER),
        look_day=np.where(judged, looks, NEVER),
        value=np.where(judged, share, np.nan),
        expected_low=np.where(judged, planned, np.nan),
        expected_high=unknown,
        why=np.full(len(standings), "", dtype=np.str_),
        evidence=None,
        rule=RULE,
    )


def _planned(standing: Standing, look: np.datetime64) -> float:
    return float("nan") if np.isnat(look) else float(planned_share(standing.plan, np.array([look]))[0])
