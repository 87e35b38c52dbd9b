from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from shapely import box
from shapely.geometry import mapping

from app.jobs.progress import Silent
from app.jobs.publish import RECORD, RUN_FILES
from app.jobs.request import RunRequest
from app.jobs.summary import RunSummary
from geo.coverage import coverage_of
from geo.errors import DataError, InputError
from geo.grid import grow, snapped_geobox
from geo.legend import load_legend
from geo.manifest import verify_manifest
from geo.observations import LIMITS, PARCELS, SEASONS, SERIES, read_table
from geo.peers import MIN_PEERS
from geo.runrecord import RunRecord
from geo.season import Season
from geo.status import Status
from tiles.clear import Mask
from tiles.cube import season_cube
from tiles.simulation.season import SimulatedSeason
from tiles.sources.local import LocalCatalog

Finished = tuple[Path, RunSummary]
RunToEnd = Callable[..., RunSummary]


def test_the_folder_is_committed_and_whole(finished: Finished) -> None:
    out, summary = finished
    assert set(verify_manifest(out)) == {*RUN_FILES, RECORD}
    record = RunRecord.from_json((out / "run.json").read_text())
    assert record.run_id == summary.run_id
    assert record.simulated
    assert len(record.scenes) == summary.scenes == 18
    assert summary.made
    assert not summary.kept


def test_every_parcel_is_a_row_with_a_status(finished: Finished, border_season: SimulatedSeason) -> None:
    out, summary = finished
    book = gpd.read_file(border_season.parcels)
    parcels = read_table(out / "parcels.parquet", PARCELS)
    assert parcels.parcel_id.tolist() == book.parcel_id.tolist()
    assert set(parcels.status) <= set(Status)
    assert {"OK", "TOO_SMALL"} <= set(parcels.status)
    assert sum(summary.statuses.values()) == len(book)


def test_limits_carry_receipts_that_add_up(finished: Finished) -> None:
    limits = read_table(finished[0] / "limits.parquet", LIMITS)
    paid = limits[limits.amount_minor.notna()]
    assert len(paid)
    for row in paid.itertuples():
        assert sum(line["effect_minor"] for line in json.loads(row.reasons)) == row.amount_minor
    parcels, farmers = paid[paid.subject_kind == "parcel"], limits[limits.subject_kind == "farmer"]
    sums = parcels.groupby("farmer_id").amount_minor.sum()
    stated = farmers.set_index("subject_id").amount_minor.dropna()
    assert sums.reindex(stated.index).fillna(0).eq(stated).all()


def test_undecided_parcels_get_no_new_amount(finished: Finished, border_season: SimulatedSeason) -> None:
    out, _ = finished
    parcels = read_table(out / "parcels.parquet", PARCELS).set_index("parcel_id")
    limits = read_table(out / "limits.parquet", LIMITS)
    approved = gpd.read_file(border_season.parcels).set_index("parcel_id").approved_minor
    own = limits[limits.subject_kind == "parcel"].set_index("subject_id")
    open_ones = parcels.index[parcels.status != "OK"]
    kept = own.amount_minor[open_ones]
    assert (kept.isna() | (kept == approved[open_ones].astype(float))).all()
    assert own.needs_visit[open_ones].all()


def test_series_of_parcels_across_a_tile_border(finished: Finished, border_season: SimulatedSeason) -> None:
    """Against one direct computation on one grid: whole pixels times coverage, no tiles, no store."""
    book = gpd.read_file(border_season.parcels).to_crs(32650)
    across = book[(book.bounds.minx < 378880) & (book.bounds.maxx > 378880)]
    assert len(across) >= 3
    around = snapped_geobox(grow(tuple(across.total_bounds), 160.0), 32650)
    grid = around[16:-16, 16:-16]  # clouds beyond the parcels mask a margin within
    bounds = tuple(across.to_crs(4326).total_bounds)
    wide = season_cube(LocalCatalog(border_season.catalog).search(bounds, border_season.season), around).compute()
    cube = wide.isel(y=slice(16, -16), x=slice(16, -16))
    clear = cube.mask.to_numpy() == Mask.CLEAR
    red, nir = (cube.reflectance.sel(band=band).to_numpy().astype(float) for band in ("B04", "B08"))
    weights = coverage_of(across.geometry, grid).matrix.toarray().reshape(len(across), 1, *grid.shape) * clear
    with np.errstate(invalid="ignore"):
        expected = (weights * np.nan_to_num((nir - red) / (nir + red))).sum((2, 3)) / weights.sum((2, 3))
    series = read_table(finished[0] / "series.parquet", SERIES)
    found = series.pivot_table(index="parcel_id", columns="date", values="ndvi", dropna=False).loc[across.parcel_id]
    np.testing.assert_allclose(found.to_numpy(dtype=float), expected, atol=1e-4)


