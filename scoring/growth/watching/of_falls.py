"""Abrupt losses of a block's annual crops, laid out by the days on which looks became known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from scoring.growth.calendars.windows import Expected
from scoring.growth.losses.expectation import NOISE
from scoring.growth.losses.falls import FallRule, find_falls
from scoring.growth.losses.of_run import timely
from scoring.growth.neighbours import LEAST_NEIGHBOURS
from scoring.growth.watching.fields import SeasonLooks

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class ArableDay:
    """What the looks of one day say of the block's b own parcels; (b,) each, as in Findings."""

    judged: Flags
    raised: Flags
    severity: Floats
    confidence: Floats
    fallen: Floats
    first: Days
    before: Days
    expected_low: Floats


class ArableLosses:
    """Falls of a block and its rings, read day by day.

    Looks that became known on different days stand in columns of their own, in the order in which they became known,
    so that no column rests on what came later.
    """

    def __init__(self, looks: SeasonLooks, expected: Expected, neighbours: Ints, own: int, until: int) -> None:
        kept = timely(looks) & (looks.known_on <= until)
        self.own, self.neighbours = own, neighbours[:own]
        self.known, self.column = _events(looks, kept)
        ndvi = np.full((len(looks), len(self.known)), np.nan)
        for place, (known, column) in enumerate(zip(self.known, self.column, strict=True)):
            came = kept[:, column] & (looks.known_on[:, column] == known)
            ndvi[came, place] = looks.ndvi[came, column]
        self.seen = np.isfinite(ndvi)
        self.rule = FallRule()
        self.days = looks.days[self.column]
        self.found = find_falls(ndvi, self.days, expected, neighbours, self.rule)
        self.latest = np.full(len(looks), np.datetime64("0001-01-01", "D"))
        self.done = 0
        self.stands, self.sure = np.zeros(len(looks), dtype=np.bool_), np.full(len(looks), np.nan)

    def day(self, known: int) -> ArableDay:
        """The state after all looks that became known by a day; days are asked for in order, each once.

        Days on which only looks at the rings became known need not be asked for.
        """
        at = np.full(len(self.stands), -1)
        until = int(np.searchsorted(self.known, known, side="right"))
        places, self.done = range(self.done, until), until
        for place in places:
            self.latest[self.seen[:, place]] = self.days[place]
            at[self.found.judged[:, place]] = place
            score = self.found.score[:, place]
            self.sure = np.where(self.found.raised[:, place] & np.isfinite(score), score, self.sure)
        told = at >= 0
        rows, place = np.arange(len(at)), np.maximum(at, 0)
        self.stands[told] = self.found.raised[rows, place][told]
        return self._own(told[: self.own], place[: self.own])

    def _own(self, judged: Flags, place: Ints) -> ArableDay:
        rows, found = np.arange(self.own), self.found
        raised = judged & found.raised[rows, place]
        before = found.before[rows, place]
        return ArableDay(
            judged=judged,
            raised=raised,
            severity=found.severity[rows, place],
            confidence=ndtr(self.sure[: self.own] - self.rule.limit),
            fallen=self._share(before),
            first=found.first[rows, place],
            before=before,
            expected_low=found.expected[rows, place] - self.rule.limit * NOISE,
        )

    def _share(self, before: Days) -> Floats:
        """Share of the neighbours seen since before the fall that fell too; NaN where too few were seen."""
        near = self.neighbours
        seen = (near >= 0) & (self.latest[near] > before[:, None])
        fell = seen & self.stands[near]
        count = seen.sum(axis=1)
        share: Floats = np.divide(
            fell.sum(axis=1), count, out=np.full(len(count), np.nan), where=count >= LEAST_NEIGHBOURS
        )
        return share


def _events(looks: SeasonLooks, kept: Flags) -> tuple[Ints, Ints]:
    """Days on which looks became known, and the columns of these looks, in the order of both."""
    pairs = {
        (int(known), column)
        for column in range(len(looks.days))
        for known in np.unique(looks.known_on[kept[:, column], column])
    }
    order = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
    return order[:, 0], order[:, 1]
