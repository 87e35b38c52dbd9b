"""Two crops in one parcel: its pixels' curves fall into two groups that differ and lie apart.

Each parcel's NDVI curves, less their mean of each look, are laid along their leading component (power iteration), and
cut in two where the variance between the groups is greatest (Otsu 1979, 10.1109/TSMC.1979.4310076, exact on the sorted
scores, which is 2-means on a line). Any field can be cut in two; two crops are told by curves that differ by much on
several looks, by a gap between the groups, by a cut that few edges cross and by groups that lie side by side rather
than as a rim around a core. All parcels at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from scoring.growth.pixels.curves import Pixels

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]

CAUSE: Final = "two_crops"
#: Name and version of the rule, in every finding.
RULE: Final = "two-crops-1"
NEVER: Final = np.datetime64("NaT", "D")

#: A look counts for a parcel from this share of its pixels on.
SEEN_SHARE: Final = 0.8
#: Residuals are held within this, so that a cloud's edge in one look does not make the component: NDVI.
_MOST_RESIDUAL: Final = 0.4
_TURNS: Final = 15
#: The gap is the third largest of all looks: two looks may have a shadow over half of the parcel.
_GAP_RANK: Final = 3
_GAP_SD: Final = 0.04
#: Standard deviation of a parcel's pixels in a look, NDVI. A gap g between groups of shares s and 1 - s makes one of
#: g sqrt(s (1 - s)) at least: 0.11 at the limits of SplitRule, here less, since clouds may hide more of one group.
_LEAST_SPREAD: Final = 0.08


@dataclass(frozen=True, slots=True)
class SplitRule:
    """When a parcel carries two crops.

    Attributes:
        least_pixels: interior pixels from which on a parcel is judged.
        least_looks: looks from which on it is judged.
        least_share: share of the smaller group.
        least_gap: NDVI between the groups' means, third largest of the looks.
        least_ratio: distance of the groups along the component in standard deviations within; cutting one normal cloud
            of curves gives 2.6.
        least_compact: 1 less edges that cross the cut over those that a random pattern would cross.
        least_apart: distance of the groups' centres over the standard deviation of all pixels' places; a rim has 0.
    """

    least_pixels: int = 24
    least_looks: int = 4
    least_share: float = 0.12
    least_gap: float = 0.35
    least_ratio: float = 3.5
    least_compact: float = 0.9
    least_apart: float = 0.7


@dataclass(frozen=True, slots=True)
class Split:
    """The best cut of n parcels; (n,) each, NaN (NaT) where nothing was cut: too even for two crops.

    Attributes:
        looks: looks that counted.
        share: of the smaller group, 0 to 0.5.
        gap: NDVI, see SplitRule.
        ratio: see SplitRule.
        compact: see SplitRule.
        apart: see SplitRule.
        since: first look at which the groups differ by half the gap.
    """

    looks: Floats
    share: Floats
    gap: Floats
    ratio: Floats
    compact: Floats
    apart: Floats
    since: Days

    def judged(self, pixels: Floats, rule: SplitRule) -> Flags:
        """(n,) whether enough was seen, cut or not; pixels (n,) interior pixels."""
        enough: Flags = (pixels >= rule.least_pixels) & (self.looks >= rule.least_looks)
        return enough

    def raised(self, rule: SplitRule) -> Flags:
        """(n,) whether the cut parts two crops."""
        two: Flags = (
            (self.share >= rule.least_share)
            & (self.gap >= rule.least_gap)
            & (self.ratio >= rule.least_ratio)
            & (self.compact >= rule.least_compact)
            & (self.apart >= rule.least_apart)
        )
        return two

    def confidence(self, rule: SplitRule) -> Floats:
        """(n,) probability that noise of the looks alone did not carry the gap over its limit; not calibrated."""
        sure: Floats = ndtr((self.gap - rule.least_gap) / _GAP_SD)
        return sure


def usable_looks(ndvi: npt.NDArray[np.floating], pixels: Pixels) -> Flags:
    """(n, t) looks that show most of a parcel; ndvi (p, t), NaN where a pixel was not clear."""
    seen = pixels.total(np.isfinite(ndvi))
    usable: Flags = seen >= SEEN_SHARE * np.maximum(pixels.count, 1.0)[:, None]
    return usable


def uneven_looks(ndvi: npt.NDArray[np.floating], pixels: Pixels) -> Flags:
    """(n, t) looks in which a parcel's pixels differ enough for two crops to stand there; arguments as usable_looks."""
    known = np.isfinite(ndvi)
    mean = np.nan_to_num(pixels.mean(ndvi, known))
    spread = pixels.mean((ndvi - mean[pixels.parcel]) ** 2, known)
    uneven: Flags = np.nan_to_num(spread) >= _LEAST_SPREAD**2
    return uneven


