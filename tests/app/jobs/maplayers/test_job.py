"""Imagery by date: from the run's own cubes, only clear dates, whole or not there, never made twice."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import rasterio
from rio_tiler.io import Reader

from app.artefacts.folders import Folders
from app.db.tables.office_kinds import JobKind
from app.jobs.maplayers import job
from app.jobs.maplayers.job import LayerRequest, make_layers
from app.jobs.maplayers.season import season_squares
from app.jobs.maplayers.shares import chosen_days, clear_shares
from app.jobs.progress import Silent
from app.jobs.queued.maplayers import make_run_layers
from app.jobs.queued.shop import Shop
from app.jobs.summary import RunSummary
from app.maplayers.dated import DATED_ZOOM, INDEX_NAME, DatedDay, DatedLayer, dated_file, mosaic_file, read_index
from app.queue.claiming import Claim
from app.settings import Settings
from geo.errors import DataError, InputError
from geo.files import sha256_of
from geo.observations import SERIES, read_table
from geo.runrecord import RunRecord
from tests.app.conftest import clock

Finished = tuple[Path, RunSummary]


@pytest.fixture(scope="module")
def request_of(finished: Finished, tmp_path_factory: pytest.TempPathFactory) -> LayerRequest:
    return LayerRequest(finished[0], tmp_path_factory.mktemp("layers"), least_clear=0.6, most=3)


@pytest.fixture(scope="module")
def days(request_of: LayerRequest) -> tuple[DatedDay, ...]:
    summary = make_layers(request_of, Silent())
    index = read_index(summary.folder)
    assert index is not None
    return index.days


def folder_of(request: LayerRequest) -> Path:
    (folder,) = (request.layers / "imagery").iterdir()
    return folder


def test_the_clearest_dates_are_shown_with_their_scenes(request_of: LayerRequest, days: tuple[DatedDay, ...]) -> None:
    shares = clear_shares(request_of.run)
    clearest = sorted(shares.values(), reverse=True)[:3]
    assert sorted((day.clear_share for day in days), reverse=True) == pytest.approx(clearest, abs=1e-4)
    assert all(day.scenes and all(scene.startswith("S2") for scene in day.scenes) for day in days)
    for day in days:
        for layer, content_hash in day.hashes.items():
            assert sha256_of(dated_file(folder_of(request_of), day.day, layer, content_hash)) == content_hash


def test_ndvi_is_that_of_the_series(request_of: LayerRequest, days: tuple[DatedDay, ...]) -> None:
    series = read_table(request_of.run / "series.parquet", SERIES)
    day = days[0]
    mine = series[series.date == day.day]
    with rasterio.open(
        dated_file(folder_of(request_of), day.day, DatedLayer.NDVI, day.hashes[DatedLayer.NDVI])
    ) as file:
        band = file.read(1).astype(float)
        ndvi = np.where(band > 0, band * file.scales[0] + file.offsets[0], np.nan)
    inside = np.average(mine.ndvi.dropna(), weights=mine.n_px[mine.ndvi.notna()])
    assert np.nanmedian(ndvi) == pytest.approx(inside, abs=0.15)
    assert 0 < np.isfinite(ndvi).sum() < ndvi.size


def test_rasters_lie_on_the_squares_of_a_map(request_of: LayerRequest, days: tuple[DatedDay, ...]) -> None:
    for layer, content_hash in days[0].hashes.items():
        path = dated_file(folder_of(request_of), days[0].day, layer, content_hash)
        with Reader(str(path)) as source:
            dataset = source.dataset
            assert dataset.crs.to_epsg() == 3857
            assert dataset.block_shapes[0] == (512, 512)
            square = source.tms.tile(*dataset.lnglat(), DATED_ZOOM)
            left, _, right, top = source.tms.xy_bounds(square)
            steps = [(left - dataset.bounds.left) / (right - left), (dataset.bounds.top - top) / (right - left)]
        assert steps == pytest.approx(np.round(steps), abs=1e-6)


@pytest.mark.usefixtures("days")
def test_the_season_is_that_of_the_run_on_squares(request_of: LayerRequest) -> None:
    index = read_index(folder_of(request_of))
    assert index is not None
    assert index.mosaic is not None
    made = mosaic_file(folder_of(request_of), index.mosaic)
    assert sha256_of(made) == index.mosaic
    with rasterio.open(request_of.run / "mosaic.tif") as run, rasterio.open(made) as squares:
        assert (squares.crs.to_epsg(), squares.count, squares.block_shapes[0]) == (3857, 4, (512, 512))
        inside = np.median(run.read()[:, run.dataset_mask() > 0], axis=1)
        colour = squares.read()
    seen = colour[3] == 255
    assert set(np.unique(colour[3])) == {0, 255}
    np.testing.assert_allclose(np.median(colour[:3, seen], axis=1), inside, atol=3)
    assert seen.sum() == pytest.approx(shown_px(request_of.run / "mosaic.tif", made), rel=0.02)


def shown_px(picture: Path, made: Path) -> float:
    """Pixels of another raster that the seen ground of a picture covers, by area; true to scale at its middle."""
    with Reader(str(picture)) as source, rasterio.open(made) as squares:
        ground = (source.dataset.dataset_mask() > 0).sum() * abs(source.dataset.transform.a) ** 2
        latitude = np.mean(source.get_geographic_bounds("EPSG:4326")[1::2])
        pixel = squares.transform.a * np.cos(np.radians(latitude))
    return float(ground / pixel**2)


def test_a_season_that_cannot_be_read_is_said_so(tmp_path: Path) -> None:
    damaged = tmp_path / "mosaic.tif"
    damaged.write_bytes(b"II*")
    with pytest.raises(DataError, match="cannot be read"):
        season_squares([damaged])


def test_what_stands_is_kept_and_what_a_killed_process_left_is_made_again(
    request_of: LayerRequest, days: tuple[DatedDay, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = folder_of(request_of)
    before = (folder / INDEX_NAME).read_bytes()
    assert make_layers(request_of, Silent()).made == 0
    shutil.rmtree(folder / days[1].day.isoformat())
    (folder / INDEX_NAME).unlink()
    part = folder / "work" / days[1].day.isoformat()
    part.mkdir(parents=True)
    (part / "draft-colour.tif").write_bytes(b"half")
    calls = []
    whole = job.write_day

    def killed(*arguments: object) -> None:
        calls.append(arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(job, "write_day", killed)
    with pytest.raises(KeyboardInterrupt):
        make_layers(request_of, Silent())
    assert not (folder / INDEX_NAME).exists()
    monkeypatch.setattr(job, "write_day", whole)
    assert (make_layers(request_of, Silent()).made, len(calls)) == (1, 1)
    assert (folder / INDEX_NAME).read_bytes() == before
    assert not (folder / "work").exists()


def test_fewer_dates_take_the_others_away(request_of: LayerRequest, days: tuple[DatedDay, ...]) -> None:
    summary = make_layers(replace(request_of, most=1), Silent())
    assert (summary.made, len(summary.days)) == (0, 1)
    assert summary.left_out > 0
    assert sorted(path.name for path in summary.folder.iterdir() if path.is_dir()) == [
        *(day.isoformat() for day in summary.days),
        "season",
    ]
    assert len(make_layers(request_of, Silent()).days) == len(days)


def test_a_run_without_its_cubes_or_folders_that_are_none_are_refused(
    finished: Finished, request_of: LayerRequest, tmp_path: Path
) -> None:
    bare = tmp_path / "run"
    shutil.copytree(finished[0], bare, ignore=shutil.ignore_patterns("work", "superseded"))
    with pytest.raises(DataError, match=r"cubes of .* are gone"):
        make_layers(replace(request_of, run=bare), Silent())
    with pytest.raises(DataError, match="no finished run"):
        make_layers(replace(request_of, run=tmp_path), Silent())
    with pytest.raises(InputError, match="does not exist"):
        make_layers(replace(request_of, layers=tmp_path / "none"), Silent())


@pytest.mark.usefixtures("days")
def test_a_worker_makes_them_for_who_asked(finished: Finished, request_of: LayerRequest) -> None:
    run_id = RunRecord.from_json((finished[0] / "run.json").read_bytes()).run_id
    shop = Shop(None, "", Folders(layers=request_of.layers, runs=finished[0].parent), Settings(), clock)  # type: ignore[arg-type]  # no database
    asked = {"run_id": run_id, "clear": request_of.least_clear, "most": request_of.most}
    held = Claim(1, JobKind.MAP_LAYERS, asked, 1, None, "w", 1, 4)
    steps: list[tuple[object, ...]] = []
    told = SimpleNamespace(tell=lambda *said: steps.append(said))
    said = make_run_layers(shop, held, told)  # type: ignore[arg-type]  # as a worker hands it over
    assert (said["run_id"], said["made"], len(said["days"])) == (run_id, 0, 3)
    assert "folder" not in said
    assert steps[-1] == ("Imagery", 4, 4)


def test_dates_are_chosen_by_clear_share_and_then_the_later() -> None:
    shares = {date(2026, 5, day): share for day, share in enumerate((0.2, 0.9, 0.7, 0.9, 0.5), start=1)}
    assert [day.day for day in chosen_days(shares, 0.5, None)] == [2, 3, 4, 5]
    assert [day.day for day in chosen_days(shares, 0.5, 1)] == [4]
    with pytest.raises(InputError, match="the clearest shows 90%"):
        chosen_days(shares, 0.95, None)
    with pytest.raises(InputError):
        chosen_days({}, 0.5, None)


def test_the_summary_is_json(request_of: LayerRequest, days: tuple[DatedDay, ...]) -> None:
    said = json.loads(json.dumps(make_layers(request_of, Silent()).as_dict()))
    assert list(said["days"]) == [day.day.isoformat() for day in days]
