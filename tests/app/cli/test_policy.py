from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import pytest

from app.cli.main import status_of
from tests.app.jobs.policy_run import write_policy_run

Out = pytest.CaptureFixture[str]


def _text(policy_id: str) -> str:
    return resources.files("scoring").joinpath(f"packs/{policy_id}.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_policy_run(tmp_path_factory.mktemp("policy") / "run"))


@pytest.fixture(scope="module")
def stricter(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("packs") / "stricter.toml"
    text = _text("cn-planting-generic").replace('financed_share = "0.70"', 'financed_share = "0.60"', 1)
    path.write_text(text, encoding="utf-8")
    return str(path)


def _line(capsys: Out) -> dict[str, object]:
    parsed = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert isinstance(parsed, dict)
    return parsed


def test_a_pack_is_checked_for_people_and_machines(capsys: Out) -> None:
    assert status_of(["policy", "check", "in-kcc-2018", "--on", "2027-02-01"]) == 0
    said = capsys.readouterr().out
    assert "not in force on 2027-02-01" in said
    assert "rules.rounding.final: to 1,000 INR, half_up" in said
    assert "0 errors, 0 gaps" in said
    assert status_of(["policy", "check", "in-kcc-2018", "--json"]) == 0
    assert len(str(_line(capsys)["pack"]["rules_hash"])) == 64  # type: ignore[index, call-overload] # plain JSON


def test_a_bad_pack_ends_with_status_two_and_names_keys(tmp_path: Path, capsys: Out) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(_text("in-kcc-2018").replace("least = 10000", "leest = 10000"), encoding="utf-8")
    assert status_of(["policy", "check", str(path)]) == 2
    said = capsys.readouterr().out
    assert "rules.kcc.flexible_card.leest: unknown key. Did you mean 'least'?" in said
    assert "the pack does not load" in said
    assert status_of(["policy", "check", str(tmp_path / "none.toml")]) == 2


@pytest.mark.parametrize("formula", ["planting", "kcc"])
def test_a_template_is_printed_that_can_be_checked(formula: str, tmp_path: Path, capsys: Out) -> None:
    assert status_of(["policy", "template", "--formula", formula]) == 0
    path = tmp_path / "our-bank-2027.toml"
    path.write_text(capsys.readouterr().out, encoding="utf-8")
    assert status_of(["policy", "check", str(path), "--on", "2027-06-01"]) == 0
    assert "0 errors, 0 gaps" in capsys.readouterr().out
    assert status_of(["policy", "list", "--packs", str(tmp_path)]) == 0
    assert "our-bank-2027" in capsys.readouterr().out


def test_gaps_against_a_run(run: str, capsys: Out) -> None:
    assert status_of(["policy", "check", "cn-planting-generic", "--run", run]) == 0
    assert "no price for grass in West (1 parcels): NO_PRICE" in capsys.readouterr().out


def test_a_diff_for_people_and_machines(run: str, stricter: str, capsys: Out) -> None:
    command = ["policy", "diff", "cn-planting-generic", stricter, "--run", run, "--by", "district"]
    assert status_of(command) == 0
    said = capsys.readouterr().out
    for words in ("rules.financed_share", "By branch", "By crop", "By tenth", "Who loses most", "-6,100", "OWN_FUNDS"):
        assert words in said
    assert "A gives 10 of the 10 amounts that the run recorded." in said
    assert status_of([*command, "--json"]) == 0
    assert _line(capsys)["reproduced"] == {"equal": 10, "of": 10}


def test_a_backtest_for_people_and_machines(run: str, stricter: str, tmp_path: Path, capsys: Out) -> None:
    outcomes = tmp_path / "outcomes.csv"
    outcomes.write_text("subject_id,days_overdue\nF1,0\nF2,120\n", encoding="utf-8")
    command = ["policy", "backtest", stricter, "--run", run, "--outcomes", str(outcomes)]
    assert status_of(command) == 0
    said = capsys.readouterr().out
    for words in ("applied backwards", "By season", "By outcome", "Bad outcomes", "36,500", "it proves nothing"):
        assert words in said
    assert status_of([*command, "--json"]) == 0
    assert _line(capsys)["decided"] == "recorded limits"
    assert status_of(["policy", "backtest", stricter, "--run", run]) == 0
    assert "No outcome is known." in capsys.readouterr().out


def test_a_working_refuses_a_policy_of_another_day(tmp_path: Path, capsys: Out) -> None:
    facts = tmp_path / "facts.json"
    facts.write_text(json.dumps({"crops": [{"crop": "paddy", "area": 1, "unit": "acre"}]}), encoding="utf-8")
    command = ["limits", "working", "--policy", "in-kcc-2018", "--facts", str(facts)]
    assert status_of([*command, "--on", "2027-01-01"]) == 2
    assert "not on 2027-01-01" in capsys.readouterr().err
    assert status_of([*command, "--on", "2020-01-01", "--json"]) == 0
    assert _line(capsys)["in_force"] is True
