"""Readings of meters from a table."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

from app.jobs.tabular import read_cells
from app.sites.meters import GivenReading
from geo.errors import InputError

_COLUMNS: Final = ("site_id", "starts_on", "ends_on", "energy_kwh", "source", "as_of")
_Cells = dict[str, str | None]


def read_readings(path: Path) -> tuple[GivenReading, ...]:
    """Readings of a CSV or Parquet file: site_id, starts_on, ends_on, energy_kwh, source, as_of.

    Raises:
        InputError: the file cannot be read, lacks a column, or a cell cannot be read; the message names the row.
    """
    table = read_cells(path)
    missing = next((name for name in _COLUMNS if name not in table.columns), None)
    if missing is not None:
        said = f"{path.name} has no column {missing!r}."
        raise InputError("METER_COLUMNS", said, f"Give {', '.join(_COLUMNS)}.")
    rows = table[list(_COLUMNS)].to_dict("records")
    return tuple(_reading(row, {str(name): cell for name, cell in cells.items()}) for row, cells in enumerate(rows, 1))


def _reading(row: int, cells: _Cells) -> GivenReading:
    return GivenReading(
        row=row,
        site_id=_text(row, cells, "site_id"),
        starts_on=_day(row, cells, "starts_on"),
        ends_on=_day(row, cells, "ends_on"),
        energy_kwh=_number(row, cells, "energy_kwh"),
        source=_text(row, cells, "source"),
        as_of=_day(row, cells, "as_of"),
    )


def _text(row: int, cells: _Cells, name: str) -> str:
    cell = cells[name]
    if not cell:
        raise _wrong(row, name, "a value")
    return cell


def _day(row: int, cells: _Cells, name: str) -> date:
    try:
        return date.fromisoformat(_text(row, cells, name))
    except ValueError as error:
        raise _wrong(row, name, "a day such as 2026-03-31") from error


def _number(row: int, cells: _Cells, name: str) -> float:
    try:
        return float(_text(row, cells, name))
    except ValueError as error:
        raise _wrong(row, name, "a number such as 125000, without a unit") from error


def _wrong(row: int, name: str, wanted: str) -> InputError:
    return InputError("METER_CELL", f"Row {row}: {name!r} cannot be read.", f"Give {wanted}.")
