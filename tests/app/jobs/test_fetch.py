"""`acreline scenes fetch`: what it prints, what it spends, and one clear line for what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import geopandas as gpd
import pytest
import typer
from shapely.geometry import box

from app.cli import fetch as command
from app.jobs.area import tiles_of_parcels
from app.jobs.fetch import FetchRequest, credentials_of, fetch_scenes
from app.jobs.lock import sole_user
from app.jobs.progress import Silent
from app.settings import load_settings
from geo.errors import AcrelineError, InputError
from geo.grid import TILE_M, TileKey, parse_tile, tiles_over
from geo.parcels import read_parcels
from geo.season import Season
from tests.tiles.sources.sentinel_hub.stand_in import CLIENT_ID, CLIENT_SECRET, Shown, StandIn, stand_in
from tiles.sources.sentinel_hub.deployments import Credentials, deployment_named

TILE = parse_tile("32631_60_550")
SEASON = Season(date(2020, 4, 1), date(2020, 6, 30))


@pytest.fixture(params=["sentinel-hub"])
def service(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # loopback has no TLS
    with stand_in(deployment_named(request.param)) as running:
        monkeypatch.setattr(
            "tiles.sources.sentinel_hub.deployments.DEPLOYMENTS", {running.deployment.key: running.deployment}
        )
        for name, value in zip(running.deployment.settings, (CLIENT_ID, CLIENT_SECRET), strict=True):
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture
def parcels(tmp_path: Path) -> Path:
    """Two parcels in one tile, one across the border to the next, far from its corners."""
    left, bottom, right, _ = TILE.bounds
    shapes = [
        box(left + 500, bottom + 500, left + 700, bottom + 700),
        box(left + 5000, bottom + 500, left + 5200, bottom + 700),
        box(right - 100, bottom + 800, right + 100, bottom + 900),
    ]
    frame = gpd.GeoDataFrame({"parcel_id": ["a", "b", "c"]}, geometry=shapes, crs=TILE.epsg)
    frame.to_file(tmp_path / "parcels.gpkg")
    return tmp_path / "parcels.gpkg"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    monkeypatch.setenv("COLUMNS", "200")
    app = typer.Typer()
    app.command()(command.fetch)

    def invoke(*arguments: object) -> str:
        season = ("--season-start", SEASON.start, "--season-end", SEASON.end)
        app(args=[str(each) for each in (*season, *arguments)], standalone_mode=False)
        return capsys.readouterr().out

    return invoke


def test_a_dry_run_prints_and_fetches_nothing(service: StandIn, run: Callable[..., str], tmp_path: Path) -> None:
    service.archive = [Shown(), Shown(sensed="2020-05-04T11:06:31Z"), Shown(sensed="2020-05-06T10:56:31Z")]
    out = tmp_path / "out"
    said = run("--from", "sentinel-hub", "--tiles", TILE.name, "--out", out, "--dry-run")
    assert said.splitlines() == [
        "Tiles: 1. Scenes in the season 2020-04-01/2020-06-30: 3, 0 there.",
        "To fetch: 6 requests, 23.00 processing units, at most 36 MB.",
        "The search: at most 0.03 processing units.",
        "Nothing was fetched: leave --dry-run out to fetch.",
    ]
    assert service.processes == []
    assert not out.exists()


@pytest.mark.parametrize("service", ["sentinel-hub", "copernicus"], indirect=True)
def test_a_fetch_prints_what_it_took(service: StandIn, run: Callable[..., str], tmp_path: Path) -> None:
    service.archive = [Shown()]
    out = tmp_path / "out"
    options = ("--from", service.deployment.key, "--tiles", TILE.name, "--out", out)
    assert run(*options).splitlines()[3:] == [
        "Fetched now: 1. All took 7.67 processing units.",
        f"Run on it: acreline run --catalog {out / 'catalog.json'}",
    ]
    assert run(*options).splitlines()[0] == "Tiles: 1. Scenes in the season 2020-04-01/2020-06-30: 1, 1 there."
    assert len(service.processes) == 2


def test_json_holds_every_figure(service: StandIn, run: Callable[..., str], tmp_path: Path) -> None:
    service.archive = [Shown()]
    said = json.loads(run("--from", "sentinel-hub", "--tiles", TILE.name, "--out", tmp_path / "out", "--json"))
    assert said == {
        "source": "sentinel-hub",
        "season_id": SEASON.id,
        "dry_run": False,
        "tiles": 1,
        "scenes": 1,
        "there": 0,
        "requests": 2,
        "units": 7.67,
        "max_bytes": 12_058_624,
        "search_units": 0.03,
        "fetched": 1,
        "outdated": 0,
        "units_spent": 7.67,
        "catalog": str(tmp_path / "out" / "catalog.json"),
    }


def test_newer_products_are_told(service: StandIn, run: Callable[..., str], tmp_path: Path) -> None:
    service.archive = [Shown()]
    options = ("--from", "sentinel-hub", "--tiles", TILE.name, "--out", tmp_path / "out")
    run(*options)
    service.archive = [Shown(baseline="0500", made="20230401T080000")]
    assert run(*options).splitlines()[-1] == ("Scenes with newer products: 1. Remove their folders to fetch them.")


def test_neither_outlines_nor_their_boxes_leave_the_house(
    service: StandIn, run: Callable[..., str], parcels: Path, tmp_path: Path
) -> None:
    service.archive = [Shown()]
    run("--from", "sentinel-hub", "--parcels", parcels, "--out", tmp_path / "out")
    for body in service.processes:
        left, bottom, right, top = body["input"]["bounds"]["bbox"]
        assert (left % TILE_M, bottom % TILE_M) == (0, 0)
        assert (right - left, top - bottom) == (TILE_M, TILE_M)
        assert "geometry" not in body["input"]["bounds"]
    for body in service.searches:
        west, _, east, _ = body["bbox"]
        assert "intersects" not in body
        assert (east - west) * 71 > 2 * TILE_M / 1000 - 1  # two tiles wide


def test_tiles_of_parcels(parcels: Path) -> None:
    assert [tile.name for tile in _tiles(parcels)] == ["32631_60_550", "32631_61_550"]


def test_empty_tiles_between_parcels_are_not_fetched(tmp_path: Path) -> None:
    left, bottom, _, _ = TILE.bounds
    corners = [(left + 100, bottom + 100), (left + 3.5 * TILE_M, bottom + 2.5 * TILE_M)]
    shapes = [box(x, y, x + 200, y + 200) for x, y in corners]
    gpd.GeoDataFrame({"parcel_id": ["a", "b"]}, geometry=shapes, crs=TILE.epsg).to_file(tmp_path / "p.gpkg")
    assert [tile.name for tile in _tiles(tmp_path / "p.gpkg")] == [
        "32631_60_550",
        "32631_63_552",
    ]
    assert len(list(tiles_over((left, bottom, left + 4 * TILE_M, bottom + 3 * TILE_M), TILE.epsg))) == 12


def test_parcels_in_two_zones_give_tiles_in_two_zones(tmp_path: Path) -> None:
    shapes = [box(5.90, 50.0, 5.901, 50.001), box(6.10, 50.0, 6.101, 50.001)]
    gpd.GeoDataFrame({"parcel_id": ["a", "b"]}, geometry=shapes, crs=4326).to_file(tmp_path / "p.gpkg")
    assert [tile.epsg for tile in _tiles(tmp_path / "p.gpkg")] == [32631, 32632]


def _tiles(parcels: Path) -> tuple[TileKey, ...]:
    return tiles_of_parcels(read_parcels(parcels).frame)


def _request(service: StandIn, out: Path) -> FetchRequest:
    credentials = Credentials(CLIENT_ID, CLIENT_SECRET)
    return FetchRequest(service.deployment, credentials, (TILE,), SEASON, out)


def test_an_empty_search(service: StandIn, tmp_path: Path) -> None:
    service.archive = []
    with pytest.raises(InputError) as caught:
        fetch_scenes(_request(service, tmp_path), Silent())
    assert (caught.value.code, str(caught.value)) == (
        "NO_SCENES",
        (
            "Sentinel Hub holds no Sentinel-2 L2A scene of the season 2020-04-01/2020-06-30 over the tiles. "
            "Name another season or other tiles."
        ),
    )


def test_nothing_clear_enough(service: StandIn, run: Callable[..., str], tmp_path: Path) -> None:
    service.archive = [Shown(cloud=80.0)]
    with pytest.raises(InputError) as caught:
        run("--from", "sentinel-hub", "--tiles", TILE.name, "--out", tmp_path, "--max-cloud", 60)
    assert str(caught.value) == (
        "None of the 1 scenes of Sentinel Hub in the season 2020-04-01/2020-06-30 fits the tiles and --max-cloud. "
        "Raise --max-cloud, or name other tiles."
    )


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize("options", [(), ("--tiles", "32631_60_550", "--parcels", "p.gpkg")])
def test_one_way_to_say_what_to_fetch(options: tuple[str, ...], run: Callable[..., str], tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        run("--from", "sentinel-hub", "--out", tmp_path, *options)
    assert (caught.value.code, str(caught.value)) == (
        "AREA_OPTIONS",
        "Give either --parcels or --tiles. One of them says what to fetch.",
    )


def test_credentials_come_from_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACRELINE_COPERNICUS_CLIENT_ID", "me")
    monkeypatch.setenv("ACRELINE_COPERNICUS_CLIENT_SECRET", "mine")
    assert credentials_of(load_settings(), deployment_named("copernicus")) == Credentials("me", "mine")
    with pytest.raises(AcrelineError) as caught:
        credentials_of(load_settings(), deployment_named("sentinel-hub"))
    assert caught.value.code == "CREDENTIALS_MISSING"


def test_one_fetch_at_a_time_in_a_folder(service: StandIn, tmp_path: Path) -> None:
    service.archive = [Shown()]
    with sole_user(tmp_path / "out"), pytest.raises(InputError) as caught:
        fetch_scenes(_request(service, tmp_path / "out"), Silent())
    assert caught.value.code == "OUT_IN_USE"
    assert service.processes == []


def test_progress_is_told(service: StandIn, tmp_path: Path) -> None:
    service.archive = [Shown(), Shown(sensed="2020-05-04T11:06:31Z")]
    told: list[tuple[object, ...]] = []

    class Told:
        def begin(self, stage: str, total: int) -> None:
            told.append(("begin", stage, total))

        def advance(self, stage: str, parts: int = 1) -> None:
            told.append(("advance", stage, parts))

        def end(self, stage: str, note: str = "") -> None:
            told.append(("end", stage, note))

    fetch_scenes(_request(service, tmp_path / "out"), Told())
    assert told == [
        ("begin", "Scenes", 2),
        ("advance", "Scenes", 1),
        ("advance", "Scenes", 1),
        ("end", "Scenes", "2 fetched, 0 there before"),
    ]
