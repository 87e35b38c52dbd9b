"""Tables that people hand in, every cell as they wrote it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from geo.errors import InputError
from geo.parcel_columns import as_text


def read_cells(path: Path, encoding: str = "utf-8-sig", delimiter: str = ",") -> pd.DataFrame:
    """Rows of a CSV or Parquet file as text, trimmed; None for an empty cell.

    Args:
        path: the file.
        encoding: of a CSV.
        delimiter: of a CSV.

    Raises:
        InputError: there is no such file, it cannot be read, or it has no rows.
    """
    if not path.is_file():
        raise InputError("TABLE_FILE", f"There is no file {path}.", "Name a CSV or Parquet file.")
    try:
        table = (
            pd.read_parquet(path)
            if path.suffix.lower() == ".parquet"
            else pd.read_csv(path, dtype="str", encoding=encoding, sep=delimiter, keep_default_na=False)
        )
    except (ValueError, OSError, LookupError) as error:
        raise InputError(
            "TABLE_FILE", f"{path} cannot be read as a table.", "Check its format, encoding and delimiter."
        ) from error
    if table.empty:
        raise InputError("TABLE_FILE", f"{path} holds no rows.", "Name a table with rows.")
    return cells_of(table)


def cells_of(table: pd.DataFrame) -> pd.DataFrame:
    """Every cell of a table as text: days in ISO form, whole numbers without decimals, None for an empty cell."""
    return pd.DataFrame({str(name): _cells(table[name]) for name in table.columns}, dtype=object)


def _cells(column: pd.Series) -> list[str | None]:
    return [_cell(value) for value in column.tolist()]


def _cell(value: Any) -> str | None:
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, datetime) and not pd.isna(value) and value == datetime.combine(value.date(), value.time().min):
        return value.date().isoformat()
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return as_text(value)
