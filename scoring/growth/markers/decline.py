"""Slow decline: a parcel sinks against its same-crop neighbours over weeks, as drought and disease make it.

A look is set against the mean of the parcel's own looks of three to seven weeks before, which takes its own offset
from the neighbours away, and the fall counts beyond that of the neighbours over the same looks
(scoring.growth.losses.expectation). Three looks in a row must agree: shadow and haze last for one or two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from scoring.growth.calendars.windows import Expected
from scoring.growth.looks import NEVER, SOIL, Looks
from scoring.growth.losses.expectation import Expectation, beyond, still_green
from scoring.growth.markers.marker import Marker, settle

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]

#: Score from which a decline is raised, in standard deviations of such a change among the neighbours.
LIMIT: Final = 2.0
#: Days before a look in which its reference lies.
REFERENCE_DAYS: Final = (20, 50)
#: Looks in a row that must agree, and the days in which they lie: shadow and haze last for one or two.
_AGREEING: Final = 3
_AGREE_DAYS: Final = 40
#: NDVI that parcel and neighbours must have had, and that these must still have.
_CANOPY: Final = 0.5
#: A fall of which one step between looks, no longer than this, holds more than this share is abrupt, not slow.
_ABRUPT_SHARE: Final = 0.7
_ABRUPT_DAYS: Final = 15
#: Days after which the latest look no longer tells what happens now.
_FRESH_DAYS: Final = 20


@dataclass(frozen=True, slots=True)
class Declines:
    """What each look says; (n, t) each, NaN where it could not be asked.

    Attributes:
        score: least of the look and the two before it.
        loss: NDVI lost beyond the neighbours since the reference, above 0 for a decline.
        reference: NDVI of the parcel at the reference, less what the neighbours lost since: what was expected.
        abrupt: bool, whether one step between two looks holds most of the loss.
    """

    score: Floats
    loss: Floats
    reference: Floats
    abrupt: Flags

    @property
    def share(self) -> Floats:
        """(n, t) 0..1 lost share of the green above soil that was expected."""
        share: Floats = np.clip(self.loss / np.maximum(self.reference - SOIL, 0.1), 0.0, 1.0)
        return share


def find_declines(ndvi: Floats, days: Days, neighbours: Ints) -> Declines:
    """Declines against neighbours; each look uses own and earlier looks alone.

    Args:
        ndvi: (n, t) of clear looks, NaN without one.
        days: (t,) datetime64[D], ascending.
        neighbours: (n, k) positions, -1 for none.
    """
    before = _lagged_means(ndvi, days)
    known = Expectation.of(ndvi, ndvi - before, days, neighbours)
    told = np.isfinite(ndvi) & np.isfinite(known.level)
    # Own and neighbours' means are taken over the same looks.
    own = _lagged_means(np.where(told, ndvi, np.nan), days)
    theirs = _lagged_means(np.where(told, known.level, np.nan), days)
    score = beyond(own - ndvi, theirs, known.level, known.spread, np.zeros_like(ndvi))
    able = told & (own >= _CANOPY) & (theirs >= _CANOPY) & np.isfinite(known.spread)
    able &= still_green(theirs, known.level, _CANOPY, _CANOPY)
    expected = own - np.maximum(theirs - known.level, 0.0)
    agreed = _agreed(np.where(able, score, np.nan), np.isfinite(ndvi), days)
    fall = _largest_step(ndvi - known.level, np.isfinite(ndvi), days)
    loss = np.where(able, expected - ndvi, np.nan)
    return Declines(np.where(able, agreed, np.nan), loss, np.where(able, expected, np.nan), fall > _ABRUPT_SHARE * loss)


def _lagged_means(values: Floats, days: Days) -> Floats:
    """(n, t) mean of the looks REFERENCE_DAYS before each day; NaN without one."""
    number, seen = days.astype(np.int64), np.isfinite(values)
    nothing = np.zeros((len(values), 1))
    total = np.hstack([nothing, np.cumsum(np.where(seen, values, 0.0), axis=1)])
    count = np.hstack([nothing, np.cumsum(seen, axis=1)])
    first = np.searchsorted(number, number - REFERENCE_DAYS[1])
    last = np.searchsorted(number, number - REFERENCE_DAYS[0], side="right")
    looks = count[:, last] - count[:, first]
    mean: Floats = np.divide(
        total[:, last] - total[:, first], looks, out=np.full(values.shape, np.nan), where=looks > 0
    )
    return mean


def _agreed(score: Floats, seen: Flags, days: Days) -> Floats:
    """(n, t) least score of each look and the _AGREEING - 1 before it; NaN where one has none or lies too far back."""
    agreed = np.full(score.shape, np.nan)
    held = np.full((_AGREEING, len(score)), np.nan)
    held_day = held.copy()
    for column, day in enumerate(days.astype(np.int64)):
        here = seen[:, column]
        held[1:, here], held_day[1:, here] = held[:-1, here], held_day[:-1, here]
        held[0, here], held_day[0, here] = score[here, column], day
        together = here & (day - held_day[-1] <= _AGREE_DAYS)
        agreed[together, column] = held[:, together].min(axis=0)
    return agreed


def _largest_step(apart: Floats, seen: Flags, days: Days) -> Floats:
    """(n, t) largest fall of what sets a parcel apart from its neighbours, in one short step since the reference."""
    number, steps = days.astype(np.int64), np.zeros(apart.shape)
    largest, held, held_day = (np.full(shape, np.nan) for shape in (apart.shape, len(apart), len(apart)))
    for column, day in enumerate(number):
        here = seen[:, column] & np.isfinite(apart[:, column])
        step = here & (day - held_day <= _ABRUPT_DAYS)
        steps[step, column] = (held - apart[:, column])[step]
        largest[:, column] = steps[:, (number > day - REFERENCE_DAYS[1]) & (number <= day)].max(axis=1)
        held[here], held_day[here] = apart[here, column], day
    return largest


def decline_marker(looks: Looks, expected: Expected, neighbours: Ints | None) -> Marker:
    """Slow decline up to the latest look, while the stand should be green; not judged without neighbours.

    Green it should be from its peak's first day to the first of harvest (a permanent crop: its peak's last).
    """
    n = len(looks.ndvi)
    until = np.where(expected.annual, expected.harvest_from, expected.peak_to)
    judged = looks.between(np.full(n, looks.today - REFERENCE_DAYS[1] - _FRESH_DAYS), np.full(n, looks.today))
    loss, score, abrupt = _latest(looks, neighbours)
    slow = (score >= LIMIT) & ~abrupt
    last = looks.last_seen()
    green = (last >= expected.peak_from) & (last <= until)
    return settle(
        "decline",
        executed=expected.known & (neighbours is not None),
        valid=green & np.isfinite(score),
        outcome=np.where(slow, "slow", "none"),
        raised=slow,
        score=np.where(slow, score - LIMIT, np.minimum(score - LIMIT, 0.0)),
        why_not=("no calendar or no neighbours", np.where(green, "too few clear looks or neighbours", "not its time")),
        judged=judged,
        event=np.full(n, NEVER),
        window=(expected.peak_from, until),
        value=loss,
        band=(np.nan, np.where(score > 0, loss * LIMIT / np.where(score > 0, score, 1.0), np.nan)),
        note=np.where(abrupt & (score >= LIMIT), "abrupt", ""),
    )


def _latest(looks: Looks, neighbours: Ints | None) -> tuple[Floats, Floats, Flags]:
    """Loss, score and whether abrupt at each parcel's latest look; NaN where that is long ago."""
    n, nothing = len(looks.ndvi), np.full(len(looks.ndvi), np.nan)
    if neighbours is None or not len(looks.days):
        return nothing, nothing, np.zeros(n, dtype=np.bool_)
    found = find_declines(looks.ndvi, looks.days, neighbours)
    at = looks.ndvi.shape[1] - 1 - looks.seen[:, ::-1].argmax(axis=1)
    rows = np.arange(n)
    fresh = looks.seen.any(axis=1) & (looks.today - looks.last_seen() <= np.timedelta64(_FRESH_DAYS, "D"))
    loss, score = (np.where(fresh, part[rows, at], np.nan) for part in (found.loss, found.score))
    return loss, score, fresh & found.abrupt[rows, at]
