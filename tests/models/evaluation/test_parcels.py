from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from geo.bands import BANDS
from geo.errors import InputError
from models.evaluation import elsewhere, parcels
from models.evaluation.blockplan import BlockPlan
from models.evaluation.parcels import SeriesRequest, evaluate_series, parcels_of
from models.evaluation.retrained import STRANGER, UNUSED
from models.labels import read_label_map
from models.release import Release
from models.series.sample import SeriesSet, grid_starts
from models.series.tables import read_parcel_table
from models.training.memberfit import EnsemblePlan

SMALL = BlockPlan(folds=2, inner=2, network=EnsemblePlan(steps=30, width=8, batch=16, average=0.9, shifts=(0.0,)))


@pytest.fixture
def request_of(labelled: SeriesSet, tmp_path: Path) -> SeriesRequest:
    """Every third of the small labelled series as files, in the region of the card, labelled in another tongue."""
    few = labelled.take(np.arange(0, len(labelled), 3))
    values = few.values  # noqa: PD011 - an array of ours, not of pandas
    parcel, slot = np.nonzero(np.isfinite(values).all(axis=2))
    frame = pd.DataFrame(values[parcel, slot], columns=[f"{band}_mean" for band in BANDS])
    starts = pd.DatetimeIndex(grid_starts(2018))
    frame = frame.assign(pid=parcel, date=starts[slot], level="L2A", cloud_mean=0.0)
    frame = frame[frame["date"].dt.month.isin([5, 6])]
    frame.to_parquet(tmp_path / "place.parquet")
    west = 4.2 + 0.01 * np.arange(len(few))
    shapes = [box(left, 50.5, left + 0.001, 50.501) for left in west]
    words = {"wheat": "Weizen", "maize": "Mais", "grass": "Wiese"}
    outlines = {"pid": np.arange(len(few)), "label": [words[key] for key in few.crop]}
    gpd.GeoDataFrame(outlines, geometry=shapes, crs=4326).to_file(tmp_path / "place.gpkg")
    (tmp_path / "place.json").write_text(json.dumps({"Weizen": "wheat", "Mais": "maize"}))
    return SeriesRequest(tmp_path / "place.parquet", tmp_path / "place.gpkg", "label", tmp_path / "place.json")


def test_a_release_is_scored_and_its_card_limits_what_is_decided(
    request_of: SeriesRequest, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parcels, "load_release", lambda _: release)
    report = evaluate_series(request_of)
    figures = report.figures
    assert (figures.mapped.parcels, figures.strangers.parcels) == (40, 20)
    assert figures.left_out == {"Wiese": 20}
    assert report.by_set_alone is not None
    # The card of the release knows wheat alone there: whatever else the sets would decide is outside of it.
    assert figures.everything.share_decided <= report.by_set_alone.everything.share_decided
    content = json.loads(json.dumps(report.as_dict()))
    assert {"accuracy", "macro_f1", "f1", "share_decided", "right_of_decided", "share_decided_wrong"} <= set(content)
    assert content["model"] == release.hash
    assert dict(report.table())["strangers"] == "20"


def test_other_months_than_the_cards_decide_nothing(
    request_of: SeriesRequest, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = pd.read_parquet(request_of.series).assign(date=pd.Timestamp("2018-09-05"))
    later.to_parquet(request_of.series)
    monkeypatch.setattr(parcels, "load_release", lambda _: release)
    assert evaluate_series(request_of).figures.everything.share_decided == 0


def test_networks_are_trained_anew_for_each_fold_of_blocks(
    request_of: SeriesRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BlockPlan, "on", lambda *_: SMALL)
    told: list[int] = []
    report = evaluate_series(replace(request_of, cv_blocks_m=3000), lambda _, done, *__: told.append(done))
    assert told == [1, 2, 3, 4]
    assert report.by_set_alone is None
    assert "2 folds" in report.model
    assert 10 <= report.blocks <= 17
    assert report.figures.mapped.parcels == 40
    assert set(report.figures.confusion["wheat"]) <= {"wheat", "maize"}


def test_names_that_share_keys_with_a_smaller_one_train_nothing(request_of: SeriesRequest) -> None:
    request_of.label_map.write_text(
        json.dumps({"Weizen": "wheat", "Mais": ["wheat", "barley"], "Wiese": ["grass", "tea"]})
    )
    table = read_parcel_table(request_of.series, request_of.parcels, "label")
    found = parcels_of(table, read_label_map(request_of.label_map), np.full(len(table), "b"))
    assert found.classes == ("wheat", "tea/grass")
    assert found.target.tolist() == [0] * 20 + [UNUSED] * 20 + [1] * 20
    request_of.label_map.write_text(json.dumps({"Weizen": "wheat", "Wiese": "grass"}))
    again = parcels_of(table, read_label_map(request_of.label_map), np.full(len(table), "b"))
    assert again.target.tolist() == [0] * 20 + [STRANGER] * 20 + [1] * 20


def test_a_map_that_fits_no_label_is_refused(request_of: SeriesRequest) -> None:
    request_of.label_map.write_text(json.dumps({"Hafer": "other_cereal"}))
    with pytest.raises(InputError, match="'label'"):
        evaluate_series(request_of)
    request_of.label_map.write_text(json.dumps({"Weizen": "wheat"}))
    with pytest.raises(InputError, match="two classes"):
        evaluate_series(replace(request_of, cv_blocks_m=700))


def test_another_place_is_judged_by_what_was_learned_in_the_first(
    request_of: SeriesRequest, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(BlockPlan, "on", lambda *_: SMALL)
    folder = str(request_of.series.parent)
    elsewhere.main(["--series", folder, "--maps", folder, "--learn", "place", "--ask", "place", "--seed", "3"])
    content = json.loads(capsys.readouterr().out)
    assert content["mapped"]["parcels"] == 40
    assert content["strangers"]["parcels"] == 20
