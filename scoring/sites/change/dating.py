"""The calendar year in which each site was first seen built, with what else is possible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import InputError
from scoring.sites.change.fitting import Fitted, fit_changes
from scoring.sites.change.series import Floats, Ints, SiteSeries, without_season

#: Stands for "nothing was built" in years.
NEVER: Final = -1

#: More likely than not.
_LIKELIER: Final = 0.5


@dataclass(frozen=True, slots=True)
class Dated:
    """Years of n sites.

    Attributes:
        years: (n,) int64, likeliest first calendar year that shows something built; NEVER where that is likelier than
            all years together. The
            first year of a series also stands for all before it. A site without a value has the commonest year.
        confidence: (n,) 0..1, probability of that year under the model.
        outcomes: (y+1,) int64, the calendar years of the series and NEVER.
        probabilities: (n, y+1) of each outcome.
        judged: (n,) whether the site has a value at all.
        fitted: what was learned of all sites.
    """

    years: Ints
    confidence: Floats
    outcomes: Ints
    probabilities: Floats
    judged: npt.NDArray[np.bool_]
    fitted: Fitted

    @property
    def years_if_built(self) -> Ints:
        """(n,) likeliest year of each site, taking for granted that it was built."""
        years: Ints = self.outcomes[self.probabilities[:, :-1].argmax(axis=1)]
        return years


def date_changes(series: SiteSeries, *, falling: bool = False, known: Ints | None = None) -> Dated:
    """Date what was built, from the series of all sites together.

    Args:
        series: one number by site and date, of sites of one kind measured alike.
        falling: whether the number falls on construction.
        known: (n,) year that is known of a site; below 0 where none is known. NEVER names nothing here: labels say -1
            also of sites whose series rise plainly. None: nothing of any.

    Raises:
        InputError: no site has a value, or a known year lies after the series.
    """
    if not series.judged.any():
        raise InputError("SITES_SERIES_EMPTY", "No site has a usable value.", "Name a series with finite numbers.")
    outcomes = np.append(np.unique(series.years), NEVER)
    kinds = np.append(np.searchsorted(outcomes[:-1], series.years), len(outcomes) - 1)
    plain = without_season(series)
    possible = None if known is None else _possible(known, outcomes, kinds)
    fitted = fit_changes(plain.numbers, kinds, falling=falling, known=possible)
    by_change = fitted.posterior(plain.numbers)
    probabilities = np.stack([by_change[:, kinds == kind].sum(axis=1) for kind in range(len(outcomes))], axis=1)
    best = _decided(probabilities)
    confidence = probabilities[np.arange(len(best)), best]
    return Dated(outcomes[best], confidence, outcomes, probabilities, series.judged, fitted)


def _decided(probabilities: Floats) -> Ints:
    """(n,) whether something was built comes first, more likely than not; then the likeliest year of those."""
    never = probabilities.shape[1] - 1
    year = probabilities[:, :never].argmax(axis=1)
    best: Ints = np.where(probabilities[:, never] > _LIKELIER, never, year).astype(np.int64)
    return best


def _possible(known: Ints, outcomes: Ints, kinds: Ints) -> npt.NDArray[np.bool_]:
    """(n, t+1) changes that what is known leaves possible; a year before the series counts as its first."""
    late = known > outcomes[:-1].max()
    if late.any():
        year = int(known[late][0])
        raise InputError(
            "SITES_TRUTH_YEAR", f"The year {year} lies after the series.", "Name a truth of the years of the series."
        )
    first = outcomes[:-1].min()
    years: Ints = np.where((known >= 0) & (known < first), first, known)
    possible: npt.NDArray[np.bool_] = (years < 0)[:, None] | (years[:, None] == outcomes[kinds][None, :])
    return possible
