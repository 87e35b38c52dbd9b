"""Looks at sites end to end: against what was painted, again, later, killed, and where a site cannot be seen."""

from __future__ import annotations

import io
import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from shapely.geometry import shape

from app.artefacts.runs import RunShelf
from app.jobs import crew
from app.jobs.progress import Silent
from app.jobs.sitewatch import scenes
from app.jobs.sitewatch.asking import SiteWatchRequest
from app.jobs.sitewatch.files import SitesLooked
from app.jobs.sitewatch.grounds import place_of
from app.jobs.stages import Workshop
from app.sites.plans import PlannedSite
from geo.area import geodesic_area_ha
from geo.errors import InputError
from geo.manifest import verify_manifest
from tests.app.jobs.sitewatch.painted import Painted

LATE = date(2024, 9, 30)
FARM = "Farm 1/a"

Look = Callable[[SiteWatchRequest, list[PlannedSite]], SitesLooked]


def _panels(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame.measure == "panels_m2"]


def _cubes(runs: Path) -> dict[str, int]:
    return {
        path.parent.relative_to(runs).as_posix(): path.stat().st_mtime_ns
        for path in (runs / ".sites-work" / "work" / "cube").rglob("manifest.json")
    }


def _in_farm(farm: Painted, days: np.ndarray) -> np.ndarray:
    return np.asarray(farm.works.share_on(days.astype("datetime64[D]")))


def test_rows_of_panels_follow_what_was_built(farm: Painted, early: SitesLooked) -> None:
    panels = _panels(early.looks)
    truth = _in_farm(farm, panels.date.to_numpy())
    share = panels.value.to_numpy() / farm.works.planned_m2
    assert len(panels) >= 8
    assert truth.max() > 0.9
    assert np.abs(share - truth).mean() < 0.1
    assert panels.date.is_unique
    assert (panels.error > 0).all()


def test_what_is_built_is_drawn_where_it_is(farm: Painted, early: SitesLooked, farm_site: PlannedSite) -> None:
    inside = early.footprints[(early.footprints.site_id == FARM) & (early.footprints.kind == "inside")]
    assert len(inside) == 1
    rows_m2 = float(geodesic_area_ha(inside.geometry)[0]) * 1e4
    assert rows_m2 == pytest.approx(farm.works.planned_m2, rel=0.25)
    assert inside.geometry.iloc[0].difference(farm_site.plan.outline.buffer(2e-4)).is_empty


def test_a_site_that_cannot_be_seen_is_a_failure_of_its_own(early: SitesLooked) -> None:
    assert {name: failure.code for name, failure in early.failures.items()} == {
        "Far": "SITES_NO_SCENES",
        "Early": "SITES_NO_PAST",
    }
    assert set(early.looks.site_id) == {FARM}
    said = json.loads((early.folder / "sites.json").read_bytes())
    assert set(said) == {FARM, "Far", "Early"}
    assert said["Far"]["failure"]["code"] == "SITES_NO_SCENES"
    assert said["Far"]["looks"] == 0
    assert said[FARM]["failure"] is None
    assert said[FARM]["first"] == early.looks.date.min().isoformat()
    assert said[FARM]["looks"] == early.looks.date.nunique()


def test_the_run_folder_is_whole_and_found_by_its_id(early: SitesLooked, runs: Path) -> None:
    assert early.folder.name == f"sites-2024-05-31-{early.record.run_id[:12]}"
    verify_manifest(early.folder)
    assert RunShelf(runs, time.monotonic).folder(early.record.run_id) == early.folder
    assert early.record.parameters["kind"] == "sites"
    assert early.record.parameters["as_of"] == "2024-05-31"
    assert early.record.simulated
    assert early.record.scenes
    assert set(early.record.outputs) >= {"site_looks.parquet", "pictures.json", "footprints.geojson", "sites.json"}


def test_pictures_lie_where_the_site_is_and_show_clear_days(early: SitesLooked, farm_site: PlannedSite) -> None:
    said = json.loads((early.folder / "pictures.json").read_bytes())
    assert set(said) == {FARM}
    shown = said[FARM]
    west, south, east, north = shown["bounds"]
    middle = farm_site.plan.outline.centroid
    assert west < middle.x < east
    assert south < middle.y < north
    northwest, northeast, southeast, southwest = shown["corners"]
    assert northwest[1] > southwest[1]
    assert northeast[0] > northwest[0]
    assert southeast[1] < northeast[1]
    days = [picture["day"] for picture in shown["pictures"]]
    assert days == sorted(set(days))
    assert all(picture["clear_share"] >= 0.5 for picture in shown["pictures"])
    picture = early.folder / "pictures" / shown["folder"] / shown["pictures"][-1]["file"]
    with Image.open(io.BytesIO(picture.read_bytes())) as image:
        assert image.size == (shown["width"], shown["height"])
        pixels = np.asarray(image)
    seen = pixels[..., 3] > 0
    assert seen.sum() == 64 * 64
    assert pixels[seen][:, :3].std() > 5


