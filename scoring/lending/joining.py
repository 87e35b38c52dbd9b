"""A table of loans and a map of their plots, joined by the number that both hold."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.errors import InputError
from scoring.lending.agreement import repeats
from scoring.lending.faults import Faults

#: Column of the plot's place in its file while the two are joined.
_PLACE: Final = "_place"


def join_plots(
    loans: pd.DataFrame, plots: pd.DataFrame, outlines: gpd.GeoSeries | None, column: str
) -> tuple[pd.DataFrame, gpd.GeoSeries | None]:
    """One row per loan and plot, in the order of the loans; a loan without a plot keeps one row.

    Args:
        loans: one row per loan, every cell as text.
        plots: one row per plot or claim, every cell as text.
        outlines: (n,) of the plots, with their CRS; None where there are none.
        column: that holds the loan's number in both.

    Returns:
        Columns of both, and the outlines of the rows (None where a loan has no plot).

    Raises:
        InputError: a file lacks the column, both have another one of the same name, a loan has no number or stands
            twice, or a plot is of no loan.
    """
    for name, table in (("loans", loans), ("plots", plots)):
        if column not in table.columns:
            raise InputError("LOAN_COLUMN", f"The file of {name} lacks the column {column!r}.", "Correct `join`.")
    both = sorted(set(loans.columns) & set(plots.columns) - {column})
    if both:
        raise InputError("LOAN_COLUMN", f"Both files have the column {both[0]!r}.", "Rename it in one of them.")
    _check(loans[column], plots[column])
    placed = plots.assign(**{_PLACE: np.arange(len(plots), dtype=float)})
    joined = loans.merge(placed, how="left", on=column, sort=False)
    places: Any = joined.pop(_PLACE).to_numpy()
    whole = joined.astype(object).where(joined.notna(), None)
    return whole, None if outlines is None else _taken(outlines, places)


def _check(numbers: pd.Series, of_plots: pd.Series) -> None:
    faults = Faults()
    faults.add("LOAN_NUMBER", ((row, "the loan number is empty") for row in np.flatnonzero(numbers.isna()).tolist()))
    faults.add("LOAN_TWICE", ((row, f"the loan {numbers[row]} stands before") for row in repeats(numbers)))
    strangers = np.flatnonzero(~of_plots.isin(numbers.dropna())).tolist()
    faults.add("LOAN_PLOT", ((row, f"the plot's loan {of_plots[row]} is not among the loans") for row in strangers))
    faults.refuse()


def _taken(outlines: gpd.GeoSeries, places: Any) -> gpd.GeoSeries:
    shapes = outlines.to_numpy()
    taken = [None if np.isnan(place) else shapes[int(place)] for place in places]
    return gpd.GeoSeries(taken, crs=outlines.crs)
