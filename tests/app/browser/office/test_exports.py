"""The portfolio as files: taken by a click, opened, safe in a spreadsheet, and written down."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app.book.decisions.people import add_unit, find_user
from app.book.parcel_units import keep_parcels_at
from app.db.engine import writing
from app.db.tables import BookExport, User
from app.db.tables.kinds import OrgKind
from tests.app.browser.office.banks import Bank
from tests.app.browser.office.desk import Desk

pytestmark = pytest.mark.browser
Sit = Callable[..., Desk]
Office = tuple[str, Bank]
#: Code and name of a unit; a spreadsheet that took them for formulas would work them out, and ask another host.
CODE, NAME = "=1+2", '=HYPERLINK("http://evil.example/","open")'
PARCEL = "SIM-0092"
_CELLS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(scope="module")
def evil_office(county_office: Office) -> Office:
    """A unit whose code and name are formulas, and a parcel that it keeps."""
    with county_office[1].opened() as (engine, clock), writing(engine) as connection:
        add_unit(connection, CODE, NAME, OrgKind.BRANCH, "001", clock())
        keep_parcels_at(connection, {PARCEL: CODE}, find_user(connection, "ada"))
    return county_office


def taken(desk: Desk, name: str, folder: Path) -> Path:
    """The file behind a link."""
    with desk.page.expect_download() as download:
        desk.page.get_by_role("link", name=name).click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def texts_of(workbook: Path) -> tuple[list[str], int]:
    """All texts of a workbook, and how many of its cells are formulas."""
    with zipfile.ZipFile(workbook) as book:
        parts = [ET.fromstring(book.read(name)) for name in book.namelist() if name.endswith(".xml")]  # noqa: S314 - our own
    texts = [text.text or "" for part in parts for text in part.iter(f"{_CELLS}t")]
    return texts, sum(1 for part in parts for _ in part.iter(f"{_CELLS}f"))


def test_the_portfolio_is_taken_as_files(evil_office: Office, sit: Sit, tmp_path: Path) -> None:
    desk = sit(evil_office, login="rita")
    page = desk.open("#/portfolio")
    expect(page.locator("main")).to_contain_text(NAME)
    desk.keep("portfolio-en-1024")
    assert desk.faults() == []
    table = rows_of(taken(desk, "This table as CSV", tmp_path))
    assert sum(f"'{CODE}" in row.values() for row in table) == 1
    assert not any(cell.startswith("=") for row in table for cell in row.values())
    texts, formulas = texts_of(taken(desk, "This table as Excel", tmp_path))
    assert CODE in texts
    assert formulas == 0
    parcels = rows_of(taken(desk, "Parcels as CSV", tmp_path))
    assert [row["unit"] for row in parcels if row["parcel_id"] == PARCEL] == [f"'{CODE}"]
    texts, formulas = texts_of(taken(desk, "Parcels as Excel", tmp_path))
    assert PARCEL in texts
    assert formulas == 0
    assert desk.outside() == []
    assert desk.complaints == []
    with evil_office[1].opened() as (engine, _), engine.connect() as connection:
        wanted = select(BookExport.what, BookExport.rows, User.login).join(User, User.id == BookExport.made_by_id)
        written = connection.execute(wanted.order_by(BookExport.id)).all()
    assert [(row.what, row.login) for row in written] == [("portfolio", "rita")] * 2 + [("parcels", "rita")] * 2
    assert [row.rows for row in written[2:]] == [len(parcels)] * 2


def test_a_branch_takes_its_own_parcels_only(evil_office: Office, sit: Sit, tmp_path: Path) -> None:
    desk = sit(evil_office, 390, 844, "zh", login="wei")
    page = desk.open("#/portfolio?by=crop")
    expect(page.locator("main h1")).to_have_text("贷款组合")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    desk.keep("portfolio-zh-390")
    assert desk.faults() == []
    parcels = rows_of(taken(desk, "地块（CSV文件）", tmp_path))
    units = {value for row in parcels for name, value in row.items() if name == "unit"}
    assert units == {"020"}
    assert desk.complaints == []
