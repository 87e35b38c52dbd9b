"""A season scored against labels: on the simulated county whose run is finished, so that nothing is seen again."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio

from app.jobs.evaluate import CatalogReport, CatalogRequest, evaluate_catalog
from app.jobs.progress import Silent
from app.jobs.request import ObservationRequest, RunRequest
from app.jobs.scored import Scored
from app.jobs.summary import RunSummary
from geo.errors import InputError
from geo.legend import load_legend
from geo.observations import PARCELS, read_table
from models.labels import LabelMap

Finished = tuple[Path, RunSummary]
CROPS = ("wheat", "maize", "grass")
MAP = LabelMap(
    {"w": "wheat", "m": "maize", "g": "grass", "c": "cereal"},
    {**{key: frozenset((key,)) for key in CROPS}, "cereal": frozenset(("wheat", "barley"))},
)


def seen(request: RunRequest) -> ObservationRequest:
    """The same observation without a policy."""
    return ObservationRequest(**{each.name: getattr(request, each.name) for each in fields(ObservationRequest)})


@pytest.fixture(scope="module")
def scored(finished: Finished, border_request: RunRequest, tmp_path_factory: pytest.TempPathFactory) -> CatalogReport:
    """Scored on the declared crops, and on pixels that are labelled by the run's own map."""
    folder = tmp_path_factory.mktemp("labels")
    with rasterio.open(finished[0] / "crop.tif") as crops:
        values, profile = crops.read(1), crops.profile
    values[:20] = 0
    with rasterio.open(folder / "truth.tif", "w", **{**profile, "nodata": 0}) as file:
        file.write(values, 1)
    legend = load_legend()
    names = {crop.key: crop.key for crop in legend}
    (folder / "map.json").write_text(json.dumps(names | {str(crop.value): crop.key for crop in legend}))
    request = CatalogRequest(
        seen=seen(border_request),
        label_column="declared_crop",
        label_map=folder / "map.json",
        label_raster=folder / "truth.tif",
        min_area_ha=0.05,
    )
    return evaluate_catalog(request, Silent())


def test_figures_are_those_of_the_runs_own_table(scored: CatalogReport, finished: Finished) -> None:
    table = read_table(finished[0] / "parcels.parquet", PARCELS)
    large = table[table.declared_crop.notna() & (table.area_ha >= 0.05)]
    answer = scored.as_dict()
    assert answer["parcels"] == len(large)
    assert answer["unlabelled"] == table.declared_crop.isna().sum()
    assert answer["too_small"] == len(table) - len(large) - answer["unlabelled"]
    assert answer["statuses"] == large.status.value_counts().sort_index().to_dict()
    assert answer["accuracy"] == round((large.crop == large.declared_crop).mean(), 4)
    assert answer["share_decided"] == round((large.status == "OK").mean(), 4)
    decided = large[large.status == "OK"]
    wrong = int((decided.crop != decided.declared_crop).sum())
    assert answer["share_decided_wrong"] == round(wrong / len(large), 4)
    held = [crop in crops for crop, crops in zip(large.declared_crop, large.crop_set, strict=True)]
    assert answer["coverage"] == round(float(np.mean(held)), 4)
    assert answer["simulated"]
    assert sum(group["parcels"] for group in answer["by_crop"]) == len(large)
    assert sum(group["parcels"] for group in answer["by_clear_dates"]) == len(large)


def test_pixels_labelled_by_the_map_itself_are_right(scored: CatalogReport, finished: Finished) -> None:
    with rasterio.open(finished[0] / "crop.tif") as crops:
        expected = int((crops.read(1)[20:] > 0).sum())
    answer = scored.as_dict()
    assert answer["label_raster"] == "truth.tif"
    assert answer["pixels"]["pixels"] == expected
    assert answer["pixels"]["accuracy"] == 1
    assert answer["main_crops"]["pixel_accuracy"] == 1


