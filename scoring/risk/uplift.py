"""What satellite features add to a bank's own: Gini and KS with them less Gini and KS without, on held-out blocks.

Both models are the same logistic regression, fitted on the same folds. Each applicant is judged by models that saw
neither its block nor, where a cut-off is named, anything as late as itself. The interval draws whole blocks and takes
both models' figures from the same draw, so that what they share cancels. It speaks of this table's blocks, not of
other regions or years, and holds the fitted models as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import pandas as pd

from geo.errors import InputError
from scoring.money import Floats
from scoring.risk.logistic import features_of, fit_predict, require_risk_packages
from scoring.risk.measures import RESAMPLES, Bools, Interval, RankedRisk, block_weights, interval
from scoring.risk.outcomes import block_column, late_rows, outcomes
from scoring.risk.splits import Objects, block_folds

#: Folds of whole blocks.
FOLDS: Final = 5

#: Below these an interval over blocks says little (a choice of this project; Cameron, Gelbach and Miller 2008 call
#: fewer than some 20 to 50 clusters few).
LEAST_BLOCKS: Final = 20
LEAST_OF_EACH: Final = 50


class Verdict(StrEnum):
    """What an uplift shows, by its interval of the Gini."""

    SHOWN = "shown"
    NOT_SHOWN = "not shown"
    TOO_FEW = "too few to decide"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpliftQuestion:
    """What is compared.

    Attributes:
        target: column of the outcome: 1 defaulted, 0 did not.
        baseline: columns that the bank has anyway.
        satellite: columns that come from imagery.
        block: column of the branch, village or spatial block.
        time: column of the time of application; None for no cut-off.
        cutoff: applicants from this value of `time` on are judged, earlier ones are learned from.
        seed: of folds and resamples.
        resamples: of the bootstrap.
    """

    target: str
    baseline: tuple[str, ...]
    satellite: tuple[str, ...]
    block: str
    time: str | None = None
    cutoff: str | None = None
    seed: int = 0
    resamples: int = RESAMPLES


@dataclass(frozen=True, slots=True)
class Uplift:
    """What a comparison found.

    Attributes:
        judged: applicants judged.
        defaults: of these.
        blocks: of these.
        baseline_gini, baseline_ks: without satellite features.
        full_gini, full_ks: with them.
        gini, ks: the differences, each with its paired interval over blocks.
        verdict: by the interval of the Gini.
    """

    judged: int
    defaults: int
    blocks: int
    baseline_gini: Interval
    baseline_ks: Interval
    full_gini: Interval
    full_ks: Interval
    gini: Interval
    ks: Interval
    verdict: Verdict

    def as_dict(self) -> dict[str, object]:
        """Plain values."""
        names = ("baseline_gini", "full_gini", "gini", "baseline_ks", "full_ks", "ks")
        counts = {"judged": self.judged, "defaults": self.defaults, "blocks": self.blocks}
        return {**counts, **{name: getattr(self, name).as_dict() for name in names}, "verdict": str(self.verdict)}


def measure_uplift(table: pd.DataFrame, question: UpliftQuestion) -> Uplift:
    """Compare models with and without satellite features on blocks that they did not see.

    Args:
        table: one row per applicant.
        question: what is compared.

    Raises:
        InputError: a column is missing or stands on both sides, an outcome is neither 0 nor 1, a block or time is
            missing, there are too few blocks for the folds, or an outcome is missing among the rows to learn from.
    """
    require_risk_packages("sklearn")
    _check(question)
    default = outcomes(table, question.target)
    block = block_column(table, question.block)
    late = late_rows(table, question.time, question.cutoff)
    predicted = _cross_fit(table, question, default, block, late)
    judged = ~np.isnan(predicted[0])
    return _compare(predicted[:, judged], default[judged], block[judged], question)


def _check(question: UpliftQuestion) -> None:
    sides = [*question.baseline, *question.satellite]
    if not question.baseline or not question.satellite:
        raise InputError("RISK_COLUMN", "An uplift needs columns on both sides.", "Name baseline and satellite.")
    for name in sides:
        if sides.count(name) > 1 or name == question.target:
            raise InputError("RISK_COLUMN", f"The column {name!r} is named twice.", "Name each column once.")


def _cross_fit(
    table: pd.DataFrame, question: UpliftQuestion, default: Bools, block: Objects, late: Bools | None
) -> Floats:
    """PD (2, n) without and with satellite features, by models that saw neither block nor time; NaN: not judged."""
    folds = block_folds(block, FOLDS, np.random.default_rng([question.seed, 0]))
    judged = np.ones(len(table), dtype=bool) if late is None else late
    taught = np.ones(len(table), dtype=bool) if late is None else ~late
    predicted = np.full((2, len(table)), np.nan)
    sides = (question.baseline, (*question.baseline, *question.satellite))
    features = [features_of(table, columns) for columns in sides]
    for fold in range(FOLDS):
        train, test = taught & (folds != fold), judged & (folds == fold)
        _require_both(default[train])
        for side, columns in enumerate(features):
            if test.any():
                predicted[side, test] = fit_predict(columns[train], default[train], columns[test])
    return predicted


def _require_both(default: Bools) -> None:
    if default.all() or not default.any():
        raise InputError("RISK_TARGET", "A fold has one outcome only to learn from.", "Give more rows or blocks.")


def _compare(predicted: Floats, default: Bools, block: Objects, question: UpliftQuestion) -> Uplift:
    without, full = (RankedRisk(risk, default) for risk in predicted)
    draws = [
        np.stack([*without.separation(weights), *full.separation(weights)])
        for weights in block_weights(block, np.random.default_rng([question.seed, 1]), question.resamples)
    ]
    ones = np.ones((1, len(default)))
    found = np.stack([*without.separation(ones), *full.separation(ones)])[:, 0]
    drawn = np.concatenate(draws, axis=1)
    each = [interval(float(value), column) for value, column in zip(found, drawn, strict=True)]
    ks = interval(float(found[2] - found[0]), drawn[2] - drawn[0])
    gini = interval(float(found[3] - found[1]), drawn[3] - drawn[1])
    blocks = len(np.unique(block.astype(str)))
    few = blocks < LEAST_BLOCKS or min(int(default.sum()), int((~default).sum())) < LEAST_OF_EACH
    return Uplift(
        judged=len(default),
        defaults=int(default.sum()),
        blocks=blocks,
        baseline_gini=each[1],
        baseline_ks=each[0],
        full_gini=each[3],
        full_ks=each[2],
        gini=gini,
        ks=ks,
        verdict=_verdict(gini, few),
    )


def _verdict(gini: Interval, few: bool) -> Verdict:
    if few:
        return Verdict.TOO_FEW
    return Verdict.SHOWN if gini.low > 0 else Verdict.NOT_SHOWN
