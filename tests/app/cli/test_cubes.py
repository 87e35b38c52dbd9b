"""`acreline cubes` and `acreline coverage` as a user types them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import xarray as xr

from app.cli.main import status_of
from geo.grid import TILE_M
from tiles.simulation.county import CountyPlan
from tiles.simulation.mosaic import Layout
from tiles.simulation.season import SimulatedSeason, write_season
from tiles.store import is_complete, open_cube

TILE = "32650_36_360"


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


Say = Callable[..., Said]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, scheduler: str) -> Say:
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setenv("ACRELINE_WORKER_MEMORY_MIB", "700")
    monkeypatch.setenv("ACRELINE_SCHEDULER", scheduler)

    def run(*arguments: object) -> Said:
        status = status_of([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Said(status, captured.out, captured.err)

    return run


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> SimulatedSeason:
    """A county of 640 m in one tile, four dates."""
    plan = replace(
        CountyPlan(),
        size_px=64,
        left_m=37 * TILE_M - 2000,
        days=tuple(date(2024, 3, 3) + timedelta(days=20 * number) for number in range(4)),
        parcels=15,
        layout=Layout(block_ha=8.0, plot_ha=0.8),
    )
    return write_season(tmp_path_factory.mktemp("county"), plan=plan)


def _area(season: SimulatedSeason, out: Path) -> list[object]:
    return [
        *("--catalog", season.catalog, "--parcels", season.parcels, "--out", out),
        *("--season-start", season.season.start, "--season-end", season.season.end),
    ]


def test_plan_build_verify(say: Say, season: SimulatedSeason, tmp_path: Path) -> None:
    area = _area(season, tmp_path / "out")
    told = say("cubes", "plan", *area, "--json").answer
    assert [(tile["tile"], tile["dates"], tile["complete"]) for tile in told["tiles"]] == [(TILE, 4, False)]
    assert told["memory_mib"] == 700

    built = say("cubes", "build", *area, "--workers", "1", "--steps", "median", "--json")
    assert built.status == 0
    assert built.answer["built"] == [TILE]
    assert built.answer["failures"] == []
    assert "Cubes: 1 of 1 tiles made" in built.err

    assert say("cubes", "plan", *area, "--json").answer["seconds"] == 0
    again = say("cubes", "build", *area, "--workers", "1", "--steps", "median")
    assert "Cubes built: 0, kept: 1, failed: 0." in again.out

    with xr.open_zarr(
        tmp_path / "out" / TILE / "2023-10-01_2024-10-31_median" / "cube.zarr", consolidated=False
    ) as steps:
        assert dict(steps.sizes) == {"step": 39, "band": 10, "y": 1024, "x": 1024}
        assert int(steps.clear_count.max()) == 1

    whole = say("cubes", "verify", tmp_path / "out", "--workers", "1")
    assert (whole.status, whole.out) == (0, f"All 2 cubes of {tmp_path / 'out'} are whole.\n")

    files = [path for path in (tmp_path / "out").rglob("cube.zarr/**/c/**/*") if path.is_file()]
    largest = max(files, key=lambda path: path.stat().st_size)
    largest.write_bytes(largest.read_bytes()[:-1])
    damaged = say("cubes", "verify", tmp_path / "out", "--workers", "1", "--quiet")
    assert damaged.status == 3
    unit = largest.relative_to(tmp_path / "out").as_posix().split("/cube.zarr")[0]
    assert damaged.err == (
        f"Error: 1 of 2 cubes are not whole; {unit}: {largest} is damaged: it is not what was written. Run the season "
        "again: what is whole is kept. Delete their folders and build again.\n"
    )


def test_a_tile_that_fails_ends_the_command_with_status_4(say: Say, season: SimulatedSeason, tmp_path: Path) -> None:
    shutil.copytree(season.catalog.parent, tmp_path / "season")
    broken = min((tmp_path / "season").rglob("*B08*.tif"))
    broken.write_bytes(broken.read_bytes()[:600])
    area = _area(replace(season, catalog=tmp_path / "season" / "catalog.json"), tmp_path / "out")
    said = say("cubes", "build", *area, "--workers", "1", "--json", "--quiet")
    assert said.status == 4
    (failure,) = said.answer["failures"]
    assert (failure["subject"], failure["code"]) == (f"{TILE}/2023-10-01_2024-10-31", "UNREADABLE_RASTER")
    assert said.err == (
        f"Error: 1 cube has failed, the rest is done; {TILE}/2023-10-01_2024-10-31: {failure['message']} "
        f"{tmp_path / 'out'}/run.json lists what failed; the same command tries it again.\n"
    )


def test_the_plan_for_people(say: Say, season: SimulatedSeason, tmp_path: Path) -> None:
    said = say("cubes", "plan", *_area(season, tmp_path / "out"), "--workers", "3", "--measure")
    lines = said.out.splitlines()
    assert lines[0] == "Tiles: 1, of them built already: 0. Without a scene: 0."
    assert lines[1].startswith("4 scenes, 4 to 4 dates a tile, ")
    assert lines[3] == "Memory: 700 MiB for each of 3 workers."
    assert lines[4].startswith("Time: about ")
    assert "measured here" in lines[4]


@pytest.mark.parametrize(
    ("area", "line"),
    [
        ([], "Error: An area is named by --parcels or by --bbox. Give one of the two.\n"),
        (["--bbox", "4,50,5"], "Error: --bbox '4,50,5' is not a box. Give --bbox WEST,SOUTH,EAST,NORTH.\n"),
        (["--bbox", "4,51,5,50"], "Error: 4,51,5,50 is not a box. Give --bbox WEST,SOUTH,EAST,NORTH.\n"),
    ],
)
def test_an_area_that_cannot_be_used(
    say: Say, season: SimulatedSeason, tmp_path: Path, area: list[str], line: str
) -> None:
    dates = ["--season-start", season.season.start, "--season-end", season.season.end]
    said = say("cubes", "plan", "--catalog", season.catalog, "--out", tmp_path, *dates, *area)
    assert (said.status, said.err) == (2, line)


def test_an_estimate_for_people_and_machines(say: Say, season: SimulatedSeason) -> None:
    dates = ["--season-start", season.season.start, "--season-end", season.season.end]
    command = ["coverage", "estimate", "--parcels", season.parcels, "--by", "village"]
    answer = say(*command, "--catalog", season.catalog, *dates, "--json").answer
    assert answer["scenes"] == 4
    assert {share["by"] for share in answer["shares"]} == {"all", "size", "region", "village"}
    whole = answer["shares"][0]
    assert whole["parcels"] == sum(share["parcels"] for share in answer["shares"] if share["by"] == "size")
    assert whole["decidable"] == 0  # four dates are fewer than the six that a season needs
    said = say(*command)
    assert f"About 0 of {whole['parcels']} parcels (0%) can be decided." in said.out
    assert "No catalogue was given: neither imagery nor cloud is considered." in said.out


def test_a_catalogue_needs_a_season(say: Say, season: SimulatedSeason) -> None:
    said = say("coverage", "estimate", "--parcels", season.parcels, "--catalog", season.catalog)
    assert (said.status, said.err) == (
        2,
        "Error: --catalog, --season-start and --season-end belong together. Give all three or none.\n",
    )


def test_a_relative_place_is_where_the_user_stands(
    say: Say, season: SimulatedSeason, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    built = say("cubes", "build", *_area(season, Path("here/out")), "--workers", "1", "--quiet")
    assert (built.status, built.err) == (0, "")
    assert is_complete(tmp_path / "here" / "out" / TILE / "2023-10-01_2024-10-31")
    assert say("cubes", "verify", "here/out", "--workers", "1").out == "All 1 cubes of here/out are whole.\n"


@pytest.mark.shared_data
def test_radar_lies_beside_the_cube_on_its_grid(say: Say, shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "flanders-2019"
    area = [
        *("--catalog", folder / "catalog.json", "--parcels", folder / "parcels.gpkg", "--out", tmp_path / "out"),
        *("--season-start", "2019-04-01", "--season-end", "2019-04-30", "--workers", "1", "--quiet"),
    ]
    refused = say("cubes", "build", *area, "--radar", folder / "catalog.json")
    assert refused.status == 2
    assert "does not say that it is terrain-corrected" in refused.err

    beside = ("--radar", folder / "catalog.json", "--radar-kind", "sigma0", "--steps", "median")
    assert say("cubes", "build", *area, *beside).status == 0
    unit = tmp_path / "out" / "32631_56_549" / "2019-04-01_2019-04-30"
    optical, passes = open_cube(unit), open_cube(f"{unit}_radar")
    steps, means = open_cube(f"{unit}_median"), open_cube(f"{unit}_radar_mean")
    assert optical.attrs["transform"] == passes.attrs["transform"]
    assert list(means.step.values) == list(steps.step.values)
    assert means.sizes["track"] == 1
    assert passes.attrs["kind"] == "sigma0"
    record = json.loads((tmp_path / "out" / "run.json").read_text())
    assert len(record["outputs"]) == 4
    assert say("cubes", "build", *area, *beside, "--json").answer["kept"] == ["32631_56_549"]
