from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import box

from app.jobs.policybacktest import policy_backtest
from app.jobs.policybook import asked_of_file, asked_of_run, open_run
from app.jobs.policydiff import branches_of, policy_diff
from geo.errors import DataError, InputError
from geo.parcels import read_parcels
from scoring.pack_schema import Pack
from scoring.policy import load_pack
from tests.app.jobs.policy_run import write_policy_run

CN = load_pack("cn-planting-generic")
KCC = load_pack("in-kcc-2018")
SEASON = "2025-10-01/2026-09-30"


def _changed(**rules: object) -> Pack:
    said = CN.model_dump(mode="python")
    return Pack.model_validate({**said, "rules": {**said["rules"], **rules}})


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_policy_run(tmp_path_factory.mktemp("policy") / "run")


def test_the_policy_of_the_run_gives_what_the_run_recorded(run: Path) -> None:
    book = open_run(run)
    found = policy_diff(book, CN, _changed(financed_share="0.60"), None)
    assert book.facts == "recorded"
    assert found.reproduced == (len(book.decided), len(book.decided))
    assert [change.key for change in found.rules] == ["rules.financed_share"]


def test_what_a_lower_financed_share_does_by_branch_crop_and_tenth(run: Path) -> None:
    book = open_run(run)
    answer = policy_diff(book, CN, _changed(financed_share="0.60"), branches_of(book, None, None, "district")).as_dict()
    groups = {(group["by"], group["name"]): group for group in answer["groups"]}
    whole = groups["all", "all"]
    # East F1: 30 mu x 480 + 15 x 500 + 15 x 800 rent = 33,900: 70 % 23,730 -> 23,700; 60 % 20,340 -> 20,300.
    # West F2: 45 x 500 = 22,500: 15,750 -> 15,700; 13,500. P5 alone: 7.5 x 620 = 4,650: 3,255 -> 3,200; 2,790 -> 2,700.
    assert (whole["subjects"], whole["less"], whole["same"]) == (5, 3, 0)
    assert (whole["sum_a"], whole["sum_b"], whole["median_change"]) == ("42600.00", "36500.00", "-2200.00")
    assert (groups["branch", "East"]["sum_a"], groups["branch", "East"]["sum_b"]) == ("23700.00", "20300.00")
    assert groups["branch", "West"]["subjects"] == 3
    assert groups["crop", "maize"]["less"] == 2
    assert groups["decile", "no amount"]["subjects"] == 2
    assert [loser["subject_id"] for loser in answer["losers"]] == ["F1", "F2", "P5"]
    assert answer["losers"][0]["steps"][0] == "OWN_FUNDS"
    assert sum(float(step["sum_b"]) - float(step["sum_a"]) for step in answer["steps"]) == pytest.approx(-6100)
    assert answer["visits"] == {"a": 2, "b": 2}


def test_without_facts_it_is_said_and_does_not_reproduce(tmp_path: Path) -> None:
    book = open_run(write_policy_run(tmp_path / "run", facts=False))
    found = policy_diff(book, CN, CN, None)
    assert book.facts == "none"
    assert found.reproduced is not None
    assert found.reproduced[0] < found.reproduced[1]
    assert found.comparison.losers == ()


def test_what_cannot_be_compared_is_refused(run: Path, tmp_path: Path) -> None:
    book = open_run(run)
    with pytest.raises(InputError, match="cn-planting-generic is in CNY, in-kcc-2018 in INR"):
        policy_diff(book, CN, KCC, None)
    with pytest.raises(InputError, match="another currency than in-kcc-2018"):
        policy_backtest([book], KCC)
    with pytest.raises(InputError, match="keeps no column 'branch'"):
        branches_of(book, None, None, "branch")
    with pytest.raises(DataError, match="holds no finished run"):
        open_run(tmp_path)


@pytest.fixture
def parcel_file(tmp_path: Path) -> Path:
    rows = {
        "parcel_id": ["P1", "P2"], "declared_crop": ["wheat", "grass"], "district": ["East", None],
        "branch": ["North", "South"],
    }  # fmt: skip
    path = tmp_path / "parcels.gpkg"
    gpd.GeoDataFrame(rows, geometry=[box(100, 30, 100.01, 30.01), box(101, 30, 101.01, 30.01)], crs=4326).to_file(path)
    return path


