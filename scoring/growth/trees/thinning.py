"""Trees lost within a stand: clearing and thinning of forest and of orchards, vineyards and tea, look by look.

A look at a stand is set against the median of stands of its kind at the same look, which haze and season move alike,
and against where the stand itself stood beside them in its first looks. What it lacks is a part of the way from the
stand to cleared land: the share of trees lost, by linear mixing of two covers (Adams et al. 1986,
10.1029/JB091iB08p08098), taken on an index instead of reflectance. It counts where several looks in a row agree, beyond
the stand's own scatter. A day without a look changes nothing, and at each look a greater loss gives a greater share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo.errors import DataError
from scoring.growth.looks import NEVER, SOIL
from scoring.growth.markers.marker import NOT_VALID, OK

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]

_MAD_TO_SD: Final = 1.4826
#: Standard errors from the middle to the ends of an interval of 90 %, were noise of the looks all.
_INTERVAL: Final = 1.645


@dataclass(frozen=True, slots=True)
class ThinningRule:
    """When a share of the trees counts as lost. `limit` is set on NDVI of forest in Rondonia, see docs/growth.md.

    Attributes:
        before: first looks that tell where a stand stands beside its kind, and how it scatters.
        agreeing: looks in a row that must each show the loss.
        limit: score from which it is raised: share of those looks over the standard error of one look.
        least_share: smaller losses are not raised.
        cleared_share: from here on it is a clearing.
        least_scatter: smallest scatter of a stand, in the unit of the index.
        least_span: where stand and cleared land lie closer (leaves are off, grass is green) nothing is told.
    """

    before: int = 8
    agreeing: int = 4
    limit: float = 5.0
    least_share: float = 0.1
    cleared_share: float = 0.6
    least_scatter: float = 0.04
    least_span: float = 0.1


@dataclass(frozen=True, slots=True)
class Thinning:
    """What each look says of n stands, live; (n, t) each.

    Attributes:
        judged: whether the look could tell.
        raised: whether a loss stands; only where judged.
        share: share of trees lost, 0..1, by least squares over the looks that must agree; NaN where not judged.
        score: share over its standard error, 0 or less where one of those looks shows no loss; NaN where not judged.
        error: standard error of one look's share; NaN where not judged.
        expected: index that the stand would have without a loss; NaN where not judged.
        first: datetime64[D], first of the looks that agree, of the loss that stands; NaT elsewhere.
        before: last look before it.
    """

    judged: Flags
    raised: Flags
    share: Floats
    score: Floats
    error: Floats
    expected: Floats
    first: Days
    before: Days


@dataclass(frozen=True, slots=True)
class PastThinning:
    """The greatest lasting loss of n stands, in hindsight; (n,) each.

    Attributes:
        status: OK, or NOT_VALID where too few looks tell.
        share: of trees lost, 0..1; NaN where not told.
        low: lower end of its interval: noise of the looks alone (90 %), not how cleared land differs; too narrow,
            see docs/growth.md.
        high: upper end.
        score: loss over its standard error.
        day: datetime64[D], first look after the loss; NaT where nothing is told.
        before: last look before it.
    """

    status: npt.NDArray[np.str_]
    share: Floats
    low: Floats
    high: Floats
    score: Floats
    day: Days
    before: Days


def find_thinning(
    index: Floats, days: Days, same_kind: Floats, cleared: Floats | float = SOIL, rule: ThinningRule | None = None
) -> Thinning:
    """Losses of trees as they would have been noticed; each look uses own and earlier looks alone.

    Args:
        index: (n, t) NDVI or NDMI of clear looks, NaN without one.
        days: (t,) ascending.
        same_kind: (n, t) or (t,) median of stands of the kind at the same look, NaN where too few were seen.
        cleared: (n, t), (t,) or one: index of cleared land. Bare soil, where nothing better is known, makes the
            share of a stand with grass beneath too small, never too large.
        rule: thresholds.

    Raises:
        DataError: the shapes do not fit together.
    """
    kind, bare = _laid_out(index, days, same_kind, cleared)
    watch = StandWatch(len(index), rule or ThinningRule())
    found = [watch.look(np.arange(len(index)), index[:, k], kind[:, k], bare[:, k], day) for k, day in enumerate(days)]
    parts: list[Any] = [np.stack([each[part] for each in found], axis=1) for part in range(len(found[0]))]
    return Thinning(*parts)


class StandWatch:
    """State of n stands between two looks: where each stood at first, and its latest shares."""

    def __init__(self, count: int, rule: ThinningRule) -> None:
        self.rule = rule
        self.offsets = np.full((count, rule.before), np.nan)
        self.taken = np.zeros(count, dtype=np.int64)
        self.base, self.scatter = np.full(count, np.nan), np.full(count, np.nan)
        self.falls, self.spans = (np.full((count, rule.agreeing), np.nan) for _ in range(2))
        self.looks = np.full((count, rule.agreeing + 1), NEVER)
        self.first, self.before = np.full(count, NEVER), np.full(count, NEVER)

    def look(
        self, rows: Ints, value: Floats, same_kind: Floats, cleared: Floats, day: np.datetime64
    ) -> tuple[Flags, Flags, Floats, Floats, Floats, Floats, Days, Days]:
        """Take a day's looks at some stands; arrays (k,) in the order of the fields of Thinning."""
        expected = self.base[rows] + same_kind
        span = np.maximum(expected - cleared, 0.0)
        told = np.isfinite(value) & np.isfinite(same_kind)
        known = told & (self.taken[rows] >= self.rule.before)
        self._learn(rows[told], (value - same_kind)[told])
        self._shift(rows[told & ~known], rows[known], (expected - value)[known], span[known], day)
        return self._said(rows, known, expected)

    def _learn(self, rows: Ints, offset: Floats) -> None:
        """The first looks tell where a stand stands beside its kind; later ones do not move that."""
        early = self.taken[rows] < self.rule.before
        new = rows[early]
        self.offsets[new, self.taken[new]] = offset[early]
        self.taken[new] += 1
        ready = new[self.taken[new] == self.rule.before]
        self.base[ready] = np.median(self.offsets[ready], axis=1)
        apart = np.abs(self.offsets[ready] - self.base[ready, None])
        self.scatter[ready] = np.maximum(_MAD_TO_SD * np.median(apart, axis=1), self.rule.least_scatter)

    def _shift(self, passed: Ints, known: Ints, fall: Floats, span: Floats, day: np.datetime64) -> None:
        self.looks[passed, -1] = day  # the last of them is the last look before the first that is asked
        for kept, new in ((self.falls, fall), (self.spans, span)):
            kept[known, :-1], kept[known, -1] = kept[known, 1:], new
        self.looks[known, :-1], self.looks[known, -1] = self.looks[known, 1:], day

    def _said(
        self, rows: Ints, known: Flags, expected: Floats
    ) -> tuple[Flags, Flags, Floats, Floats, Floats, Floats, Days, Days]:
        falls, spans = self.falls[rows], self.spans[rows]
        reach = np.sqrt((spans**2).mean(axis=1))
        judged = known & (reach >= self.rule.least_span)
        part = (spans * falls).mean(axis=1) / np.where(judged, reach, 1.0) ** 2
        share = np.where(judged, np.clip(part, 0.0, 1.0), np.nan)
        error = np.where(judged, self.scatter[rows] / np.where(judged, reach, 1.0), np.nan)
        score = np.where((falls > 0).all(axis=1), part / error, np.minimum(part / error, 0.0))
        raised = judged & (score >= self.rule.limit) & (share >= self.rule.least_share)
        new = rows[raised & np.isnat(self.first[rows])]
        self.first[new], self.before[new] = self.looks[new, 1], self.looks[new, 0]
        over = rows[judged & ~raised]
        self.first[over] = self.before[over] = NEVER
        first, before = (np.where(raised, kept[rows], NEVER) for kept in (self.first, self.before))
        return judged, raised, share, score, error, np.where(judged, expected, np.nan), first, before