def test_it_is_plain_and_readable(scored: CatalogReport) -> None:
    assert json.loads(json.dumps(scored.as_dict())) == scored.as_dict()
    rows = dict(scored.table())
    assert rows["Decided"].endswith(f"of {scored.figures.everything.parcels}")
    assert rows["Pixels"].endswith("of truth.tif")
    assert rows["  Right of the main crops"] == "1.000"


def test_labels_are_checked_before_any_scene_is_read(border_request: RunRequest, tmp_path: Path) -> None:
    nowhere = replace(seen(border_request), catalog=str(tmp_path / "nowhere.json"), out=tmp_path / "out")
    with pytest.raises(InputError) as caught:
        evaluate_catalog(CatalogRequest(seen=nowhere, label_column="krop"), Silent())
    assert caught.value.code == "LABEL_COLUMN"
    assert not (tmp_path / "out").exists()


def made_up() -> Scored:
    table = pd.DataFrame(
        {
            "label": ["w", "w", "m", "g", "c", "zz"],
            "name": ["wheat", "wheat", "maize", "grass", "cereal", None],
            "crop": ["wheat", "grass", "maize", None, "barley", "maize"],
            "crop_set": [["wheat"], ["grass", "wheat"], ["maize"], [], ["barley"], ["maize"]],
            "status": ["OK", "OK", "OK", "CLOUDY", "AMBIGUOUS", "OK"],
            "area_ha": [0.5, 0.3, 0.4, 2.0, 1.0, 5.0],
            "clear_dates": [25, 12, 12, 0, 9, 30],
            "lon": [4.0, 4.1, 4.2, 4.3, 4.4, 4.5],
            "lat": [50.0] * 6,
        }
    )
    return Scored(table, MAP)


def test_decisions_by_hand() -> None:
    figures = made_up().figures()
    assert figures.accuracy == pytest.approx(3 / 5)  # a parcel without a guess is wrong, barley is a cereal
    assert figures.coverage == pytest.approx(4 / 5)
    assert figures.everything.share_decided == pytest.approx(4 / 6)
    assert figures.everything.right_of_decided == pytest.approx(2 / 4)
    assert figures.everything.share_decided_wrong == pytest.approx(2 / 6)  # grass for wheat, and the stranger
    assert figures.left_out == {"zz": 1}
    assert figures.confusion["grass"] == {"nothing": 1}


def test_groups_hold_each_parcel_once() -> None:
    of = {
        by: [(group.name, group.figures.everything.parcels) for group in groups]
        for by, groups in (
            ("size", made_up().by_size()),
            ("crop", made_up().by_crop()),
            ("clear", made_up().by_clear_dates()),
        )
    }
    assert of["size"] == [("below 0.4 ha", 1), ("from 0.4 ha", 5)]
    assert of["crop"] == [("wheat", 2), ("maize", 1), ("grass", 1), ("cereal", 1), ("strangers", 1)]
    assert of["clear"] == [("0 to 9", 2), ("10 to 19", 2), ("from 20", 2)]


def test_main_crops_are_common_fields_of_some_size() -> None:
    assert made_up().main().table.label.tolist() == ["w", "m", "g", "c"]


def test_few_squares_give_way_to_parcels() -> None:
    assert made_up().blocks()[1] == "parcels"
    many = made_up().table.loc[[0] * 12].reset_index(drop=True).assign(lon=np.arange(12) * 0.02)
    blocks, over = Scored(many, MAP).blocks()
    assert (len(set(blocks)), over) == (12, "squares of 1 km")


def test_no_parcel_is_large_enough(border_request: RunRequest, tmp_path: Path) -> None:
    seen_ = replace(seen(border_request), out=tmp_path / "out")
    with pytest.raises(InputError) as caught:
        evaluate_catalog(CatalogRequest(seen=seen_, label_column="declared_crop", min_area_ha=900), Silent())
    assert str(caught.value) == "No labelled parcel has 900 ha. Give a smaller --min-area-ha."
    assert not (tmp_path / "out").exists()
