"""Keys, and links to the bank's own sign-in service, on the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from app.api.keys.tokens import is_key
from app.book.decisions.people import NewUser, add_unit, add_user
from app.cli.main import status_of
from app.db.engine import open_engine, writing
from app.db.tables.kinds import OrgKind, UserRole

Out = pytest.CaptureFixture[str]
#: Before any clock of a machine: the chain goes forward only.
EARLY = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _database(migrated_sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACRELINE_DATABASE_URL", migrated_sqlite_url)
    engine = open_engine(migrated_sqlite_url)
    with writing(engine) as connection:
        add_unit(connection, "001", "Head office", OrgKind.HEAD_OFFICE, None, EARLY)
        add_user(connection, NewUser("ada", "Ada", UserRole.ADMIN, "001", "en"), None, EARLY)
    engine.dispose()


def test_a_key_is_printed_once_listed_without_it_and_revoked(capsys: Out) -> None:
    asked = ["keys", "make", "core 2026", "--unit", "001", "--scope", "parcels:read", "--by", "ada"]
    assert status_of([*asked, "--scope", "limits:read", "--days", "30"]) == 0
    key = capsys.readouterr().out.strip()
    assert is_key(key)
    assert status_of(["keys", "list", "--json"]) == 0
    said = capsys.readouterr().out
    assert key not in said
    assert json.loads(said)[0]["scopes"] == ["limits:read", "parcels:read"]
    assert status_of(["keys", "list"]) == 0
    assert "good" in capsys.readouterr().out
    assert status_of(["keys", "revoke", "core 2026", "--by", "ada"]) == 0
    assert status_of(["keys", "list"]) == 0
    assert "revoked" in capsys.readouterr().out
    assert status_of([*asked[:-2], "--by", "ada"]) == 2
    assert "There is a key 'core 2026' already." in capsys.readouterr().err
    assert status_of(["keys", "make", "x", "--unit", "001", "--scope", "all", "--by", "ada"]) == 2
    assert "There is no scope 'all'." in capsys.readouterr().err


def test_people_are_linked_to_the_service_of_the_settings(monkeypatch: pytest.MonkeyPatch, capsys: Out) -> None:
    assert status_of(["people", "link", "ada", "--subject", "ada-1", "--by", "ada"]) == 2
    assert "Set ACRELINE_OIDC_ISSUER." in capsys.readouterr().err
    monkeypatch.setenv("ACRELINE_OIDC_ISSUER", "https://id.bank.example")
    assert status_of(["people", "link", "ada", "--subject", "ada-1", "--by", "ada"]) == 0
    assert status_of(["people", "link", "ada", "--subject", "ada-2", "--by", "ada"]) == 2
    assert "another identity" in capsys.readouterr().err
    for said in ("no longer linked", "was not linked"):
        assert status_of(["people", "unlink", "ada", "--by", "ada"]) == 0
        assert said in capsys.readouterr().out


def test_a_service_that_lacks_settings_is_not_served(monkeypatch: pytest.MonkeyPatch, capsys: Out) -> None:
    monkeypatch.setenv("ACRELINE_OIDC_ISSUER", "https://id.bank.example")
    assert status_of(["serve", "--institution", "--port", "0"]) == 2
    assert "needs ACRELINE_OIDC_CLIENT_ID" in capsys.readouterr().err
