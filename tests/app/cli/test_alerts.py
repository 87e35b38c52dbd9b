from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli.main import status_of
from app.db.engine import open_engine
from tests.app.alerts.desk import open_desk, picture


@pytest.fixture
def desk(migrated_sqlite_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Folder with a made-up bank's database, which the settings name, and a photo."""
    engine = open_engine(migrated_sqlite_url)
    open_desk(engine)
    engine.dispose()
    monkeypatch.setenv("ACRELINE_DATABASE_URL", migrated_sqlite_url)
    monkeypatch.setenv("ACRELINE_PHOTO_DIR", str(tmp_path / "photos"))
    picture(tmp_path, gps=True)
    return tmp_path


def _said(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> str:
    assert status_of(["alerts", *words]) == status, capsys.readouterr().err
    out, err = capsys.readouterr()
    return err if status else out


def test_an_officer_works_through_the_list(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, *_, total, unknown = _said(capsys, "list", "--lang", "zh").splitlines()
    assert "Warning 预警" in first
    assert "地块 p000" in first
    assert (total, unknown) == ("预警数: 4", "1条没有预期损失（无贷款或数据不详），排在最后。")
    number = first.split()[0]
    assert json.loads(_said(capsys, "list", "--parcel", "p000", "--json"))["number"] == int(number)
    assert _said(capsys, "acknowledge", number, "--by", "olga") == f"Alerts acknowledged: {number}.\n"
    late = ("--at", "2019-06-18T07:30Z", "--by", "olga", "--with", "otto", "--outcome", "confirmed")
    place = ("--lon", "4.02", "--lat", "51.0025", "--photo", str(desk / "photo.jpg"))
    said = _said(capsys, "visit", number, *late, *place, "--note", "half lodged")
    assert "1053 m from the outline, FAR from the parcel, the photo was taken 1228 m away" in said
    assert "closed" in _said(capsys, "close", number, "--by", "olga", "--reason", "insurer told")
    story = _said(capsys, "show", number)
    for words in ("half lodged", "FAR from the parcel", "2,000.00 CNY of what is owed, 1/2 plots", "insurer told"):
        assert words in story
    assert json.loads(_said(capsys, "show", number, "--json"))["visits"][0]["outcome"] == "confirmed"
    assert "走访要点" in _said(capsys, "show", number, "--lang", "zh")


def test_visits_from_phones_come_in_all_or_none_and_once(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (first, *_) = _said(capsys, "list").splitlines()
    plain = {"by": "olga", "with": "otto", "at": "2019-06-18T08:00:00Z", "outcome": "confirmed"}
    lines = [plain | {"alert": int(first.split()[0]), "photo": "photo.jpg"}, plain | {"alert": 999}]
    file = desk / "visits.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)))
    said = _said(capsys, "visits", "import", str(file), "--by", "olga", status=2)
    assert said.startswith("Error: visits.jsonl, line 2: There is no alert '999'.")
    assert not (desk / "photos").exists()
    file.write_text(json.dumps(lines[0]))
    assert "1 visits recorded, 0 were there" in _said(capsys, "visits", "import", str(file), "--by", "olga")
    assert "0 visits recorded, 1 were there" in _said(capsys, "visits", "import", str(file), "--by", "olga")
    assert len(list((desk / "photos").rglob("*.jpg"))) == 1


@pytest.mark.usefixtures("desk")
def test_the_list_of_a_week_is_drawn_once_and_measured(capsys: pytest.CaptureFixture[str]) -> None:
    week = ("week", "--unit", "001", "--week", "2019-W25")
    drawn = _said(capsys, *week, "--visits", "3", "--by", "rob", "--as-of", "2019-06-16")
    assert drawn == _said(capsys, *week)
    assert "was drawn with 3 visits" in _said(capsys, *week, "--visits", "4", status=2)
    tasks = [json.loads(line) for line in _said(capsys, *week, "--json").splitlines()]
    assert [task["rank"] for task in tasks] == [1, 2, 3]
    sheets = _said(capsys, *week, "--print")
    assert "Position 位置: 51.002500, 4.002500" in sheets
    assert "Is the stand cut, lodged, burnt or hit by hail?" in sheets
    assert "(by chance)" in sheets
    late = ("--at", "2019-06-18T07:30Z", "--by", "olga", "--with", "otto", "--outcome", "confirmed")
    _said(capsys, "visit", str(tasks[0]["alert_id"]), *late)
    assert "abrupt_loss warning: 100% (95%: 21% to 100%), 1 of 1 reached" in _said(capsys, "precision")
    assert "abrupt_loss warning: 0.600 -> 0." in _said(capsys, "priors")
    (prior,) = [row for row in json.loads(_said(capsys, "priors", "--json")) if row["level"] == "warning"]
    assert (prior["visits"], prior["confirmed"], prior["after"] > prior["before"]) == (1, 1, True)
    said = json.loads(_said(capsys, "precision", "--json"))
    assert (said["visits"], said["precision"][0]["confirmed"], said["misses"]["drawn"]) == (1, 1, 0)


@pytest.mark.usefixtures("desk")
def test_what_cannot_be_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    for words, said in (
        (("list", "--level", "huge"), "There are: info, watch, warning, action."),
        (("show", "77"), "no alert '77'"),
        (("visit", "--by", "o", "--with", "p", "--at", "2019-06-18", "--outcome", "partly"), "has no time zone"),
        (("week", "--unit", "001", "--week", "2019-W25"), "No list of 001"),
    ):
        error = _said(capsys, *words, status=2)
        assert said in error
        assert len(error.strip().splitlines()) == 1
