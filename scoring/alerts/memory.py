"""What an alert remembers between two findings of its cause, for all subjects of a block at once.

The four rules, from which docs/alerts.md derives that levels are monotone in severity and cannot flap:

1. The alert rises to a level once enough judged findings in a row reached it.
2. It falls by one level once enough judged findings in a row fell short of the level by more than the margin, and the
   least days have passed since the level was last borne out or entered.
3. It ends, from any level, once enough judged findings in a row are clear and the least days have passed since one
   was not.
4. A finding that was not judged changes nothing; one that says `at_most` bears out no higher level.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import DataError
from scoring.alerts.findings import Findings, Floats
from scoring.alerts.rules import CauseRule, Scope

Bytes = npt.NDArray[np.int8]
Ints = npt.NDArray[np.int64]

#: Codes of scopes, in the order of SCOPES.
UNCLEAR: Final = 0
OWN: Final = 1
REGIONAL: Final = 2
SCOPES: Final = ("unclear", "own", "regional")

#: Counters stop here: rules ask for a hundred at most.
_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Moves:
    """k alerts that changed on one day; (k,) each.

    Attributes:
        rows: int64, subjects.
        before: int8, Level before; 0 for none.
        after: int8, Level after.
        opened: int32, day of opening since 1970-01-01.
        scope: int8, code of the scope.
    """

    rows: Ints
    before: Bytes
    after: Bytes
    opened: npt.NDArray[np.int32]
    scope: Bytes


class Memory:
    """State of one cause of n subjects between two findings; the only thing of a fold that changes.

    Levels are held as ranks among the levels that the cause has, 0 for no alert.
    """

    def __init__(self, count: int, rule: CauseRule, scope: Scope) -> None:
        thresholds = rule.levels.given()
        self.rule, self.scope_rule = rule, scope
        self.levels = np.array([0, *thresholds], dtype=np.int8)
        self.reach = np.array(list(thresholds.values()))
        self.keep = np.maximum(np.round(self.reach - rule.margin, 9), 0.0)
        self.needed = np.array([rule.needed(level) for level in thresholds], dtype=np.int8)
        self.ranks = np.arange(1, len(thresholds) + 1, dtype=np.int8)
        self.run = np.zeros((count, len(thresholds)), dtype=np.int8)
        self.rank, self.short, self.clear, self.scope = (np.zeros(count, dtype=np.int8) for _ in range(4))
        self.kept, self.seen, self.opened = (np.zeros(count, dtype=np.int32) for _ in range(3))
        self.live = np.zeros(count, dtype=np.bool_)

    def judge(self, findings: Findings) -> Moves | None:
        """Take the findings of one day; what changed, or None.

        Raises:
            DataError: a severity lies outside 0..1.
        """
        rows = np.flatnonzero(findings.judged & (findings.raised | self.live))
        if not len(rows):
            return None
        severity = _severity(findings, rows)
        highest = self._highest(findings, rows)
        reached = np.minimum(np.searchsorted(self.reach, severity, side="right"), highest)
        held = np.minimum(np.searchsorted(self.keep, severity, side="right"), highest)
        day = int(np.datetime64(findings.day, "D").astype(np.int64))
        before = self.rank[rows]
        up, run = self._risen(rows, reached)
        after = np.where(up > before, up, self._fallen(rows, before, held, day)).astype(np.int8)
        self.rank[rows] = after
        self.live[rows] = (after > 0) | (run[:, 0] > 0)
        return self._moved(rows, before, after, day, findings.fallen)

    def close(self) -> Moves | None:
        """End every open alert, whatever was seen; what changed, or None."""
        rows = np.flatnonzero(self.rank)
        if not len(rows):
            return None
        before, after = self.rank[rows], np.zeros(len(rows), dtype=np.int8)
        self.rank[rows] = 0
        return Moves(rows, self.levels[before], after, self.opened[rows], self.scope[rows])

    def _highest(self, findings: Findings, rows: Ints) -> Ints:
        """The highest rank that each finding can bring: at least the lowest, since it is an alert all the same."""
        if findings.at_most is None:
            return np.full(len(rows), len(self.ranks))
        ranks = np.searchsorted(self.levels[1:], findings.at_most[rows], side="right")
        return np.maximum(ranks, 1).astype(np.int64)

    def _risen(self, rows: Ints, reached: Ints) -> tuple[Ints, Bytes]:
        """The rank that enough findings in a row reached, and the lengths of the runs by rank."""
        run = np.where(reached[:, None] >= self.ranks, np.minimum(self.run[rows] + 1, _MOST), 0).astype(np.int8)
        self.run[rows] = run
        return np.where(run >= self.needed, self.ranks, 0).max(axis=1), run

    def _fallen(self, rows: Ints, before: Bytes, held: Ints, day: int) -> Ints:
        """The rank that is left: a step lower where it fell short for long enough, 0 where nothing is seen any more."""
        rule = self.rule
        short = np.where(held < before, np.minimum(self.short[rows] + 1, _MOST), 0)
        clear = np.where(held == 0, np.minimum(self.clear[rows] + 1, _MOST), 0)
        kept = np.where(held >= before, day, self.kept[rows])
        seen = np.where(held > 0, day, self.seen[rows])
        self.short[rows], self.clear[rows], self.kept[rows], self.seen[rows] = short, clear, kept, seen
        ends = (clear >= rule.clear_after) & (day - seen >= rule.least_days)
        steps = (before > 1) & (short >= rule.clear_after) & (day - kept >= rule.least_days)
        left: Ints = np.where(ends, 0, before - steps.astype(np.int8)).astype(np.int64)
        return left

    def _moved(self, rows: Ints, before: Bytes, after: Bytes, day: int, fallen: Floats) -> Moves | None:
        changed = np.flatnonzero(after != before)
        if not len(changed):
            return None
        rows, before, after = rows[changed], before[changed], after[changed]
        self.kept[rows], self.short[rows] = day, 0
        opens = before == 0
        self.opened[rows[opens]], self.scope[rows[opens]] = day, UNCLEAR
        share = fallen[rows]
        told = np.where(share <= self.scope_rule.own_to, OWN, self.scope[rows])
        self.scope[rows] = np.where(share >= self.scope_rule.regional_from, REGIONAL, told)
        return Moves(rows, self.levels[before], self.levels[after], self.opened[rows], self.scope[rows])


def _severity(findings: Findings, rows: Ints) -> Floats:
    """Severities of some rows; -1 where not raised, 0 where it is raised and not known how much is lost."""
    severity = np.where(findings.raised[rows], np.nan_to_num(findings.severity[rows], nan=0.0), -1.0)
    raised = severity[severity != -1.0]
    if len(raised) and (raised.min() < 0 or raised.max() > 1):
        raise DataError(
            "FINDINGS_RANGE", f"A severity of {findings.cause!r} on {findings.day} lies outside 0..1.", "Mend the rule."
        )
    return severity
