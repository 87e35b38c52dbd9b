"""How well years of construction were told, against a truth that says them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import InputError
from scoring.sites.change.dating import NEVER, Dated, date_changes
from scoring.sites.change.series import Ints, SiteSeries

Flags = npt.NDArray[np.bool_]

#: A site of which nothing is known to the method.
_UNKNOWN = -2


@dataclass(frozen=True, slots=True)
class YearScore:
    """How well years were told.

    Attributes:
        sites: sites that were scored; those whose labels were used are not among them.
        trained_on: sites whose labels were used.
        unjudged: scored sites without a usable value, for which the commonest year is said.
        accuracy: share of scored sites that were built whose year is told right; NaN where none was built.
        accuracy_of_all: share of all scored sites whose year, or that nothing was built, is told right.
        mae_years: mean absolute error over scored sites that were built; one of which it is said that nothing was
            built counts as built in the year after the series. NaN where none was built.
        accuracy_if_built: share of scored sites that were built whose year is right where it is taken for granted that
            each was built, as methods that always say a year are scored.
        mae_if_built: their mean absolute error.
        built: scored sites that were built.
        never_built: scored sites where nothing was built.
        false_builds: of those, sites of which a year is said.
        missed_builds: built sites of which it is said that nothing was built.
        confidence: mean of what the method believes of its own accuracy.
    """

    sites: int
    trained_on: int
    unjudged: int
    accuracy: float
    accuracy_of_all: float
    mae_years: float
    accuracy_if_built: float
    mae_if_built: float
    built: int
    never_built: int
    false_builds: int
    missed_builds: int
    confidence: float


def truth_of(table: pd.DataFrame, series: SiteSeries) -> tuple[SiteSeries, Ints]:
    """The sites of a truth that the series has, and their years, (n,); NEVER where nothing was built.

    Raises:
        InputError: a column is missing, a year is none, a site stands twice or has no series, or a year lies after
            the series.
    """
    for name in ("site_id", "year"):
        if name not in table.columns:
            raise InputError("SITES_TRUTH_COLUMNS", f"The truth has no column {name!r}.", "It needs site_id, year.")
    years = pd.to_numeric(table["year"], errors="coerce")
    ids = table["site_id"].astype(str)
    wrong = years.isna() | (years % 1 != 0) | ((years < 0) & (years != NEVER)) | (years > series.years.max())
    if wrong.any():
        site = ids[wrong].iloc[0]
        raise InputError(
            "SITES_TRUTH_YEAR",
            f"The truth of site {site!r} is no year up to {series.years.max()}.",
            "Give a calendar year, or -1 where nothing was built.",
        )
    if ids.duplicated().any():
        raise InputError("SITES_TRUTH_TWICE", f"The truth has site {ids[ids.duplicated()].iloc[0]!r} twice.")
    rows = pd.Index(series.site_ids).get_indexer(pd.Index(ids))
    if (rows < 0).any():
        site = ids[rows < 0].iloc[0]
        raise InputError("SITES_TRUTH_UNKNOWN", f"Site {site!r} of the truth has no series.", "Add its series.")
    chosen = replace(series, site_ids=series.site_ids[rows], numbers=series.numbers[rows])
    return chosen, years.to_numpy(dtype=np.int64)


def drawn(count: int, share: float, seed: int) -> Flags:
    """(count,) which labels are used, a share of all drawn by chance; always alike for a seed."""
    chosen = np.zeros(count, dtype=np.bool_)
    order = np.random.default_rng(seed).permutation(count)
    chosen[order[: round(share * count)]] = True
    return chosen


def score_years(series: SiteSeries, truth: Ints, used: Flags, *, falling: bool = False) -> tuple[YearScore, Dated]:
    """Date sites, with the labels of some of them, and score the others.

    Args:
        series: n sites.
        truth: (n,) years, NEVER where nothing was built.
        used: (n,) whose labels the method may see.
        falling: whether the number falls on construction.
    """
    known = np.where(used, truth, _UNKNOWN) if used.any() else None
    dated = date_changes(series, falling=falling, known=known)
    return _score(dated, truth, used, int(series.years.min()), int(series.years.max())), dated


def _score(dated: Dated, truth: Ints, used: Flags, first: int, last: int) -> YearScore:
    left = ~used
    said, given, true = dated.years[left], dated.years_if_built[left], truth[left]
    true = np.where(true == NEVER, NEVER, np.maximum(true, first))
    built = true != NEVER
    error = np.abs(np.where(said == NEVER, last + 1, said) - true)[built]
    return YearScore(
        sites=int(left.sum()),
        trained_on=int(used.sum()),
        unjudged=int((~dated.judged[left]).sum()),
        accuracy=float((said == true)[built].mean()) if built.any() else float("nan"),
        accuracy_of_all=float((said == true).mean()),
        mae_years=float(error.mean()) if built.any() else float("nan"),
        accuracy_if_built=float((given == true)[built].mean()) if built.any() else float("nan"),
        mae_if_built=float(np.abs(given - true)[built].mean()) if built.any() else float("nan"),
        built=int(built.sum()),
        never_built=int((~built).sum()),
        false_builds=int((said[~built] != NEVER).sum()),
        missed_builds=int((said[built] == NEVER).sum()),
        confidence=float(dated.confidence[left].mean()),
    )
