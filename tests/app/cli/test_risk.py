"""`acreline risk ...` from files to files."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from app.cli.main import status_of
from scoring.risk.planted import PlantedBook, plant
from tests.scoring.risk.conftest import CARD

APPLICANTS = """applicant_id,years,right,debt
007,2,lease,0.6
008,,certificate,0.1
009,12,certificate,
"""
LOANS = """loan_id,loan_class,days_overdue,crop,due_on,grade,security,ead_minor,currency
001,正常,31,rice,2024-03-31,A,none,1000000,CNY
002,次级,91,sugarcane,2024-03-31,B,land_right,333333,CNY
003,关注,,wheat,,C,none,7,CNY
"""


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "card.json").write_text(json.dumps(CARD), encoding="utf-8")
    (tmp_path / "applicants.csv").write_text(APPLICANTS, encoding="utf-8")
    (tmp_path / "loans.csv").write_text(LOANS, encoding="utf-8")

    def run(line: str, status: int = 0) -> str:
        assert status_of(["risk", *line.split()]) == status
        captured = capsys.readouterr()
        return captured.err if status else captured.out

    return run


def _read(name: str) -> pd.DataFrame:
    return pd.read_csv(name, dtype=str, keep_default_na=False)


def test_score(say) -> None:
    said = say("score --card card.json --table applicants.csv --out scores.csv")
    assert "2 of 3 applicants have a score" in said
    scores = _read("scores.csv")
    assert scores.applicant_id.tolist() == ["007", "008", "009"]
    assert scores.score.tolist() == ["515.0", "560.0", ""]
    assert scores.reason_1.tolist() == [
        "Years of farming: under 3",
        "Years of farming: not stated",
        "Debt to income: not stated",
    ]


def test_score_in_chinese(say) -> None:
    say("score --card card.json --table applicants.csv --out scores.csv --lang zh")
    assert _read("scores.csv").reason_1[0] == "种植年限：不足3年"


def test_classes(say) -> None:
    answer = json.loads(say("classes --loans loans.csv --as-of 2025-06-30 --out classes.csv --json"))
    assert answer["state"] == {"agrees": 1, "better_than_floor": 1, "incomplete": 1}
    assert _read("classes.csv").loan_id.tolist() == ["001", "002", "003"]


def test_classes_of_a_file_in_a_chinese_encoding(say) -> None:
    Path("gb.csv").write_bytes(LOANS.encode("gb18030"))
    assert "1 state agrees" in say("classes --loans gb.csv --encoding gb18030 --as-of 2025-06-30 --out classes.csv")
    assert "--encoding" in say("classes --loans gb.csv --as-of 2025-06-30 --out classes.csv", 2)


def test_seasons(say) -> None:
    say("seasons --loans loans.csv --as-of 2024-11-01 --out seasons.csv")
    assert _read("seasons.csv").is_npa.tolist() == ["True", "False", "False"]


def test_tiers(say) -> None:
    Path("scored.csv").write_text("applicant_id,score,days_overdue,debt_to_income\n01,630,0,0.1\n02,630,40,0.9\n")
    answer = json.loads(say("tiers --table scored.csv --out tiers.csv --json"))
    assert answer["state"] == {"ok": 1, "refuse": 1}
    assert _read("tiers.csv").gates.tolist() == ["", "OVERDUE_NOW;DEBT_TO_INCOME"]


def test_loss(say) -> None:
    answer = json.loads(say("loss --loans loans.csv --out loss.csv --json"))
    assert (answer["ead"], answer["el"]) == ("13333.40", "117.51")
    assert _read("loss.csv").el_minor.tolist() == ["6500", "5250", "1"]
    assert "117.51 CNY" in say("loss --loans loans.csv --out loss.csv")


def test_measure(say) -> None:
    table = plant(PlantedBook(rows=800, branches=40), 1).assign(pd=0.15)
    table.to_parquet("judged.parquet")
    answer = json.loads(say("measure --table judged.parquet --target default --pd pd --block branch --json"))
    assert answer["gini"]["value"] == 0
    assert len(answer["calibration"]) == 1
    said = say("measure --table judged.parquet --target default --pd pd --block branch --against judged.parquet")
    assert "PSI 0.000 (stable" in said


QUESTION = (
    "uplift --table t.csv --target default --baseline debt_ratio,years_farming --satellite vigour_pct --block branch"
)


def test_uplift(say) -> None:
    plant(PlantedBook(rows=1500, branches=40, effect=0.8), 1).to_csv("t.csv", index=False)
    assert json.loads(say(f"{QUESTION} --json"))["verdict"] == "shown"
    said = say(f"{QUESTION} --time applied_on --cutoff 2024-06-01")
    assert "Uplift in Gini: " in said


def test_train(say) -> None:
    pytest.importorskip("optbinning", reason="the extra risk is not installed: pip install 'acreline[risk]'")
    plant(PlantedBook(rows=2500, branches=40, effect=0.6), 1).to_csv("t.csv", index=False)
    order = "train --table t.csv --target default --attribute debt_ratio,vigour_pct --block branch --made-on 2026-01-01"
    said = say(f"{order} --time applied_on --cutoff 2025-03-01 --out made.json")
    assert "elsewhere" in said
    assert "2500 of 2500" in say("score --card made.json --table t.csv --out scores.csv")
    assert set(json.loads(say(f"{order} --out made.json --json"))["judged"]) == {"train", "elsewhere"}


@pytest.mark.parametrize(
    ("line", "status", "named"),
    [
        ("score --card none.json --table applicants.csv --out o.csv", 2, "none.json"),
        ("score --card loans.csv --table applicants.csv --out o.csv", 2, "loans.csv"),
        ("score --card card.json --table none.csv --out o.csv", 2, "none.csv"),
        ("score --card card.json --table loans.csv --out o.csv", 3, "'years'"),
        ("score --card card.json --table applicants.csv --out no/where.csv", 2, "where.csv"),
        ("classes --loans loans.csv --as-of 2023-06-30 --out o.csv", 2, "2023-07-01"),
        ("classes --loans applicants.csv --as-of 2024-06-30 --out o.csv", 3, "loan_id"),
        ("classes --loans loans.csv --as-of 2024-06-30 --out o.csv --rules in-risk-example", 2, "'classes'"),
        ("loss --loans loans.csv --out o.csv --rules none.toml", 2, "none.toml"),
        (QUESTION, 2, "t.csv"),
    ],
)
def test_what_cannot_be_used_ends_in_one_line_and_writes_nothing(say, line, status, named) -> None:
    said = say(line, status)
    assert named in said
    assert len(said.strip().splitlines()) == 1
    assert not Path("o.csv").exists()
