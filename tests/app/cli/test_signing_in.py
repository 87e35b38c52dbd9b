from __future__ import annotations

import io
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from app.api.access.passwords import Passwords
from app.api.access.throttle import note_attempt
from app.book.decisions.people import NewUser, add_unit, add_user
from app.cli.main import status_of
from app.db.engine import open_engine, writing
from app.db.tables import SignInAttempt, User
from app.db.tables.kinds import OrgKind, UserRole

ROOT = Path(__file__).resolve().parents[3]
NOW = datetime(2026, 11, 1, tzinfo=UTC)
PASSWORD = "seven quiet herons stand"  # noqa: S105 - of made-up people

Out = pytest.CaptureFixture[str]


@pytest.fixture(name="database")
def _database(migrated_sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("ACRELINE_DATABASE_URL", migrated_sqlite_url)
    engine = open_engine(migrated_sqlite_url)
    with writing(engine) as connection:
        add_unit(connection, "001", "Head office", OrgKind.HEAD_OFFICE, None, NOW)
        add_user(connection, NewUser("ada", "Ada", UserRole.ADMIN, "001", "en"), None, NOW)
        note_attempt(connection, "ada", "10.0.0.1", NOW)
    engine.dispose()
    return migrated_sqlite_url


def _held(url: str) -> tuple[str | None, int]:
    """Hash of ada's password, and how many tries are counted."""
    engine = open_engine(url)
    with engine.connect() as connection:
        found = connection.scalar(select(User.password_hash)), len(connection.scalars(select(SignInAttempt.id)).all())
    engine.dispose()
    return found


def test_a_password_is_asked_for_and_never_shown(database: str, monkeypatch: pytest.MonkeyPatch, capsys: Out) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PASSWORD}\nnext line\n"))
    assert status_of(["people", "set-password", "ada"]) == 0
    said = capsys.readouterr()
    assert PASSWORD not in said.out + said.err
    stored, tries = _held(database)
    assert Passwords().check(PASSWORD, stored).right
    assert tries == 0


@pytest.mark.parametrize(
    ("login", "typed", "named"),
    [("ada", "short\n", "fewer than 15"), ("ada", "", "fewer than 15"), ("eve", PASSWORD, "'eve'")],
)
def test_what_cannot_be_a_password_changes_nothing(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: Out, login: str, typed: str, named: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    assert status_of(["people", "set-password", login]) == 2
    said = capsys.readouterr().err
    assert named in said
    assert said.count("\n") == 1
    assert _held(database) == (None, 1)


def test_a_run_or_the_institution_is_served(tmp_path: Path, capsys: Out) -> None:
    for options in ([], ["--institution", "--run", str(tmp_path)]):
        assert status_of(["serve", *options]) == 2
        assert "Give --run DIR or --institution" in capsys.readouterr().err


def test_an_institution_needs_a_database(monkeypatch: pytest.MonkeyPatch, capsys: Out) -> None:
    monkeypatch.delenv("ACRELINE_DATABASE_URL", raising=False)
    assert status_of(["serve", "--institution"]) == 2
    assert "No database of the institution" in capsys.readouterr().err


def test_the_service_loads_no_imagery_stack() -> None:
    script = """
import sys
from app.api.institution import bare_institution_app
bare_institution_app().openapi()
heavy = {"torch", "dask", "distributed", "models", "tiles", "odc.stac", "segmentation_models_pytorch"}
print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr
