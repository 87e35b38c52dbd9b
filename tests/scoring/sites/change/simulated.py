"""Populations of sites with a known year of construction."""

from __future__ import annotations

import numpy as np
import pandas as pd

FIRST_YEAR = 2016
YEARS = 5


def population(
    seed: int, sites: int = 100, *, noise: float = 0.15, spread: float = 0.5
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Yearly series with heavy tails, and the truth; a tenth of sites is never built."""
    random = np.random.default_rng(seed)
    change = random.choice(YEARS + 1, sites, p=[0.1, 0.2, 0.2, 0.2, 0.2, 0.1])
    before = random.normal(0.5, spread, sites)
    after = before + np.abs(random.normal(1.2, 0.4, sites))
    built = np.arange(YEARS)[None, :] >= change[:, None]
    values = np.where(built, after[:, None], before[:, None]) + noise * random.standard_t(4, (sites, YEARS))
    days = [f"{FIRST_YEAR + year}-07-01" for year in range(YEARS)]
    ids = [f"s{site:03d}" for site in range(sites)]
    series = pd.DataFrame(
        {"site_id": np.repeat(ids, YEARS), "date": np.tile(days, sites), "value": np.exp(values).ravel()}
    )
    return series, pd.DataFrame({"site_id": ids, "year": np.where(change < YEARS, FIRST_YEAR + change, -1)})
