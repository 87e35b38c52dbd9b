"""Attributes cut into bins, with the weight of evidence of each (the optional extra "risk").

    WOE = ln(share of goods in the bin / share of bads in it),  IV = sum of (share of goods - share of bads) WOE

Cut points come from optbinning, which solves for the cuts of greatest IV whose default rates rise or fall throughout
(Navas-Palencia 2020); counts and WOE are worked out here, half a row added to each side of every bin so that none is
infinite.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from scoring.money import Floats, Ints
from scoring.risk.measures import Bools

#: Most bins of an attribute, and the least share of applicants in each: customs of the trade (Siddiqi 2006, chapter 6).
MOST_BINS: Final = 6
LEAST_SHARE: Final = 0.05

#: Added to goods and to bads of each bin.
_HALF: Final = 0.5


@dataclass(frozen=True, slots=True)
class Binned:
    """One attribute in bins.

    Attributes:
        name: of the attribute.
        edges: ends of all bins but the last, for numbers; None for words.
        groups: words of each bin; None for numbers.
        woe: (bins + 1,) float64, the bin of missing facts last.
        counts: (bins + 1,) applicants.
        information: IV over all bins.
    """

    name: str
    edges: tuple[float, ...] | None
    groups: tuple[tuple[str, ...], ...] | None
    woe: Floats
    counts: Ints
    information: float

    def places(self, values: pd.Series) -> Ints:
        """Bin of each value, (n,) int64; the last one for missing facts, the most common one for unseen words."""
        return _places(values, self.edges, self.groups, int(np.argmax(self.counts[:-1])))


def bin_attribute(values: pd.Series, default: Bools) -> Binned:
    """Bins of one attribute from applicants whose outcome is known.

    Args:
        values: (n,) numbers or words; missing where empty.
        default: (n,) bool.

    Returns:
        Bins, with missing facts in one of their own. Where no applicant lacks the fact, that bin takes the WOE of the
        worst one: nothing is known of it, and a missing fact must not help.
    """
    edges, groups = _cuts(values, default)
    places = _places(values, edges, groups, 0)
    bins = (len(groups) if groups is not None else len(edges or ()) + 1) + 1
    bad = np.bincount(places[default], minlength=bins).astype(np.float64)
    good = np.bincount(places[~default], minlength=bins).astype(np.float64)
    good_share, bad_share = (side / side.sum() for side in (good + _HALF, bad + _HALF))
    woe = np.log(good_share / bad_share)
    information = float(np.sum((good_share - bad_share) * woe))
    woe[-1] = min(woe[-1], woe[:-1].max()) if (good + bad)[-1] else woe[:-1].min()
    return Binned(str(values.name), edges, groups, woe, (good + bad).astype(np.int64), information)


def _cuts(values: pd.Series, default: Bools) -> tuple[tuple[float, ...] | None, tuple[tuple[str, ...], ...] | None]:
    known = values.notna().to_numpy()
    numeric = pd.api.types.is_numeric_dtype(values)
    binning = _optimal_binning(str(values.name), numeric)
    if numeric:
        binning.fit(values[known].to_numpy(dtype=np.float64), default[known].astype(np.int64))
        return tuple(float(edge) for edge in binning.splits), None
    binning.fit(values[known].astype(str).to_numpy(dtype=object), default[known].astype(np.int64))
    return None, tuple(tuple(str(word) for word in group) for group in binning.splits)


def _optimal_binning(name: str, numeric: bool) -> Any:
    with _quiet_solvers():
        from optbinning import OptimalBinning  # noqa: PLC0415 - an optional extra

    if numeric:
        return OptimalBinning(name, monotonic_trend="auto_asc_desc", max_n_bins=MOST_BINS, min_bin_size=LEAST_SHARE)
    return OptimalBinning(name, dtype="categorical", max_n_bins=MOST_BINS, min_bin_size=LEAST_SHARE)


@contextmanager
def _quiet_solvers() -> Iterator[None]:
    """Keep quiet what cvxpy, which optbinning brings along, logs of solvers that it cannot load: none is used here."""
    logger = logging.getLogger("__cvxpy__")
    logger.addFilter(_nothing)
    try:
        yield
    finally:
        logger.removeFilter(_nothing)


def _nothing(_record: logging.LogRecord) -> bool:
    return False


def _places(
    values: pd.Series, edges: tuple[float, ...] | None, groups: tuple[tuple[str, ...], ...] | None, unseen: int
) -> Ints:
    if groups is None:
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
        places = np.searchsorted(np.array(edges or ()), numbers, side="right")
        return np.where(np.isnan(numbers), len(edges or ()) + 1, places).astype(np.int64)
    bin_of = {word: place for place, group in enumerate(groups) for word in group}
    codes, words = pd.factorize(values)
    return np.array([*(bin_of.get(str(word), unseen) for word in words), len(groups)], dtype=np.int64)[codes]
