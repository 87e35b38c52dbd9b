"""Loan files on disk: tables with or without outlines, their hash, and the control file beside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq

from app.jobs.tabular import cells_of, read_cells
from geo.errors import InputError
from geo.files import fingerprint
from geo.parcel_file import hash_of_source, read_features
from scoring.lending.control import check_control, parse_control
from scoring.lending.joining import join_plots
from scoring.lending.loanbook import LoanBook
from scoring.lending.mapping import LoanMapping
from scoring.lending.reading import read_loan_book

_TABLES: Final = frozenset({".csv", ".txt", ".tsv"})


@dataclass(frozen=True, slots=True)
class LoanFile:
    """A loan file that was read without a fault.

    Attributes:
        book: what it holds.
        mapping: what its columns mean.
        file_hash: SHA-256 of the file (of all parts of a Shapefile, and of the file of plots).
    """

    book: LoanBook
    mapping: LoanMapping
    file_hash: str


def read_loan_file(
    path: Path, mapping: LoanMapping, as_of: date, *,
    plots: Path | None = None, control: Path | None = None, crs: str | None = None,
) -> LoanFile:  # fmt: skip
    """Read a loan file and reconcile it with its control file.

    Args:
        path: CSV, Parquet, or with outlines GeoPackage, GeoJSON, Shapefile or GeoParquet.
        mapping: what the columns hold.
        as_of: day that the file tells of.
        plots: plots in a file of their own, of the same formats; the mapping says by which column they join.
        control: TOML with the counts and sums that the rows must give.
        crs: reference system of outlines that state none.

    Raises:
        InputError: a file is missing or cannot be read, the rows hold faults, or they do not reconcile.
    """
    rows, outlines = _rows(path, mapping, crs)
    if plots is not None:
        rows, outlines = _with_plots(rows, plots, mapping, crs)
    book = read_loan_book(rows, outlines, mapping, as_of)
    if control is not None:
        check_control(book, parse_control(_text(control), control.name), mapping.exponents)
    hashes = [hash_of_source(each) for each in (path, plots) if each is not None]
    return LoanFile(book, mapping, hashes[0] if plots is None else fingerprint(*hashes))


def _with_plots(
    loans: pd.DataFrame, path: Path, mapping: LoanMapping, crs: str | None
) -> tuple[pd.DataFrame, gpd.GeoSeries | None]:
    if mapping.join is None:
        raise InputError(
            "LOAN_JOIN",
            f"The mapping {mapping.id} does not say by which column plots join their loans.",
            "Set `join` in it, or leave --plots out.",
        )
    plots, outlines = _rows(path, mapping, crs)
    return join_plots(loans, plots, outlines, mapping.join)


def _rows(path: Path, mapping: LoanMapping, crs: str | None) -> tuple[pd.DataFrame, gpd.GeoSeries | None]:
    if not path.is_file():
        raise InputError("LOAN_FILE", f"There is no loan file {path}.", "Name a CSV, Parquet or GeoPackage file.")
    if path.suffix.lower() in _TABLES or _plain_parquet(path):
        return read_cells(path, mapping.encoding, mapping.delimiter), None
    features = read_features(path, crs)
    return cells_of(pd.DataFrame(features.drop(columns=features.geometry.name))), features.geometry


def _plain_parquet(path: Path) -> bool:
    if path.suffix.lower() != ".parquet":
        return False
    try:
        return b"geo" not in (pq.read_schema(path).metadata or {})
    except (OSError, ValueError):
        return True  # read_cells says that it cannot be read


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "LOAN_CONTROL_FILE", f"The control file {path} cannot be read.", "Name a TOML file."
        ) from error