def test_the_same_request_again_reads_no_pixel(
    early: SitesLooked,
    early_request: SiteWatchRequest,
    sites: list[PlannedSite],
    look: Look,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_args: object, **_more: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr(crew, "dask_client", refuse)
    monkeypatch.setattr(scenes, "judged", refuse)
    written = early.folder.stat().st_mtime_ns
    with pytest.raises(AssertionError, match="read again"):
        look(early_request, sites)  # the site without a past is tried again
    again = look(replace(early_request, sites=(FARM, "Far")), sites)
    assert early.folder.stat().st_mtime_ns == written
    pd.testing.assert_frame_equal(again.looks, early.looks)
    pd.testing.assert_frame_equal(again.known, early.known)


@pytest.fixture(scope="module")
def later(
    early: SitesLooked, early_request: SiteWatchRequest, farm_site: PlannedSite, look: Look
) -> tuple[SitesLooked, dict[str, int], dict[str, int]]:
    """As of a later day, and the cubes before it and after."""
    runs = early.folder.parent
    before = _cubes(runs)
    return look(replace(early_request, as_of=LATE), [farm_site]), before, _cubes(runs)


def test_a_later_day_reads_the_quarters_whose_scenes_changed(
    later: tuple[SitesLooked, dict[str, int], dict[str, int]],
) -> None:
    _, before, after = later
    kept = {place for place in before if after.get(place) == before[place]}
    made = {place.split("/")[-2] for place in after.keys() - before.keys()}
    assert made == {"2024Q2", "2024Q3"}
    gone = {place.split("/")[-2] for place in before.keys() - after.keys()}
    assert gone == {"2024Q2"}, "a quarter that a newer cube holds whole is given up"
    assert len(kept) >= 4


def test_reports_of_an_earlier_day_come_out_as_they_were(
    early: SitesLooked, later: tuple[SitesLooked, dict[str, int], dict[str, int]]
) -> None:
    now = later[0].known
    end = pd.Timestamp("2024-06-01", tz="UTC")
    asked = ["panels_m2", "cleared_m2", "panels_outside_m2"]
    then = now[(now.known_at < end) & now.measure.isin(asked)].reset_index(drop=True)
    known = early.known[early.known.measure.isin(asked)].reset_index(drop=True)
    pd.testing.assert_frame_equal(then.drop(columns=["value", "error"]), known.drop(columns=["value", "error"]))
    np.testing.assert_allclose(then[["value", "error"]], known[["value", "error"]], rtol=1e-5)
    hindsight = later[0].looks.merge(early.looks, on=["measure", "date"], suffixes=("", "_then"))
    assert (hindsight.value - hindsight.value_then).abs().max() > 0, "later looks tell more of earlier ones"


def test_the_last_known_of_each_day_is_what_is_told_in_the_end(
    farm_site: PlannedSite, later: tuple[SitesLooked, dict[str, int], dict[str, int]]
) -> None:
    looked = later[0]
    last = looked.known.sort_values("known_at", kind="stable").drop_duplicates(["measure", "date"], keep="last")
    both = _panels(looked.looks).merge(_panels(last), on="date", suffixes=("", "_known"))
    assert len(both) == len(_panels(looked.looks))
    slack = 0.005 * farm_site.area_ha * 1e4 * 1.02
    assert (both.value - both.value_known).abs().max() <= slack


def test_operation_is_looked_at_from_completion_on(
    farm: Painted, later: tuple[SitesLooked, dict[str, int], dict[str, int]]
) -> None:
    nearly = farm.days[farm.works.share_on(farm.days) >= 0.9].min().item()
    looks = later[0].looks
    assert (looks.date[looks.measure == "panels_m2"] < nearly).any()
    asked = {"standing_water_m2", "burnt_m2"}
    since = looks[looks.measure.isin(asked)]
    assert set(since.measure) == asked
    assert since.date.min() >= nearly
    assert (since.value == 0).all()


def test_a_dry_run_leaves_no_run_and_keeps_the_work(
    early: SitesLooked, early_request: SiteWatchRequest, farm_site: PlannedSite, runs: Path, look: Look
) -> None:
    before = {path.name for path in runs.iterdir()}
    looked = look(replace(early_request, dry_run=True), [farm_site])
    assert {path.name for path in runs.iterdir()} == before
    assert looked.folder.is_relative_to(runs / ".sites-work")
    pd.testing.assert_frame_equal(looked.looks, early.looks)
    assert RunShelf(runs, time.monotonic).find(looked.record.run_id) is None


def test_scenes_that_were_known_later_do_not_count(farm: Painted, farm_site: PlannedSite, tmp_path: Path) -> None:
    copied = tmp_path / "copied"
    shutil.copytree(farm.catalog.parent, copied)
    late = sorted(copied.rglob("S2SIM*202312*.json"))
    assert late
    for path in late:
        said = json.loads(path.read_text())
        said["properties"]["created"] = "2024-06-15T00:00:00Z"
        path.write_text(json.dumps(said))
    request = SiteWatchRequest(
        catalog=str(copied / "catalog.json"), runs=tmp_path / "runs", as_of=date(2024, 5, 31), workers=1
    )

    def found(asked: SiteWatchRequest) -> set[str]:
        made = scenes.find_site_scenes(asked, [place_of(farm_site.plan)], Workshop(asked.work), Silent())
        return {item.id for item in made.by_site[FARM].items}

    names = {path.stem for path in late}
    assert not found(request) & names
    assert found(replace(request, known_by="sensed")) >= names
    assert found(replace(request, as_of=date(2024, 6, 15))) >= names
    assert max(item.split("_")[2][:8] for item in found(replace(request, as_of=date(2024, 2, 1)))) <= "20240201"


KILLED = """
import pickle, sys
from datetime import UTC, datetime
from pathlib import Path
from app.jobs.progress import Silent
from app.jobs.sitewatch.looking import look_at_sites

class Told(Silent):
    def advance(self, stage, parts=1):
        print(stage, flush=True)

if __name__ == "__main__":
    request, sites = pickle.loads(Path(sys.argv[1]).read_bytes())
    look_at_sites(request, sites, Told(), lambda: datetime(2026, 11, 22, 12, tzinfo=UTC))
"""


def test_killed_while_cubes_are_built_it_goes_on(
    early: SitesLooked, early_request: SiteWatchRequest, farm_site: PlannedSite, tmp_path: Path, look: Look
) -> None:
    request = replace(early_request, runs=tmp_path / "runs", sites=(FARM,))
    alone = replace(request, scheduler=None, workers=1)  # its worker is killed with it
    (tmp_path / "asked").write_bytes(pickle.dumps((alone, [farm_site])))
    (tmp_path / "killed.py").write_text(KILLED)
    with subprocess.Popen(
        [sys.executable, str(tmp_path / "killed.py"), str(tmp_path / "asked")],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
    ) as started:
        assert started.stdout is not None
        seen = 0
        for line in started.stdout:
            seen += line.strip() == "Cubes"
            if seen == 3:
                break
        os.killpg(started.pid, signal.SIGKILL)
    assert seen == 3
    assert not list((tmp_path / "runs").glob("sites-*"))
    half = _cubes(tmp_path / "runs")
    assert half
    looked = look(request, [farm_site])
    whole = _cubes(tmp_path / "runs")
    assert all(whole[place] == made for place, made in half.items())
    assert len(whole) > len(half)
    pd.testing.assert_frame_equal(looked.looks, early.looks)
    pd.testing.assert_frame_equal(looked.known, early.known)


def test_sites_that_are_not_watched_are_refused(
    early_request: SiteWatchRequest, farm_site: PlannedSite, look: Look
) -> None:
    with pytest.raises(InputError) as caught:
        look(replace(early_request, sites=("nowhere",)), [farm_site])
    assert caught.value.code == "SITES_UNKNOWN"
    with pytest.raises(InputError) as caught:
        look(early_request, [])
    assert caught.value.code == "SITES_NONE"


def test_footprints_are_read_back_as_they_were_written(early: SitesLooked) -> None:
    said = json.loads((early.folder / "footprints.geojson").read_bytes())["features"]
    assert [row["properties"]["kind"] for row in said] == early.footprints.kind.tolist()
    assert all(shape(row["geometry"]).is_valid for row in said)
    assert early.footprints.crs == 4326
