"""All measures of a predicted PD at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.errors import InputError
from scoring.money import Floats
from scoring.risk.measures import (
    CalibrationRow,
    Interval,
    calibration_table,
    plain,
    separation_intervals,
    stability_index,
)
from scoring.risk.outcomes import block_column, outcomes, table_column


@dataclass(frozen=True, slots=True)
class Measured:
    """Measures of a PD.

    Attributes:
        rows: applicants.
        defaults: of these.
        blocks: of these.
        gini, ks: with 95 % intervals over blocks.
        calibration: bands of predicted PD.
        stability: PSI of the PD against an earlier table; None without one.
    """

    rows: int
    defaults: int
    blocks: int
    gini: Interval
    ks: Interval
    calibration: tuple[CalibrationRow, ...]
    stability: float | None

    def as_dict(self) -> dict[str, object]:
        """Plain values."""
        bands = [
            {"rows": band.rows, "predicted": plain(band.predicted), "observed": band.observed.as_dict()}
            for band in self.calibration
        ]
        counts = {"rows": self.rows, "defaults": self.defaults, "blocks": self.blocks}
        figures = {"gini": self.gini.as_dict(), "ks": self.ks.as_dict(), "calibration": bands}
        return {**counts, **figures, "psi": None if self.stability is None else plain(self.stability)}


def measure_pd(
    table: pd.DataFrame, target: str, pd_column: str, block: str, *, earlier: pd.DataFrame | None = None, seed: int = 0
) -> Measured:
    """Measure a predicted PD.

    Args:
        table: one row per applicant with an outcome.
        target: column of the outcome, 0 or 1.
        pd_column: column of the PD, 0 to 1, none missing.
        block: column of the block.
        earlier: applicants when the card was made, with `pd_column`; for the PSI.
        seed: of the intervals.

    Raises:
        InputError: a column is missing or does not hold what it must.
    """
    predicted, default, blocks = _probability(table, pd_column), outcomes(table, target), block_column(table, block)
    ks, gini = separation_intervals(predicted, default, blocks, np.random.default_rng([seed, 0]))
    bands = calibration_table(predicted, default, blocks, np.random.default_rng([seed, 1]))
    shift = None if earlier is None else stability_index(_probability(earlier, pd_column), predicted)
    count = len(np.unique(blocks.astype(str)))
    return Measured(len(table), int(default.sum()), count, gini, ks, tuple(bands), shift)


def _probability(table: pd.DataFrame, column: str) -> Floats:
    values = pd.to_numeric(table_column(table, column), errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~((values >= 0) & (values <= 1))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0]) + 1
        raise InputError("RISK_VALUE", f"Row {row} of {column!r} is no probability.", "Give PDs from 0 to 1.")
    return values
