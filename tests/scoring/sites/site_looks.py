"""Looks at one made-up site, as rows of SITE_LOOKS."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import pandas as pd

from geo.sites import SiteMeasure

SITE = "a"
START = date(2024, 1, 5)


def day(number: int) -> date:
    """Day of a look; they lie ten days apart."""
    return START + timedelta(days=10 * number)


def looks(
    measure: SiteMeasure, values: Sequence[float | None], error: float, *, late: timedelta = timedelta(hours=12)
) -> pd.DataFrame:
    """One look every ten days, known so long after the day began; None: it tells nothing."""
    rows = [
        (
            SITE,
            str(measure),
            day(number),
            datetime.combine(day(number), time(), UTC) + late,
            value,
            error,
            1.0,
            "ab" * 32,
        )
        for number, value in enumerate(values)
        if value is not None
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


COLUMNS = ["site_id", "measure", "date", "known_at", "value", "error", "clear_share", "source_hash"]


def together(*parts: pd.DataFrame) -> pd.DataFrame:
    """All rows, and one of another site that must not count."""
    other = parts[0].head(1).assign(site_id="b", value=9e9)
    return pd.concat([other, *parts], ignore_index=True)


def no_places() -> pd.DataFrame:
    """Chances of no turbine."""
    return pd.DataFrame({"site_id": [], "place": [], "date": [], "pad": [], "tower": []})
