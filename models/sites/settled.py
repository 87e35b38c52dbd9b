"""Evidence of single looks brought together: something that, once there, stays.

A pixel changes once or never. Of all days on which it may have changed, each is as likely as the looks before it (which
ought not to show the change) and after it (which ought to) make it: the posterior of a change point with two levels.
How many pixels change on each look is learned from all pixels of a site where one asks for it: rows are laid in spells,
and where many pixels change, the first look that shows it is believed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.sites.panels import Singles


@dataclass(frozen=True, slots=True)
class SettledRule:
    """How far one look is believed.

    Attributes:
        weight: of a look's log-odds: looks of a pixel err together.
        most: greatest log-odds of one look.
        hazard: chance of a change at one look, before more is known.
        counts_px: pixels that this chance counts for where it is learned.
        most_hazard: greatest chance that is learned: one look that lies tells of no sudden change.
        rounds: of learning.
    """

    weight: float = 0.8
    most: float = 3.0
    hazard: float = 0.012
    counts_px: float = 200.0
    most_hazard: float = 0.1
    rounds: int = 15


def evidence_of(shares: Singles, neutral: float, rule: SettledRule | None = None) -> Singles:
    """(t, y, x) log-odds of single looks for the change; 0 where a pixel is not seen.

    Args:
        shares: (t, y, x) what single looks say, 0 to 1; NaN where a pixel is not seen.
        neutral: share that speaks neither for nor against the change.
        rule: how far looks are believed.
    """
    rule = rule or SettledRule()
    odds = np.clip(shares, 1e-4, 1 - 1e-4)
    evidence = np.log(odds / (1.0 - odds)) - np.log(neutral / (1.0 - neutral))
    return np.asarray(np.clip(np.nan_to_num(rule.weight * evidence, nan=0.0), -rule.most, rule.most))


def settled(
    shares: Singles, neutral: float, rule: SettledRule | None = None, weights: npt.NDArray[np.floating] | None = None
) -> Singles:
    """(t, y, x) chance that a pixel has changed by each look, in the light of all looks; rises along time.

    Args:
        shares: (t, y, x) what single looks say, 0 to 1; NaN where a pixel is not seen.
        neutral: share that speaks neither for nor against the change.
        rule: how far looks are believed.
        weights: (y, x) how much each pixel counts in what is learned of each look's chance of a change (expectation
            maximisation); without them every look has the same chance.
    """
    rule = rule or SettledRule()
    after = np.cumsum(evidence_of(shares, neutral, rule)[::-1], axis=0)[::-1]
    greatest = np.maximum(after.max(axis=0, initial=-np.inf), 0.0)
    since, never = np.exp(after - greatest), np.exp(-greatest)
    chance = np.full(len(shares), min(rule.hazard, 0.5 / max(len(shares), 1)))
    if weights is not None:
        chance = _learned(since, never, chance, rule, weights)
    each = since * chance.reshape(-1, *(1,) * (shares.ndim - 1))
    whole = each.sum(axis=0) + never * _no_change(chance)
    return np.asarray(np.cumsum(each, axis=0) / whole, dtype=np.float32)


def _learned(
    since: npt.NDArray[np.floating],
    never: npt.NDArray[np.floating],
    prior: npt.NDArray[np.float64],
    rule: SettledRule,
    weights: npt.NDArray[np.floating],
) -> npt.NDArray[np.float64]:
    """(t,) chance of a change at each look: share of the pixels that change there, drawn towards the prior."""
    counted = weights.ravel() > 0
    held, weight = since.reshape(len(since), -1)[:, counted], weights.ravel()[counted]
    left, chance = never.ravel()[counted], prior
    for _ in range(rule.rounds):
        whole = chance @ held + left * _no_change(chance)
        changed = chance * (held @ (weight / whole))
        chance = (changed + rule.counts_px * prior) / (weight.sum() + rule.counts_px)
        chance = np.minimum(chance, rule.most_hazard)
    return chance


def _no_change(chance: npt.NDArray[np.float64]) -> float:
    return max(1.0 - float(chance.sum()), 0.02)
