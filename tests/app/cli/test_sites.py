"""`acreline sites evaluate`: figures for people and programs, and refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli.main import status_of
from tests.scoring.sites.change.simulated import population


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Forty simulated sites as files, and the command that scores them."""
    folder = tmp_path_factory.mktemp("sites")
    table, truth = population(3, sites=40)
    table.to_parquet(folder / "s.parquet")
    truth.to_csv(folder / "t.csv", index=False)
    return ["sites", "evaluate", "--series", str(folder / "s.parquet"), "--truth", str(folder / "t.csv")]


def test_programs_read_the_figures_as_json(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of([*files, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["sites"] == 40
    assert found["built"] + found["never_built"] == 40
    assert 0.8 < found["accuracy"] <= 1
    assert found["falling"] is False


def test_labels_that_the_method_saw_are_not_scored(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of([*files, "--train-share", "0.2", "--seed", "5"]) == 0
    said = capsys.readouterr().out
    assert "32, of 8 more the labels were used" in said
    assert "Mean absolute error" in said


def test_files_that_do_not_fit_are_refused(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth = tmp_path / "t.csv"
    truth.write_text("site_id,year\nnobody,2018\n", encoding="utf-8")
    assert status_of([*files[:-1], str(truth)]) == 2
    assert "'nobody'" in capsys.readouterr().err
    assert status_of([*files[:-1], str(tmp_path / "absent.csv")]) == 2
    assert "absent.csv" in capsys.readouterr().err
