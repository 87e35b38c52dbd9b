from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import fsspec
import pytest

from app.jobs.cluster import local_cluster
from app.jobs.crew import Crew
from app.jobs.cubebuild import BuildSummary, build_area, read_record, verify_area
from app.jobs.cubes import CubeRequest, find_area, unit_name
from app.jobs.forecast import forecast, measured_rate
from app.jobs.progress import Silent
from app.jobs.request import WORKER_MEMORY_MIB
from geo.errors import DataError, InputError
from geo.grid import TILE_M
from geo.manifest import read_manifest
from tiles.simulation.county import CountyPlan
from tiles.simulation.mosaic import Layout
from tiles.simulation.season import SimulatedSeason, write_season
from tiles.sources.local import LocalCatalog
from tiles.store import open_cube

TILES = ("32650_36_360", "32650_37_360")

Ask = Callable[[Path], CubeRequest]


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> SimulatedSeason:
    """A county of 1.28 km on the border of two tiles, six dates."""
    plan = replace(
        CountyPlan(),
        size_px=128,
        left_m=37 * TILE_M - 640,
        days=tuple(date(2024, 3, 3) + timedelta(days=20 * number) for number in range(6)),
        parcels=40,
        layout=Layout(block_ha=8.0, plot_ha=0.8),
    )
    return write_season(tmp_path_factory.mktemp("county"), plan=plan)


@pytest.fixture(scope="module")
def ask(season: SimulatedSeason, scheduler: str) -> Ask:
    def request(out: Path) -> CubeRequest:
        area = (str(season.catalog), season.season, str(out))
        return CubeRequest(*area, parcels=season.parcels, scheduler=scheduler)

    return request


def _build(request: CubeRequest) -> BuildSummary:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    return build_area(request, LocalCatalog(Path(request.catalog)), Silent(), lambda: now, time.monotonic)


def _bytes(out: Path) -> dict[str, bytes]:
    files = (path for path in out.rglob("*") if path.is_file() and path.name != ".lock")
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def built(ask: Ask, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, BuildSummary]:
    out = tmp_path_factory.mktemp("cubes") / "out"
    return out, _build(ask(out))


def test_each_tile_and_season_is_a_unit_of_its_own(built: tuple[Path, BuildSummary], season: SimulatedSeason) -> None:
    out, summary = built
    assert summary.built == TILES
    assert (summary.kept, summary.empty, summary.failures) == ((), (), ())
    for tile in TILES:
        cube = open_cube(out / unit_name(tile, season.season))
        assert dict(cube.sizes) == {"time": 6, "band": 10, "y": 1024, "x": 1024}
    record = read_record(str(out))
    assert set(record.outputs) == {unit_name(tile, season.season) for tile in TILES}
    assert record.simulated
    assert len(record.scenes) == summary.scenes == 6
    assert record.parameters["tiles"] == list(TILES)


def test_the_same_build_again_does_nothing(built: tuple[Path, BuildSummary], ask: Ask) -> None:
    out, first = built
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.name == "manifest.json"}
    again = _build(ask(out))
    assert (again.built, again.kept) == ((), TILES)
    assert again.run_id == first.run_id
    assert again.bytes == first.bytes
    assert before == {path: path.stat().st_mtime_ns for path in before}


def test_all_is_whole_until_a_byte_changes(
    built: tuple[Path, BuildSummary], season: SimulatedSeason, scheduler: str, tmp_path: Path
) -> None:
    shutil.copytree(built[0], tmp_path / "out")
    with Crew(scheduler, None) as crew:
        assert verify_area(str(tmp_path / "out"), crew, Silent()) == (2, {})
        unit = tmp_path / "out" / unit_name(TILES[0], season.season)
        name = max(read_manifest(unit).items(), key=lambda entry: entry[1].size)[0]
        content = bytearray((unit / name).read_bytes())
        content[len(content) // 2] ^= 1
        (unit / name).write_bytes(content)
        shutil.rmtree(tmp_path / "out" / unit_name(TILES[1], season.season))
        count, damaged = verify_area(str(tmp_path / "out"), crew, Silent())
    assert count == 2
    assert {unit: error.code for unit, error in damaged.items()} == {
        unit_name(TILES[0], season.season): "FILE_DAMAGED",
        unit_name(TILES[1], season.season): "MANIFEST_MISSING",
    }


def test_what_holds_no_cubes_cannot_be_verified(tmp_path: Path) -> None:
    with Crew(None, 1) as crew, pytest.raises(DataError) as caught:
        verify_area(str(tmp_path), crew, Silent())
    assert str(caught.value) == f"{tmp_path} has no run.json: it holds no cubes. Build them first."


def test_a_failing_tile_is_recorded_and_the_other_is_built(season: SimulatedSeason, ask: Ask, tmp_path: Path) -> None:
    catalog, broken = _with_broken_western_scene(season, tmp_path)
    request = replace(ask(tmp_path / "out"), catalog=str(catalog))
    whole = broken.read_bytes()
    broken.write_bytes(whole[:600])
    summary = _build(request)
    (failure,) = summary.failures
    assert (failure.subject, failure.code) == (f"{TILES[0]}/2023-10-01_2024-10-31", "UNREADABLE_RASTER")
    assert str(broken) in failure.message
    assert summary.built == (TILES[1],)
    record = read_record(request.out)
    assert [each.subject for each in record.failures] == [unit_name(TILES[0], season.season)]
    assert set(record.outputs) == {unit_name(TILES[1], season.season)}
    broken.write_bytes(whole)
    mended = _build(request)
    assert (mended.built, mended.kept, mended.failures) == ((TILES[0],), (TILES[1],), ())
    assert read_record(request.out).failures == ()


def _with_broken_western_scene(season: SimulatedSeason, folder: Path) -> tuple[Path, Path]:
    """A copy of the catalogue with one more scene, over the western tile only; and one of its files."""
    copied = folder / "season"
    shutil.copytree(season.catalog.parent, copied)
    item = min(copied.rglob("S2*.json"))
    extra = item.parent.with_name("extra")
    shutil.copytree(item.parent, extra)
    content = json.loads(item.read_text())
    west, south, _, north = content["bbox"]
    content |= {"id": content["id"].replace("S2", "S2X_"), "bbox": [west, south, west + 0.0015, north]}
    content["properties"]["datetime"] = "2024-06-15T03:00:00Z"
    del content["geometry"]
    (extra / item.name).write_text(json.dumps(content | {"geometry": None}))
    collection = item.parent.parent / "collection.json"
    said = json.loads(collection.read_text())
    link = next(link for link in said["links"] if link["rel"] == "item" and item.name in link["href"])
    said["links"].append(link | {"href": link["href"].replace(item.parent.name + "/", "extra/")})
    collection.write_text(json.dumps(said))
    return copied / "catalog.json", next(extra.glob("*B08*.tif"))


def test_a_build_goes_on_after_it_was_killed_and_gives_the_same_bytes(
    built: tuple[Path, BuildSummary], season: SimulatedSeason, ask: Ask, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    command = [
        *(sys.executable, "-c", _BUILDING, str(season.catalog), str(season.parcels)),
        *(str(season.season.start), str(season.season.end), str(out)),
    ]
    process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
    receipts = _wait_for(lambda: list(out.rglob("work/*/*.json")), process)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert receipts
    assert not (out / "run.json").exists()
    _build(ask(out))
    assert _bytes(out) == _bytes(built[0])


_BUILDING = """
import sys, time
from datetime import UTC, date, datetime
from pathlib import Path
from app.jobs.cubebuild import build_area
from app.jobs.cubes import CubeRequest
from app.jobs.progress import Silent
from geo.season import Season
from tiles.sources.local import LocalCatalog

if __name__ == "__main__":
    catalog, parcels, start, end, out = sys.argv[1:]
    season = Season(date.fromisoformat(start), date.fromisoformat(end))
    request = CubeRequest(catalog, season, out, parcels=Path(parcels), workers=2, memory_mib=600)
    build_area(request, LocalCatalog(Path(catalog)), Silent(), lambda: datetime.now(UTC), time.monotonic)
"""


def _wait_for(found: Callable[[], list[Path]], process: subprocess.Popen[bytes]) -> list[Path]:
    while process.poll() is None:
        if said := found():
            return said
        time.sleep(0.02)
    return []


def test_a_worker_that_dies_changes_nothing(built: tuple[Path, BuildSummary], ask: Ask, tmp_path: Path) -> None:
    """Two workers in processes of their own, one killed while blocks are under way."""
    out = tmp_path / "out"
    killed: list[int] = []
    others = _worker_processes()
    stop = threading.Event()

    def kill_one() -> None:
        while not stop.is_set() and not killed:
            if list(out.rglob("work/*/*.json")) and (workers := _worker_processes() - others):
                killed.append(min(workers))
                os.kill(killed[0], signal.SIGKILL)
            time.sleep(0.02)

    killer = threading.Thread(target=kill_one)
    killer.start()
    try:
        summary = _build(replace(ask(out), scheduler=None, workers=2, memory_mib=600))
    finally:
        stop.set()
        killer.join()
    assert killed
    assert summary.failures == ()
    assert _bytes(out) == _bytes(built[0])


def _worker_processes() -> set[int]:
    """Processes of Dask's workers below this one."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
            command = (status.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if int(fields[1]) == os.getpid() and b"spawn_main" in command:
            found.add(int(status.parent.name))
    return found


@pytest.fixture
def bucket(bucket_maker: Callable[[str], str]) -> str:
    """Place in an object store; workers find it through their environment."""
    bucket_maker("province")
    return "s3://province/cubes"


def test_an_object_store_holds_the_same_bytes(built: tuple[Path, BuildSummary], ask: Ask, bucket: str) -> None:
    with local_cluster(1, WORKER_MEMORY_MIB) as hired:
        request = replace(ask(built[0]), out=bucket, scheduler=hired.scheduler_address)
        summary = _build(request)
        assert _build(request).kept == TILES
        with Crew(hired.scheduler_address, None) as crew:
            assert verify_area(bucket, crew, Silent()) == (2, {})
    assert summary.built == TILES
    assert (summary.run_id, summary.bytes) == (built[1].run_id, built[1].bytes)
    store = fsspec.filesystem("s3", skip_instance_cache=True)
    held = {path.removeprefix("province/cubes/"): store.cat_file(path) for path in store.find("province/cubes")}
    assert held == _bytes(built[0])


def test_the_forecast_counts_what_is_there(
    built: tuple[Path, BuildSummary], season: SimulatedSeason, ask: Ask, tmp_path: Path
) -> None:
    source = LocalCatalog(season.catalog)
    fresh = ask(tmp_path / "none")
    told = forecast(fresh, find_area(fresh, source), workers=2)
    assert [(tile.tile, tile.scenes, tile.dates, tile.complete) for tile in told.tiles] == [
        (tile, 6, 6, False) for tile in TILES
    ]
    assert told.scenes == 6
    assert told.sizes_known == 1.0
    files = sum(path.stat().st_size for path in season.catalog.parent.rglob("*.tif"))
    assert told.bytes_to_read == pytest.approx(files, rel=0.15)
    assert told.seconds == pytest.approx(2 * 1024 * 1024 * 6 / told.rate / 2, rel=0.05)
    done = ask(built[0])
    told = forecast(done, find_area(done, source), workers=2, rate=measured_rate(find_area(done, source)))
    assert (told.bytes_to_read, told.bytes_to_write, told.seconds) == (0, 0, 0.0)
    assert all(tile.complete for tile in told.tiles)
    assert told.rate_from == "measured here"


def test_a_box_names_the_tiles_that_scenes_do_not_touch(season: SimulatedSeason, ask: Ask, tmp_path: Path) -> None:
    request = replace(ask(tmp_path), parcels=None, bbox=(115.50, 33.39, 115.75, 33.40))
    area = find_area(request, LocalCatalog(season.catalog))
    assert [work.name for work in area.works] == list(TILES)
    assert "32650_35_360" in area.empty


def test_too_little_memory_is_said_before_anything_is_read(season: SimulatedSeason, ask: Ask, tmp_path: Path) -> None:
    request = replace(ask(tmp_path), memory_mib=410)
    area = find_area(request, LocalCatalog(season.catalog))
    with pytest.raises(InputError, match=r"Raise ACRELINE_WORKER_MEMORY_MIB, or shorten the season\."):
        forecast(request, area, workers=1)
