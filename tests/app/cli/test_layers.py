"""`acreline layers make`, as somebody types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli.main import status_of
from app.jobs.summary import RunSummary

Out = pytest.CaptureFixture[str]


def test_dates_are_made_once_and_told(finished: tuple[Path, RunSummary], tmp_path: Path, capsys: Out) -> None:
    words = ["layers", "make", "--run", str(finished[0]), "--layers", str(tmp_path), "--most", "2", "--quiet"]
    assert status_of(words) == 0
    assert "2 dates of run" in capsys.readouterr().out
    assert status_of([*words, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (len(said["days"]), said["made"]) == (2, 0)


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--run", "/no/such", "--layers", "."), 3, "holds no finished run"),
        (("--run", "."), 2, "No folder of map layers is named"),
        (("--run", ".", "--clear", "2"), 2, "--clear"),
    ],
)
def test_what_is_wrong_is_said(capsys: Out, words: tuple[str, ...], status: int, said: str) -> None:
    assert status_of(["layers", "make", *words]) == status
    assert said in " ".join(capsys.readouterr().err.split())
