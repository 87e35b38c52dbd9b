"""Bad input ends in one clear line that names the thing and the remedy, with status 2 or 3 and no traceback."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pytest

from app.cli.main import status_of
from tiles.simulation.season import SimulatedSeason


@dataclass(frozen=True, slots=True)
class Said:
    status: int
    out: str
    err: str

    def one_line(self) -> str:
        lines = self.err.strip().splitlines()
        assert len(lines) == 1, self.err
        assert "Traceback" not in self.err
        assert lines[0].startswith("Error: ")
        return lines[0]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "400")

    def run(*arguments: object) -> Said:
        status = status_of([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Said(status, captured.out, captured.err)

    return run


@pytest.fixture
def arguments(border_season: SimulatedSeason, tmp_path: Path) -> dict[str, object]:
    return {
        "--catalog": border_season.catalog,
        "--parcels": border_season.parcels,
        "--season-start": border_season.season.start,
        "--season-end": border_season.season.end,
        "--policy": "cn-planting-generic",
        "--out": tmp_path / "out",
    }


def _flat(arguments: dict[str, object]) -> list[object]:
    return ["run", "--quiet", *(part for pair in arguments.items() for part in pair)]


@pytest.mark.parametrize(
    ("change", "named", "remedy", "status"),
    [
        ({"--catalog": "nowhere/catalog.json"}, "nowhere/catalog.json", "", 2),
        ({"--parcels": "nowhere.gpkg"}, "nowhere.gpkg", "", 2),
        ({"--policy": "in-kcc-2081"}, "in-kcc-2081", "Choose one of: cn-planting-generic, in-kcc-2018", 2),
        ({"--season-start": "2018-13-01"}, "2018-13-01", "Write it as 2018-10-01", 2),
        ({"--season-end": "2020-01-01"}, "2020-01-01", "--season-start and --season-end", 2),
        ({"--season-start": "2011-01-01", "--season-end": "2011-12-31"}, "2011", "", 2),
        ({"--scheduler": "tcp://127.0.0.1:9"}, "tcp://127.0.0.1:9", "dask scheduler", 2),
    ],
)
def test_wrong_arguments(say, arguments, change, named, remedy, status, monkeypatch) -> None:
    monkeypatch.setattr("app.jobs.cluster._CONNECT_TIMEOUT_S", 1)
    said = say(*_flat(arguments | change))
    assert said.status == status
    assert named in said.one_line()
    assert remedy in said.one_line()


def test_an_argument_left_out(say, arguments) -> None:
    del arguments["--policy"]
    said = say(*_flat(arguments))
    assert said.status == 2
    assert "--policy" in said.one_line()


def test_a_mistyped_option(say, arguments) -> None:
    said = say(*_flat(arguments | {"--polcy": "x"}))
    assert said.status == 2
    assert "--polcy" in said.one_line()


def test_a_mistyped_setting(say, arguments, monkeypatch) -> None:
    monkeypatch.setenv("ACRELINE_WORKER", "2")
    said = say(*_flat(arguments))
    assert said.status == 2
    assert "ACRELINE_WORKER" in said.one_line()
    assert "ACRELINE_WORKERS" in said.one_line()


def _book(season: SimulatedSeason) -> gpd.GeoDataFrame:
    return gpd.read_file(season.parcels)


def test_parcels_without_crs(say, arguments, border_season, tmp_path) -> None:
    book = _book(border_season)
    book.set_crs(None, allow_override=True).to_parquet(tmp_path / "bare.parquet")
    said = say(*_flat(arguments | {"--parcels": tmp_path / "bare.parquet"}))
    assert said.status == 2
    assert "bare.parquet" in said.one_line()
    assert "--parcels-crs" in said.one_line()


def test_parcels_outside_the_imagery(say, arguments, border_season, tmp_path) -> None:
    book = _book(border_season)
    book.assign(geometry=book.geometry.translate(xoff=5.0)).to_file(tmp_path / "away.gpkg")
    said = say(*_flat(arguments | {"--parcels": tmp_path / "away.gpkg"}))
    assert said.status == 2
    assert "Check the parcels' CRS" in said.one_line()


def test_duplicate_ids(say, arguments, border_season, tmp_path) -> None:
    book = _book(border_season)
    book.loc[3, "parcel_id"] = book.parcel_id[0]
    book.to_file(tmp_path / "twice.gpkg")
    said = say(*_flat(arguments | {"--parcels": tmp_path / "twice.gpkg"}))
    assert said.status == 2
    assert book.parcel_id[0] in said.one_line()


def test_a_catalogue_without_a_needed_band(say, arguments, border_season, tmp_path) -> None:
    shutil.copytree(border_season.catalog.parent, tmp_path / "season")
    item = min((tmp_path / "season").rglob("S2*.json"))
    content = json.loads(item.read_text())
    del content["assets"]["B11"]
    item.write_text(json.dumps(content))
    said = say(*_flat(arguments | {"--catalog": tmp_path / "season" / "catalog.json"}))
    assert said.status in {2, 3}
    assert "B11" in said.one_line()
    assert content["id"] in said.one_line()


def test_a_folder_that_cannot_be_written(say, arguments, tmp_path) -> None:
    (tmp_path / "file").write_text("in the way")
    said = say(*_flat(arguments | {"--out": tmp_path / "file"}))
    assert said.status == 2
    assert "--out" in said.one_line()


def test_serving_what_is_no_run(say, tmp_path) -> None:
    said = say("serve", "--run", tmp_path)
    assert said.status in {2, 3}
    assert str(tmp_path) in said.one_line()


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        ("{", "JSON"),
        ("[]", "JSON object"),
        ('{"crops": [{"crop": "paddy", "area": -1, "unit": "acre", "scale_of_finance": 11000}]}', "area"),
        ('{"crops": [{"crop": "unobtainium", "area": 1, "unit": "acre", "scale_of_finance": 1}]}', "unobtainium"),
    ],
)
def test_wrong_facts(say, tmp_path, facts, named) -> None:
    (tmp_path / "facts.json").write_text(facts)
    said = say("limits", "working", "--policy", "in-kcc-2018", "--facts", tmp_path / "facts.json")
    assert said.status == 2
    assert named in said.one_line()


def test_facts_that_are_not_there(say, tmp_path) -> None:
    said = say("limits", "working", "--policy", "in-kcc-2018", "--facts", tmp_path / "none.json")
    assert said.status == 2
    assert "none.json" in said.one_line()


def test_an_interrupt_says_what_stays(say, arguments, monkeypatch) -> None:
    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("app.jobs.run.run_season", interrupted)
    said = say(*_flat(arguments))
    assert said.status == 130
    assert "what was finished stays" in said.one_line()
