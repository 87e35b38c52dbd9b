"""Made-up applicants whose default depends on satellite features exactly as much as was planted.

Nothing here was observed. The traps are those of a bank's table: satellite features go with the baseline ones and with
the branch (weather), branches differ in how well they lend (management), and some facts are missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from scoring.money import Floats
from scoring.risk.logistic import features_of, fit_predict
from scoring.risk.measures import Separation, separation

BASELINE: Final = ("debt_ratio", "years_farming", "land_right")
SATELLITE: Final = ("vigour_pct", "area_gap_share")

#: Log odds of default per standard deviation of the baseline facts (debt, years) and for leased land; of the branch.
_DEBT, _YEARS, _LEASE, _BRANCH, _LEVEL = 0.7, -0.4, 0.3, 0.4, -2.2

#: Share of each satellite feature's variance that goes with debt, and with the branch.
_WITH_DEBT, _WITH_BRANCH = 0.1, 0.2


@dataclass(frozen=True, slots=True)
class PlantedBook:
    """What is planted.

    Attributes:
        rows: applicants.
        branches: that they are spread over.
        effect: fall of the log odds of default per standard deviation of vigour, and half as much rise per one of the
            area gap; 0 plants nothing.
    """

    rows: int = 6_000
    branches: int = 120
    effect: float = 0.0


def plant(book: PlantedBook, seed: int) -> pd.DataFrame:
    """Made-up applicants: the columns of BASELINE and SATELLITE, branch, applied_on and default (0 or 1)."""
    rng = np.random.default_rng(seed)
    branch = rng.integers(0, book.branches, book.rows)
    debt, years = rng.standard_normal((2, book.rows))
    lease = rng.random(book.rows) < 0.4  # noqa: PLR2004 - a plausible share
    vigour = _satellite(-debt, branch, book, rng)
    gap = _satellite(debt, branch, book, rng)
    lending = _BRANCH * rng.standard_normal(book.branches)[branch]
    log_odds = _LEVEL + _DEBT * debt + _YEARS * years + _LEASE * lease + lending
    log_odds += book.effect * (0.5 * gap - vigour)
    table = pd.DataFrame(
        {
            "debt_ratio": np.exp(0.4 * debt - 1),
            "years_farming": 12 + 5 * years,
            "land_right": np.where(lease, "lease", "certificate"),
            "vigour_pct": 50 + 20 * vigour,
            "area_gap_share": 0.1 + 0.05 * gap,
            "branch": [f"b{number:04d}" for number in branch],
            "applied_on": pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 1000, book.rows), unit="D"),
            "default": (rng.random(book.rows) < 1 / (1 + np.exp(-log_odds))).astype(np.int64),
        }
    )
    table.loc[rng.random(book.rows) < 0.05, "vigour_pct"] = np.nan  # noqa: PLR2004 - clouds
    return table


def planted_uplift(book: PlantedBook, *, rows: int = 200_000, branches: int = 4_000) -> Separation:
    """Uplift in KS and Gini in a population so large that its own noise does not count, by the same regressions.

    Args:
        book: its effect counts.
        rows: of the population.
        branches: of the population.
    """
    large = PlantedBook(rows, branches, book.effect)
    learned, judged = plant(large, 1), plant(large, 2)
    without, full = (_judge(learned, judged, columns) for columns in (BASELINE, (*BASELINE, *SATELLITE)))
    return Separation(full.ks - without.ks, full.gini - without.gini)


def _judge(learned: pd.DataFrame, judged: pd.DataFrame, columns: tuple[str, ...]) -> Separation:
    train, test = (features_of(table, columns) for table in (learned, judged))
    risk = fit_predict(train, learned["default"].to_numpy() == 1, test)
    return separation(risk, judged["default"].to_numpy() == 1)


def _satellite(with_debt: Floats, branch: np.ndarray, book: PlantedBook, rng: np.random.Generator) -> Floats:
    weather = rng.standard_normal(book.branches)[branch]
    own = np.sqrt(1 - _WITH_DEBT - _WITH_BRANCH) * rng.standard_normal(book.rows)
    return np.asarray(np.sqrt(_WITH_DEBT) * with_debt + np.sqrt(_WITH_BRANCH) * weather + own, dtype=np.float64)
