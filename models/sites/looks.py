"""Measures of one site by acquisition, and their rows of geo.observations.SITE_LOOKS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.sites import SiteMeasure

Flags: TypeAlias = npt.NDArray[np.bool_]
Floats: TypeAlias = npt.NDArray[np.float64]
Days: TypeAlias = npt.NDArray[np.datetime64]
Reflectance: TypeAlias = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Looks:
    """One measure of one site by acquisition; (t,) each.

    Attributes:
        days: datetime64[D], rising.
        values: in the measure's unit, NaN where the look shows too little to tell.
        errors: one standard error, above 0; NaN where there is no value.
        clear: share of the measured ground that is clear, 0 to 1.
    """

    days: Days
    values: Floats
    errors: Floats
    clear: Floats

    def rows(self, site_id: str, measure: SiteMeasure, known_at: pd.Series, source_hash: pd.Series) -> pd.DataFrame:
        """Rows of SITE_LOOKS of the looks that tell something.

        Args:
            site_id: the lender's id.
            measure: what was measured.
            known_at: (t,) instants at which the acquisitions became known, aware UTC.
            source_hash: (t,) hashes of what they were read from.
        """
        told = np.isfinite(self.values)
        frame = pd.DataFrame(
            {
                "site_id": site_id,
                "measure": str(measure),
                "date": self.days.astype("datetime64[D]").astype(object),
                "known_at": known_at.to_numpy(),
                "value": self.values,
                "error": self.errors,
                "clear_share": self.clear,
                "source_hash": source_hash.to_numpy(),
            }
        )
        return frame[told].reset_index(drop=True)
