"""Tables as files that a spreadsheet opens, in which no cell is ever run as a formula."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from app.book.portfolio.rows import Cell, Sheet

#: How a cell begins that a spreadsheet takes for a formula, https://owasp.org/www-community/attacks/CSV_Injection;
#: full-width forms count, since some programs read them alike.
_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
#: Rows of one sheet of a workbook, its head among them.
MOST_ROWS: Final = 1_048_576
_WHOLE: Final = 15


def write_csv(sheet: Sheet, file: Path) -> int:
    """Write a table as CSV (RFC 4180) in UTF-8 with a byte order mark, so that spreadsheets read Chinese.

    Numbers are plain decimals, days ISO, yes and no 1 and 0, what is not known empty.

    Returns:
        Rows without the head.
    """
    count = 0
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(sheet.columns)
        for row in sheet.rows:
            writer.writerow([plain(cell) for cell in row])
            count += 1
    return count


def write_workbook(sheet: Sheet, file: Path) -> int:
    """Write a table as an Excel workbook, row by row: memory does not grow with them. Texts stay texts.

    Returns:
        Rows without the head; what does not fit on a sheet goes on on the next one.
    """
    options: dict[str, Any] = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd",
    }
    count, page = 0, None
    with xlsxwriter.Workbook(str(file), options) as book:
        for row in sheet.rows:
            place = count % (MOST_ROWS - 1)
            if place == 0:
                page = _page(book, sheet, count // (MOST_ROWS - 1))
            _write_row(page, place + 1, row)
            count += 1
        if page is None:
            _page(book, sheet, 0)
    return count


def plain(cell: Cell) -> str:
    """A cell of a CSV file; a text that a spreadsheet would run gets an apostrophe in front."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(_DANGEROUS) else cell
    if isinstance(cell, bool):
        return str(int(cell))
    return f"{cell:f}" if isinstance(cell, Decimal) else str(cell)


def _page(book: Any, sheet: Sheet, number: int) -> Any:
    page = book.add_worksheet(sheet.title if number == 0 else f"{sheet.title} {number + 1}")
    bold = book.add_format({"bold": True})
    for column, name in enumerate(sheet.columns):
        page.write_string(0, column, name, bold)
    page.freeze_panes(1, 0)
    return page


def _write_row(page: Any, place: int, row: Sequence[Cell]) -> None:
    for column, cell in enumerate(row):
        if cell is None:
            continue
        if isinstance(cell, str):
            page.write_string(place, column, cell)
        elif isinstance(cell, bool):
            page.write_boolean(place, column, cell)
        elif isinstance(cell, date):
            page.write_datetime(place, column, cell)
        elif _fits(cell):
            page.write_number(place, column, cell)
        else:
            page.write_string(place, column, plain(cell))


def _fits(number: float | Decimal) -> bool:
    """Whether a spreadsheet keeps every digit of a number: it counts in doubles."""
    return not isinstance(number, Decimal) or len(number.as_tuple().digits) <= _WHOLE
