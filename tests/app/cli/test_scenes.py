from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli.main import status_of
from tests.tiles.sources.safe.safe_product import Product, write_safe
from tiles.simulation.season import SimulatedSeason

YEAR = ("--season-start", "2020-01-01", "--season-end", "2020-12-31")
FLANDERS = ("--bbox", "4.06,50.744,4.067,50.748", "--season-start", "2019-04-01", "--season-end", "2019-04-30")


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")


def search(*options: object) -> int:
    return status_of(["scenes", "search", *map(str, options)])


def test_scenes_of_a_catalogue_over_parcels(border_season: SimulatedSeason, capsys: pytest.CaptureFixture[str]) -> None:
    season = border_season.season
    options = ("--parcels", border_season.parcels, "--season-start", season.start, "--season-end", season.end)
    assert search("--catalog", border_season.catalog, *options, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["catalog"], said["season"]) == ("catalog.json", season.id)
    first = said["scenes"][0]
    assert set(first) == {"id", "day", "catalogue", "baseline", "kind", "cloud_pct", "size_bytes"}
    assert first["size_bytes"] > 0
    assert [row["day"] for row in said["scenes"]] == sorted(row["day"] for row in said["scenes"])
    assert search("--catalog", border_season.catalog, *options) == 0
    assert f"{len(said['scenes'])} scenes on" in capsys.readouterr().out


def test_products_are_listed_without_converting_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACRELINE_CACHE_DIR", str(tmp_path / "cache"))
    write_safe(tmp_path, Product())
    assert search("--catalog", tmp_path, "--bbox", "4,50,5,51", *YEAR, "--json") == 0
    (row,) = json.loads(capsys.readouterr().out)["scenes"]
    assert (row["id"], row["baseline"], row["cloud_pct"]) == (Product().name, "02.14", 12.345)
    assert not (tmp_path / "cache").exists()


@pytest.mark.shared_data
def test_radar_is_listed_where_someone_vouches_for_it(shared_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    catalog = ("--catalog", shared_data / "flanders-2019" / "catalog.json")
    assert search(*catalog, *FLANDERS, "--radar") == 2
    assert "does not say that it is terrain-corrected" in capsys.readouterr().err
    assert search(*catalog, *FLANDERS, "--radar-kind", "sigma0") == 0
    said = capsys.readouterr().out
    assert "S1_GRD_" in said
    assert "sigma0" in said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--catalog", "nowhere", "--bbox", "4,50,5,51"), "There is no file nowhere. Check --catalog."),
        (("--catalog", "x"), "An area is named by --parcels or by --bbox. Give one of the two."),
        (("--catalog", "x", "--bbox", "4,50,5"), "--bbox '4,50,5' is not a box. Give --bbox WEST,SOUTH,EAST,NORTH."),
        (("--catalog", "x", "--bbox", "4,51,5,50"), "4,51,5,50 is not a box. Give --bbox WEST,SOUTH,EAST,NORTH."),
        (("--catalog", "x", "--bbox", "4,50,190,51"), "4,50,190,51 is not a box. Give --bbox WEST,SOUTH,EAST,NORTH."),
    ],
)
def test_wrong_options(options: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert search(*options, *YEAR) == 2
    assert capsys.readouterr().err == f"Error: {said}\n"


def test_an_area_across_180_degrees_without_scenes(
    border_season: SimulatedSeason, capsys: pytest.CaptureFixture[str]
) -> None:
    season = border_season.season
    options = ("--season-start", season.start, "--season-end", season.end)
    assert search("--catalog", border_season.catalog, "--bbox", "179.5,-17,-179.5,-16", *options) == 2
    assert "touches the area (179.5000, -17.0000, -179.5000, -16.0000)" in capsys.readouterr().err
