from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli.main import status_of
from app.jobs.summary import RunSummary
from geo.observations import LIMITS, read_table
from tiles.simulation.season import SimulatedSeason

Finished = tuple[Path, RunSummary]
FACTS = {
    "crops": [
        {"crop": "paddy", "area": 1, "unit": "acre", "scale_of_finance": 11000},
        {"crop": "sugarcane", "area": 1, "unit": "acre", "scale_of_finance": 22000},
    ],
    "term_loans": [40000, 30000],
}


def _last_json(text: str) -> dict[str, object]:
    parsed = json.loads(text.strip().splitlines()[-1])
    assert isinstance(parsed, dict)
    return parsed


def test_the_illustration_comes_out_to_the_rupee(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts = tmp_path / "facts.json"
    facts.write_text(json.dumps(FACTS))
    assert status_of(["limits", "working", "--policy", "in-kcc-2018", "--facts", str(facts), "--json"]) == 0
    answer = _last_json(capsys.readouterr().out)
    assert answer["years"] == [42900, 47200, 51900, 57100, 62800]
    assert answer["short_term_limit"] == 63000
    assert answer["limit"] == 133000


def test_the_illustration_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts = tmp_path / "facts.json"
    facts.write_text(json.dumps(FACTS))
    assert status_of(["limits", "working", "--policy", "in-kcc-2018", "--facts", str(facts)]) == 0
    assert "133,000" in capsys.readouterr().out


def test_a_run_on_a_finished_folder_says_so_in_json(
    finished: Finished, border_season: SimulatedSeason, capsys: pytest.CaptureFixture[str]
) -> None:
    out, summary = finished
    season = border_season.season
    status = status_of(
        [
            *("run", "--catalog", str(border_season.catalog), "--parcels", str(border_season.parcels)),
            *("--season-start", str(season.start), "--season-end", str(season.end)),
            *("--policy", "cn-planting-generic", "--out", str(out), "--json", "--workers", "1"),
        ]
    )
    answer = _last_json(capsys.readouterr().out)
    assert status == 0
    assert answer["unchanged"]
    assert answer["run_id"] == summary.run_id
    assert answer["parcels"] == summary.parcels


def _figure(line: str) -> float:
    return float(line.split(" CNY", maxsplit=1)[0].strip().replace(",", ""))


@pytest.mark.parametrize(("language", "word"), [("en", "Limit"), ("zh", "授信额度")])
def test_a_receipt_adds_up_on_paper(
    finished: Finished, language: str, word: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    limits = read_table(finished[0] / "limits.parquet", LIMITS)
    paid = limits[limits.reasons.str.contains("OWN_FUNDS") & limits.amount_minor.gt(0)].iloc[0]
    assert status_of(["limits", "explain", paid.subject_id, "--run", str(finished[0]), "--lang", language]) == 0
    lines = capsys.readouterr().out.splitlines()
    total = next(index for index, line in enumerate(lines) if line.endswith(f"CNY  {word}"))
    *effects, amount = [_figure(line) for line in lines[1 : total + 1] if " CNY" in line[:18]]
    assert len(effects) >= 2
    assert sum(effects) == pytest.approx(amount)
    assert amount == paid.amount_minor / 100


def test_explaining_an_unknown_parcel(finished: Finished, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["limits", "explain", "nobody", "--run", str(finished[0])]) == 2
    assert "nobody" in capsys.readouterr().err


def test_policies_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["policy", "list"]) == 0
    listed = capsys.readouterr().out
    assert "in-kcc-2018" in listed
    assert "cn-planting-generic" in listed


GROUPS = [["sites"], ["sites", "meters"], ["growth"], ["risk"], ["alerts"], ["jobs"], []]


@pytest.mark.parametrize("words", GROUPS, ids=" ".join)
def test_a_group_without_a_command_prints_its_help_and_no_error(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(words) == 2
    said = capsys.readouterr()
    assert f"Usage: acreline{''.join(f' {word}' for word in words)} [OPTIONS] COMMAND" in said.out
    assert said.err == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sites", "stop", "s-1"], "Missing option '--by'. See acreline sites stop --help."),
        (["sites", "nonsense"], "No such command 'nonsense'. See acreline sites --help."),
        (["--nonsense"], "No such option: --nonsense. See acreline --help."),
    ],
)
def test_a_command_that_is_written_wrong_names_its_own_help(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(words) == 2
    assert capsys.readouterr().err == f"Error: {said}\n"


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["--version"]) == 0
    assert capsys.readouterr().out.startswith("acreline ")
