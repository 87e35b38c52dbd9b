"""Whether a parcel can be decided from what was seen of it."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from geo.errors import DataError
from geo.status import Status

#: Full pixels that a parcel needs after a 5 m inward buffer (rule of thumb of area monitoring in Slovenia).
LEAST_FULL_PIXELS: Final = 8

#: Clear dates that a season needs. Two on the rise, two about the peak and two on the fall: fewer leave one side of
#: the growth curve without a check. A choice of this project, not a rule of a regulator; a caller may ask for more.
LEAST_CLEAR_DATES: Final = 6

#: A parcel of a coming season for which no crop is planned: nothing was observed yet, and there is nothing to price.
NO_PLAN: Final = "NO_PLAN"

_NOT_SEEN: Final = tuple(str(status) for status in Status if status is not Status.OK)

#: Whatever keeps a parcel from being decided, in the order of the receipts.
UNDECIDED: Final = (*_NOT_SEEN, NO_PLAN)

_COLUMNS: Final = ("valid", "inside", "full_pixels", "verified", "clear_dates", "covered", "set_size")


def decide_status(evidence: pd.DataFrame, *, least_clear_dates: int = LEAST_CLEAR_DATES) -> pd.Series[str]:
    """Status of each parcel; where several reasons hold, the first in the order of geo.status.Status wins.

    Args:
        evidence: one row per parcel with the columns valid (outline can be used), inside (imagery covers it),
            full_pixels (whole pixels after a 5 m inward buffer), verified (reflectance confirmed), clear_dates, covered
            (region, crop and month lie within the model card) and set_size (crops in the conformal set). A missing
            value speaks against the parcel.
        least_clear_dates: fewer are CLOUDY.

    Returns:
        Status values, with the index of `evidence`.

    Raises:
        DataError: a column is missing.
    """
    for column in _COLUMNS:
        if column not in evidence.columns:
            raise DataError("EVIDENCE_COLUMN", f"The evidence of the parcels lacks the column {column!r}.")
    failed = [
        ~_holds(evidence, "valid"),
        ~_holds(evidence, "inside"),
        ~(_number(evidence, "full_pixels") >= LEAST_FULL_PIXELS),
        ~_holds(evidence, "verified"),
        ~(_number(evidence, "clear_dates") >= least_clear_dates),
        ~_holds(evidence, "covered"),
        ~(_number(evidence, "set_size") == 1),
    ]
    decided = np.select(failed, list(_NOT_SEEN), default=str(Status.OK))
    return pd.Series(decided, index=evidence.index, name="status", dtype=object)


def _holds(evidence: pd.DataFrame, column: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return evidence[column].astype("boolean").fillna(value=False).to_numpy(dtype=bool)


def _number(evidence: pd.DataFrame, column: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return pd.to_numeric(evidence[column]).to_numpy(dtype=np.float64, na_value=np.nan)