def test_maps_share_one_grid_and_the_legend(finished: Finished) -> None:
    values = {crop.value for crop in load_legend()}
    with rasterio.open(finished[0] / "crop.tif") as crop, rasterio.open(finished[0] / "vigour.tif") as vigour:
        assert crop.shape == vigour.shape
        assert crop.transform == vigour.transform
        assert crop.tags()["ACRELINE_SIMULATED"] == "YES"
        assert set(np.unique(crop.read(1))) - {0} <= values
        seen = vigour.read(1)[crop.read(1) > 0]
        assert seen.max() <= 100
        assert crop.colormap(1)[1] == (217, 164, 65, 255)


def test_seasons_name_cycles_in_order(finished: Finished) -> None:
    seasons = read_table(finished[0] / "seasons.parquet", SEASONS)
    assert (seasons.groupby("parcel_id").cycle.apply(lambda c: c.tolist() == list(range(1, len(c) + 1)))).all()
    double = seasons[seasons.duplicated("parcel_id", keep=False)]
    assert len(double)
    parcels = read_table(finished[0] / "parcels.parquet", PARCELS).set_index("parcel_id")
    named = seasons.groupby("parcel_id").crop.apply(set)
    assert all(parcels.crop[parcel] in crops for parcel, crops in named.items())


def test_vigour_is_given_among_twenty_parcels_of_a_crop(finished: Finished) -> None:
    seasons = read_table(finished[0] / "seasons.parquet", SEASONS)
    parcels = read_table(finished[0] / "parcels.parquet", PARCELS)
    stands = pd.concat([seasons, parcels[~parcels.parcel_id.isin(seasons.parcel_id)]])
    enough = stands.crop.value_counts().loc[lambda count: count >= MIN_PEERS].index
    assert len(enough)
    assert set(stands.crop[stands.vigour_pct.notna()]) <= set(enough)
    given = parcels.vigour_pct[parcels.crop.isin(enough)].dropna()
    assert given.between(0, 100).all()
    assert 35 < given.mean() < 65


def test_the_same_run_again_does_nothing(run_to_end: RunToEnd, finished: Finished, border_request: RunRequest) -> None:
    out, first = finished
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.suffix in {".parquet", ".tif", ".npz"}}
    again = run_to_end(border_request)
    assert again.unchanged
    assert again.made == ()
    assert again.run_id == first.run_id
    assert before == {path: path.stat().st_mtime_ns for path in before}


def test_another_policy_redoes_only_limits_and_keeps_the_old_run(
    run_to_end: RunToEnd, finished: Finished, border_request: RunRequest, tmp_path: Path
) -> None:
    out, first = finished
    copied = tmp_path / "copy"
    shutil.copytree(out, copied)
    second = run_to_end(replace(border_request, out=copied, policy="in-kcc-2018"))
    assert second.made == ("limits",)
    assert second.run_id != first.run_id
    verify_manifest(copied)
    verify_manifest(copied / "superseded" / first.run_id)
    assert read_table(copied / "limits.parquet", LIMITS).policy_id.unique().tolist() == ["in-kcc-2018"]


class _Killer(Silent):
    """Stands for a kill at the start of a stage."""

    def __init__(self, stage: str) -> None:
        self._stage = stage

    def begin(self, stage: str, total: int) -> None:
        super().begin(stage, total)
        if stage == self._stage:
            raise KeyboardInterrupt


def test_a_killed_run_goes_on_from_what_is_whole_and_is_the_same_run(
    run_to_end: RunToEnd, finished: Finished, border_request: RunRequest, tmp_path: Path
) -> None:
    request = replace(border_request, out=tmp_path / "killed")
    with pytest.raises(KeyboardInterrupt):
        run_to_end(request, _Killer("Crop map"))
    assert not (request.out / "manifest.json").exists()
    resumed = run_to_end(request)
    assert resumed.made
    assert resumed.run_id == finished[1].run_id
    assert {name.split("/")[0] for name in resumed.kept} == {"cube", "series"}
    for name in ("parcels.parquet", "series.parquet", "limits.parquet", "crop.tif", "vigour.tif"):
        assert (request.out / name).read_bytes() == (finished[0] / name).read_bytes()


