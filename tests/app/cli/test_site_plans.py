"""Plans of sites on the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.book.decisions.people import NewUser, add_unit, add_user
from app.cli.main import status_of
from app.db.engine import open_engine, writing
from app.db.tables.kinds import OrgKind, UserRole

Out = pytest.CaptureFixture[str]

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PLANS = """site_id,type,capacity_mw,cleared,complete,wkt,points
s-1,solar,40,2026-04-01,2026-12-01,"POLYGON((103.5 36,103.52 36,103.52 36.01,103.5 36.01,103.5 36))",
w-1,wind,9,2026-04-01,2027-12-01,"MULTIPOINT((103.61 36.005),(103.615 36.006))",
"""


@pytest.fixture(autouse=True)
def _database(migrated_sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACRELINE_DATABASE_URL", migrated_sqlite_url)
    engine = open_engine(migrated_sqlite_url)
    with writing(engine) as connection:
        add_unit(connection, "001", "Head office", OrgKind.HEAD_OFFICE, None, NOW)
        ada = add_user(connection, NewUser("ada", "Ada", UserRole.ADMIN, "001", "en"), None, NOW)
        add_user(connection, NewUser("olga", "Olga", UserRole.OFFICER, "001", "en"), ada, NOW)
    engine.dispose()


@pytest.fixture
def plans(tmp_path: Path) -> Path:
    """A file of two plans."""
    file = tmp_path / "plans.csv"
    file.write_text(PLANS, encoding="utf-8")
    return file


def test_plans_are_taken_in_once_and_listed(plans: Path, capsys: Out) -> None:
    assert status_of(["sites", "list"]) == 0
    assert "No site is watched" in capsys.readouterr().out
    asked = ["sites", "import", str(plans), "--unit", "001", "--by", "ada"]
    assert status_of(asked) == 0
    assert capsys.readouterr().out == "Sites: 2 new.\n"
    assert status_of([*asked, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["unchanged"] == ["s-1", "w-1"]
    assert status_of(["sites", "list", "--unit", "001", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(one["site_id"], one["type"], one["points"], one["complete"]) for one in told] == [
        ("s-1", "solar", 0, "2026-12-01"),
        ("w-1", "wind", 2, "2027-12-01"),
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--unit", "001", "--by", "olga"], "olga has the role officer"),
        (["--unit", "002", "--by", "ada"], "no unit '002'"),
        (["--unit", "001", "--by", "ada", "--imagery-to", "2025-12-31"], "imagery is there from 2015-07-04"),
    ],
)
def test_what_cannot_be_taken_in_is_refused_with_the_reason(
    plans: Path, words: list[str], said: str, capsys: Out
) -> None:
    assert status_of(["sites", "import", str(plans), *words]) == 2
    assert said in capsys.readouterr().err
    assert status_of(["sites", "list"]) == 0
    assert "No site is watched" in capsys.readouterr().out
