"""Series of sites in one array: a number by site and date."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import InputError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]
Texts = npt.NDArray[np.str_]

_COLUMNS: Final = ("site_id", "date", "value")
_MONTHS: Final = 12

#: Dates that a change needs.
_LEAST_DATES: Final = 2

#: Dates of a year from which a season can be told apart from a change.
_SEASONAL: Final = 3


@dataclass(frozen=True, slots=True)
class SiteSeries:
    """n sites on t dates.

    Attributes:
        site_ids: (n,) text, each once, sorted.
        days: (t,) datetime64[D], rising.
        numbers: (n, t); NaN where nothing usable was measured.
    """

    site_ids: Texts
    days: Days
    numbers: Floats

    @property
    def years(self) -> Ints:
        """(t,) int64, calendar year of each date."""
        return self.days.astype("datetime64[Y]").astype(np.int64) + 1970

    @property
    def judged(self) -> npt.NDArray[np.bool_]:
        """(n,) whether a site has a usable value at all."""
        return np.asarray(np.isfinite(self.numbers).any(axis=1))


def series_of(table: pd.DataFrame) -> SiteSeries:
    """Series from a table with one row by site and date.

    Args:
        table: columns site_id, date, value. A value that is no finite number (a divergence against an empty class is
            infinite) counts as not measured.

    Raises:
        InputError: a column is missing, a date or number cannot be read, a site has a date twice, or there are fewer
            than two dates.
    """
    missing = [name for name in _COLUMNS if name not in table.columns]
    if missing:
        raise InputError(
            "SITES_SERIES_COLUMNS", f"The series has no column {missing[0]!r}.", "It needs site_id, date, value."
        )
    days = pd.to_datetime(table["date"], errors="coerce", format="mixed")
    ids, values = table["site_id"], pd.to_numeric(table["value"], errors="coerce")
    unread = (values.isna() & table["value"].notna()) | days.isna() | ids.isna()
    if unread.any():
        row = int(np.flatnonzero(unread)[0]) + 1
        raise InputError("SITES_SERIES_VALUE", f"Row {row} of the series has no site, date or number.", "Mend the row.")
    rows = pd.DataFrame({"site": ids.astype(str), "day": days.dt.floor("D"), "value": values.astype(np.float64)})
    twice = rows.duplicated(["site", "day"])
    if twice.any():
        site, day = rows.loc[twice, "site"].iloc[0], rows.loc[twice, "day"].iloc[0]
        raise InputError("SITES_SERIES_TWICE", f"Site {site!r} has {day:%Y-%m-%d} twice.", "Keep one row of them.")
    wide = rows.pivot_table(index="site", columns="day", values="value", aggfunc="first", dropna=False)
    if wide.shape[1] < _LEAST_DATES:
        raise InputError("SITES_SERIES_SHORT", "The series has fewer than two dates.", "A change needs two dates.")
    numbers = wide.to_numpy(dtype=np.float64, na_value=np.nan)
    return SiteSeries(
        wide.index.to_numpy(dtype=np.str_),
        wide.columns.to_numpy().astype("datetime64[D]"),
        np.where(np.isfinite(numbers), numbers, np.nan),
    )


def without_season(series: SiteSeries) -> SiteSeries:
    """The series less what a month usually adds, where it has several dates a year; else as it is.

    A month's share is the median, over sites and years, of how far a value lies from its own site's median of that
    calendar year. Years in which something is built add to both sides and leave the median alone.
    """
    years = series.years
    counts = np.unique(years, return_counts=True)[1]
    if np.median(counts) < _SEASONAL:
        return series
    apart = np.full_like(series.numbers, np.nan)
    for year in np.unique(years):
        at = years == year
        known = np.isfinite(series.numbers[:, at]).any(axis=1)
        within = series.numbers[np.ix_(known, at)]
        apart[np.ix_(known, at)] = within - np.nanmedian(within, axis=1, keepdims=True)
    months = series.days.astype("datetime64[M]").astype(np.int64) % _MONTHS
    usual = np.zeros(len(series.days))
    for month in np.unique(months):
        found = apart[:, months == month]
        usual[months == month] = np.median(found[np.isfinite(found)]) if np.isfinite(found).any() else 0.0
    return replace(series, numbers=series.numbers - usual)
