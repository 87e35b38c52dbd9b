from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from app.jobs.evidence import read_evidence
from app.jobs.explain import read_limit, read_limits
from app.jobs.grounds import read_grounds
from app.jobs.planned import plan_limits, read_plan
from app.jobs.policybook import open_run
from app.jobs.replay import recorded_policy
from geo.errors import DataError, InputError
from geo.season import Season
from scoring.receipts.evidence import Evidence
from tests.app.jobs.letter_run import SCENES, write_letter_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_letter_run(tmp_path_factory.mktemp("evidence") / "run")


def _evidence(run: Path, subject: str) -> Evidence:
    return read_evidence(run, read_limit(run, subject), recorded_policy(run))


def test_a_parcels_figures_lead_down_to_pixels_dates_and_scenes(run: Path) -> None:
    evidence = _evidence(run, "P1")
    (parcel,) = evidence.parcels
    assert (parcel.pixels, parcel.weight) == (3, 1.75)
    assert [(tile.tile, tile.pixels, tile.weight) for tile in parcel.tiles] == [
        ("32650_1_1", 2, 1.5),
        ("32650_1_2", 1, 0.25),
    ]
    assert [(look.day, look.clear_share) for look in parcel.looks] == [
        (date(2025, 11, 1), 0.75),
        (date(2026, 3, 10), 1.0),
    ]
    assert parcel.looks[0].scenes == (SCENES[0].id,)
    assert parcel.looks[1].scenes == (SCENES[1].id, SCENES[2].id)
    assert [scene.id for scene in evidence.scenes] == [scene.id for scene in SCENES[:3]]
    assert evidence.scenes_of_run == 4


def test_the_run_says_mask_model_and_policy(run: Path) -> None:
    said = _evidence(run, "P1").as_dict()["run"]
    pack = recorded_policy(run)
    assert said["mask"]["masking"] == {"dilate_px": 4, "method": "scl", "outliers": True}
    assert (said["mask"]["clear_share"], said["mask"]["least_clear_dates"]) == (0.5, 6)
    assert said["model_hash"] == "e" * 64
    assert (said["policy_id"], said["policy_version"], said["policy_hash"]) == (
        pack.id,
        pack.version,
        pack.content_hash,
    )
    json.dumps(said)


def test_a_farmer_has_all_parcels_of_the_name(run: Path) -> None:
    evidence = _evidence(run, "F1")
    assert [parcel.parcel_id for parcel in evidence.parcels] == ["P1", "P2"]
    assert evidence.days == (date(2025, 11, 1), date(2026, 3, 10))


def test_scenes_that_the_record_does_not_tell_apart_stay_unnamed(tmp_path: Path) -> None:
    copy = write_letter_run(tmp_path / "run")
    record = json.loads((copy / "run.json").read_text())
    for scene in record["scenes"]:
        scene["hash"] = "f" * 64
    (copy / "run.json").write_text(json.dumps(record))
    evidence = _evidence(copy, "P1")
    assert evidence.scenes == ()
    assert all(look.scenes == () and look.source_hash for look in evidence.parcels[0].looks)


def test_before_the_season_the_way_leads_to_the_plan_and_earlier_runs(run: Path, tmp_path: Path) -> None:
    (tmp_path / "plan.csv").write_text("parcel_id,crop\nP1,wheat\n", encoding="utf-8")
    season, pack = Season(date(2026, 10, 1), date(2027, 9, 30)), recorded_policy(run)
    plan_limits(read_plan(tmp_path / "plan.csv"), [open_run(run)], pack, season, tmp_path / "out")
    evidence = _evidence(tmp_path / "out", "F1")
    assert [parcel.parcel_id for parcel in evidence.parcels] == ["P1", "P2"]
    assert (evidence.parcels[0].crop, evidence.parcels[0].pixels, evidence.days) == ("wheat", 0, ())
    said = evidence.as_dict()["run"]
    assert (said["run_id"], said["mask"], len(said["plan"])) == (None, None, 64)
    assert said["earlier"] == [{"run_id": "run-2025", "season_id": "2025-10-01/2026-09-30"}]


def test_an_id_of_a_parcel_and_a_farmer_has_to_be_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "tests.app.jobs.policy_run.BOOK", [("P1", "wheat", 2.0, "OK", "East", "certificate")], raising=True
    )
    monkeypatch.setattr("tests.app.jobs.letter_run.BOOK", [None])
    run = write_letter_run(tmp_path / "run")
    assert [limit.kind for limit in read_limits(run, "P1")] == ["parcel", "farmer"]
    with pytest.raises(InputError, match="both a parcel and a farmer") as refused:
        read_limit(run, "P1")
    assert refused.value.code == "AMBIGUOUS_SUBJECT"
    assert read_limit(run, "P1", "farmer").kind == "farmer"


def test_what_is_not_there_is_named(run: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no parcel 'F1'"):
        read_limit(run, "F1", "parcel")
    with pytest.raises(InputError, match="holds no limits"):
        read_limit(tmp_path, "P1")
    with pytest.raises(DataError, match=r"run\.json is missing"):
        read_grounds(tmp_path)
    copy = write_letter_run(tmp_path / "run")
    limit, pack = read_limit(copy, "P1"), recorded_policy(copy)
    (copy / "pixels.parquet").unlink()
    with pytest.raises(DataError, match=r"pixels\.parquet cannot be read"):
        read_evidence(copy, limit, pack)
