"""Rows of a loan file into a LoanBook: all faults are looked for before anything is given back."""

from __future__ import annotations

from datetime import date
from difflib import get_close_matches

import geopandas as gpd
import pandas as pd

from geo.errors import InputError
from scoring.lending.agreement import repeats
from scoring.lending.cells import Cells
from scoring.lending.insured import read_insurances
from scoring.lending.loanbook import LoanBook
from scoring.lending.loans import read_loans, with_classes
from scoring.lending.mapping import LoanMapping
from scoring.lending.plots import distinct_plots, read_plots


def read_loan_book(rows: pd.DataFrame, outlines: gpd.GeoSeries | None, mapping: LoanMapping, as_of: date) -> LoanBook:
    """LoanBook of a file.

    Args:
        rows: every cell as text, None where empty; one row per loan, or per plot or claim of one.
        outlines: (n,) outlines of the rows with their CRS; None where the file has none.
        mapping: what the columns hold.
        as_of: day that the file tells of.

    Raises:
        InputError: a column is absent, or the first kind of fault in the rows, with their numbers and the remedy.
        DataError: a loan class is unknown.
    """
    _require_columns(rows, mapping)
    cells = Cells(rows, mapping)
    loans = read_loans(cells, mapping, as_of)
    plots, repairs = read_plots(cells, mapping, loans, outlines)
    insurances, claims = read_insurances(cells, mapping, loans, plots)
    _refuse_repeats(cells, plots, claims, mapping)
    cells.faults.refuse()
    return LoanBook(
        source=mapping.source,
        as_of=as_of,
        complete=mapping.complete,
        loans=with_classes(loans[~loans.loan_number.duplicated()].reset_index(drop=True)),
        plots=distinct_plots(plots),
        insurances=insurances,
        claims=claims,
        repairs=repairs,
        lacks={str(name): reason for name, reason in mapping.not_known.items()},
    )


def _require_columns(rows: pd.DataFrame, mapping: LoanMapping) -> None:
    """Names only columns of the file that are like the wanted ones: without a header its first row would show."""
    absent = [name for name in mapping.columns if name not in rows.columns]
    if absent:
        near = {found for name in absent for found in get_close_matches(name, map(str, rows.columns), n=1)}
        like = f" Near ones: {', '.join(sorted(near))}." if near else ""
        raise InputError(
            "LOAN_COLUMN",
            f"The loan file lacks the columns that {mapping.id} names: {', '.join(absent)}.",
            f"It has {len(rows.columns)} columns.{like} Name the mapping of this file, or correct its columns.",
        )


def _refuse_repeats(cells: Cells, plots: pd.DataFrame, claims: pd.DataFrame, mapping: LoanMapping) -> None:
    """A plot of a loan stands once, or once for each of several claims on it."""
    if mapping.rows == "loans":
        return
    claimed = set(zip(claims.loan_number, claims.parcel_id, strict=True))
    keys = pd.DataFrame(plots[["loan_number", "parcel_id"]])
    keys["parcel_id"] = keys.parcel_id.where(keys.parcel_id.notna(), "")
    cells.faults.add(
        "LOAN_TWICE",
        (
            (row, f"the plot {plots.parcel_id[row]} of the loan {plots.loan_number[row]} stands before")
            for row in repeats(keys)
            if (plots.loan_number[row], plots.parcel_id[row]) not in claimed
        ),
    )
