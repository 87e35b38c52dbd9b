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


def test_a_stopped_site_is_told_by_import_and_list_until_it_is_taken_up_again(plans: Path, capsys: Out) -> None:
    asked = ["sites", "import", str(plans), "--unit", "001", "--by", "ada"]
    assert status_of(asked) == 0
    halt = ["sites", "stop", "s-1", "--by", "ada", "--reason", "loan repaid"]
    capsys.readouterr()
    assert status_of(halt) == 0
    assert capsys.readouterr().out == "Site s-1 is watched no more.\n"
    assert status_of(halt) == 0
    assert "Site s-1 was stopped already, 20" in (out := capsys.readouterr().out)
    assert "by ada: loan repaid" in out
    assert status_of(asked) == 0
    assert "1 site is stopped, and not watched: s-1. `acreline sites resume s-1`" in capsys.readouterr().out
    assert status_of(["sites", "list", "--stopped", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["site_id"], told["stopped_by"], told["reason"]) == ("s-1", "ada", "loan repaid")
    assert status_of(["sites", "list", "--stopped"]) == 0
    line = capsys.readouterr().out.splitlines()[-1].split()
    assert (line[0], line[-3:]) == ("s-1", ["ada", "loan", "repaid"])
    assert status_of(["sites", "show", "s-1"]) == 0
    assert "Not watched" in capsys.readouterr().out
    assert status_of([*asked, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["stopped"] == ["s-1"]
    assert status_of([*asked, "--resume"]) == 0
    assert "1 site is watched again: s-1." in capsys.readouterr().out
    assert status_of(["sites", "list", "--stopped"]) == 0
    assert capsys.readouterr().out == "No site is stopped.\n"
    assert status_of(["sites", "show", "s-1", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["watched"], [each["resumed_by"] for each in shown["stops"]]) == (True, ["ada"])


def test_a_book_whose_sites_are_all_stopped_says_so(plans: Path, capsys: Out) -> None:
    assert status_of(["sites", "import", str(plans), "--unit", "001", "--by", "ada"]) == 0
    for site in ("s-1", "w-1"):
        assert status_of(["sites", "stop", site, "--by", "ada", "--reason", "sold"]) == 0
    capsys.readouterr()
    assert status_of(["sites", "list"]) == 0
    assert "2 are stopped: --stopped lists them" in capsys.readouterr().out


def test_mounting_and_country_are_listed_and_tell_what_the_ground_may_hold(tmp_path: Path, capsys: Out) -> None:
    lines = PLANS.splitlines()
    file = tmp_path / "stated.csv"
    file.write_text(
        "\n".join(f"{line},{cells}" for line, cells in zip(lines, ("mounting,country", "fixed,IN", ",IN"), strict=True))
    )
    assert status_of(["sites", "import", str(file), "--unit", "001", "--by", "ada"]) == 0
    capsys.readouterr()
    assert status_of(["sites", "list", "--json"]) == 0
    solar, wind = json.loads(capsys.readouterr().out)
    assert [(one["mounting"], one["country"]) for one in (solar, wind)] == [("fixed", "IN"), (None, "IN")]
    held = solar["ground_capacity"]  # of about 200 ha
    assert (held["low"], held["high"]) == pytest.approx((0.49 * solar["area_ha"], 0.87 * solar["area_ha"]), rel=1e-3)
    assert (held["planned"], held["country"], wind["ground_capacity"]) == ("below", "IN", None)
    assert status_of(["sites", "list"]) == 0
    assert "solar, fixed" in (out := " ".join(capsys.readouterr().out.split()))
    assert "Country" in out
    assert status_of(["sites", "show", "s-1"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "Mounting fixed Country IN Capacity of the ground 98" in out
    assert "the planned capacity lies below it" in out
    assert "Bolinger" in out
    assert status_of(["sites", "show", "w-1"]) == 0
    assert "Capacity of the ground" not in capsys.readouterr().out


def test_a_plan_of_a_country_that_is_none_is_refused(plans: Path, capsys: Out) -> None:
    asked = ["sites", "import", str(plans), "--unit", "001", "--by", "ada"]
    assert status_of([*asked, "--fill", "country=India"]) == 2
    said = capsys.readouterr().err
    assert "Row 1, site 's-1' names the country 'India', which is no code of one." in said
    assert "Give its code, IN." in said
    assert status_of([*asked, "--fill", "mounting=fixed"]) == 2
    assert "Row 2, site 'w-1' says how panels are held (fixed)" in capsys.readouterr().err


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
