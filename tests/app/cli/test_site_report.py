"""`acreline sites report` on the command line."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from app.cli.main import status_of
from app.db.engine import open_engine
from tests.app.book.made_up_book import open_bank
from tests.app.sites.standing_sites import stand_site

Out = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _bank(migrated_sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACRELINE_DATABASE_URL", migrated_sqlite_url)
    monkeypatch.setenv("ACRELINE_RUNS_DIR", str(tmp_path / "runs"))
    (tmp_path / "runs").mkdir()
    engine = open_engine(migrated_sqlite_url)
    open_bank(engine)
    stand_site(engine, tmp_path / "runs", watches=1)
    engine.dispose()


def test_a_report_is_written_and_said_to_be_on_record(tmp_path: Path, capsys: Out) -> None:
    out = tmp_path / "report.pdf"
    asked = ["sites", "report", "solar-1", "--language", "en", "--out", str(out), "--by", "ada"]
    assert status_of([*asked, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert (told["report"], told["size"]) == (1, out.stat().st_size)
    once_more = tmp_path / "again.pdf"
    again = ["sites", "report", "solar-1", "--language", "en", "--out", str(once_more)]
    assert status_of([*again, "--facts", told["facts_hash"][:16]]) == 0
    assert once_more.read_bytes() == out.read_bytes()
    assert "report 1," in capsys.readouterr().out
    assert status_of(again) == 0
    assert "a draft, not on record" in capsys.readouterr().out
    assert once_more.read_bytes() != out.read_bytes()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["solar-9", "--language", "en"], "There is no site 'solar-9'"),
        (["solar-1", "--language", "en", "--as-of", "2020-01-01"], "not watched as of 2020-01-01"),
        (["solar-1", "--language", "en", "--by", "nobody"], "Nobody has the login 'nobody'"),
        (["solar-1", "--language", "fr"], "'fr' is not one of"),
        (["solar-1", "--language", "en", "--facts", "00000000"], "no one report whose facts"),
    ],
)
def test_what_cannot_be_told_is_refused_with_the_reason(
    tmp_path: Path, words: list[str], said: str, capsys: Out
) -> None:
    out = tmp_path / "report.pdf"
    assert status_of(["sites", "report", *words, "--out", str(out)]) == 2
    assert said in capsys.readouterr().err
    assert not out.exists()


def test_the_folder_of_runs_must_be_named(tmp_path: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ACRELINE_RUNS_DIR")
    asked = ["sites", "report", "solar-1", "--language", "en", "--out", str(tmp_path / "r.pdf")]
    assert status_of(asked) == 2
    assert "ACRELINE_RUNS_DIR" in capsys.readouterr().err
    assert status_of([*asked, "--runs", str(tmp_path / "runs")]) == 0
