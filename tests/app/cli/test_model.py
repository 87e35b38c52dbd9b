"""`acreline model` as a user types it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from rich.console import Console

from app.cli.main import status_of
from app.cli.model_tables import print_card
from app.jobs.evaluate import CatalogRequest
from app.jobs.progress import Reporter, Silent, told
from geo.runrecord import Failure
from models.cardtables import Accuracy, EarlySeason
from models.evaluation.parcels import SeriesRequest
from models.evaluation.points import PointsRequest
from models.export import ExportReport
from models.release import Release, load_release
from models.training.recipe import TrainPlan
from models.training.seriesfit import Progress


@dataclass(frozen=True, slots=True)
class Said:
    status: int
    out: str
    err: str

    @property
    def answer(self) -> dict[str, object]:
        said = json.loads(self.out.strip().splitlines()[-1])
        assert isinstance(said, dict)
        return said


@dataclass(slots=True)
class Asked:
    """Stands for a way of scoring: keeps what it was asked and gives two figures."""

    requests: list[object] = field(default_factory=list)
    failures: tuple[Failure, ...] = ()

    def __call__(self, request: object, progress: Progress | Reporter) -> Asked:
        self.requests.append(request)
        if callable(progress):
            progress("seed 1", 1, 2, 0.9)
            progress("seed 1", 2, 2, 0.5)
        return self

    def as_dict(self) -> dict[str, object]:
        return {"overall_accuracy": 0.9}

    def table(self) -> list[tuple[str, str]]:
        return [("Overall accuracy", "0.900 (3 seeds)")]


Say = Callable[..., Said]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: object) -> Said:
        status = status_of(["model", *(str(argument) for argument in arguments)])
        captured = capsys.readouterr()
        return Said(status, captured.out, captured.err)

    return run


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    asked = Asked()
    monkeypatch.setattr("models.evaluation.points.evaluate_points", asked)
    monkeypatch.setattr("models.evaluation.parcels.evaluate_series", asked)
    monkeypatch.setattr("app.jobs.evaluate.evaluate_catalog", asked)
    return asked


def test_points(say: Say, asked: Asked) -> None:
    options = ("--train-per-class", 200, "--seeds", 2, "--block-degrees", 0.25)
    said = say("evaluate", "--points", "some.npz", *options, "--json")
    assert (said.status, said.answer) == (0, {"overall_accuracy": 0.9})
    assert said.out.count("\n") == 1
    assert said.err == "seed 1: loss 0.5000\n"
    assert asked.requests == [PointsRequest(Path("some.npz"), 200, 2, 0.25, "cpu")]
    assert say("evaluate", "--points", "some.npz", "--quiet").err == ""
    assert asked.requests[1] == PointsRequest(Path("some.npz"))


def test_series(say: Say, asked: Asked) -> None:
    files = ("--series", "s.parquet", "--parcels", "p.gpkg", "--label-map", "m.json")
    said = say("evaluate", *files)
    assert said.out == "Overall accuracy  0.900 (3 seeds)\n"
    say("evaluate", *files, "--label-column", "crop", "--cv-blocks-m", 700, "--seed", 3)
    say("evaluate", *files, "--model", "there")
    paths = (Path("s.parquet"), Path("p.gpkg"))
    assert asked.requests == [
        SeriesRequest(*paths, "label", Path("m.json")),
        SeriesRequest(*paths, "crop", Path("m.json"), 700, None, 3),
        SeriesRequest(*paths, "label", Path("m.json"), model=Path("there")),
    ]


CATALOG = ("--catalog", "c.json", "--parcels", "p.gpkg", "--season-start", "2018-10-01", "--season-end", "2019-10-31")


def test_catalogue(say: Say, asked: Asked, tmp_path: Path) -> None:
    assert say("evaluate", *CATALOG).status == 0
    labels = ("--label-column", "label", "--label-map", "m.json", "--label-raster", "l.tif", "--min-area-ha", 0.4)
    rest = ("--parcels-crs", "EPSG:4490", "--id-column", "x", "--workers", 2, "--out", tmp_path, "--model", tmp_path)
    assert say("evaluate", *CATALOG, *labels, *rest).status == 0
    bare, full = asked.requests
    assert isinstance(bare, CatalogRequest)
    assert isinstance(full, CatalogRequest)
    assert not bare.seen.out.exists()  # a passing folder
    assert (bare.label_column, bare.label_map, bare.label_raster, bare.min_area_ha) == (None, None, None, 0)
    assert (bare.seen.season.id, bare.seen.model, bare.seen.workers) == ("2018-10-01/2019-10-31", None, None)
    assert (full.label_column, full.label_map, full.label_raster) == ("label", Path("m.json"), Path("l.tif"))
    assert full.min_area_ha == 0.4
    assert (full.seen.out, full.seen.model, full.seen.workers) == (tmp_path, tmp_path, 2)
    assert (full.seen.parcels_crs, full.seen.id_column) == ("EPSG:4490", "x")


def test_tiles_that_failed_end_with_status_4(say: Say, asked: Asked) -> None:
    asked.failures = (Failure("32631_56_549", "UNREADABLE_RASTER", "B08.tif cannot be read."),)
    said = say("evaluate", *CATALOG, "--json")
    assert (said.status, said.answer) == (4, {"overall_accuracy": 0.9})
    assert said.err.startswith("Error: 1 tile has failed, the rest is done; 32631_56_549: B08.tif cannot be read.")


SERIES = ("--series", "s.parquet", "--parcels", "p.gpkg", "--label-map", "m.json")


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ((), "What to score on is named nowhere. Give one of --points, --series and --catalog."),
        (("--seeds", 3), "What to score on is named nowhere. Give one of --points, --series and --catalog."),
        (
            ("--points", "a.npz", "--series", "s.parquet"),
            "What to score on is named more than once. Give one of --points, --series and --catalog.",
        ),
        (("--points", "a.npz", "--model", "m"), "--model has no meaning with --points. Leave it out."),
        (("--points", "a.npz", "--seed", 7), "--seed has no meaning with --points. Leave it out."),
        (("--points", "a.npz", "--out", "o"), "--out has no meaning with --points. Leave it out."),
        (SERIES[:4], "--series needs --label-map. Add it."),
        ((*SERIES, "--label-raster", "l.tif"), "--label-raster has no meaning with --series. Leave it out."),
        (
            (*SERIES, "--cv-blocks-m", 700, "--model", "m"),
            "--cv-blocks-m trains networks of its own: --model has no meaning. Give one of the two.",
        ),
        (CATALOG[:6], "--catalog needs --season-end. Add it."),
        ((*CATALOG, "--seeds", 3), "--seeds has no meaning with --catalog. Leave it out."),
        (
            (*CATALOG[:5], "2018-13-01", *CATALOG[6:]),
            "--season-start '2018-13-01' is not a date. Write it as 2018-10-01.",
        ),
        (("--points", "a.npz", "--device", "gpu"), "--device 'gpu' is no device. Give cpu or cuda."),
        (("--points", "a.npz", "--device", "cuda:99"), "There is no device 'cuda:99' on this machine. Give cpu, or"),
    ],
)
def test_options_that_do_not_belong_together(say: Say, asked: Asked, options: tuple[object, ...], line: str) -> None:
    said = say("evaluate", *options)
    assert said.status == 2
    assert said.err.startswith(f"Error: {line}")
    assert said.err.count("\n") == 1
    assert asked.requests == []


def test_the_card_that_ships(say: Say) -> None:
    release = load_release()
    said = say("card")
    assert said.status == 0
    assert release.hash in said.out
    for text in ("flanders-2021", "wheat", "real and simulated", f"{release.card.accuracy[0].overall:.3f}"):
        assert text in said.out
    assert all(limit.split(":")[0][:40] in said.out for limit in release.card.limits)
    assert say("card", "--json").answer == release.card.model_dump(mode="json")


def test_a_card_says_how_sure_the_network_is_by_month() -> None:
    release = load_release()
    rows = [
        EarlySeason(
            source="bavaria-2018",
            month=month,
            series=290,
            overall=overall,
            low=0.3,
            high=0.9,
            coverage=0.9,
            share_decided=0.25,
            right_of_decided=None,
        )
        for month, overall in ((5, 0.61), (6, 0.74))
    ]
    console = Console(width=200, record=True)
    print_card(console, replace(release, card=release.card.model_copy(update={"early": tuple(rows)})))
    (line,) = [line for line in console.export_text().splitlines() if "0.61" in line and "0.74" in line]
    assert line.split()[0] == "bavaria-2018"


def test_a_folder_without_a_card(say: Say, tmp_path: Path) -> None:
    said = say("card", "--model", tmp_path)
    assert said.status == 3
    assert said.err == f"Error: The model card {tmp_path / 'card.json'} is missing. Reinstall, or train a model.\n"


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, Path, TrainPlan]]:
    calls: list[tuple[Path, Path, TrainPlan]] = []

    def train(data: Path, out: Path, plan: TrainPlan, *, made_on: object, progress: Progress) -> Release:
        assert made_on is not None
        calls.append((data, out, plan))
        progress("fold 1", 4, 4, 0.25)
        return load_release()

    monkeypatch.setattr("models.training.recipe.train", train)
    return calls


def test_training(say: Say, trained: list[tuple[Path, Path, TrainPlan]], tmp_path: Path) -> None:
    out = tmp_path / "out"
    options = ("--seed", 3, "--epochs", 4, "--context-epochs", 2, "--folds", 5, "--version", "9", "--no-baseline")
    said = say("train", "--data", tmp_path, "--out", out, *options, "--threads", 1, "--json")
    assert said.status == 0
    assert said.answer["model"] == load_release().hash
    assert [Accuracy.model_validate(row) for row in said.answer["accuracy"]] == list(load_release().card.accuracy)
    assert said.err == "fold 1: loss 0.2500\n"
    ((data, place, plan),) = trained
    assert (data, place) == (tmp_path, out)
    assert (plan.version, plan.folds, plan.baseline) == ("9", 5, False)
    assert (plan.series.seed, plan.series.epochs, plan.series.device) == (3, 4, "cpu")
    assert (plan.context.seed, plan.context.epochs) == (3, 2)
    assert "curves.png" in say("train", "--data", tmp_path, "--out", out).out


def test_training_takes_the_plans_own_defaults(
    say: Say, trained: list[tuple[Path, Path, TrainPlan]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACRELINE_DATA_DIR", str(tmp_path))
    assert say("train", "--out", tmp_path / "out", "--quiet").out == ""
    assert trained == [(tmp_path, tmp_path / "out", TrainPlan())]


def test_training_data_that_is_not_there(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ACRELINE_DATA_DIR", raising=False)
    said = say("train", "--out", tmp_path / "out")
    assert said.err == "Error: No folder of training data is named. Give --data, or set ACRELINE_DATA_DIR.\n"
    said = say("train", "--out", tmp_path / "out", "--data", tmp_path / "none")
    assert said.status == 2
    assert f"There is no folder {tmp_path / 'none'}." in said.err
    assert not (tmp_path / "out").exists()


def test_exporting(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def export(release: Release, folder: Path) -> ExportReport:
        return ExportReport(str(folder), release.hash, 18, 1e-4, 2e-5, 3e-6)

    monkeypatch.setattr("models.export.export_onnx", export)
    said = say("export", "--out", tmp_path / "out", "--json")
    assert (said.status, said.answer["temporal"], said.answer["context"]) == (0, 2e-5, 3e-6)
    assert "2.0e-05" in say("export", "--out", tmp_path / "out").out
    (tmp_path / "file").write_text("in the way")
    said = say("export", "--out", tmp_path / "file")
    assert said.status == 2
    assert f"{tmp_path / 'file'} cannot be written to" in said.err


class _Heard(Silent):
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[tuple[object, ...]] = []

    def begin(self, stage: str, total: int) -> None:
        self.heard.append(("begin", stage, total))

    def advance(self, stage: str, parts: int = 1) -> None:
        self.heard.append(("advance", stage, parts))

    def end(self, stage: str, note: str = "") -> None:
        self.heard.append(("end", stage, note))


def test_stages_of_training_fill_bars_also_when_they_go_on_or_come_again() -> None:
    report = _Heard()
    listen = told(report)
    listen("series", 3, 4, 0.5)  # a run that was stopped after two epochs
    listen("series", 4, 4, 0.25)
    listen("series", 1, 4, 0.9)
    assert report.heard == [
        ("begin", "series", 4),
        ("advance", "series", 3),
        ("advance", "series", 1),
        ("end", "series", "loss 0.2500"),
        ("begin", "series", 4),
        ("advance", "series", 1),
    ]


def test_areas_ask_for_the_design_and_for_a_map(say: Say, tmp_path: Path) -> None:
    sample = tmp_path / "points.csv"
    sample.write_text("lon,lat,crop\n4.4,50.5,wheat\n")
    said = say("areas", "--map", tmp_path / "none.tif", "--sample", sample)
    assert (said.status, "--design" in said.err) == (2, True)
    said = say("areas", "--map", tmp_path / "none.tif", "--sample", sample, "--design", "simple")
    assert (said.status, "cannot be read. Name crop.tif of a run." in said.err) == (2, True)
