from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli.main import status_of
from app.db.engine import sqlite_url
from tests.scoring.lending.made_up import MAPPING, rows_of


def _mapping() -> str:
    """The made-up mapping as TOML: JSON's text of a value is TOML's, but for tables."""
    return "\n".join(f"{key} = {_toml(value)}" for key, value in MAPPING.items())


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_toml(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value)


@pytest.fixture
def book(tmp_path: Path, migrated_sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Arguments that import two loans, one of them in a class better than its floor."""
    monkeypatch.setenv("ACRELINE_DATABASE_URL", migrated_sqlite_url)
    rows_of({}, {"late": "95"}).to_csv(tmp_path / "loans.csv", index=False)
    (tmp_path / "core.toml").write_text(_mapping(), encoding="utf-8")
    files = (str(tmp_path / "loans.csv"), "--mapping", str(tmp_path / "core.toml"))
    return ["book", "import", *files, "--as-of", "2026-11-20"]


def test_people_read_what_came_in_and_what_is_not_known(book: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of([*book, "--rules", "cn-risk-example"]) == 0
    said = capsys.readouterr().out
    assert "2 loans, imported" in said
    assert "outstanding 2,401.00 CNY" in said
    assert "Not known: principal (not exported)." in said
    assert "L2: 95 days overdue, pass, at least substandard" in said
    assert status_of(book) == 0
    assert "was imported before: nothing written" in capsys.readouterr().out
    assert status_of(["book", "positions", "--as-of", "2026-11-20"]) == 0
    assert "2,799.50" in capsys.readouterr().out
    assert status_of(["book", "reconcile"]) == 0
    assert "reconciles" in capsys.readouterr().out


def test_machines_read_minor_units(book: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of([*book, "--json", "--rules", "cn-risk-example"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["totals"]["CNY"]["outstanding_minor"] == 240_100
    assert [flag["loan_number"] for flag in answer["flags"]] == ["L2"]
    out = tmp_path / "positions.csv"
    assert status_of(["book", "positions", "--by", "farmer", "--json", "--out", str(out)]) == 0
    (first, _) = json.loads(capsys.readouterr().out)["positions"]
    assert first["available_minor"] == 279_950
    assert out.read_text(encoding="utf-8").startswith("farmer_id,currency,")


def test_a_dry_run_writes_nothing(book: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of([*book, "--dry-run"]) == 0
    assert "would be imported: nothing written" in capsys.readouterr().out
    assert status_of(["book", "reconcile"]) == 0
    assert "No loan file was imported" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("extra", "status", "said"),
    [
        (("--as-of", "2026-02-30"), 2, "--as-of '2026-02-30' is not a date"),
        (("--as-of", "2026-01-01"), 2, "after the file's day 2026-01-01"),
        (("--control", "gone.toml"), 2, "control file gone.toml cannot be read"),
        (("--mapping", "gone"), 2, "There is no mapping 'gone'"),
        (("--database", "sqlite:////nowhere/at/all.db"), 2, "/nowhere/at"),
        (("--rules", "gone"), 2, "no risk rules 'gone'"),
        (("--by", "nobody"), 2, "nobody"),
    ],
)
def test_what_cannot_be_used_is_one_line(
    book: list[str], extra: tuple[str, ...], status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of([*book, *extra]) == status
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert len(captured.err.splitlines()) == 1


def test_a_book_without_a_database_says_how_to_name_one(
    book: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ACRELINE_DATABASE_URL")
    assert status_of(book) == 2
    assert "--database" in capsys.readouterr().err


def test_an_empty_database_is_upgraded_first(
    book: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fresh = ["--database", sqlite_url(tmp_path / "fresh.db")]
    assert status_of([*book, *fresh]) == 3
    assert "acreline book upgrade" in capsys.readouterr().err
    assert status_of(["book", "upgrade", *fresh]) == 0
    assert status_of(["book", "upgrade", *fresh]) == 0
    assert status_of([*book, *fresh]) == 0
