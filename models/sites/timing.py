"""When pixels of a site were built over: by themselves late at the edges, together with their neighbours in time.

Whether a pixel ends under rows is told by the pixel alone (`settled`): that is where rows are. When it was covered is
told together with the pixels around that end so too, since a row is laid over all of them within days. Pixels at edges
share their ground with soil and are made out bit by bit for months: by themselves they would date the end of building
by months too late.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from models.sites.looks import Flags
from models.sites.panels import Singles
from models.sites.settled import SettledRule, evidence_of


@dataclass(frozen=True, slots=True)
class TimingRule:
    """How far neighbours date a pixel. Set on simulated seeds 20000 to 20099.

    Attributes:
        blur_px: standard deviation of the weights (Gaussian) of the pixels around.
        looks: looks of one pixel that they count for; they err together, so that it is less than their number.
    """

    blur_px: float = 1.0
    looks: float = 2.0


def covered_by(
    shares: Singles,
    chance: Singles,
    neutral: float,
    inside: Flags,
    rule: TimingRule | None = None,
    settling: SettledRule | None = None,
) -> Singles:
    """(t, y, x) chance that a pixel has changed by each look, dated together with its neighbours; rises along time.

    As of the last look it is what `settled` says.

    Args:
        shares: (t, y, x) what single looks say, 0 to 1; NaN where a pixel is not seen.
        chance: (t, y, x) from `settled` of the same looks.
        neutral: share that speaks neither for nor against the change.
        inside: (y, x) pixels that date each other.
        rule: how far neighbours count.
        settling: how far looks are believed.
    """
    rule = rule or TimingRule()
    if not len(shares):
        return chance
    weight = np.isfinite(shares) * (chance[-1] * inside)
    spread = (0.0, rule.blur_px, rule.blur_px)
    total = ndimage.gaussian_filter(evidence_of(shares, neutral, settling) * weight, spread)
    count = ndimage.gaussian_filter(weight, spread)
    pooled = rule.looks * total / np.maximum(count, 1e-3)
    after = np.cumsum(pooled[::-1], axis=0)[::-1]
    each = np.exp(after - after.max(axis=0))
    return np.asarray(chance[-1] * np.cumsum(each, axis=0) / each.sum(axis=0), dtype=np.float32)
