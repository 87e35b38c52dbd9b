"""The planned curve as points, and what a watch told as the page has it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from app.api.sites.detail import site_detail
from app.api.sites.page_schemas import SiteDetail
from app.api.sites.planned import MOST, planned_points
from geo.sites import SiteMeasure, SiteType
from scoring.alerts.rules import load_rules
from scoring.sites.following import Followed
from scoring.sites.judging import judge
from scoring.sites.plan import Milestone, MilestoneKind, SitePlan, planned_share
from tests.scoring.sites.plans import plan
from tests.scoring.sites.site_looks import SITE, day, looks, no_places

DUE = (Milestone(MilestoneKind.BUILDING, date(2026, 1, 1)), Milestone(MilestoneKind.COMPLETE, date(2026, 12, 1)))
PLAN = SitePlan(1, "s-1", SiteType.SOLAR, 40.0, shapely.box(103.50, 36.0, 103.52, 36.01), DUE)


def test_straight_lines_between_the_points_are_the_planned_share() -> None:
    days = np.arange("2025-12-01", "2027-01-01", dtype="datetime64[D]")
    points = planned_points(PLAN)
    known = np.array([day for day, _ in points], dtype="datetime64[D]").astype(int)
    drawn = np.interp(days.astype(int), known, [share for _, share in points])
    assert np.abs(drawn - planned_share(PLAN, days)).max() < 0.002
    assert (points[0], points[-1]) == ((date(2026, 1, 1), 0.0), (date(2026, 12, 1), 1.0))


def test_a_curve_of_its_own_stands_as_it_is_given() -> None:
    curve = ((date(2026, 1, 1), 0.1), (date(2026, 5, 1), 0.1), (date(2026, 9, 1), 1.0))
    assert planned_points(replace(PLAN, curve=curve)) == list(curve)


@pytest.mark.parametrize("count", [MOST, MOST + 1, 900])
def test_a_long_curve_is_thinned_and_keeps_its_ends(count: int) -> None:
    curve = tuple((date(2026, 1, 1) + timedelta(days=day), day / (count - 1)) for day in range(count))
    points = planned_points(replace(PLAN, curve=curve))
    assert len(points) == MOST
    assert (points[0], points[-1]) == (curve[0], curve[-1])
    assert {day for day, _ in points} <= {day for day, _ in curve}


def test_milestones_of_one_day_are_one_point() -> None:
    due = tuple(Milestone(kind, date(2026, 5, 1)) for kind in (MilestoneKind.BUILDING, MilestoneKind.COMPLETE))
    assert len(planned_points(replace(PLAN, milestones=due))) == 1


def _told(kind: SiteType, rows: pd.DataFrame, places: pd.DataFrame, **planned: Any) -> dict[str, Any]:
    given = plan(kind=kind, **planned)
    site = Followed(given, ((date(2023, 1, 1), given),), 1_200_000.0, load_rules("sites-1"))
    told: dict[str, Any] = json.loads(json.dumps(judge(site, rows, places, day(9)).detail))
    return told


def test_what_a_watch_tells_is_read_whole_by_type() -> None:
    """Nothing that scoring.sites.detail writes is lost on the way to the page, nor missed by it."""
    panels = looks(SiteMeasure.PANELS, [4e4 * number for number in range(10)], 8_000.0)
    water = looks(SiteMeasure.WATER, [5e4 * number for number in range(10)], 8_000.0)
    pads = looks(SiteMeasure.PADS, [0.0] * 5 + [2.0] * 5, 0.2)
    at = ((103.505, 36.005), (103.515, 36.005))
    chances = pd.DataFrame({"site_id": SITE, "place": [0, 1], "date": day(9), "pad": [0.9, 0.2], "tower": [0.5, None]})
    told = {
        SiteType.SOLAR: _told(SiteType.SOLAR, panels, no_places(), built_ha=80.0),
        SiteType.WIND: _told(SiteType.WIND, pads, chances, points=at),
        SiteType.RESERVOIR: _told(
            SiteType.RESERVOIR, water, no_places(), built_ha=80.0, levels=((610.0, 0.0), (640.0, 80.0))
        ),
    }
    for kind, judged in told.items():
        said = {**judged, "failure": None}  # which the watch itself adds
        assert set(said) == set(SiteDetail.model_fields), kind
        assert site_detail(said).model_dump(mode="json") == said, kind
    assert told[SiteType.SOLAR]["capacity"] is not None
    assert [place["tower"] for place in told[SiteType.WIND]["places"]] == [0.5, None]
    assert told[SiteType.RESERVOIR]["water"]["level_m"] is not None
