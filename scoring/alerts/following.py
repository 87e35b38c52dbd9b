"""Findings of a season folded into alerts: what opened, rose, fell and ended, and when it was known.

The fold is pure: findings up to a day give the alerts up to that day, whatever came later. Causes do not touch each
other, nor do subjects, so that a book can be folded block by block.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import pyarrow as pa

from geo.errors import DataError
from geo.season import parse_season
from scoring.alerts.changes import Changes
from scoring.alerts.findings import Days, Findings, Floats, Texts
from scoring.alerts.memory import Memory
from scoring.alerts.rules import AlertRules, require_in_force


@dataclass(frozen=True, slots=True)
class Block:
    """The n subjects of one fold, and the t looks at them that evidence is taken from.

    Attributes:
        subject_ids: (n,) text, each once.
        season_id: "2018-10-01/2019-10-31".
        days: (t,) datetime64[D], of the looks.
        values: (n, t) what was seen (NDVI), NaN where there was no look.
    """

    subject_ids: Texts
    season_id: str
    days: Days
    values: Floats


def follow(findings: Iterable[Findings], block: Block, rules: AlertRules, *, until: date | None = None) -> pa.Table:
    """Fold findings into the changes of alerts.

    Args:
        findings: of the block's subjects; those of a cause in the order of their days, each day once.
        block: the subjects.
        rules: alert rules.
        until: the day as of which the fold is made. Once it lies more than `days_after_season` days after the season,
            all that is still open ended on the first such day; without it nothing is ended by the calendar. Findings
            from that day on are left out either way.

    Returns:
        Table of the schema TRANSITIONS, subjects in the order of the block, then by cause and day. Numbers of an alert
        that the calendar ended are null, and `why` says "season over".

    Raises:
        InputError: a cause that the rules do not name, rules that are not in force on the day `until`, or no season.
        DataError: findings that do not fit the block, are out of order, or have a severity outside 0..1.
    """
    closing = parse_season(block.season_id).end + timedelta(days=rules.days_after_season + 1)
    if until is not None:
        require_in_force(rules, until)
    last = closing - timedelta(days=1) if until is None else min(closing - timedelta(days=1), until)
    fold = _Fold(block, rules)
    for found in findings:
        fold.take(found, last)
    if until is not None and until >= closing:
        fold.close(closing)
    return fold.changes.table()


class _Fold:
    """Memories by cause, and what changed."""

    def __init__(self, block: Block, rules: AlertRules) -> None:
        self.block, self.rules, self.changes = block, rules, Changes(block, rules)
        self.memories: dict[str, Memory] = {}
        self.latest: dict[str, Findings] = {}

    def take(self, found: Findings, last: date) -> None:
        """Judge findings, unless they are of a day after the last."""
        _check(found, self.block, self.latest.get(found.cause))
        if found.day > last:
            return
        if found.cause not in self.memories:
            rule = self.rules.cause(found.cause)
            self.memories[found.cause] = Memory(len(self.block.subject_ids), rule, self.rules.scope)
        self.latest[found.cause] = found
        moves = self.memories[found.cause].judge(found)
        if moves is not None:
            self.changes.take(found, moves)

    def close(self, day: date) -> None:
        """End what is still open."""
        for cause, memory in self.memories.items():
            moves = memory.close()
            if moves is not None:
                self.changes.close(cause, day, self.latest[cause].rule, moves)


def _check(found: Findings, block: Block, before: Findings | None) -> None:
    n = len(block.subject_ids)
    fits = len(found.judged) == len(found.raised) == len(found.severity) == len(found.fallen) == n
    if not fits or block.values.shape != (n, len(block.days)):
        raise DataError("FINDINGS_SHAPE", f"Findings of {found.cause!r} on {found.day} are not of {n} subjects.")
    if found.at_most is not None and len(found.at_most) != n:
        raise DataError("FINDINGS_SHAPE", f"The highest levels of {found.cause!r} are not of {n} subjects.")
    if found.evidence is not None and found.evidence.shape != block.values.shape:
        raise DataError(
            "FINDINGS_SHAPE",
            f"Evidence {found.evidence.shape} of {found.cause!r} does not fit the looks {block.values.shape}.",
        )
    if before is not None and found.day <= before.day:
        raise DataError(
            "FINDINGS_ORDER", f"Findings of {found.cause!r} on {found.day} come after those of {before.day}."
        )
