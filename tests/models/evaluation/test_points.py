from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from geo.bands import BANDS
from geo.errors import InputError
from models.evaluation.pointfile import PointFile, read_points, step_days
from models.evaluation.points import PointsRequest, score_points, split_points
from models.training.memberfit import EnsemblePlan
from models.training.semisupervised import SelfTraining

TINY = EnsemblePlan(members=2, steps=15, batch=32, width=16, shifts=(0.0,), average=0.9)
PLAN = SelfTraining(teachers=TINY, students=replace(TINY, members=1), guessed_batch=32)


def arrays(per_class: tuple[int, ...] = (60, 40, 20)) -> dict[str, np.ndarray]:
    """Classes that are green at different times; points lie in a strip of blocks, classes mixed."""
    rng = np.random.default_rng(0)
    y = np.repeat(np.arange(len(per_class)) * 10, per_class)
    peak = 100.0 + 8.0 * y + rng.normal(0, 6, len(y))
    green = np.exp(-(((step_days() - peak[:, None]) / 40) ** 2))
    soil = np.array([0.08, 0.10, 0.13, 0.16, 0.19, 0.21, 0.23, 0.24, 0.30, 0.25])
    leaf = np.array([0.02, 0.05, 0.03, 0.09, 0.30, 0.40, 0.44, 0.45, 0.20, 0.09])
    reflectance = soil + green[..., None] * (leaf - soil)
    numbers = np.round(reflectance * 10_000).astype(np.float32)
    numbers[rng.random(green.shape) < 0.2] = 0
    lonlat = np.column_stack([rng.uniform(-90, -88, len(y)), rng.uniform(35, 35.2, len(y))])
    return {"X": numbers, "y": y.astype(np.int16), "lonlat": lonlat, "bands": np.array(BANDS)}


def stored(folder: Path, **changes: object) -> Path:
    """A file with some arrays changed, or left out where the change is None."""
    path = folder / "points.npz"
    whole = arrays() | changes
    np.savez(path, **{name: value for name, value in whole.items() if value is not None})
    return path


@pytest.fixture
def points(tmp_path: Path) -> PointFile:
    return read_points(stored(tmp_path))


def test_steps_with_any_band_missing_are_gaps(tmp_path: Path) -> None:
    numbers = arrays()["X"]
    numbers[3, 5, 2] = 0
    points = read_points(stored(tmp_path, X=numbers))
    assert np.isnan(points.values[3, 5]).all()
    assert np.array_equal(np.isnan(points.values).all(axis=2), (numbers == 0).any(axis=2))
    assert points.labels == (0, 10, 20)
    assert np.nanmax(points.values) < 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"y": None}, "POINTS_FORM"),
        ({"X": arrays()["X"][:, :30]}, "POINTS_FORM"),
        ({"X": arrays()["X"] / 10_000}, "POINTS_FORM"),
        ({"X": -arrays()["X"]}, "POINTS_FORM"),
        ({"X": np.where(arrays()["X"] > 0, arrays()["X"], np.nan)}, "POINTS_FORM"),
        ({"X": arrays()["X"].astype(str)}, "POINTS_FORM"),
        ({"y": arrays()["y"][:-1]}, "POINTS_FORM"),
        ({"y": arrays()["y"] + 0.5}, "POINTS_FORM"),
        ({"y": np.full(120, None)}, "POINTS_FORM"),
        ({"bands": np.array(BANDS[::-1])}, "POINTS_BANDS"),
        ({"y": np.zeros(120, dtype=int)}, "POINTS_CLASSES"),
        ({"y": np.repeat([0, 1, 2], [60, 57, 3])}, "POINTS_CLASSES"),
        ({"lonlat": np.zeros((120, 3))}, "POINTS_FORM"),
        ({"lonlat": np.full((120, 2), 91.0)}, "POINTS_FORM"),
    ],
)
def test_unusable_files_are_refused(tmp_path: Path, changes: dict[str, object], code: str) -> None:
    with pytest.raises(InputError) as caught:
        read_points(stored(tmp_path, **changes))
    assert caught.value.code == code
    assert "points.npz" in caught.value.message


