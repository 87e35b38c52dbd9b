from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from app.cli.main import status_of
from scoring.seasons.tranches import TRANCHES
from tests.app.jobs.policy_run import write_policy_run

Out = pytest.CaptureFixture[str]
SEASON = ["--season-start", "2026-10-01", "--season-end", "2027-09-30", "--policy", "cn-planting-generic"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("season")
    for season in ("2025-10-01/2026-09-30", "2026-10-01/2027-03-31"):
        write_policy_run(folder / season[:4], season=season)
    (folder / "plan.csv").write_text("parcel_id,crop\nP1,wheat\nP2,maize\nP3,rice\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def planned(folder: Path) -> str:
    given = ["--plan", str(folder / "plan.csv"), "--run", str(folder / "2025"), "--out", str(folder / "out")]
    assert status_of(["limits", "plan", *given, *SEASON]) == 0
    return str(folder / "out")


def test_a_plan_is_told_to_people_and_machines(folder: Path, tmp_path: Path, capsys: Out) -> None:
    given = ["limits", "plan", "--plan", str(folder / "plan.csv"), "--run", str(folder / "2025"), *SEASON]
    assert status_of([*given, "--out", str(tmp_path / "one")]) == 0
    said = capsys.readouterr().out
    assert "3 of 6 parcels have a plan, 3 an amount: " in said
    assert "Earlier seasons: 2025-10-01/2026-09-30." in said
    assert status_of([*given, "--out", str(tmp_path / "two"), "--json"]) == 0
    parsed = json.loads(capsys.readouterr().out)
    assert (parsed["with_plan"], parsed["evidence"]["with_area"]) == (3, 5)
    assert status_of([*given, "--out", str(tmp_path / "two")]) == 2
    assert "is not empty. Name a new folder." in capsys.readouterr().err


def test_the_folder_is_explained_and_replayed(planned: str, capsys: Out) -> None:
    assert status_of(["limits", "explain", "P3", "--run", planned]) == 0
    assert "Planned Rice, but another crop was seen in all 1 earlier season(s) decided, last Maize" in (
        capsys.readouterr().out
    )
    assert status_of(["limits", "explain", "P5", "--run", planned, "--lang", "zh"]) == 0
    assert "该地块没有种植计划" in capsys.readouterr().out
    assert status_of(["limits", "replay", "F1", "P3", "--run", planned]) == 0
    assert capsys.readouterr().out.count(": the same, ") == 2


def test_tranches_are_summed_and_told_one_by_one(folder: Path, planned: str, tmp_path: Path, capsys: Out) -> None:
    assert status_of(["limits", "tranches", "--run", planned, "--on", "2026-10-01"]) == 0
    assert "growth (Field management once the field is green): 3 not_yet, 3 none" in capsys.readouterr().out
    asked = ["limits", "tranches", "P3", "P2", "--run", planned, "--seen", str(folder / "2026"), "--on", "2027-04-01"]
    table = tmp_path / "tranches.parquet"
    assert status_of([*asked, "--out", str(table)]) == 0
    said = capsys.readouterr().out
    assert "Not yet: planned Rice, seen Maize. A person looks; the amount stands." in said
    assert pq.read_schema(table).names == TRANCHES.names
    assert status_of([*asked, "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["tranche"] for row in rows[:3]] == ["preparation", "growth", "harvest"]
    assert rows[0]["reasons"][0]["code"] == "TRANCHE_CONFIRMED_PLAN"
    assert status_of(["limits", "tranches", "X1", "--run", planned, "--on", "2026-10-01"]) == 2
    assert "no parcel or farmer 'X1'" in capsys.readouterr().err


def test_what_the_next_look_would_change(folder: Path, planned: str, capsys: Out) -> None:
    assert status_of(["limits", "next", "F4", "--run", str(folder / "2025")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "F4: no amount now."
    assert any(line.startswith("  If one more clear image decided P6: 3,700 yuan to 15,700 yuan") for line in lines)
    assert status_of(["limits", "next", "P5", "--run", planned, "--lang", "zh"]) == 0
    assert "需要材料而非影像：种植计划（P5）" in capsys.readouterr().out
    assert status_of(["limits", "next", "F1", "F4", "--run", str(folder / "2025"), "--json"]) == 0
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (first["subject_id"], first["currency"]) == ("F1", "CNY")
    assert {look["action"] for look in second["looks"]} == {"image", "visit"}
    assert status_of(["limits", "next", "nobody", "--run", planned]) == 2