def past_thinning(
    index: Floats, days: Days, same_kind: Floats, cleared: Floats | float = SOIL, rule: ThinningRule | None = None
) -> PastThinning:
    """The greatest lasting loss by all looks: the two medians, before and after one day, that differ most.

    Arguments and errors as of `find_thinning`; the least looks before and after are `agreeing` of the rule.
    """
    kind, bare = _laid_out(index, days, same_kind, cleared)
    chosen = rule or ThinningRule()
    best = PastThinning(*_nothing(len(index)))
    for at in range(1, len(days)):
        _take_better(best, _split(index - kind, kind, bare, at, chosen), np.asarray(days[at], dtype="datetime64[D]"))
    _date_before(best, index, days)
    return best


def _nothing(n: int) -> tuple[npt.NDArray[np.str_], Floats, Floats, Floats, Floats, Days, Days]:
    share, low, high = (np.full(n, np.nan) for _ in range(3))
    return (np.full(n, NOT_VALID), share, low, high, np.full(n, -np.inf), np.full(n, NEVER), np.full(n, NEVER))


def _split(offset: Floats, kind: Floats, bare: Floats, at: int, rule: ThinningRule) -> tuple[Floats, Floats, Floats]:
    """Share, its standard error and score of a loss between two looks; NaN where too few looks tell."""
    share, error, score = (np.full(len(offset), np.nan) for _ in range(3))
    enough = np.flatnonzero(
        (np.isfinite(offset[:, :at]).sum(axis=1) >= rule.agreeing)
        & (np.isfinite(offset[:, at:]).sum(axis=1) >= rule.agreeing)
    )
    if not len(enough):
        return share, error, score
    first, later = offset[enough, :at], offset[enough, at:]
    base = np.nanmedian(first, axis=1)
    span = np.maximum(base[:, None] + (kind - bare)[enough, at:], 0.0)
    seen = np.isfinite(later)
    reach = np.sqrt(np.where(seen, span**2, 0.0).sum(axis=1) / seen.sum(axis=1))
    part = np.where(seen, span * (base[:, None] - later), 0.0).sum(axis=1) / seen.sum(axis=1)
    rest = np.hstack([first - base[:, None], later - np.nanmedian(later, axis=1)[:, None]])
    scatter = np.maximum(_MAD_TO_SD * np.nanmedian(np.abs(rest), axis=1), rule.least_scatter)
    told = reach >= rule.least_span
    share[enough[told]] = part[told] / reach[told] ** 2
    # Looks of one stand are not independent: the error of the share is taken as that of one look.
    error[enough[told]] = scatter[told] / reach[told]
    counts = 1.0 / np.isfinite(first).sum(axis=1) + 1.0 / seen.sum(axis=1)
    score[enough[told]] = share[enough[told]] / error[enough[told]] / np.sqrt(counts[told])
    return share, error, score