def test_what_is_no_file_of_points_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_points(tmp_path / "none.npz")
    assert caught.value.code == "POINTS_MISSING"
    for content in (b"", b"text", b"PK\x03\x04 cut short"):
        (tmp_path / "other.npz").write_bytes(content)
        with pytest.raises(InputError) as caught:
            read_points(tmp_path / "other.npz")
        assert caught.value.code == "POINTS_FORM"


def test_half_a_class_at_most_is_trained_on(points: PointFile) -> None:
    split = split_points(points, PointsRequest(Path("x"), train_per_class=25), seed=1)
    assert np.bincount(points.target[split.train]).tolist() == [25, 20, 10]
    assert np.array_equal(np.sort(np.concatenate([split.train, split.test])), np.arange(120))
    again, other = (split_points(points, PointsRequest(Path("x"), train_per_class=25), seed) for seed in (1, 2))
    assert np.array_equal(split.train, again.train)
    assert not np.array_equal(split.train, other.train)


def test_blocks_are_held_out_whole(points: PointFile) -> None:
    request = PointsRequest(Path("x"), train_per_class=25, block_degrees=0.25)
    split = split_points(points, request, seed=0)
    block = points.blocks(0.25)
    assert not set(block[split.train]) & set(block[split.test])
    assert 30 < len(split.test) < 90
    assert np.bincount(points.target[split.train]).max() <= 25
    whole = set(block[split.test])
    assert len(split.test) == sum(name in whole for name in block)


def test_blocks_that_cannot_be_dealt_are_refused(points: PointFile) -> None:
    with pytest.raises(InputError) as caught:
        split_points(points, PointsRequest(Path("x"), block_degrees=90.0), seed=0)
    assert caught.value.code == "POINTS_BLOCKS"


def test_requests_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    path = stored(tmp_path)
    for request in (
        PointsRequest(path, train_per_class=1),
        PointsRequest(path, seeds=0),
        PointsRequest(path, block_degrees=0.0),
    ):
        with pytest.raises(InputError) as caught:
            score_points(request, PLAN)
        assert caught.value.code == "POINTS_REQUEST"


def test_blocks_need_places(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        score_points(PointsRequest(stored(tmp_path, lonlat=None), block_degrees=0.25), PLAN)
    assert caught.value.code == "POINTS_LONLAT"


def test_report_says_what_was_found(tmp_path: Path) -> None:
    seen: list[str] = []
    request = PointsRequest(stored(tmp_path), train_per_class=20, seeds=2)
    report = score_points(request, PLAN, lambda stage, *_: seen.append(stage))
    said = report.as_dict()
    assert said == json.loads(json.dumps(said))
    assert said["overall_accuracy"] > 0.9
    assert said["interval"][0] <= said["overall_accuracy"] <= said["interval"][1]
    assert said["interval_over"] == "blocks of 0.25 degrees"
    assert said["test_points"] == [70, 70]
    first = said["seeds"][0]
    assert first["test_counts"] == {"0": 40, "10": 20, "20": 10}
    assert np.sum(first["confusion"]) == 70
    assert set(said["f1"]) == {"0", "10", "20"}
    assert seen[0] == "seed 0, teachers"
    assert seen[-1] == "seed 1, students 1"
    assert dict(report.table())["F1 of class 20"].endswith("(10, 10 tests)")


def test_same_seed_same_figures(tmp_path: Path) -> None:
    request = PointsRequest(stored(tmp_path, lonlat=None, bands=None), train_per_class=8, seeds=1)
    quick = replace(PLAN, teachers=replace(TINY, steps=3), students=replace(TINY, members=1, steps=3))
    one, other = (score_points(request, quick).as_dict() for _ in range(2))
    assert one["interval_over"] == "points"
    for said in (one, other):
        del said["seeds"][0]["seconds"]
    assert one == other


@pytest.mark.shared_data
@pytest.mark.parametrize(("state", "classes"), [("arkansas", 5), ("california", 6)])
def test_public_benchmark_can_be_read(shared_data: Path, state: str, classes: int) -> None:
    points = read_points(shared_data / "benchmark-usa-2021" / f"{state}.npz")
    assert len(points.labels) == classes
    assert points.lonlat is not None
    split = split_points(points, PointsRequest(Path("x"), block_degrees=0.25), seed=0)
    assert np.bincount(points.target[split.train], minlength=classes).min() >= 2
