"""What a table of applicants must say for anything to be learned from it: outcome, block and time of each row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geo.errors import InputError
from scoring.risk.measures import Bools
from scoring.risk.splits import Objects


def outcomes(table: pd.DataFrame, column: str) -> Bools:
    """Outcome of each row, (n,) bool; InputError where one is neither 0 nor 1."""
    numbers = pd.to_numeric(table_column(table, column), errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~np.isin(numbers, (0.0, 1.0))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0]) + 1
        raise InputError("RISK_TARGET", f"Row {row} of {column!r} is neither 0 nor 1.", "Leave open loans out.")
    return np.asarray(numbers == 1)


def block_column(table: pd.DataFrame, column: str) -> Objects:
    """Block of each row, (n,) of text; InputError where one is missing."""
    values = table_column(table, column)
    if values.isna().any():
        raise InputError("RISK_SPLIT", f"A row has no {column!r}.", "Every applicant needs a block.")
    return values.astype(str).to_numpy(dtype=object)


def late_rows(table: pd.DataFrame, time: str | None, cutoff: str | None) -> Bools | None:
    """Whether each row, (n,), lies at the cut-off or behind it; None without a cut-off.

    Raises:
        InputError: only one of the two is given, or something is no date.
    """
    if (time is None) != (cutoff is None):
        raise InputError("RISK_SPLIT", "A column of times and a cut-off belong together.", "Give both or neither.")
    if time is None:
        return None
    try:
        days = pd.to_datetime(table_column(table, time), format="ISO8601")
        late = days >= pd.Timestamp(str(cutoff))
    except (ValueError, TypeError) as error:
        raise InputError("RISK_SPLIT", f"{time!r} or the cut-off holds no date.", "Write it as 2025-10-01.") from error
    if days.isna().any():
        raise InputError("RISK_SPLIT", f"A row has no {time!r}.", "Every applicant needs a time.")
    return late.to_numpy(dtype=bool)


def table_column(table: pd.DataFrame, name: str) -> pd.Series:
    """One column; InputError that names those there are where it is missing."""
    if name not in table.columns:
        known = ", ".join(map(str, table.columns))
        raise InputError("RISK_COLUMN", f"The table lacks the column {name!r}.", f"It has: {known}.")
    return table[name]


def column_names(text: Sequence[str]) -> tuple[str, ...]:
    """Names of columns from "a,b" or several of these, in order."""
    return tuple(name.strip() for part in text for name in part.split(",") if name.strip())
