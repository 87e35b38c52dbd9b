"""A policy applied to past seasons, against what was decided and what became of it.

A case is a farmer (or a parcel without one) in a season. "Given" is what the policy gives, "decided" what was decided
then, an outcome what became of the loan that was decided. Outcomes belong to the amounts decided: what a loan of
another size would have become is not known, and who got none has no outcome. So the figures describe; they prove
nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy.stats import binomtest

#: What a case's outcome may be called.
GOOD: Final = "good"
BAD: Final = "bad"
UNKNOWN: Final = "unknown"
OUTCOMES: Final = (GOOD, BAD, UNKNOWN)

#: How the policy moves a case's amount.
MOVES: Final = ("none", "less", "same", "more")

_LEVEL: Final = 0.95


@dataclass(frozen=True, slots=True)
class Sums:
    """Amounts of some cases; amounts in the smallest unit.

    Attributes:
        name: season, or an outcome.
        cases: in it.
        only_given: the policy gives an amount where none was decided.
        only_decided: the policy gives none where one was decided.
        sum_given: of all amounts given.
        sum_decided: of all amounts decided.
        sum_added: of what is given beyond what was decided, case by case.
        sum_taken: of what was decided beyond what is given.
        median_ratio: of given / decided where both are known and something was decided; None without such a case.
    """

    name: str
    cases: int
    only_given: int
    only_decided: int
    sum_given: int
    sum_decided: int
    sum_added: int
    sum_taken: int
    median_ratio: float | None


@dataclass(frozen=True, slots=True)
class Move:
    """Cases with a known outcome whose amount the policy moves one way.

    Attributes:
        name: "none" (the policy gives no amount), "less", "same" or "more" than was decided.
        cases: with an outcome.
        bad: of these.
        share: bad / cases; None without a case.
        low: lower end of its 95 % interval (Wilson).
        high: upper end.
    """

    name: str
    cases: int
    bad: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Backtest:
    """What a policy would have given.

    Attributes:
        seasons: sums by season, the whole last ("all").
        outcomes: sums by outcome of cases that were decided; empty where no outcome is known.
        moves: bad outcomes by how the policy moves the amount; empty where no outcome is known.
    """

    seasons: tuple[Sums, ...]
    outcomes: tuple[Sums, ...]
    moves: tuple[Move, ...]


def backtest(cases: pd.DataFrame) -> Backtest:
    """Hold what a policy gives against what was decided and became of it.

    Args:
        cases: one row per case: season_id, given and decided (Int64, smallest unit, missing where there is none) and
            outcome (one of OUTCOMES).
    """
    lent = cases[cases.decided.notna()]
    known = lent[lent.outcome != UNKNOWN]
    seasons = [_sums(str(name), rows) for name, rows in cases.groupby("season_id", sort=True)]
    return Backtest(
        seasons=(*seasons, _sums("all", cases)),
        outcomes=tuple(_sums(name, lent[lent.outcome == name]) for name in OUTCOMES) if len(known) else (),
        moves=tuple(_moves(known)) if len(known) else (),
    )


def moves(cases: pd.DataFrame) -> pd.Series[str]:
    """How each decided case is moved: one of MOVES."""
    given, decided = cases.given, cases.decided
    less, more = (given < decided).fillna(value=False), (given > decided).fillna(value=False)
    rules = [given.isna().to_numpy(dtype=bool), less.to_numpy(dtype=bool), more.to_numpy(dtype=bool)]
    return pd.Series(np.select(rules, ["none", "less", "more"], "same"), index=cases.index, dtype=object)


def _sums(name: str, cases: pd.DataFrame) -> Sums:
    given, decided = cases.given.fillna(0).astype("int64"), cases.decided.fillna(0).astype("int64")
    both = cases[cases.given.notna() & (cases.decided.fillna(0) > 0)]
    ratio = both.given.astype("float64") / both.decided.astype("float64")
    return Sums(
        name=name,
        cases=len(cases),
        only_given=int((cases.given.notna() & cases.decided.isna()).sum()),
        only_decided=int((cases.given.isna() & cases.decided.notna()).sum()),
        sum_given=int(given.sum()),
        sum_decided=int(decided.sum()),
        sum_added=int((given - decided).clip(lower=0).sum()),
        sum_taken=int((decided - given).clip(lower=0).sum()),
        median_ratio=float(ratio.median()) if len(ratio) else None,
    )


def _moves(known: pd.DataFrame) -> Iterator[Move]:
    moved = moves(known)
    for name in MOVES:
        rows = known[moved == name]
        bad = int((rows.outcome == BAD).sum())
        if not len(rows):
            yield Move(name, 0, 0, None, None, None)
            continue
        interval = binomtest(bad, len(rows)).proportion_ci(_LEVEL, method="wilson")
        yield Move(name, len(rows), bad, bad / len(rows), float(interval.low), float(interval.high))
