"""Applications on the command line: listed without names, shown after the look was written down."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.book.applications.stages import Stage
from app.cli.main import status_of
from app.db.tables import PersonalView
from tests.app.book.applications.made_up import Desk, open_desk
from tests.app.book.made_up_book import open_bank

Out = pytest.CaptureFixture[str]


@pytest.fixture
def desk(migrated_sqlite_url: str, make_engine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("ACRELINE_DATABASE_URL", migrated_sqlite_url)
    return open_desk(open_bank(make_engine(migrated_sqlite_url)), tmp_path / "files")


def test_applications_are_listed_without_names_and_shown_to_somebody(desk: Desk, capsys: Out) -> None:
    proposed, draft = desk.bring_to(Stage.PROPOSED), desk.begin()
    assert status_of(["applications", "list"]) == 0
    said = capsys.readouterr().out
    assert said.splitlines() == [
        f"{draft}  draft, farmer F-1: no amount yet; next: officer or reviewer",
        f"{proposed}  proposed, farmer F-1: 1,500.00 CNY; next: officer or reviewer or risk",
    ]
    assert status_of(["applications", "list", "--unit", "001", "--stage", "proposed", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["number"] == proposed
    assert status_of(["applications", "list", "--most", "1"]) == 0
    row = desk.filed(draft).id
    assert capsys.readouterr().out.splitlines()[1] == f"There may be more: --after {row}"
    assert status_of(["applications", "list", "--after", str(row), "--stage", "draft"]) == 0
    assert capsys.readouterr().out == "No such application.\n"
    _shown(desk, proposed, capsys)


def _shown(desk: Desk, number: str, capsys: Out) -> None:
    assert status_of(["applications", "show", number, "--by", "rita"]) == 0
    said = capsys.readouterr().out
    assert "Borrower: 王小明, farmer F-1" in said
    assert "Plot p000: wheat, the whole plot" in said
    assert "proposed by ben" in said
    assert status_of(["applications", "show", number, "--by", "rita", "--json"]) == 0
    page = json.loads(capsys.readouterr().out)
    assert (page["stage"], page["lacks"], page["proposal"]) == ("proposed", [], desk.filed(number).proposal_id)
    with desk.bank.engine.connect() as connection:
        views = connection.execute(select(PersonalView.viewed_by_id, PersonalView.reason)).all()
    assert [tuple(view) for view in views] == [(desk.bank.people["rita"].id, "application on the command line")] * 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["list", "--unit", "999"], "There is no unit '999'."),
        (["list", "--stage", "lost"], "'lost' is not one of"),
        (["show", "A-1", "--by", "rita"], "There is no application 'A-1'."),
        (["show", "A-1"], "Missing option '--by'"),
    ],
)
@pytest.mark.usefixtures("desk")
def test_what_is_not_there_is_said(arguments: list[str], said: str, capsys: Out) -> None:
    assert status_of(["applications", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_nobody_looks_under_a_login_that_is_none(desk: Desk, capsys: Out) -> None:
    number = desk.begin()
    assert status_of(["applications", "show", number, "--by", "nobody"]) == 2
    captured = capsys.readouterr()
    assert "王" not in captured.out + captured.err
