"""Files that a spreadsheet opens: numbers stay numbers, and no text is run."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from app.book.portfolio.files import plain, write_csv, write_workbook
from app.book.portfolio.rows import Cell, Sheet

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "=HYPERLINK('http://x')"]


def sheet(*rows: list[Cell]) -> Sheet:
    def read_once() -> Iterator[list[Cell]]:
        yield from rows

    return Sheet("parcels", ("name", "amount"), read_once())


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_is_run_as_a_formula(tmp_path: Path, text: str) -> None:
    write_csv(sheet([text, 1]), tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert list(csv.reader(stream))[1] == [f"'{text}", "1"]
    write_workbook(sheet([text, 1]), tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as book:
        page = book.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in page
        assert not [name for name in book.namelist() if "_rels/sheet" in name], "nothing links out"


def test_numbers_days_and_chinese_stay_what_they_are(tmp_path: Path) -> None:
    row: list[Cell] = ["冬小麦", Decimal("-1234567.80"), date(2026, 1, 2), None, True]
    assert [plain(cell) for cell in row] == ["冬小麦", "-1234567.80", "2026-01-02", "", "1"]
    assert write_csv(sheet(row, row), tmp_path / "a.csv") == 2
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert write_workbook(sheet(row), tmp_path / "a.xlsx") == 1
    with zipfile.ZipFile(tmp_path / "a.xlsx") as book:
        page = book.read("xl/worksheets/sheet1.xml").decode()
    assert re.search(r"<v>-1234567\.80?</v>", page)
    assert "冬小麦" in page


def test_an_amount_beyond_doubles_keeps_its_digits(tmp_path: Path) -> None:
    write_workbook(sheet(["x", Decimal("12345678901234567.89")]), tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as book:
        assert "12345678901234567.89" in book.read("xl/worksheets/sheet1.xml").decode()


def test_an_empty_list_has_its_head(tmp_path: Path) -> None:
    assert write_workbook(sheet(), tmp_path / "a.xlsx") == 0
    assert write_csv(sheet(), tmp_path / "a.csv") == 0
    assert (tmp_path / "a.csv").read_text("utf-8-sig") == "name,amount\n"
