"""What is decided of whole seasons on blocks that were held out, by zone, source, crop and cloud."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from models.calibration import block_test
from models.cardtables import Decisions
from models.evaluation.states import CLEAR_STEPS, MONTHS, State
from models.evaluation.zones import LEVEL, RISK, CrossFitted, calibration_units, whole_seasons
from models.series.sample import SeriesSet

Indices = NDArray[np.intp]
Bools = NDArray[np.bool_]
Strings = NDArray[np.str_]
Grouping = Literal["zone", "source", "crop", "clear steps"]

#: Series from which a group gets a row.
_LEAST: Final = 10


def decision_table(
    series: SeriesSet, target: Indices, fitted: CrossFitted, seen: Sequence[State], inside: Bools
) -> tuple[Decisions, ...]:
    """Coverage, share decided and share of these that is wrong, each with an exact block test.

    By zone and by crop the series are those that zones are calibrated on, real ones alone for crops; by source all
    whole seasons; by clear steps those of the zones, seen until December and thinned at random to so few steps.

    Args:
        series: labelled series, n of them.
        target: (n,) class indices.
        fitted: calibrations of every fold by the others.
        seen: states of the series.
        inside: (n, classes) members of the sets by them.
    """
    used, _ = calibration_units(series)
    whole = whole_seasons(series)
    groups: list[tuple[Grouping, Strings, Bools]] = [
        ("zone", fitted.zone, used),
        ("source", series.source.astype(str), whole),
        ("crop", series.crop.astype(str), used & ~series.simulated),
    ]
    rows = [
        row
        for by, names, of in groups
        for row in _rows(by, names[of], inside[of], target[of], series.block[of].astype(str))
    ]
    return (*rows, *_by_clear_steps(series, target, fitted, seen, used))


def _by_clear_steps(
    series: SeriesSet, target: Indices, fitted: CrossFitted, seen: Sequence[State], used: Bools
) -> Iterator[Decisions]:
    for state in seen:
        if state.month != MONTHS[-1]:
            continue
        of = used[state.rows]
        rows = state.rows[of]
        names = np.array([f"{zone}, {_steps(state.column)}" for zone in fitted.zone[rows]], dtype=str)
        inside = fitted.judge_state(state)[1][of]
        yield from _rows("clear steps", names, inside, target[rows], series.block[rows].astype(str))


def _steps(column: int) -> str:
    """Name of a class of clear steps."""
    if column + 1 == len(CLEAR_STEPS):
        return f"from {CLEAR_STEPS[column]}"
    return f"{CLEAR_STEPS[column]} to {CLEAR_STEPS[column + 1] - 1}"


def _rows(by: Grouping, names: Strings, inside: Bools, target: Indices, blocks: Strings) -> Iterator[Decisions]:
    for name in np.unique(names):
        of = names == name
        if of.sum() >= _LEAST:
            yield _row(by, str(name), inside[of], target[of], blocks[of])


def _row(by: Grouping, name: str, inside: Bools, target: Indices, blocks: Strings) -> Decisions:
    covered = inside[np.arange(len(target)), target]
    decided = inside.sum(axis=1) == 1
    right = covered[decided]
    return Decisions(
        by=by,
        group=name,
        series=len(target),
        blocks=len(np.unique(blocks)),
        coverage=round(float(covered.mean()), 4),
        coverage_p=round(block_test(covered, blocks, LEVEL), 4),
        share_decided=round(float(decided.mean()), 4),
        wrong_of_decided=round(float(1 - right.mean()), 4) if right.size else None,
        wrong_p=round(block_test(right, blocks[decided], 1 - RISK), 4),
    )
