"""`acreline growth watch|calendars|gaps` as a user types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli.main import status_of
from tests.app.jobs.watched_run import make_run


@pytest.fixture
def say(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("ACRELINE_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    make_run(Path("run"))

    def type_in(line: str, status: int = 0) -> str:
        assert status_of(["growth", *line.split()]) == status
        captured = capsys.readouterr()
        return captured.err if status else captured.out

    return type_in


def test_a_watch_for_people_and_for_programs(say):
    watch = "watch --run run --as-of 2019-06-20 --calendar be-flanders --quiet"
    printed = say(watch)
    assert "is recorded" in printed
    assert "23 of 23" in printed
    assert "p003" in printed
    assert "abrupt_loss" in printed
    assert "…" not in printed
    said = json.loads(say(f"{watch} --json"))
    assert (said["done"], said["as_of"], said["open"]["levels"]["action"]) == ("stands", "2019-06-20", 2)
    assert "is a replay" in (past := say(watch.replace("06-20", "05-25")))
    assert "The same as the record" in past
    assert "Nothing is written" not in past
    assert "Dry run" in say(f"{watch} --dry-run")


def test_other_rules_on_a_past_day_differ_and_are_listed(say):
    say("watch --run run --as-of 2019-06-20 --calendar be-flanders --quiet")
    printed = say("watch --run run --as-of 2019-06-10 --quiet")  # without a calendar nobody is late
    assert "Different from the record" in printed
    assert "only in the record: p007 not_sown opened" in printed


def test_calendars_and_gaps(say):
    assert "be-flanders" in say("calendars")
    assert {"be-flanders", "cn-huanghuaihai"} <= {each["id"] for each in json.loads(say("calendars --json"))}
    assert "one for every crop of 23 parcels" in say("gaps --run run --calendar be-flanders")
    assert json.loads(say("gaps --run run --json"))[0]["why"] == "no region"
    assert "wheat" in say("gaps --run run")


@pytest.mark.parametrize(
    ("line", "status", "words"),
    [
        ("watch --run nowhere --as-of 2019-06-20", 3, "holds no finished run"),
        ("watch --run run --as-of soon", 2, "is not a date"),
        ("watch --run run --as-of 2018-06-20", 2, "before the season"),
        ("watch --run run --as-of 2019-06-20 --calendar nowhere", 2, "no crop calendar 'nowhere'"),
        ("watch --run run --as-of 2019-06-20 --calendar own.toml", 2, "own.toml cannot be read"),
        ("watch --run run --as-of 2019-06-20 --rules nowhere", 2, "no alert rules 'nowhere'"),
        ("watch --run run --as-of 2019-06-20 --known-at guess", 2, "--known-at"),
        ("watch --run run --as-of 2019-06-20 --by ada", 2, "No database of the institution"),
        ("gaps --run nowhere", 3, "holds no finished run"),
    ],
)
def test_bad_input_is_one_line(say, line, status, words):
    error = say(f"{line} --quiet" if line.startswith("watch") else line, status=status)
    assert words in error
    assert error.count("\n") == 1