def split_uneven(ndvi: npt.NDArray[np.floating], days: Days, pixels: Pixels, usable: Flags, uneven: Flags) -> Split:
    """`split_parcels` of the parcels that were uneven often enough to be raised; the others are left uncut.

    Args:
        ndvi: as split_parcels.
        days: as split_parcels.
        pixels: as split_parcels.
        usable: (n, t) of `usable_looks`.
        uneven: (n, t) of `uneven_looks`.
    """
    n = len(usable)
    looks, nothing = usable.sum(axis=1).astype(np.float64), np.full(n, np.nan)
    whole = Split(looks, nothing, nothing.copy(), nothing.copy(), nothing.copy(), nothing.copy(), np.full(n, NEVER))
    rows = np.flatnonzero((usable & uneven).sum(axis=1) >= _GAP_RANK)
    if not len(rows):
        return whole
    place = np.full(n, -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    own = place[pixels.parcel]
    kept = own >= 0
    part = split_parcels(ndvi[kept], days, Pixels.of(own[kept], pixels.row[kept], pixels.column[kept], len(rows)))
    for name in ("share", "gap", "ratio", "compact", "apart", "since"):
        getattr(whole, name)[rows] = getattr(part, name)
    return whole


def split_parcels(ndvi: npt.NDArray[np.floating], days: Days, pixels: Pixels) -> Split:
    """The best cut of every parcel by all the looks given.

    Args:
        ndvi: (p, t) of the pixels, NaN where not clear. Looks that show less than most of a parcel are left out for it.
        days: (t,) datetime64[D], ascending.
        pixels: interior pixels of n parcels.
    """
    usable = usable_looks(ndvi, pixels)
    known = np.isfinite(ndvi) & usable[pixels.parcel]
    mean = np.nan_to_num(pixels.mean(ndvi, known))
    residual = np.where(known, np.clip(ndvi - mean[pixels.parcel], -_MOST_RESIDUAL, _MOST_RESIDUAL), 0.0)
    score = _leading(residual, pixels)
    high = _above_cut(score, pixels)
    size = pixels.total(high)
    count = np.maximum(pixels.count, 1.0)
    small = np.minimum(size, count - size) / count
    cut = small > 0
    gap, since = _gap(ndvi, known, high, pixels, days, usable)
    nothing = np.full(len(count), np.nan)
    return Split(
        looks=usable.sum(axis=1).astype(np.float64),
        share=np.where(cut, small, nothing),
        gap=np.where(cut, gap, nothing),
        ratio=np.where(cut, _ratio(score, high, pixels), nothing),
        compact=np.where(cut, _compact(high, small, pixels), nothing),
        apart=np.where(cut, _apart(high, pixels), nothing),
        since=np.where(cut, since, NEVER),
    )


def _leading(residual: Floats, pixels: Pixels) -> Floats:
    """(p,) scores along each parcel's leading component, by power iteration from its most varied look."""
    if not residual.shape[1]:
        return np.zeros(len(residual))
    varied = pixels.total(residual**2).argmax(axis=1)
    axis = np.zeros((len(varied), residual.shape[1]))
    axis[np.arange(len(varied)), varied] = 1.0
    for _ in range(_TURNS):
        score = np.einsum("pt,pt->p", residual, axis[pixels.parcel])
        axis = pixels.total(residual * score[:, None])
        axis /= np.maximum(np.linalg.norm(axis, axis=1, keepdims=True), 1e-12)
    scores: Floats = np.einsum("pt,pt->p", residual, axis[pixels.parcel])
    return scores


def _above_cut(score: Floats, pixels: Pixels) -> Flags:
    """(p,) whether a pixel lies above its parcel's best cut: the greatest variance between the groups."""
    order = np.lexsort((score, pixels.parcel))
    parcel, ordered = pixels.parcel[order], score[order]
    count = pixels.count
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    rank = np.arange(len(order)) - first[parcel] + 1
    running = np.cumsum(ordered)
    before = np.concatenate([[0.0], running])[first.astype(np.int64)]
    low = running - before[parcel]
    whole = pixels.total(score)[parcel]
    rest = count[parcel] - rank
    between = np.where(rest > 0, (low / rank - (whole - low) / np.maximum(rest, 1)) ** 2 * rank * rest, -1.0)
    best = np.full(len(count), -1.0)
    np.maximum.at(best, parcel, between)
    at = np.full(len(count), np.inf)
    top = (between == best[parcel]) & (between > 0)
    np.minimum.at(at, parcel[top], rank[top])
    above = np.zeros(len(order), dtype=np.bool_)
    above[order] = rank > at[parcel]
    return above


def _gap(
    ndvi: npt.NDArray[np.floating], known: Flags, high: Flags, pixels: Pixels, days: Days, usable: Flags
) -> tuple[Floats, Days]:
    """(n,) third largest difference of the groups' means, and the first look that shows half of it."""
    upper = pixels.mean(ndvi, known & high[:, None])
    lower = pixels.mean(ndvi, known & ~high[:, None])
    apart = np.where(usable & np.isfinite(upper - lower), np.abs(upper - lower), 0.0)
    if apart.shape[1] < _GAP_RANK:
        return np.zeros(len(apart)), np.full(len(apart), NEVER)
    gap: Floats = np.partition(apart, -_GAP_RANK, axis=1)[:, -_GAP_RANK]
    shows = apart >= 0.5 * gap[:, None]
    return gap, np.where(gap > 0, days[shows.argmax(axis=1)], NEVER)


def _ratio(score: Floats, high: Flags, pixels: Pixels) -> Floats:
    upper, lower = pixels.mean(score, high), pixels.mean(score, ~high)
    own = np.where(high, upper[pixels.parcel], lower[pixels.parcel])
    within = np.sqrt(pixels.total((score - own) ** 2) / np.maximum(pixels.count, 1.0))
    ratio: Floats = np.abs(upper - lower) / np.maximum(within, 1e-6)
    return ratio


def _compact(high: Flags, small: Floats, pixels: Pixels) -> Floats:
    crossed = pixels.pairs_of(high[pixels.pairs[0]] != high[pixels.pairs[1]])
    edges = pixels.pairs_of(np.ones(pixels.pairs.shape[1], dtype=np.bool_))
    by_chance = edges * 2.0 * small * (1.0 - small)
    compact: Floats = 1.0 - np.divide(crossed, by_chance, out=np.ones(len(small)), where=by_chance > 0)
    return compact


def _apart(high: Flags, pixels: Pixels) -> Floats:
    place = np.stack([pixels.row, pixels.column], axis=1).astype(np.float64)
    everywhere = np.ones((len(place), 1), dtype=np.bool_)
    centre = pixels.mean(place, np.broadcast_to(everywhere, place.shape))
    spread = pixels.total(((place - centre[pixels.parcel]) ** 2).sum(axis=1)) / np.maximum(pixels.count, 1.0)
    of_high = np.broadcast_to(high[:, None], place.shape)
    distance = np.linalg.norm(pixels.mean(place, of_high) - pixels.mean(place, ~of_high), axis=1)
    apart: Floats = distance / np.sqrt(np.maximum(spread, 1e-6))
    return apart
