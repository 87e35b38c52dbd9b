"""What every table of loans must hold: its columns, and each loan once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geo.errors import DataError


def require_loans(loans: pd.DataFrame, columns: Sequence[str]) -> None:
    """Check columns and ids of a table of loans.

    Args:
        loans: one row per loan, `loan_id` among its columns.
        columns: that must be there.

    Raises:
        DataError: a column is missing, or an id is missing or stands twice.
    """
    for column in columns:
        if column not in loans.columns:
            raise DataError("RISK_COLUMN", f"The loan file lacks the column {column!r}.", "docs/risk.md lists them.")
    ids = loans.loan_id
    if ids.isna().any():
        raise DataError("RISK_LOAN", f"Row {int(np.flatnonzero(ids.isna())[0]) + 1} has no loan_id.", "Mend the file.")
    if ids.duplicated().any():
        raise DataError("RISK_LOAN", f"The loan {ids[ids.duplicated()].iloc[0]!r} stands twice.", "Mend the file.")
