"""Simulated sites as a lender would use them: their plans are sound, and the command says how to go on."""

from __future__ import annotations

import json
from datetime import date
from functools import partial
from itertools import combinations
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from app.cli.main import status_of
from app.jobs.siteplans import read_plans
from geo.sites import Mounting, SiteType
from scoring.sites.filling import level_at, level_curve
from scoring.sites.plan import MilestoneKind, planned_share
from tests.tiles.simulation.sites.small_sites import PLANNED, small_plan
from tiles.simulation.county import CountyPlan
from tiles.simulation.sites.asked import SitesPlan
from tiles.simulation.sites.season import SimulatedSites, write_site_season

IMAGERY = (date(2015, 7, 4), date(9999, 12, 31))


def summer_plan(seed: int = 7) -> SitesPlan:
    """Three sites on five days from spring on, without radar."""
    plan = small_plan(seed)
    return SitesPlan(seed=seed, size_px=plan.size_px, days=plan.days[4:9], tracks=(), sites=plan.sites)


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> SimulatedSites:
    """The plan, written."""
    return write_site_season(tmp_path_factory.mktemp("sites"), summer_plan())


def test_plans_have_no_fault_and_their_curves_rise_to_the_planned_day(few: SimulatedSites) -> None:
    plans = read_plans(few.plans, IMAGERY).require_sound()
    assert [(plan.site_id, plan.kind) for plan in plans] == [
        ("S-1", SiteType.SOLAR),
        ("W-1", SiteType.WIND),
        ("H-1", SiteType.HYDRO),
    ]
    for plan in plans:
        due = {one.kind: one.due for one in plan.milestones}
        assert due[MilestoneKind.COMPLETE] == PLANNED
        days = np.array([due[MilestoneKind.BUILDING], PLANNED], dtype="datetime64[D]")
        np.testing.assert_allclose(planned_share(plan, days), [0.0, 1.0], atol=1e-9)
    assert [len(plan.points) for plan in plans] == [0, 3, 1]
    assert plans[0].capacity_mw == pytest.approx((plans[0].built_ha or 0) * 0.7, abs=0.06)
    assert [(plan.mounting, plan.country) for plan in plans] == [
        (Mounting.FIXED, "CN"),
        (Mounting.UNKNOWN, "CN"),
        (Mounting.UNKNOWN, "CN"),
    ]


def test_the_level_curve_of_a_reservoir_reaches_its_planned_area(few: SimulatedSites) -> None:
    plan = read_plans(few.plans, IMAGERY).require_sound()[2]
    levels, areas = zip(*plan.levels, strict=True)
    curve = level_curve(levels, [area * 1e4 for area in areas])
    full = level_at(curve, np.array([(plan.built_ha or 0) * 1e4]))[0]
    assert levels[0] < full < levels[-1]


def test_plans_lie_on_the_imagery_and_the_truth_knows_their_sites(few: SimulatedSites) -> None:
    outlines, plan = gpd.read_file(few.plans).to_crs(32650), summer_plan()
    west, south, east, north = outlines.total_bounds
    assert plan.left_m < west < east < plan.left_m + plan.side_m
    assert plan.top_m - plan.side_m < south < north < plan.top_m
    assert set(pd.read_parquet(few.truth).site_id) == set(outlines.site_id)


def test_the_command_writes_sites_and_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    small = summer_plan()
    fields = {"size_px": small.size_px, "days": small.days[2:4], "tracks": (), "sites": small.sites[:1]}
    monkeypatch.setattr("tiles.simulation.sites.asked.SitesPlan", partial(SitesPlan, **fields))
    given = ["sites", "simulate", "--out", str(tmp_path / "sites"), "--seed", "5"]
    assert status_of(given) == 0
    told = capsys.readouterr().out
    assert f"acreline sites import {tmp_path}/sites/plans.geojson" in told
    assert f"--catalog {tmp_path}/sites/catalog.json" in told
    assert "--radar" not in told
    assert status_of([*given, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert answer["radar"] is None
    assert Path(answer["plans"]).is_file()
    assert (answer["first"], answer["last"]) == tuple(str(day) for day in small.days[2:4])


def test_the_default_sites_lie_apart_on_their_grid_and_off_the_county() -> None:
    plan = SitesPlan()
    boxes = [box(w.column, w.row, w.column + w.size_px, w.row + w.size_px) for w in (one.window for one in plan.sites)]
    grid = box(0, 0, plan.size_px, plan.size_px).buffer(-28)  # 280 m of land around each window
    assert all(grid.contains(one) for one in boxes)
    assert all(one.distance(other) >= 40 for one, other in combinations(boxes, 2))
    assert len({one.site_id for one in plan.sites}) == 5
    county = CountyPlan()
    assert plan.left_m >= county.left_m + county.side_m + 5_000
    assert plan.epsg == county.epsg


@pytest.mark.parametrize("words", [["simulate"], ["sites", "simulate"]])
@pytest.mark.parametrize("below", ["", "folder"])
def test_a_folder_that_cannot_be_made_is_told_in_one_line(
    words: list[str], below: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("a file where a folder would be", encoding="utf-8")
    assert status_of([*words, "--out", str(tmp_path / "taken" / below)]) == 2
    said = capsys.readouterr().err
    assert "taken" in said
    assert "cannot be written to" in said
    assert "Choose another --out." in said
