from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from app.book.decisions.people import NewUser, add_unit, add_user
from app.cli.main import status_of
from app.db.engine import open_engine, writing
from app.db.tables import PersonalView
from app.db.tables.kinds import OrgKind, UserRole
from tests.app.book.farmers import KEY, LONG_AGO, NAME, NUMBER

Out = pytest.CaptureFixture[str]
RULES = 'id = "own"\nexample = false\nfrom = 2026-01-01\n' + "".join(
    f'[[rule]]\ncategory = "{each}"\nyears = 0\nbasis = "law"\n'
    for each in ("personal", "credit_file", "location", "bureau_report")
)


@pytest.fixture(name="database")
def _database(migrated_sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An institution with an administrator and an officer, and its key."""
    monkeypatch.setenv("ACRELINE_PERSONAL_KEY", KEY.get_secret_value())
    monkeypatch.setenv("ACRELINE_DATABASE_URL", migrated_sqlite_url)
    engine = open_engine(migrated_sqlite_url)
    with writing(engine) as connection:
        add_unit(connection, "001", "Head office", OrgKind.HEAD_OFFICE, None, LONG_AGO)
        admin = add_user(connection, NewUser("admin", "A", UserRole.ADMIN, "001", "en"), None, LONG_AGO)
        add_user(connection, NewUser("officer", "O", UserRole.OFFICER, "001", "en"), admin, LONG_AGO)
    engine.dispose()
    return migrated_sqlite_url


@pytest.fixture(name="parties")
def _parties(database: str, tmp_path: Path) -> str:
    file = tmp_path / "parties.csv"
    file.write_text(f"farmer_id,name,id_number\nf0,{NAME},{NUMBER}\nf1,Li Si,\n")
    assert status_of(["parties", "import", str(file)]) == 0
    return database


def _views(url: str) -> list[tuple[str, str]]:
    engine: Engine = open_engine(url)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(select(PersonalView.what, PersonalView.reason))]
    engine.dispose()
    return found  # type: ignore[return-value] # pairs of text


def test_parties_come_in_and_only_a_recorded_look_shows_the_number(parties: str, tmp_path: Path, capsys: Out) -> None:
    assert status_of(["parties", "import", str(tmp_path / "parties.csv")]) == 0
    assert status_of(["parties", "list", "--json"]) == 0
    assert status_of(["parties", "list", "--farmer", "f9"]) == 0
    listed = capsys.readouterr().out
    assert "2 known as stated" in listed
    assert '"farmer_id": "f1"' in listed
    assert "No such party" in listed
    assert NAME not in listed
    assert status_of(["parties", "show", "1"]) == 0
    assert status_of(["parties", "show", "1", "--reveal"]) == 2
    assert NUMBER not in capsys.readouterr().out
    assert status_of(["parties", "show", "1", "--reveal", "--by", "officer", "--reason", "signing"]) == 0
    assert f"Identity number: {NUMBER}" in capsys.readouterr().out
    assert _views(parties) == [("id_number", "signing")]
    assert status_of(["parties", "add", "--farmer", "f2", "--name", "Wang Wu"]) == 0
    assert "Party 3: new." in capsys.readouterr().out


@pytest.mark.usefixtures("parties")
def test_consents_are_given_listed_and_withdrawn(tmp_path: Path, capsys: Out) -> None:
    given = ["privacy", "consent", "1", "--text-version", "3", "--language", "zh", "--purpose"]
    assert status_of([*given, "bureau", "--evidence", str(tmp_path / "parties.csv")]) == 0
    assert status_of([*given, "burro"]) == 2
    assert status_of([*given, "bureau", "--evidence", str(tmp_path / "none.pdf")]) == 2
    assert status_of(["privacy", "consents", "1"]) == 0
    assert "until -\tstands" in capsys.readouterr().out
    assert status_of(["privacy", "withdraw", "1"]) == 0
    assert status_of(["privacy", "consents", "1"]) == 0
    assert "does not stand" in capsys.readouterr().out


@pytest.mark.usefixtures("parties")
def test_an_erasure_needs_own_rules_an_administrator_and_time(tmp_path: Path, capsys: Out) -> None:
    own = tmp_path / "own.toml"
    own.write_text(RULES)
    asked = ["privacy", "erase", "1", "--reason", "asked for it", "--by"]
    assert status_of([*asked, "admin"]) == 2
    assert status_of([*asked, "admin", "--rules", str(own)]) == 3
    assert status_of([*asked, "officer", "--rules", str(own)]) == 2
    assert status_of([*asked, "admin", "--dry-run"]) == 3
    said = capsys.readouterr().err
    assert "are examples" in said
    assert "personal is kept until" in said
    assert "who erases data is admin" in said
    assert status_of(["privacy", "hold", "2", "--by", "admin", "--reason", "lawsuit"]) == 0
    assert status_of(["privacy", "due", "--as-of", "2999-01-01", "--rules", str(own)]) == 0
    assert "Party 1\nMay be erased: 1." in capsys.readouterr().out
    assert status_of(["privacy", "release", "2", "--by", "admin", "--reason", "over"]) == 0
    assert status_of(["privacy", "due", "--as-of", "2999-01-01", "--rules", str(own)]) == 0
    assert "May be erased: 2." in capsys.readouterr().out


def test_an_erasure_says_what_it_did(parties: str, tmp_path: Path, capsys: Out) -> None:
    engine = open_engine(parties)
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE party SET recorded_at = '2012-01-01 00:00:00.000000'")
        connection.exec_driver_sql("UPDATE retention SET keep_until = '2012-01-01'")
    engine.dispose()
    own = tmp_path / "own.toml"
    own.write_text(RULES)
    asked = ["privacy", "erase", "1", "--by", "admin", "--reason", "asked", "--rules", str(own)]
    assert status_of([*asked, "--dry-run", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["dry_run"], said["rows"]["personal_data"], said["runs"]) == (True, 1, [])
    assert status_of(asked) == 0
    assert "Party 1 is erased:" in capsys.readouterr().out
    assert status_of(["parties", "import", str(tmp_path / "parties.csv")]) == 2
    assert "line 2: the data of this farmer were erased" in capsys.readouterr().err
    assert status_of(["audit", "verify"]) == 0


def test_a_person_gets_everything_and_the_export_is_recorded(parties: str, tmp_path: Path, capsys: Out) -> None:
    out = tmp_path / "mine.json"
    asked = ["privacy", "export", "1", "--by", "officer", "--reason", "right of access"]
    assert status_of([*asked, "--out", str(out)]) == 0
    assert json.loads(out.read_text())["personal_data"][0]["id_number"] == NUMBER
    assert status_of(asked) == 0
    assert NAME in capsys.readouterr().out
    assert _views(parties) == [("export", "right of access")] * 2


@pytest.mark.usefixtures("database")
def test_ground_is_searched_listed_and_decided(capsys: Out) -> None:
    assert status_of(["ground", "find", "--dry-run"]) == 0
    assert status_of(["ground", "list"]) == 0
    assert status_of(["ground", "decide", "1", "confirmed", "--by", "officer", "--reason", "r"]) == 2
    assert status_of(["ground", "decide", "1", "confirmed", "--by", "admin", "--reason", "r"]) == 2
    said = capsys.readouterr()
    assert "0 plots, 0 pairs on the same ground: 0 new, 0 known." in said.out
    assert "who decides findings is reviewer or risk or admin" in said.err
    assert "There is no finding 1" in said.err
