"""Evidence of single looks brought together: something that, once there, stays.

A pixel changes once or never. Of all days on which it may have changed, each is as likely as the looks before it (which
ought not to show the change) and after it (which ought to) make it: the posterior of a change point with two levels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.sites.panels import Singles


@dataclass(frozen=True, slots=True)
class SettledRule:
    """How far one look is believed.

    Attributes:
        weight: of a look's log-odds: looks of a pixel err together.
        most: greatest log-odds of one look.
        hazard: chance of a change at one look.
    """

    weight: float = 0.8
    most: float = 3.0
    hazard: float = 0.012


def settled(shares: Singles, neutral: float, rule: SettledRule | None = None) -> Singles:
    """(t, y, x) chance that a pixel has changed by each look, in the light of all looks; rises along time.

    Args:
        shares: (t, y, x) what single looks say, 0 to 1; NaN where a pixel is not seen.
        neutral: share that speaks neither for nor against the change.
        rule: how far looks are believed.
    """
    rule = rule or SettledRule()
    odds = np.clip(shares, 1e-4, 1 - 1e-4)
    evidence = np.log(odds / (1.0 - odds)) - np.log(neutral / (1.0 - neutral))
    evidence = np.clip(np.nan_to_num(rule.weight * evidence, nan=0.0), -rule.most, rule.most)
    after = np.cumsum(evidence[::-1], axis=0)[::-1]
    never = np.log(max(1.0 - rule.hazard * len(shares), 0.5) / rule.hazard)
    greatest = np.maximum(after.max(axis=0, initial=-np.inf), never)
    each = np.exp(after - greatest)
    whole = each.sum(axis=0) + np.exp(never - greatest)
    return np.asarray(np.cumsum(each, axis=0) / whole, dtype=np.float32)
