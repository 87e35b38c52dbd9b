from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli.main import status_of

MAPPING = """
survey_format = 1
id = "made-up"
title = "Made-up farms"
source = "this test"
crop = "rice"
lacks = ["seed"]
currency = { code = "INR", exponent = 2 }
area = { column = "acres", unit = "acre" }
groups.district.column = "district"

[[costs]]
item = "labour"
column = "labour"
"""


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """A survey of forty farms as CSV, and its mapping."""
    lines = ["farm,acres,district,block,labour,hired,urea_kg,fertilisers"]
    lines += [f"f{number},2,Gaya,B,{2000 + 20 * number},yes,,DAP" for number in range(40)]
    survey, mapping = tmp_path / "survey.csv", tmp_path / "mapping.toml"
    survey.write_text("\n".join(lines), encoding="utf-8")
    mapping.write_text(MAPPING, encoding="utf-8")
    return ["policy", "costs", "--survey", str(survey), "--columns", str(mapping), "--crop", "rice"]


def test_people_read_what_counts_and_what_is_missing(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of([*files, "--by", "district"]) == 0
    said = capsys.readouterr().out
    assert "40 of 40 rows count" in said
    assert "EXAMPLE, to be set by the district committee" in said
    assert "Not in these figures: seed." in said
    assert "1,200" in said


def test_machines_read_exact_figures(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of([*files, "--by", "district", "--unit", "ha", "--round-to", "1", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["example"] is True
    assert answer["groups"][1]["group"] == "Gaya"
    assert answer["groups"][1]["amount"] == "2953"  # 1,195 an acre x 2.471...
    assert answer["groups"][1]["median"] == "2952.91"


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        (("--round-to", "none"), "no number"),
        (("--round-to", "-1"), "not above 0"),
        (("--by", "village"), "no groups by 'village'"),
        (("--crop", "wheat"), "not of wheat"),
        (("--survey", "gone.csv"), "no file gone.csv"),
        (("--least-farms", "41", "--toml"), "too few"),
        (("--unit", "bigha"), "bigha"),
        (("--encoding", "nonsense"), "cannot be read"),
    ],
)
def test_what_cannot_be_used_is_one_line(
    files: list[str], extra: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of([*files, *extra]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert len(captured.err.splitlines()) == 1
