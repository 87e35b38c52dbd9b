"""Findings made by chance, for folds of a few subjects over a season."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from scoring.alerts.findings import NEVER, Findings
from scoring.alerts.following import Block
from scoring.alerts.rules import AlertRules, load_rules

SEASON = "2018-01-01/2018-12-31"
FIRST = date(2018, 3, 1)
CAUSES = ("abrupt_loss", "slow_decline", "construction")


@dataclass(frozen=True)
class Season:
    """Findings of all causes in the order of days, and the block."""

    findings: list[Findings]
    block: Block

    def until(self, day: date) -> list[Findings]:
        return [found for found in self.findings if found.day <= day]


def finding(
    day: date,
    severity: Sequence[float] | npt.NDArray[np.float64],
    *,
    cause: str = "abrupt_loss",
    judged: bool | npt.NDArray[np.bool_] = True,
    fallen: float = np.nan,
    confidence: float = np.nan,
    evidence: npt.NDArray[np.bool_] | None = None,
) -> Findings:
    """Findings of n subjects; a severity below 0 is one that is not raised."""
    given = np.asarray(severity, dtype=np.float64)
    n = len(given)
    known = np.full(n, judged) if isinstance(judged, bool) else judged
    nan, never = np.full(n, np.nan), np.full(n, NEVER)
    return Findings(
        cause=cause,
        day=day,
        judged=known,
        raised=known & (given >= 0),
        severity=np.where(known & (given >= 0), given, np.nan),
        confidence=np.full(n, confidence),
        fallen=np.full(n, fallen),
        event_from=never,
        event_on=never,
        look_day=np.where(known, np.datetime64(day, "D"), NEVER),
        value=nan,
        expected_low=nan,
        expected_high=nan,
        why=np.full(n, ""),
        evidence=evidence,
        rule="rule 1",
    )


def block_of(n: int, days: Sequence[date] = ()) -> Block:
    values = np.linspace(0, 1, n * len(days)).reshape(n, len(days))
    return Block(np.array([f"p{i:03d}" for i in range(n)]), SEASON, np.array(days, dtype="datetime64[D]"), values)


def season(seed: int, *, n: int = 20, looks: int = 22) -> Season:
    """A season in which stands fall and stand up again, under clouds."""
    rng = np.random.default_rng(seed)
    days = [FIRST + timedelta(int(offset)) for offset in np.cumsum(rng.integers(1, 12, looks))]
    block = block_of(n, days)
    findings = []
    state = {cause: rng.random(n) for cause in CAUSES}
    for number, day in enumerate(days):
        for cause in CAUSES:
            jump = rng.random(n) < 0.3
            state[cause] = np.where(
                jump, rng.choice([-1.0, 0.0, 0.1, 0.16, 0.33, 0.37, 0.58, 0.62, 0.9], n), state[cause]
            )
            evidence = np.zeros((n, looks), dtype=np.bool_)
            evidence[:, max(0, number - 2) : number + 1] = True
            found = finding(day, state[cause], cause=cause, judged=rng.random(n) < 0.7, evidence=evidence)
            findings.append(replace(found, fallen=np.where(rng.random(n) < 0.3, np.nan, rng.random(n))))
    return Season(findings, block)


def rules_by(seed: int) -> AlertRules:
    """The shipped rules with other counts, days and margins."""
    rng, rules = np.random.default_rng(seed), load_rules("growth-1")
    causes = {
        cause: rules.causes[cause].model_copy(
            update={
                "first_notice": ("watch", "warning", None)[rng.integers(3)],
                "raise_after": int(rng.integers(1, 4)),
                "clear_after": int(rng.integers(1, 4)),
                "least_days": int(rng.integers(0, 25)),
                "margin": float(rng.choice([0.0, 0.05, 0.3])),
            }
        )
        for cause in CAUSES
    }
    return rules.model_copy(update={"causes": causes})


def part(made: Season, rows: slice) -> Season:
    """Some subjects of a season."""
    block = made.block
    kept = Block(block.subject_ids[rows], block.season_id, block.days, block.values[rows])
    return Season([_part(found, rows) for found in made.findings], kept)


def _part(found: Findings, rows: slice) -> Findings:
    names = ("judged", "raised", "severity", "confidence", "fallen", "event_from", "event_on", "look_day", "value")
    more = ("expected_low", "expected_high", "why", "evidence")
    return replace(found, **{name: getattr(found, name)[rows] for name in (*names, *more)})


def levels_by_day(table: pa.Table, made: Season, cause: str) -> npt.NDArray[np.int64]:
    """(n, days of the season) level of each subject at the end of each day, from the changes."""
    order = ("none", "info", "watch", "warning", "action")
    rows = {name: number for number, name in enumerate(made.block.subject_ids.tolist())}
    level = np.zeros((len(rows), len(made.block.days)), dtype=np.int64)
    for change in table.to_pylist():
        if change["cause"] == cause:
            after = made.block.days >= np.datetime64(change["day"], "D")
            level[rows[change["subject_id"]], after] = order.index(change["level"])
    return level
