"""How much earlier than its same-crop neighbours a stand has ended: a field that falls while the others stand."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from scoring.growth.looks import SOIL, Looks
from scoring.growth.losses.expectation import carried
from scoring.growth.neighbours import LEAST_NEIGHBOURS, median_of_neighbours

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]

#: What the share of standing neighbours weighs beside the NDVI lost beyond them.
_STANDING_WEIGHT: Final = 0.5
#: Days before the end in which the look lies from which the fall is read; longer ago only where there is none.
_FALL_DAYS: Final = 20


def ahead_of_neighbours(looks: Looks, end: Days, mark: Floats, neighbours: Ints) -> Floats:
    """(n,) NDVI that fell with the end beyond what the neighbours lost, and half the share of them that still stands.

    1 is a closed canopy that goes from look to look while every neighbour stands; a field that ripens with the others
    has some 0.3. Two looks in a row end a stand, and all of it was known with the second.

    Args:
        looks: what was known.
        end: (n,) day of the first of the two looks that ended the stand, NaT while it stands.
        mark: (n,) NDVI at and below which a stand has ended.
        neighbours: (n, k) positions, -1 for none.

    Returns:
        NaN where no stand has ended or fewer than LEAST_NEIGHBOURS were seen.
    """
    score = np.full(len(end), np.nan)
    ended = np.flatnonzero(~np.isnat(end))
    if not len(ended) or not len(looks.days):
        return score
    now = carried(looks.ndvi, looks.days)
    level = median_of_neighbours(now, neighbours[ended], least=LEAST_NEIGHBOURS)[0]
    first = np.searchsorted(looks.days, end[ended])
    second = _next_look(looks.seen[ended], first)
    fall = _fall(looks.ndvi, looks.days, ended, first, second)
    level = np.where(looks.seen[ended], level, np.nan)
    theirs = np.maximum(_fall(level, looks.days, np.arange(len(ended)), first, second), 0.0)
    standing = _standing(now, mark, neighbours[ended], first)
    score[ended] = fall - np.nan_to_num(theirs) + _STANDING_WEIGHT * standing
    return score


def _next_look(seen: Flags, column: Ints) -> Ints:
    """(m,) column of the look after one; the same where there is none."""
    later = seen & (np.arange(seen.shape[1]) > column[:, None])
    return np.where(later.any(axis=1), later.argmax(axis=1), column)


def _fall(values: Floats, days: Days, rows: Ints, first: Ints, second: Ints) -> Floats:
    """(m,) the highest look of the _FALL_DAYS before the end, or the last before these, less the higher of its two.

    One look alone may lie in shadow.
    """
    order = np.arange(values.shape[1])
    before = np.where((order < first[:, None]) & np.isfinite(values[rows]), order, -1)
    age = (days[first][:, None] - days) / np.timedelta64(1, "D")
    recent = np.where((before >= 0) & (age <= _FALL_DAYS), values[rows], -np.inf).max(axis=1)
    last = before.max(axis=1)
    held = np.where(last >= 0, values[rows, np.maximum(last, 0)], np.nan)
    low = np.fmax(values[rows, first], values[rows, second])
    fall: Floats = np.where(np.isfinite(recent), recent, held) - low
    return fall


def _standing(now: Floats, mark: Floats, neighbours: Ints, column: Ints) -> Floats:
    """(m,) share of the neighbours seen that are above their own mark; NaN where too few were seen."""
    others = np.maximum(neighbours, 0)
    value = np.where(neighbours >= 0, now[others, column[:, None]], np.nan)
    limit = np.where(np.isfinite(mark), mark, SOIL + 0.1)[others]
    seen = np.isfinite(value).sum(axis=1)
    above = (value > limit).sum(axis=1)
    share: Floats = np.divide(above, seen, out=np.full(len(seen), np.nan), where=seen >= LEAST_NEIGHBOURS)
    return share
