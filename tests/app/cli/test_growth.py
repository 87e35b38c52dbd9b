"""`acreline growth evaluate` from files to figures."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from app.cli.main import status_of

DAYS = pd.Timestamp("2024-04-01") + pd.to_timedelta(np.arange(0, 150, 5), unit="D")


@pytest.fixture
def say(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.chdir(tmp_path)
    ndvi = np.full((3, len(DAYS)), 0.8)
    ndvi[0, 15:19] -= np.array([0.4, 0.35, 0.25, 0.1])
    ids = np.repeat(["cut", "still", "unlabelled"], len(DAYS))
    table = pd.DataFrame({"parcel_id": ids, "date": np.tile(DAYS, 3), "ndvi": ndvi.ravel()})
    table.to_parquet("S.parquet")
    events = pd.DataFrame({"parcel_id": ["cut", "still"], "date": [DAYS[15], pd.NaT]})
    events.to_parquet("E.parquet")
    events.to_csv("E.csv", index=False)
    events.assign(parcel_id="other").to_parquet("other.parquet")
    events.drop(columns="date").to_parquet("undated.parquet")
    events.assign(date="soon").to_parquet("soon.parquet")

    def run(line: str, status: int = 0) -> str:
        assert status_of(["growth", *line.split()]) == status
        captured = capsys.readouterr()
        return captured.err if status else captured.out

    return run


@pytest.mark.parametrize(("option", "use"), [("", "live"), (" --hindsight", "hindsight")])
@pytest.mark.parametrize("events", ["E.parquet", "E.csv"])
def test_figures_as_json(say, option, use, events):
    line = f"evaluate --series S.parquet --events {events} --kind abrupt_loss --json"
    found = json.loads(say(line + option))
    assert (found["f1"], found["precision"], found["recall"]) == (1.0, 1.0, 1.0)
    assert (found["false_alarms_per_parcel_season"], found["parcel_seasons"]) == (0.0, 2)
    assert (found["delay_median"], found["confirmed"]["delay_median"]) == (0.0, 1.0)
    assert found["use"] == use


def test_a_table_for_people(say):
    printed = say("evaluate --series S.parquet --events E.parquet")
    assert "first notice" in printed
    assert "2 parcel-seasons" in printed


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("evaluate --series none.parquet --events E.parquet", "There is no file none.parquet"),
        ("evaluate --series S.parquet --events other.parquet", "No parcel of the events has a series"),
        ("evaluate --series S.parquet --events undated.parquet", "The events lack date"),
        ("evaluate --series S.parquet --events soon.parquet", "a date that cannot be read"),
        ("evaluate --series S.parquet --events E.parquet --kind drought", "--kind"),
    ],
)
def test_bad_input_is_one_line(say, line, words):
    error = say(line, status=2)
    assert words in error
    assert error.count("\n") == 1
