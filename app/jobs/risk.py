"""Files around scoring.risk: tables of applicants and loans in, tables and cards out."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

from geo.errors import InputError
from scoring.risk.points import ScoredApplicants
from scoring.risk.reasons import MOST_REASONS
from scoring.risk.scorecard import Scorecard, parse_scorecard

#: Columns that are text whatever they look like: ids keep their leading zeros.
_TEXT_COLUMNS: Final = ("loan_id", "applicant_id", "branch", "block", "loan_class", "grade", "security", "currency")


def read_applicants(path: Path) -> pd.DataFrame:
    """Table of applicants from CSV (UTF-8) or Parquet; only an empty cell is missing.

    Raises:
        InputError: there is no such file, it cannot be read, or it has no rows.
    """
    return _read(path, dict.fromkeys(_TEXT_COLUMNS, "str"))


def read_loans(path: Path, encoding: str = "utf-8-sig") -> pd.DataFrame:
    """Loan file of a core system from CSV or Parquet, every cell of a CSV as text; only an empty cell is missing.

    Args:
        path: the file.
        encoding: of a CSV; core systems in China often write gb18030.

    Raises:
        InputError: there is no such file, it cannot be read, or it has no rows.
    """
    return _read(path, "str", encoding)


def read_scorecard(path: Path) -> Scorecard:
    """Scorecard from a JSON file; InputError where it cannot be read or does not fit."""
    try:
        return parse_scorecard(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("SCORECARD_FILE", f"The scorecard {path} cannot be read.", "Name a JSON file.") from error


def scored_table(scored: ScoredApplicants, applicants: pd.DataFrame, lang: str) -> pd.DataFrame:
    """One row per applicant: applicant_id where there is one, score, pd, complete, reason_1 to reason_4."""
    named = applicants[["applicant_id"]] if "applicant_id" in applicants.columns else applicants[[]]
    scores = named.assign(score=scored.score, pd=scored.default_probability, complete=scored.complete)
    names = [f"reason_{place + 1}" for place in range(MOST_REASONS)]
    return scores.join(pd.DataFrame(scored.reason_texts(lang), index=scores.index, columns=names, dtype=object))


def write_text(path: Path, text: str) -> None:
    """Write a file whole; InputError where the place cannot be written to."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError("OUT_UNWRITABLE", f"{path} cannot be written: {error.strerror}.", "Choose another.") from error


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """Write a CSV (UTF-8, one header line) whole; InputError where the place cannot be written to."""
    write_text(path, table.to_csv(index=False))


def _read(path: Path, types: str | dict[str, str], encoding: str = "utf-8-sig") -> pd.DataFrame:
    if not path.is_file():
        raise InputError("RISK_FILE", f"There is no file {path}.", "Name a CSV or Parquet file.")
    try:
        if path.suffix.lower() == ".parquet":
            table = pd.read_parquet(path)
        else:
            table = pd.read_csv(path, dtype=types, encoding=encoding, keep_default_na=False, na_values=[""])
    except (ValueError, OSError, LookupError) as error:
        raise InputError("RISK_FILE", f"{path} cannot be read as a table.", "Check format and --encoding.") from error
    if table.empty:
        raise InputError("RISK_FILE", f"{path} holds no rows.", "Name a table with rows.")
    return table
