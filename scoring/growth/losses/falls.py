"""Abrupt losses of annual crops against their same-crop neighbours: hail, lodging, fire, a cut before its time.

`scoring.growth.losses.abrupt` is the rule for grass, set on mowings. On arable land every canopy falls in the end, and
shadow and haze that no mask found last for one or two looks; so here a fall counts beyond that of the neighbours
(scoring.growth.losses.expectation), while they still stand and before the calendar's harvest, and three looks must
agree (two that lie far apart). A look is set against the mean of the parcel's two last looks before the fall.

How a watch uses it, block by block with the neighbours in the block (-1 for those outside):

    falls = find_falls(looks.ndvi, looks.days, expected, neighbours)    # all looks, in the order in which they came
    Findings(judged=falls.judged[:, k], raised=falls.raised[:, k], severity=falls.severity[:, k], ...)  # at look k

What stands at column k rests on looks of columns up to k alone. Once raised, a fall stays raised from look to look
against the reference of then until the canopy is back; where a look is missing, or the neighbours are ripe or reaped
and nothing can be told any more, nothing is judged and the alert stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from scoring.growth.calendars.windows import Expected
from scoring.growth.looks import NEVER, SOIL, day_numbers
from scoring.growth.losses.expectation import Expectation, beyond, still_green

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]

RULE: Final = "falls-1"


@dataclass(frozen=True, slots=True)
class FallRule:
    """When a fall is an abrupt loss; NDVI and days. Set on Bavaria 2018, see docs/growth.md.

    Attributes:
        limit: score from which it is raised, in standard deviations of what a look beyond the neighbours differs by.
        agreeing: looks in a row that must each pass the limit; two tell more, but shadow lasts as long.
        apart_days: one look less will do where the first and the last lie this far apart: haze does not last so long.
        within_days: at most from the first to the last of them.
        memory_days: looks older than this are no reference.
        canopy: NDVI that the parcel must have had.
        neighbours_before: level that the neighbours must have had; lower, and it is not the declared crop that fell.
        neighbours_now: lower, and they are ripe or reaped.
        lone_ripening: without neighbours, days before the first harvest from which a fall may be ripening.
        staying: share of the first fall that must still be there.
    """

    limit: float = 1.6
    agreeing: int = 3
    apart_days: float = 20.0
    within_days: float = 60.0
    memory_days: float = 50.0
    canopy: float = 0.5
    neighbours_before: float = 0.5
    neighbours_now: float = 0.4
    lone_ripening: float = 15.0
    staying: float = 0.3


@dataclass(frozen=True, slots=True)
class Falls:
    """What each look says of n parcels on t days; (n, t) each.

    Attributes:
        judged: whether the look could tell: of a fall that is raised whether it stays, else whether there is one.
        raised: whether an abrupt loss stands; only where judged.
        severity: 0..1, lost share of the green above soil that was expected: of a new fall the least of its looks;
            0 where nothing is raised, NaN where not judged.
        score: least score of the looks that agree, at the last of them; NaN where none could be asked.
        expected: NDVI expected without the loss, where one is raised; NaN elsewhere.
        first: datetime64[D], first look that shows the raised loss; NaT elsewhere.
        before: last look before it.
    """

    judged: Flags
    raised: Flags
    severity: Floats
    score: Floats
    expected: Floats
    first: Days
    before: Days


def find_falls(
    ndvi: Floats,
    days: Days,
    windows: Expected,
    neighbours: Ints | None,
    rule: FallRule | None = None,
) -> Falls:
    """Abrupt losses of annual crops, look by look; nothing is judged of other parcels.

    Args:
        ndvi: (n, t) of clear looks, NaN without one.
        days: (t,) datetime64[D] of the looks, ascending.
        windows: of the declared crops.
        neighbours: (n, k) positions of same-crop neighbours, -1 for none; None without any.
        rule: thresholds.
    """
    chosen = rule or FallRule()
    known = (
        Expectation.unknown(ndvi.shape)
        if neighbours is None
        else Expectation.of(ndvi, changes_since_last(ndvi, days, chosen.memory_days), days, neighbours)
    )
    return falls_against(ndvi, days, windows, known, chosen)


def falls_against(ndvi: Floats, days: Days, windows: Expected, known: Expectation, rule: FallRule) -> Falls:
    """Falls against what the neighbours show; arguments as of `find_falls`."""
    watch = _Watch(windows, rule, ndvi.shape)
    looks, level, spread = (np.ascontiguousarray(part.T) for part in (ndvi, known.level, known.spread))
    for column, day in enumerate(days.astype("datetime64[D]").astype(np.int64)):
        watch.look(column, float(day), looks[column], level[column], spread[column])
    return watch.falls()


def changes_since_last(ndvi: Floats, days: Days, memory_days: float) -> Floats:
    """(n, t) each look less the mean of the two looks before it; NaN without one in `memory_days`."""
    last = _Last(len(ndvi), memory_days)
    looks = np.ascontiguousarray(ndvi.T)
    changes = np.full(looks.shape, np.nan)
    for column, day in enumerate(days.astype(np.int64)):
        changes[column] = looks[column] - last.mean(float(day))[0]
        last.take(looks[column], looks[column], float(day))
    return changes.T


class _Last:
    """The two latest looks of n parcels, with the level of the neighbours beside."""

    def __init__(self, count: int, memory_days: float) -> None:
        self.memory_days = memory_days
        self.value, self.level, self.day = (np.full((2, count), np.nan) for _ in range(3))

    def mean(self, day: float) -> tuple[Floats, Floats]:
        """Mean of the looks that are not too old, and of the levels; NaN without a look."""
        fresh = day - self.day <= self.memory_days
        both = fresh[0] & fresh[1]
        value = np.where(both, (self.value[0] + self.value[1]) / 2, np.where(fresh[0], self.value[0], np.nan))
        level = np.where(both, (self.level[0] + self.level[1]) / 2, np.where(fresh[0], self.level[0], np.nan))
        return value, level

    def take(self, value: Floats, level: Floats, day: float) -> None:
        """Let the looks of a day in, where there are any."""
        seen = np.isfinite(value)
        for kept, new in ((self.value, value), (self.level, level), (self.day, day)):
            np.copyto(kept[1], kept[0], where=seen)
            np.copyto(kept[0], new, where=seen)


class _Pending:
    """Falls that began some looks ago and wait for others to agree; one for each of n parcels."""

    def __init__(self, count: int) -> None:
        self.reference, self.level, self.spread, self.score, self.share, self.day, self.before = (
            np.full(count, np.nan) for _ in range(7)
        )

    def fill(self, rows: Flags, other: _Pending) -> None:
        """Take over what another holds of some parcels."""
        for name in ("reference", "level", "spread", "score", "share", "day", "before"):
            np.copyto(getattr(self, name), getattr(other, name), where=rows)


class _Watch:
    """State of n parcels between two looks; the only thing that changes here."""

    def __init__(self, windows: Expected, rule: FallRule, shape: tuple[int, ...]) -> None:
        count, self.rule = shape[0], rule
        self.first, self.harvest = (day_numbers(day) for day in (windows.emergence_from, windows.harvest_from))
        self.last = _Last(count, rule.memory_days)
        self.pending = [_Pending(count) for _ in range(rule.agreeing)]
        self.standing = _Pending(count)
        self.open = np.zeros(count, dtype=np.bool_)
        # Days outermost: one day's look touches one piece of memory.
        turned = shape[::-1]
        self.judged, self.raised = (np.zeros(turned, dtype=np.bool_) for _ in range(2))
        self.severity, self.score, self.expected, self.began, self.before = (np.full(turned, np.nan) for _ in range(5))

    def look(self, column: int, day: float, value: Floats, level: Floats, spread: Floats) -> None:
        """Take one day's looks, NaN where there is none."""
        seen = np.isfinite(value)
        was_open = self.open.copy()
        self._stay(column, value, level, seen & was_open)
        self._wait(day, value, level, spread, seen)
        self._raise(column, day, seen & ~was_open)
        np.copyto(self.began[column], self.standing.day, where=self.raised[column])
        np.copyto(self.before[column], self.standing.before, where=self.raised[column])
        self.last.take(value, level, day)

    def falls(self) -> Falls:
        """What was found."""
        return Falls(
            self.judged.T,
            self.raised.T,
            self.severity.T,
            self.score.T,
            self.expected.T,
            _dated(self.began.T),
            _dated(self.before.T),
        )

    def _stay(self, column: int, value: Floats, level: Floats, asked: Flags) -> None:
        """Of the falls that are raised: whether the canopy is still gone, while the neighbours tell."""
        open_ = self.standing
        asked = asked & ~(level < self.rule.neighbours_now)
        expected = _carried_on(open_.reference, open_.level, level)
        share = _share(expected, value)
        stays = asked & (share >= self.rule.staying * open_.share)
        self.open[asked & ~stays] = False
        self._tell(column, asked, stays, share, expected)

    def _wait(self, day: float, value: Floats, level: Floats, spread: Floats, seen: Flags) -> None:
        """Ask the looks that are seen whether they agree with the falls that wait, and let a new one begin."""
        for older, newer in zip(self.pending[:0:-1], self.pending[-2::-1], strict=True):
            older.fill(seen, newer)
        new = self.pending[0]
        reference, before = self.last.mean(day)
        able = reference >= self.rule.canopy
        for name, part in (("reference", np.where(able, reference, np.nan)), ("level", before), ("spread", spread)):
            np.copyto(getattr(new, name), part, where=seen)
        for kept, start in ((new.score, np.inf), (new.share, 1.0), (new.day, day), (new.before, self.last.day[0])):
            np.copyto(kept, start, where=seen)
        for one in self.pending:
            self._ask(one, day, value, level, spread, seen)

    def _ask(self, one: _Pending, day: float, value: Floats, level: Floats, spread: Floats, seen: Flags) -> None:
        rule = self.rule
        wide = np.fmax(one.spread, spread)
        score = beyond(one.reference - value, one.level, level, wide, day - one.before)
        told = still_green(one.level, level, rule.neighbours_before, rule.neighbours_now)
        told &= day - one.day <= rule.within_days
        np.copyto(one.score, np.minimum(one.score, np.where(told, score, np.nan)), where=seen)
        share = _share(_carried_on(one.reference, one.level, level), value)
        np.copyto(one.share, np.minimum(one.share, share), where=seen)

    def _raise(self, column: int, day: float, asked: Flags) -> None:
        """Raise what enough looks agree on."""
        self._raise_one(column, asked, self.pending[-1])
        for fewer in self.pending[-2:-1]:
            self._raise_one(column, asked & ~self.open & (day - fewer.day >= self.rule.apart_days), fewer)

    def _raise_one(self, column: int, asked: Flags, done: _Pending) -> None:
        until = self.harvest - np.where(np.isfinite(done.level), 0.0, self.rule.lone_ripening)
        told = asked & np.isfinite(done.score) & (done.day >= self.first) & (done.day <= until)
        hit = told & (done.score >= self.rule.limit)
        np.copyto(self.score[column], np.fmax(self.score[column], done.score), where=told)
        self.standing.fill(hit, done)
        self.open |= hit
        self._tell(column, told, hit, done.share, done.reference)

    def _tell(self, column: int, judged: Flags, raised: Flags, share: Floats, expected: Floats) -> None:
        self.judged[column] |= judged
        self.raised[column] |= raised
        np.copyto(self.severity[column], np.where(raised, share, 0.0), where=judged)
        np.copyto(self.expected[column], expected, where=raised)


def _carried_on(reference: Floats, before: Floats, now: Floats) -> Floats:
    """NDVI expected of a parcel: its reference less what the neighbours lost meanwhile, never below bare soil."""
    theirs = np.maximum(np.nan_to_num(before - now), 0.0)
    expected: Floats = np.maximum(reference - theirs, SOIL + 0.1)
    return expected


def _share(expected: Floats, value: Floats) -> Floats:
    share: Floats = np.clip((expected - value) / (expected - SOIL), 0.0, 1.0)
    return share


def _dated(day: Floats) -> Days:
    return np.where(np.isnan(day), NEVER, np.nan_to_num(day).astype(np.int64).astype("datetime64[D]"))
