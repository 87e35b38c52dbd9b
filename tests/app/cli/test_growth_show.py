"""`acreline growth show` as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli.main import status_of
from geo.manifest import MANIFEST_NAME
from tests.app.jobs.watched_run import BARE, CALENDAR, LOST, make_earlier, make_run


@pytest.fixture(scope="module")
def watch(tmp_path_factory):
    """Folder of a watch in June, with three earlier seasons."""
    root = tmp_path_factory.mktemp("show")
    make_run(root / "run")
    history = [text for run in make_earlier(root / "run", 3) for text in ("--history", str(run))]
    asked = ["--run", str(root / "run"), "--as-of", "2019-06-20", "--calendar", CALENDAR, "--quiet"]
    assert status_of(["growth", "watch", *asked, *history]) == 0
    (found,) = (root / "run" / "watches").glob("2019*")
    return found


@pytest.fixture
def say(capsys, watch):
    def type_in(parcel: str, *more: str, folder: Path = watch, status: int = 0) -> str:
        assert status_of(["growth", "show", "--watch", str(folder), "--parcel", parcel, *more]) == status
        captured = capsys.readouterr()
        return captured.err if status else captured.out

    return type_in


def test_a_parcel_for_people_in_both_languages(say):
    printed = say("p001")
    assert "end                             not yet; not before 2019-06" in printed
    assert "between" in printed
    assert "Standard scores" in printed
    lost = say(LOST, "--lang", "zh")
    assert "冠层突然损失" in lost
    assert "介于" in lost
    assert "[" not in lost
    assert "none seen yet" in say(BARE)


def test_a_parcel_for_programs(say):
    said = json.loads(say(LOST, "--json"))
    assert (said["parcel_id"], said["as_of"], said["judged"]) == (LOST, "2019-06-20", True)
    assert {alert["cause"] for alert in said["alerts"]} >= {"abrupt_loss"}
    assert said["z"] < -5
    assert said["sos_low"] <= said["sos"] <= said["sos_high"]
    healthy = json.loads(say("p001", "--json"))
    assert healthy["vci"] > 60
    assert abs(healthy["z"]) < 2
    assert (healthy["eos"], healthy["length_days"]) == (None, None)
    assert healthy["eos_low"] >= "2019-06-01"


def test_what_cannot_be_shown(say, watch, tmp_path):
    assert "Near it: " in say("p02", status=2)
    assert "There is no parcel 'p02'" in say("p02", status=2)
    assert "no outline" in say("p023", status=2)
    assert watch.name in say("p001", folder=watch.parent, status=2)
    assert "holds no watch" in say("p001", folder=tmp_path, status=2)


def test_a_watch_of_before_has_no_conditions(say, watch, tmp_path):
    listed = json.loads((watch / MANIFEST_NAME).read_bytes())
    for name in ("alerts.parquet", MANIFEST_NAME):
        (tmp_path / name).write_bytes((watch / name).read_bytes())
    listed["files"] = {name: entry for name, entry in listed["files"].items() if name == "alerts.parquet"}
    (tmp_path / MANIFEST_NAME).write_text(json.dumps(listed))
    assert "Give its command again" in say("p001", folder=tmp_path, status=2)