def test_crops_that_a_book_asks_a_price_for(run: Path, parcel_file: Path) -> None:
    asked = asked_of_run(open_run(run), CN)
    assert asked["maize", "West", None] == 1
    assert ("wheat", "East", None) in asked
    assert CN.prices.gaps(asked) == (("grass", "West", None),)
    assert asked_of_file(read_parcels(parcel_file)) == {("wheat", "East", None): 1, ("grass", None, None): 1}


def test_another_parcel_file_is_refused(run: Path, parcel_file: Path) -> None:
    with pytest.raises(InputError, match="not the parcel file that the run read"):
        open_run(run, parcel_file)


def _csv(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_backtest_against_decisions_and_outcomes(run: Path, tmp_path: Path) -> None:
    decided = _csv(tmp_path / "decided.csv", "subject_id,amount\nF1,23700\nF2,10000.50\nF3,5000\nF9,1\n")
    outcomes = _csv(tmp_path / "outcomes.csv", "subject_id,days_overdue\nF1,0\nF2,91\nF3,90\nP5,400\n")
    test = policy_backtest([open_run(run)], CN, decided, outcomes)
    answer = test.as_dict()
    season, whole = answer["seasons"]
    assert season["name"] == SEASON
    assert whole["cases"] == 5
    # P5 is given 3,200 and nothing was decided; F3 grows grass and is given none.
    assert (whole["only_given"], whole["only_decided"]) == (1, 1)
    assert (whole["sum_given"], whole["sum_decided"]) == ("42600.00", "38700.50")
    assert (whole["sum_added"], whole["sum_taken"]) == ("8899.50", "5000.00")
    good, bad, unknown = answer["outcomes"]
    assert (good["cases"], bad["cases"], unknown["cases"]) == (2, 1, 0)  # what was never lent has no outcome
    assert {move["name"]: (move["cases"], move["bad"]) for move in answer["moves"]} == {
        "none": (1, 0), "less": (0, 0), "same": (1, 0), "more": (1, 1),
    }  # fmt: skip
    assert answer["unmatched"] == {"decided": 1, "outcomes": 0}
    assert answer["runs"][0]["in_force"] is False


def test_several_seasons_and_no_files(run: Path, tmp_path: Path) -> None:
    other = write_policy_run(tmp_path / "other", season="2026-10-01/2027-09-30")
    test = policy_backtest([open_run(run), open_run(other)], CN)
    assert [sums.name for sums in test.found.seasons] == [SEASON, "2026-10-01/2027-09-30", "all"]
    assert all(sums.sum_given == sums.sum_decided and sums.median_ratio == 1 for sums in test.found.seasons)
    assert test.decided == "recorded limits"
    assert test.found.moves == ()
    with pytest.raises(InputError, match="in two runs"):
        policy_backtest([open_run(run), open_run(run)], CN)
    outcomes = _csv(tmp_path / "outcomes.csv", "subject_id,days_overdue\nF1,0\n")
    with pytest.raises(InputError, match="lacks the column 'season_id'"):
        policy_backtest([open_run(run), open_run(other)], CN, None, outcomes)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("farmer,amount\nF1,2\n", "lacks the column 'subject_id'"),
        ("subject_id,sum\nF1,2\n", "lacks the column 'amount'"),
        ("subject_id,amount\nF1,2\nF1,3\n", r"names 'F1' twice \(line 3\)"),
        ("subject_id,amount\nF1,two\n", "line 2: 'two' is not a number"),
        ("subject_id,amount\nF1,-2\n", "line 2: '-2' is negative"),
        ("subject_id,amount\nF1,2.005\n", "line 2: .*more than 2 decimals"),
        ("", "cannot be read"),
    ],
)
def test_a_wrong_file_is_named_with_its_line(run: Path, tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        policy_backtest([open_run(run)], CN, _csv(tmp_path / "decided.csv", text))


def test_outcomes_may_be_named(run: Path, tmp_path: Path) -> None:
    said = _csv(tmp_path / "o.csv", "subject_id,outcome\nF1,good\nF2,bad\nF3,\n")
    assert [sums.cases for sums in policy_backtest([open_run(run)], CN, None, said).found.outcomes] == [1, 1, 1]
    with pytest.raises(InputError, match="neither good nor bad"):
        policy_backtest([open_run(run)], CN, None, _csv(tmp_path / "w.csv", "subject_id,outcome\nF1,late\n"))
