from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from app.jobs.limits import INPUTS_FILE
from app.jobs.planned import PLAN_RECORD, drawn, open_outlines, plan_limits, read_plan
from app.jobs.policybook import open_run
from app.jobs.replay import read_record, replay_run
from geo.errors import InputError
from geo.observations import LIMITS, read_table
from geo.season import Season
from scoring.policy import load_pack
from tests.app.jobs.policy_run import write_policy_run

CN = load_pack("cn-planting-generic")
COMING = Season(date(2026, 10, 1), date(2027, 9, 30))
PLAN = "parcel_id,crop\nP1,冬小麦\nP1,maize\nP2,maize\nP3,rice\nP6,wheat\n"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("earlier")
    seasons = ("2024-10-01/2025-09-30", "2025-10-01/2026-09-30", "2026-10-01/2027-03-31")
    return [write_policy_run(folder / season[:4], season=season) for season in seasons]


def _file(folder: Path, text: str) -> Path:
    (folder / "plan.csv").write_text(text, encoding="utf-8")
    return folder / "plan.csv"


@pytest.fixture(scope="module")
def planned(runs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("coming")
    books = [open_run(run) for run in runs[:2]]
    found = plan_limits(read_plan(_file(folder, PLAN)), books, CN, COMING, folder / "out")
    return found, folder / "out"


def test_the_folder_says_what_it_rests_on_and_replays(planned):
    found, out = planned
    assert (found.parcels, found.planned) == (6, 4)
    said = json.loads((out / PLAN_RECORD).read_text())
    assert said["season"] == COMING.id
    assert [run["run_id"] for run in said["runs"]] == ["run-2024", "run-2025"]
    assert said["evidence"]["by_seasons_decided"] == [1, 0, 5]
    limits = read_table(out / "limits.parquet", LIMITS)
    assert len(replay_run(out, limits.subject_id.tolist())) == len(limits)
    assert said["total_minor"] == limits.amount_minor[limits.subject_kind == "parcel"].sum()


def test_the_plan_and_not_what_was_seen_is_priced(planned):
    found, _ = planned
    amounts = found.limits.set_index("subject_id").amount_minor
    # P3 planned rice: 45 mu x 620 x 70 % = 19,530, down to 19,500; P6 wheat on its outline: 5,040
    assert (amounts["F2"], amounts["F4"]) == (1_950_000, 500_000)
    assert pd.isna(amounts["F3"])


def test_facts_of_the_plan_override_those_of_the_run(runs, tmp_path):
    text = "parcel_id,crop,land_right,other_debt_minor\nP3,maize,流转,\nP3,rice,,100000\nP5,rice,,\n"
    plan = read_plan(_file(tmp_path, text))
    plan_limits(plan, [open_run(runs[1])], CN, COMING, tmp_path / "out")
    known = read_record(tmp_path / "out").inputs.parcels.to_pandas().set_index("parcel_id")
    assert (known.land_right["P3"], known.other_debt_minor["P3"]) == ("lease", 100_000)
    assert (known.land_right["P5"], known.other_debt_minor["P5"]) == ("certificate", 0)


def test_a_parcel_file_of_the_coming_season_gives_its_parcels(runs, tmp_path):
    shapes = gpd.GeoDataFrame(
        {"parcel_id": ["P1", "N1"], "farmer_id": ["F1", None], "cert_mu": [None, 15]},
        geometry=[box(120.0, 33.0, 120.001, 33.001), box(120.01, 33.0, 120.011, 33.001)], crs="EPSG:4326",
    )  # fmt: skip
    shapes.to_file(tmp_path / "parcels.geojson")
    outlines = open_outlines(tmp_path / "parcels.geojson", None, None)
    plan = read_plan(_file(tmp_path, "parcel_id,crop\nP1,wheat\nN1,wheat\n"))
    found = plan_limits(plan, [open_run(runs[1])], CN, COMING, tmp_path / "out", outlines)
    codes = {row.subject_id: [line["code"] for line in json.loads(row.reasons)] for row in found.limits.itertuples()}
    assert "PLAN_AREA_OUTLINE" in codes["P1"]  # the run saw another outline
    assert "PLAN_AREA_CERTIFIED" in codes["N1"]
    assert found.parcels == 2


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("id,crop\nP1,rice\n", "PLAN_COLUMN", "lacks the column parcel_id or crop"),
        ("parcel_id,crop\nP1,rice\nP2,moonflower\n", "PLAN_ROW", "the crop of row 2 is 'moonflower'"),
        ("parcel_id,crop\n,rice\n", "PLAN_ROW", "the parcel_id of row 1 is None"),
        ("parcel_id,crop,land_right\nP1,rice,maybe\n", "PLAN_ROW", "in row 1 land_right 'maybe' is not understood"),
        ("parcel_id,crop\n", "TABLE_FILE", "holds no rows"),
    ],
)
def test_a_plan_that_cannot_be_read_names_the_row(text, code, said, tmp_path):
    with pytest.raises(InputError, match=said) as caught:
        read_plan(_file(tmp_path, text))
    assert caught.value.code == code


def test_nothing_is_written_where_something_is_wrong(runs, planned, tmp_path):
    _, out = planned
    plan = read_plan(_file(tmp_path, "parcel_id,crop\nP9,rice\n"))
    with pytest.raises(InputError, match="'P9' \\(rice\\) names no parcel of the book"):
        plan_limits(plan, [open_run(runs[1])], CN, COMING, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    with pytest.raises(InputError, match="is not empty"):
        plan_limits(plan, [open_run(runs[1])], CN, COMING, out)
    sound = read_plan(_file(tmp_path, PLAN))
    with pytest.raises(InputError, match="does not begin before the coming season"):
        plan_limits(sound, [open_run(runs[2])], CN, COMING, tmp_path / "new")


def test_a_run_that_kept_no_inputs_is_evidence_too(tmp_path):
    run = write_policy_run(tmp_path / "old", facts=False)
    found = plan_limits(read_plan(_file(tmp_path, PLAN)), [open_run(run)], CN, COMING, tmp_path / "out")
    assert found.planned == 4
    assert (tmp_path / "out" / INPUTS_FILE).exists()


def test_tranches_of_a_folder(runs, planned):
    _, out = planned
    before, record = drawn(out, None, COMING.start)
    assert set(before.tranche) == {tranche.key for tranche in record.pack.tranches}
    after, _ = drawn(out, runs[2], date(2027, 4, 1))
    by = after[after.subject_id == "P2"].set_index("tranche")
    assert by.state.tolist() == ["confirmed"] * 3
    assert after.drawable_minor.sum() > before.drawable_minor.sum()
    with pytest.raises(InputError, match="lie outside the season"):
        drawn(out, runs[1], date(2027, 4, 1))