def test_a_damaged_scene_is_named_and_what_was_finished_stays(
    run_to_end: RunToEnd, border_season: SimulatedSeason, border_request: RunRequest, tmp_path: Path
) -> None:
    folder = tmp_path / "season"
    shutil.copytree(border_season.catalog.parent, folder)
    broken = sorted(folder.rglob("*B08*.tif"))[5]
    broken.write_bytes(broken.read_bytes()[:600])
    request = replace(border_request, catalog=str(folder / "catalog.json"), out=tmp_path / "damaged")
    with pytest.raises(DataError) as caught:
        run_to_end(request)
    assert str(broken) in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert not (request.out / "manifest.json").exists()


@pytest.fixture
def half_broken(border_season: SimulatedSeason, tmp_path: Path) -> tuple[Path, Path, bytes]:
    """A catalogue with one more scene, over the western tile only, whose B08 is cut short; and the whole file."""
    folder = tmp_path / "season"
    shutil.copytree(border_season.catalog.parent, folder)
    item = sorted(folder.rglob("S2*.json"))[3]
    extra = item.parent.with_name("extra")
    shutil.copytree(item.parent, extra)
    content = json.loads(item.read_text())
    west, south, _, north = content["bbox"]
    content |= {"id": content["id"].replace("S2", "S2X_"), "bbox": [west, south, west + 0.0015, north]}
    content["geometry"] = mapping(box(*content["bbox"]))
    content["properties"]["datetime"] = "2024-06-15T03:00:00Z"
    (extra / item.name).write_text(json.dumps(content))
    parent = next(path for path in (item.parent.parent, folder) for path in path.glob("c*.json"))
    catalog = json.loads(parent.read_text())
    link = next(link for link in catalog["links"] if link["rel"] == "item" and item.name in link["href"])
    catalog["links"].append(link | {"href": link["href"].replace(item.parent.name + "/", "extra/")})
    parent.write_text(json.dumps(catalog))
    broken = next(extra.glob("*B08*.tif"))
    whole = broken.read_bytes()
    broken.write_bytes(whole[:600])
    return folder / "catalog.json", broken, whole


def test_one_tile_without_imagery_does_not_stop_the_others(
    run_to_end: RunToEnd,
    half_broken: tuple[Path, Path, bytes],
    border_request: RunRequest,
    finished: Finished,
    tmp_path: Path,
) -> None:
    catalog, broken, whole = half_broken
    request = replace(border_request, catalog=str(catalog), out=tmp_path / "half")
    summary = run_to_end(request)
    (failure,) = summary.failures
    assert failure.subject == "32650_36_360"
    assert failure.code == "UNREADABLE_RASTER"
    assert str(broken) in failure.message
    record = RunRecord.from_json((request.out / RECORD).read_text())
    assert record.failures == summary.failures
    verify_manifest(request.out)

    parcels = read_table(request.out / "parcels.parquet", PARCELS).set_index("parcel_id").status
    before = read_table(finished[0] / "parcels.parquet", PARCELS).set_index("parcel_id").status
    assert parcels.index.tolist() == before.index.tolist()
    assert {"OUTSIDE_IMAGERY", "OK"} <= set(parcels)
    assert parcels[parcels != "OUTSIDE_IMAGERY"].eq(before[parcels != "OUTSIDE_IMAGERY"]).all()
    limits = read_table(request.out / "limits.parquet", LIMITS).set_index("subject_id")
    assert limits.needs_visit[parcels.index[parcels == "OUTSIDE_IMAGERY"]].all()

    again = run_to_end(request)
    assert again.failures == summary.failures
    assert again.run_id == summary.run_id
    assert again.made == ()
    assert not (request.out / "superseded").exists()

    broken.write_bytes(whole)
    mended = run_to_end(request)
    assert mended.failures == ()
    assert "cube/32650_36_360" in mended.made
    assert "cube/32650_37_360" in mended.kept
    statuses = read_table(request.out / "parcels.parquet", PARCELS).set_index("parcel_id").status
    assert "OUTSIDE_IMAGERY" not in set(statuses)
    verify_manifest(request.out / "superseded" / summary.run_id)


def test_a_season_without_scenes_is_an_error(run_to_end: RunToEnd, border_request: RunRequest, tmp_path: Path) -> None:
    request = replace(border_request, season=Season(date(2010, 1, 1), date(2010, 12, 31)), out=tmp_path / "none")
    with pytest.raises(InputError, match="2010"):
        run_to_end(request)
