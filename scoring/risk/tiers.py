"""A bank's own risk tiers: gates that an applicant must pass, and pools by score that name the tier.

Gates are asked in their order and all of them are answered, so that an applicant learns everything at once. A missing
fact does not pass as a good one: the tier stays open until it is there.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from geo.errors import DataError
from scoring.money import Floats
from scoring.pack_values import Exact, Share, Strict
from scoring.risk.measures import Bools
from scoring.risk.reasons import MOST_REASONS, ReasonText
from scoring.wording import Text


class TierState(StrEnum):
    """What the gates say."""

    OK = "ok"
    REFER = "refer"
    REFUSE = "refuse"
    INCOMPLETE = "incomplete"


_TESTS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "at_most": operator.le,
    "at_least": operator.ge,
    "below": operator.lt,
    "above": operator.gt,
}


class Gate(Strict):
    """One condition: the fact must be at most, at least, below or above a value."""

    code: str = Field(pattern=r"^[A-Z][A-Z0-9_]*$")
    fact: str = Field(min_length=1)
    must_be: Literal["at_most", "at_least", "below", "above"]
    value: Exact
    otherwise: Literal["refer", "refuse"]
    text: ReasonText

    def passes(self, facts: Floats) -> Bools:
        """Whether each fact, (n,), passes; NaN does not."""
        return np.asarray(_TESTS[self.must_be](facts, float(self.value)), dtype=bool)


class Pool(Strict):
    """Scores from `score_from` up to the next pool belong to this tier; the lowest pool has no lower end."""

    id: str = Field(min_length=1)
    title: Text
    score_from: int | None = None
    pd: Annotated[Share, Field(gt=0)]


class Tiers(Strict):
    """Gates in order, and pools from the best to the worst."""

    gates: tuple[Gate, ...] = ()
    pools: tuple[Pool, ...] = Field(min_length=1)
    cites: str

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        ends = [pool.score_from for pool in self.pools]
        if ends[-1] is not None or None in ends[:-1]:
            raise ValueError("every pool but the last needs 'score_from', and the last must have none")
        if any(high <= low for high, low in zip(self.edges, self.edges[1:], strict=False)):
            raise ValueError("'score_from' must fall from pool to pool")
        if any(better.pd >= worse.pd for better, worse in zip(self.pools, self.pools[1:], strict=False)):
            raise ValueError("'pd' must rise from pool to pool")
        return self

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        for names in ([pool.id for pool in self.pools], [gate.code for gate in self.gates]):
            if len(set(names)) < len(names):
                raise ValueError(f"one of {', '.join(names)} stands twice")
        return self

    @property
    def edges(self) -> list[int]:
        """Lower ends of all pools but the last, falling."""
        return [pool.score_from for pool in self.pools if pool.score_from is not None]


def assign_tiers(applicants: pd.DataFrame, tiers: Tiers) -> pd.DataFrame:
    """Tier of each applicant.

    Args:
        applicants: one row per applicant with `score` and a column for the fact of each gate; empty where missing.
        tiers: of the pack.

    Returns:
        With the index of `applicants`: tier (None where the score is missing, a gate refuses, or a fact is missing),
        state ("refuse" before "incomplete" before "refer"), gates (codes of those not passed, in order, at most four)
        and missing (facts that are missing).

    Raises:
        DataError: a column is missing or holds something else than numbers.
    """
    facts = {gate.fact: _numbers(applicants, gate.fact) for gate in tiers.gates}
    score = _numbers(applicants, "score")
    absent = {"score": np.isnan(score), **{name: np.isnan(values) for name, values in facts.items()}}
    failed = {gate: ~gate.passes(facts[gate.fact]) & ~absent[gate.fact] for gate in tiers.gates}
    state = _states(failed, np.any(list(absent.values()), axis=0), len(applicants))
    places = np.searchsorted(-np.array(tiers.edges, dtype=np.float64), -score, side="left")
    ids = np.array([*(pool.id for pool in tiers.pools), None], dtype=object)
    closed = np.isin(state.astype(str), (str(TierState.REFUSE), str(TierState.INCOMPLETE)))
    return pd.DataFrame(
        {
            "tier": pd.Series(ids[np.where(closed, -1, places)], applicants.index, dtype=object),
            "state": state,
            "gates": _listed({gate.code: where for gate, where in failed.items()}, len(applicants), MOST_REASONS),
            "missing": _listed(absent, len(applicants), len(absent)),
        },
        index=applicants.index,
    )


def _states(failed: dict[Gate, Bools], incomplete: Bools, rows: int) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    refused, referred = np.zeros(rows, dtype=bool), np.zeros(rows, dtype=bool)
    for gate, where in failed.items():
        if gate.otherwise == "refuse":
            refused |= where
        else:
            referred |= where
    choices = [str(TierState.REFUSE), str(TierState.INCOMPLETE), str(TierState.REFER)]
    return np.select([refused, incomplete, referred], choices, str(TierState.OK)).astype(object)


def _listed(marks: dict[str, Bools], rows: int, most: int) -> list[list[str]]:
    found: list[list[str]] = [[] for _ in range(rows)]
    for name, where in marks.items():
        for row in np.flatnonzero(where).tolist():
            if len(found[row]) < most:
                found[row].append(name)
    return found


def _numbers(applicants: pd.DataFrame, name: str) -> Floats:
    if name not in applicants.columns:
        raise DataError("RISK_COLUMN", f"The table lacks the column {name!r}.", "The tiers list what they need.")
    values = applicants[name]
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    if (np.isnan(numbers) & values.notna().to_numpy()).any():
        raise DataError("RISK_VALUE", f"The column {name!r} holds something else than numbers.", "Correct the table.")
    return numbers
