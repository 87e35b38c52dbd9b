"""Planned places of a wind farm by day: the chance that the pad of each is laid, and that its tower stands."""

from __future__ import annotations

import numpy as np
import pandas as pd

from app.jobs.sitewatch.windlooks import FarmLooks
from models.sites.looks import Days, Floats


def place_rows(farm: FarmLooks) -> pd.DataFrame:
    """Columns place, date, pad, tower: of days that tell something of the place; NaN where only the other is told."""
    pads, towers = (_long(*said, name) for said, name in ((farm.pads, "pad"), (farm.towers, "tower")))
    return pads.merge(towers, on=["place", "date"], how="outer").sort_values(["place", "date"], ignore_index=True)


def _long(days: Days, chances: Floats, name: str) -> pd.DataFrame:
    """A row per day and place that is known."""
    time, place = np.nonzero(np.isfinite(chances))
    return pd.DataFrame(
        {
            "place": place.astype(np.int32),
            "date": days[time].astype("datetime64[D]").astype(object),
            name: chances[time, place].astype(np.float32),
        }
    )
