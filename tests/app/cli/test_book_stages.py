from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.cli.main import status_of
from tests.app.alerts.lent import FAILED, Loans
from tests.app.jobs.policy_run import write_policy_run
from tests.app.jobs.told_watch import write_told

Out = pytest.CaptureFixture[str]


@pytest.fixture
def url(migrated_sqlite_url: str, make_engine: Any) -> str:
    loans = Loans(make_engine(migrated_sqlite_url))
    loans.loan("L1", ("p000",), None, days_overdue=11)
    loans.loan("L2", ("p001",), None, days_overdue=40)
    loans.watch("06-02", FAILED)
    return migrated_sqlite_url


def test_stages_are_told_to_people_and_machines(url: str, capsys: Out) -> None:
    asked = ["book", "stages", "--as-of", "2019-07-21", "--policy", "cn-planting-generic", "--database", url]
    assert status_of(asked) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[0] == "2019-07-21: 2 overdue, 0 fall due; ask 1, visit 1."
    assert "L2  -  10,000.00 CNY  40 days overdue, told 2018-10-01  plots: harvested 1  [ask]" in said
    assert "Crop seen growing and harvested on 2019-07-15: ask for the reason." in said
    assert status_of([*asked, "--lang", "zh"]) == 0
    assert "请实地查看并了解情况" in capsys.readouterr().out
    assert status_of([*asked, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(loan["account_number"], loan["code"]) for loan in told["loans"]] == [
        ("L2", "OVERDUE_HARVESTED"), ("L1", "OVERDUE_FAILED_OWN"),
    ]  # fmt: skip
    assert told["loans"][0]["plots"] == {"harvested": 1}


def test_what_cannot_be_asked_is_refused_in_a_line(url: str, tmp_path: Path, capsys: Out) -> None:
    asked = ["book", "stages", "--policy", "cn-planting-generic", "--database", url]
    assert status_of([*asked, "--unit", "9"]) == 2
    assert "There is no unit '9'" in capsys.readouterr().err
    assert status_of([*asked, "--as-of", "yesterday"]) == 2
    assert status_of([*asked, "--as-of", "2019-07-21", "--run", str(tmp_path)]) == 3
    assert "holds no finished run" in capsys.readouterr().err
    assert status_of(["book", "stages", "--database", url]) == 2


def test_an_own_action_alert_of_the_book_or_a_watch_asks_for_a_person(
    migrated_sqlite_url: str, tmp_path: Path, capsys: Out
) -> None:
    for season in ("2025-10-01/2026-09-30", "2026-10-01/2027-03-31"):
        write_policy_run(tmp_path / season[:4], season=season)
    (tmp_path / "plan.csv").write_text("parcel_id,crop\nP1,wheat\n", encoding="utf-8")
    plan = ["limits", "plan", "--plan", str(tmp_path / "plan.csv"), "--run", str(tmp_path / "2025")]
    season = ["--season-start", "2026-10-01", "--season-end", "2027-09-30", "--policy", "cn-planting-generic"]
    assert status_of([*plan, *season, "--out", str(tmp_path / "out")]) == 0
    alert = ("P1", "not_sown", "2026-10-20", "2026-10-20", "opened", "action")
    write_told(tmp_path / "watch", date(2026, 10, 20), alert)
    asked = ["limits", "tranches", "P1", "--run", str(tmp_path / "out"), "--on", "2026-11-01"]
    capsys.readouterr()
    assert status_of([*asked, "--watch", str(tmp_path / "watch")]) == 0
    assert "this parcel fell on its own: a person looks. It freezes nothing." in capsys.readouterr().out
    assert status_of([*asked, "--database", migrated_sqlite_url]) == 0
    assert "a person looks" not in capsys.readouterr().out
    assert status_of([*asked, "--watch", str(tmp_path)]) == 0
    assert status_of([*asked, "--watch", str(tmp_path / "2025")]) == 2
    assert "holds no watch" in capsys.readouterr().err


def test_the_work_list_gives_insurance_and_relief_where_asked(url: str, capsys: Out) -> None:
    asked = ["alerts", "list", "--json", "--database", url]
    assert status_of(asked) == 0
    assert "beside" not in json.loads(capsys.readouterr().out)
    assert status_of([*asked, "--beside", "--as-of", "2019-07-01"]) == 0
    beside = json.loads(capsys.readouterr().out)["beside"]
    assert (beside["policy"], beside["day"], beside["insurance"]) == ("cn-planting-generic", "2019-07-01", [])
    assert [option["code"] for option in beside["relief"]] == ["extension", "renewal", "grace"]
