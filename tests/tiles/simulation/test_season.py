from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import geopandas as gpd
import numpy as np
import pystac
import pytest
import rasterio

from geo.bands import BANDS
from tiles.simulation.catalogue import SIMULATED_FLAG, digital_numbers
from tiles.simulation.county import CountyPlan
from tiles.simulation.season import SimulatedSeason, write_season
from tiles.simulation.sensor import COARSE


def items_of(season: SimulatedSeason) -> list[pystac.Item]:
    items = pystac.Catalog.from_file(str(season.catalog)).get_items(recursive=True)
    return sorted(items, key=lambda item: item.id)


def layer(item: pystac.Item, name: str) -> np.ndarray:
    with rasterio.open(item.assets[name].get_absolute_href()) as source:
        return source.read(1)


def hashes(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_catalogue_reads_as_stac(small_season: SimulatedSeason, small_plan: CountyPlan):
    items = items_of(small_season)
    assert [item.datetime.date() for item in items if item.datetime] == list(small_plan.days)
    for item in items:
        assert {*BANDS, "SCL"} <= set(item.assets)
        assert item.properties["s2:processing_baseline"] == "05.10"
        bands = item.assets["B05"].extra_fields["raster:bands"]
        assert (bands[0]["scale"], bands[0]["offset"], bands[0]["nodata"]) == (0.0001, -0.1, 0)


def test_everything_says_that_it_is_simulated(small_season: SimulatedSeason):
    catalogue = pystac.Catalog.from_file(str(small_season.catalog))
    for part in (catalogue, *catalogue.get_children()):
        assert part.extra_fields[SIMULATED_FLAG] is True
        assert "imulated" in (part.title or "")
    for item in items_of(small_season):
        assert item.properties[SIMULATED_FLAG] is True
        assert "Simulated" in item.properties["title"]


def test_links_are_relative_so_that_the_folder_can_move(small_season: SimulatedSeason):
    folder = small_season.catalog.parent
    for path in folder.rglob("*.json"):
        document = json.loads(path.read_text(encoding="utf-8"))
        hrefs = [link["href"] for link in document.get("links", [])]
        hrefs += [asset["href"] for asset in document.get("assets", {}).values()]
        assert hrefs
        assert all(href.startswith(".") for href in hrefs), path


@pytest.mark.parametrize("name", [*BANDS, "SCL"])
def test_layers_are_cogs_on_the_snapped_grid(small_season: SimulatedSeason, small_plan: CountyPlan, name: str):
    step = 20 if name in COARSE or name == "SCL" else 10
    item = items_of(small_season)[0]
    asset = item.assets[name]
    with rasterio.open(asset.get_absolute_href()) as source:
        assert source.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert source.crs.to_epsg() == small_plan.epsg
        assert source.res == (step, step)
        assert source.bounds.left % 20 == 0
        assert source.bounds.top % 20 == 0
        assert list(source.shape) == asset.extra_fields["proj:shape"]
        assert source.dtypes[0] == ("uint8" if name == "SCL" else "uint16")
        assert source.nodata == 0
        assert source.read(1).min() > 0


def test_the_same_plan_gives_the_same_bytes_in_a_relative_folder_too(
    small_season: SimulatedSeason, small_plan: CountyPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    write_season(Path("season"), plan=small_plan)
    assert hashes(tmp_path / "season") == hashes(small_season.catalog.parent)


def test_another_seed_gives_another_county(small_season: SimulatedSeason, small_plan: CountyPlan, tmp_path: Path):
    other = write_season(tmp_path, plan=replace(small_plan, seed=8, days=small_plan.days[:1]))
    assert not np.array_equal(layer(items_of(other)[0], "B08"), layer(items_of(small_season)[0], "B08"))


def test_a_finished_season_is_left_alone_and_an_unfinished_one_is_not(small_plan: CountyPlan, tmp_path: Path):
    plan = replace(small_plan, days=small_plan.days[:2])
    seen: list[tuple[int, int]] = []
    season = write_season(tmp_path, plan=plan, progress=lambda done, of: seen.append((done, of)))
    assert seen == [(1, 2), (2, 2)]
    write_season(tmp_path, plan=plan, progress=lambda done, of: seen.append((done, of)))
    assert len(seen) == 2
    season.catalog.unlink()
    write_season(tmp_path, plan=plan, progress=lambda done, of: seen.append((done, of)))
    assert len(seen) == 4


def test_digital_numbers_carry_the_offset_of_the_baseline():
    values = np.array([[0.0, 0.1234, 1.0, -0.2]], dtype=np.float32)
    np.testing.assert_array_equal(digital_numbers(values), [[1000, 2234, 11000, 1]])


def test_cloud_is_bright_shadow_and_water_dark_on_disk(small_season: SimulatedSeason):
    bright, near = {}, {}
    for item in items_of(small_season):
        scl = np.repeat(np.repeat(layer(item, "SCL"), 2, 0), 2, 1)
        blue, infrared = layer(item, "B02"), layer(item, "B08")
        for kind in (3, 4, 5, 6, 9):
            bright.setdefault(kind, []).append(blue[scl == kind])
            near.setdefault(kind, []).append(infrared[scl == kind])
    blue_of = {kind: np.median(np.concatenate(parts)) for kind, parts in bright.items()}
    near_of = {kind: np.median(np.concatenate(parts)) for kind, parts in near.items() if sum(map(len, parts))}
    assert blue_of[9] > 4000 > blue_of[5] > blue_of[4]
    assert near_of[3] < near_of[5]
    assert near_of[6] < near_of[3]


def test_read_back_reflectance_lies_in_bounds(small_season: SimulatedSeason):
    item = items_of(small_season)[0]
    clear = np.isin(np.repeat(np.repeat(layer(item, "SCL"), 2, 0), 2, 1), (4, 5))
    for name in ("B02", "B04", "B08"):
        reflectance = layer(item, name)[clear] * 0.0001 - 0.1
        assert 0 < reflectance.min() < reflectance.max() < 0.7


def test_parcels_state_their_datum_and_lie_inside_the_imagery(small_season: SimulatedSeason, small_plan: CountyPlan):
    parcels = gpd.read_file(small_season.parcels)
    assert parcels.crs is not None
    assert parcels.crs.to_epsg() == 4490
    assert parcels.geometry.is_valid.all()
    left, bottom, right, top = parcels.to_crs(small_plan.epsg).total_bounds
    assert left > small_plan.left_m
    assert right < small_plan.left_m + small_plan.side_m
    assert top < small_plan.top_m
    assert bottom > small_plan.top_m - small_plan.side_m