def _take_better(best: PastThinning, split: tuple[Floats, Floats, Floats], day: Days) -> None:
    share, error, score = split
    better = score > best.score
    best.status[better] = OK
    best.share[better] = np.clip(share, 0.0, 1.0)[better]
    best.low[better] = np.clip(share - _INTERVAL * error, 0.0, 1.0)[better]
    best.high[better] = np.clip(share + _INTERVAL * error, 0.0, 1.0)[better]
    best.score[better] = score[better]
    best.day[better] = day


def _date_before(best: PastThinning, index: Floats, days: Days) -> None:
    """The first and the last look around each day that a loss was found at."""
    at = days.astype("datetime64[D]")
    seen, after = np.isfinite(index), at >= best.day[:, None]
    there = ~np.isnat(best.day)
    first, last = (seen & after).argmax(axis=1), len(at) - 1 - (seen & ~after)[:, ::-1].argmax(axis=1)
    best.day[there], best.before[there] = at[first[there]], at[last[there]]
    best.score[~there] = np.nan


def _laid_out(index: Floats, days: Days, same_kind: Floats, cleared: Floats | float) -> tuple[Floats, Floats]:
    try:
        kind, bare = np.broadcast_to(same_kind, index.shape), np.broadcast_to(cleared, index.shape)
    except ValueError:
        kind = bare = np.zeros(0)
    if index.ndim != 2 or kind.shape != index.shape or index.shape[1] != len(days) or not len(days):  # noqa: PLR2004
        raise DataError("STANDS_SHAPE", f"Index {index.shape}, its kind and {len(days)} days do not fit together.")
    return kind, bare
