from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.cli.main import status_of
from tests.app.jobs.letter_run import change_policy, write_letter_run

Out = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_letter_run(tmp_path_factory.mktemp("explaining") / "run", simulated=True))


def _json(capsys: Out, *command: str) -> dict[str, Any]:
    assert status_of(["limits", "explain", *command, "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    parsed: dict[str, Any] = json.loads(line)
    return parsed


def test_an_officer_gets_down_to_the_pixels(run: str, capsys: Out) -> None:
    assert status_of(["limits", "explain", "P1", "--run", run, "--evidence"]) == 0
    said = capsys.readouterr().out
    for words in ("Own funds", "What it rests on", "SIMULATED", "2 on tile 32650_1_1, weight 1.50", "2025-11-01 (75%)"):
        assert words in said
    for words in ("dilate_px 4, method scl, outliers true", f"sha256 {'e' * 64}", "baseline 05.11", "3 of the run's 4"):
        assert words in said
    assert status_of(["limits", "explain", "P1", "--run", run, "--evidence", "--lang", "zh"]) == 0
    assert "云掩膜" in capsys.readouterr().out


def test_an_officers_receipt_alone_needs_neither_policy_nor_record(tmp_path: Path, capsys: Out) -> None:
    run = write_letter_run(tmp_path / "run")
    (run / "limit_policy.json").unlink()
    (run / "run.json").unlink()
    assert status_of(["limits", "explain", "F1", "--run", str(run)]) == 0
    assert "Limit" in capsys.readouterr().out
    assert status_of(["limits", "explain", "F1", "--run", str(run), "--for", "farmer"]) == 3
    assert "limit_policy.json is gone" in capsys.readouterr().err


def test_an_officer_reads_what_a_look_would_change(run: str, tmp_path: Path, capsys: Out) -> None:
    assert status_of(["limits", "explain", "P6", "--run", run]) == 0
    assert "If one more clear image decided P6" in capsys.readouterr().out
    (limit,) = _json(capsys, "P6", "--run", run)["limits"]
    assert {look["action"] for look in limit["next"]["looks"]} >= {"image", "visit"}
    bare = write_letter_run(tmp_path / "run")
    (bare / "limit_inputs.parquet").unlink()
    assert status_of(["limits", "explain", "P6", "--run", str(bare)]) == 0
    said = capsys.readouterr().out
    assert "cannot be worked out: limit_inputs.parquet is gone" in said
    (limit,) = _json(capsys, "P6", "--run", str(bare))["limits"]
    assert limit["next"] is None
    assert "limit_inputs.parquet is gone" in limit["next_missing"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Simulated data", "approved by no bank", "Your plots together (F1)", "Why", "You have 30 days")),
        ("zh", ("模拟数据", "您的全部地块（F1）", "原因", "如果您不同意", "第二十四条")),
    ],
)
def test_a_farmer_gets_plain_words(run: str, language: str, words: tuple[str, ...], capsys: Out) -> None:
    assert status_of(["limits", "explain", "F1", "--run", run, "--for", "farmer", "--lang", language]) == 0
    said = capsys.readouterr().out
    assert all(each in said for each in words)
    assert "OWN_FUNDS" not in said
    assert "  5. " not in said


def test_json_for_an_officer_adds_up_and_carries_the_evidence(run: str, capsys: Out) -> None:
    said = _json(capsys, "F1", "--run", run, "--evidence")
    (limit,) = said["limits"]
    assert sum(Decimal(line["effect"]) for line in limit["lines"]) == Decimal(limit["amount"])
    assert (limit["currency"], said["reader"], said["policy"]["approved"]) == ("CNY", "officer", False)
    assert [parcel["parcel_id"] for parcel in limit["evidence"]["parcels"]] == ["P1", "P2"]
    assert limit["evidence"]["parcels"][0]["weight"] == 1.75


def test_json_for_a_farmer_has_at_most_four_reasons(run: str, capsys: Out) -> None:
    said = _json(capsys, "P6", "--run", run, "--for", "farmer", "--lang", "zh")
    (limit,) = said["limits"]
    assert limit["amount"] is None
    assert 1 <= len(limit["reasons"]) <= 4
    assert limit["reasons"][0]["text"].startswith("这块地不能凭卫星图片判断：云太多")
    assert limit["objection"]["days"] == 30
    assert said["simulated"] is True


def test_options_that_do_not_go_together_are_named(run: str, capsys: Out) -> None:
    assert status_of(["limits", "explain", "P1", "--run", run, "--for", "farmer", "--evidence"]) == 2
    assert "--evidence is for an officer" in capsys.readouterr().err
    assert status_of(["limits", "explain", "P1", "--run", run, "--kind", "farmer"]) == 2
    assert "no farmer 'P1'" in capsys.readouterr().err


def test_brackets_in_ids_and_texts_are_no_markup(tmp_path: Path, capsys: Out) -> None:
    run = write_letter_run(tmp_path / "run")
    objection = json.loads((run / "limit_policy.json").read_text())["objection"]
    change_policy(run, objection=objection | {"how": {"en": "[bold]call us[/bold]", "zh": "x"}})
    assert status_of(["limits", "explain", "P1", "--run", str(run), "--for", "farmer"]) == 0
    assert "[bold]call us[/bold]" in capsys.readouterr().out


def test_a_letter_is_written_and_said(run: str, tmp_path: Path, capsys: Out) -> None:
    out = tmp_path / "letter.pdf"
    assert status_of(["limits", "letter", "F1", "--run", run, "--out", str(out), "--on", "2026-11-22"]) == 0
    assert f"{out}: {out.stat().st_size} bytes, sha256 " in capsys.readouterr().out
    assert out.read_bytes().startswith(b"%PDF-")
    assert status_of(["limits", "letter", "F1", "--run", run, "--out", str(out), "--on", "soon"]) == 2
    assert "--on 'soon' is not a date" in capsys.readouterr().err
