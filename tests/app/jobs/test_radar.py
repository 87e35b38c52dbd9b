"""Radar in a run: which scenes it reads, what is said where it reads none, and what becomes of the map."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import rasterio
import torch

from app.jobs.area import lonlat_bounds
from app.jobs.publish import RADAR_FILE, RECORD
from app.jobs.radar import RadarScenes, radar_of
from app.jobs.request import RunRequest
from app.jobs.summary import RunSummary
from app.jobs.watch.radarlooks import read_radar
from geo.errors import DataError
from geo.observations import RADAR, read_table
from geo.parcels import read_parcels
from geo.runrecord import RunRecord
from geo.season import Season
from models.network import CropNet, NetworkSpec
from models.release import save_release
from tests.models.conftest import SPEC, make_card
from tiles.sources.base import RadarKind
from tiles.sources.opening import Source, open_source

SPRING = Season(date(2019, 5, 1), date(2019, 6, 10))
RunToEnd = Callable[..., RunSummary]

pytestmark = pytest.mark.shared_data


@pytest.fixture(scope="module")
def flanders(shared_data: Path, scheduler: str, tmp_path_factory: pytest.TempPathFactory) -> RunRequest:
    """Forty days with radar, and a network of random weights that reads it."""
    root = tmp_path_factory.mktemp("radar")
    torch.manual_seed(3)
    save_release(CropNet(SPEC).eval(), make_card(), root / "release")
    return RunRequest(
        catalog=str(shared_data / "flanders-2019" / "catalog.json"),
        parcels=shared_data / "flanders-2019" / "parcels.gpkg",
        season=SPRING,
        policy="cn-planting-generic",
        out=root / "out",
        model=root / "release",
        radar=True,
        radar_kind="sigma0",
        scheduler=scheduler,
    )


@pytest.fixture(scope="module")
def seen(flanders: RunRequest, run_to_end: RunToEnd) -> RunSummary:
    return run_to_end(flanders)


def found(request: RunRequest, spec: NetworkSpec = SPEC, source: Source | None = None) -> RadarScenes:
    area = lonlat_bounds(read_parcels(request.parcels).frame)
    return radar_of(request, make_card(spec), source or open_source(request.catalog, request.access), area)


def test_scenes_that_are_vouched_for_are_read(flanders: RunRequest) -> None:
    radar = found(flanders)
    assert radar.use == "read"
    assert {item.collection_id for item in radar.items} == {"sentinel-1-grd"}
    assert radar.record() == {"use": "read", "scenes": len(radar.items), "why": ""}


def test_scenes_that_nobody_vouches_for_are_not(flanders: RunRequest) -> None:
    radar = found(replace(flanders, radar_kind=None))
    assert (radar.use, radar.items) == ("unusable", ())
    assert "does not say that it is terrain-corrected" in radar.why
    assert "--radar-kind sigma0" in radar.why


def test_gamma0_is_not_taken_for_sigma0(flanders: RunRequest) -> None:
    kind: RadarKind = "gamma0"
    radar = found(replace(flanders, radar_kind=kind))
    assert (radar.use, radar.items) == ("unusable", ())
    assert "holds gamma0" in radar.why


def test_who_leaves_radar_out_and_what_cannot_read_it(flanders: RunRequest) -> None:
    assert found(replace(flanders, radar=False)) == RadarScenes("left out")
    assert found(flanders, replace(SPEC, radar=0)) == RadarScenes("not known to the network")


def test_a_source_without_radar(flanders: RunRequest, shared_data: Path) -> None:
    optical = shared_data / "flanders-2019" / "sentinel-2-l2a" / "collection.json"
    radar = found(flanders, source=open_source(str(optical), flanders.access))
    assert radar.use == "none"
    assert "no Sentinel-1 scene" in radar.why


def test_the_record_names_what_was_read(seen: RunSummary, flanders: RunRequest) -> None:
    record = RunRecord.from_json((flanders.out / RECORD).read_bytes())
    passes = [scene for scene in record.scenes if scene.id.startswith("S1_")]
    assert len(passes) == seen.radar["scenes"] == 7
    assert all(scene.hash for scene in passes)
    assert record.parameters["radar"] == {"use": "read", "scenes": 7, "why": "", "kind": "sigma0"}
    assert sum(name.startswith("radar/") for name in seen.made) == 1


@pytest.mark.usefixtures("seen")
def test_the_means_of_every_pass_are_a_table_of_the_run(flanders: RunRequest) -> None:
    table = read_table(flanders.out / RADAR_FILE, RADAR)
    assert len(table) == 7 * 17
    assert table.groupby("parcel_id").date.nunique().eq(7).all()
    assert (table.vv_db.between(-20, -3) & table.vh_db.between(-27, -10) & (table.vh_db < table.vv_db)).all()
    assert table.water_share.between(0, 1).all()
    held = read_radar(flanders.out, ["flanders-2019-002", "nobody", "flanders-2019-000"], np.array([2.9, 1.0, 0.4]))
    assert held is not None
    radar = held.at(np.arange(3))
    assert np.isnan(radar.vv_db).sum(axis=1).tolist() == [0, 7, 0]
    assert (radar.known[0] == radar.days).all()
    assert np.isnat(radar.known[1]).all()
    assert held.digest(SPRING.end) != held.digest(SPRING.start)


@pytest.mark.usefixtures("seen")
def test_without_radar_only_the_map_is_another(flanders: RunRequest, run_to_end: RunToEnd, tmp_path: Path) -> None:
    copied = tmp_path / "out"
    shutil.copytree(flanders.out, copied)
    assert run_to_end(replace(flanders, out=copied)).unchanged
    without = run_to_end(replace(flanders, out=copied, radar=False))
    assert without.radar == {"use": "left out", "scenes": 0, "why": "", "kind": "sigma0"}
    assert {name.split("/")[0] for name in without.made} == {"map", "rasters", "tables", "limits"}
    assert not (copied / RADAR_FILE).exists()
    assert read_radar(copied, ["flanders-2019-002"], np.ones(1)) is None
    shares = []
    for folder in (flanders.out, copied):
        with rasterio.open(folder / "crop_prob.tif") as file:
            shares.append(file.read(1).astype(int))
    assert np.abs(shares[0] - shares[1]).max() > 0


def test_a_damaged_radar_scene_is_named_with_the_way_out(
    flanders: RunRequest, run_to_end: RunToEnd, shared_data: Path, tmp_path: Path
) -> None:
    copied = tmp_path / "data"
    shutil.copytree(shared_data / "flanders-2019", copied)
    damaged = next(copied.glob("sentinel-1-grd/*20190517*/vh.tif"))
    damaged.write_bytes(damaged.read_bytes()[:300])
    with pytest.raises(DataError) as caught:
        run_to_end(replace(flanders, catalog=str(copied / "catalog.json"), out=tmp_path / "out"))
    assert "20190517" in caught.value.message
    assert caught.value.remedy.endswith("Or leave --radar out.")
