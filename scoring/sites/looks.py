"""Rows of geo.observations.SITE_LOOKS as observations of progress."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd

from geo.errors import DataError
from geo.sites import SiteMeasure
from scoring.sites.progress import Observed


def observed_of(
    looks: pd.DataFrame, site_id: str, measure: SiteMeasure, planned: float, *, as_of: datetime, shared: float = 0.0
) -> Observed:
    """What looks say of the share of a plan that is built.

    Args:
        looks: rows of SITE_LOOKS.
        site_id: the site.
        measure: what progress rests on.
        planned: the measure when all is built, above 0.
        as_of: instant, aware; rows that became known later do not count.
        shared: see Observed.

    Raises:
        DataError: nothing is planned.
    """
    if not planned > 0:
        raise DataError("SITES_NOTHING_PLANNED", f"Of site {site_id!r} no {measure} is planned.", "Plan more than 0.")
    mine = looks[(looks["site_id"] == site_id) & (looks["measure"] == str(measure)) & (looks["known_at"] <= as_of)]
    latest = mine.sort_values(["date", "known_at"], kind="stable").drop_duplicates("date", keep="last")
    return Observed(
        days=latest["date"].to_numpy().astype("datetime64[D]"),
        shares=latest["value"].to_numpy(dtype=np.float64) / planned,
        errors=latest["error"].to_numpy(dtype=np.float64) / planned,
        shared=shared,
        clear=latest["clear_share"].to_numpy(dtype=np.float64),
    )
