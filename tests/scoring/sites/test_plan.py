"""Plans that are refused, and what is planned by a day."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
import shapely

from geo.sites import Mounting, SiteType
from scoring.sites.faults import plan_faults
from scoring.sites.plan import Milestone, MilestoneKind, planned_share
from tests.scoring.sites.plans import plan

IMAGERY = (date(2023, 6, 1), date(2025, 6, 1))
COMPLETE, CLEARED = MilestoneKind.COMPLETE, MilestoneKind.CLEARED


def test_sound_plans_have_no_fault() -> None:
    turbines = {"kind": SiteType.WIND, "outline": shapely.MultiPoint([(75.0, 15.1), (75.0, 15.2)])}
    dam = {"kind": SiteType.HYDRO, "points": ((75.0305, 15.005),)}
    assert plan_faults([plan(), plan(2, "b", west=75.01), plan(3, "c", **turbines)], IMAGERY) == ()
    assert plan_faults([plan(4, "d", west=75.02, **dam)], IMAGERY) == ()
    assert plan_faults([plan(mounting=Mounting.TRACKING, country="NA")], IMAGERY) == ()


def test_a_country_that_is_written_out_is_told_its_code() -> None:
    (fault,) = plan_faults([plan(country="India")], IMAGERY)
    assert "'India'" in fault.message
    assert fault.remedy == "Give its code, IN."


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"capacity_mw": 0.0}, "SITES_PLAN_CAPACITY"),
        ({"capacity_mw": None}, "SITES_PLAN_CAPACITY"),
        ({"outline": shapely.Polygon([(0, 0), (1, 1), (0, 1), (1, 0)])}, "SITES_PLAN_OUTLINE"),
        ({"outline": shapely.Point(75.0, 15.0)}, "SITES_PLAN_POINTS"),
        ({"kind": SiteType.WIND}, "SITES_PLAN_POINTS"),
        ({"kind": SiteType.WIND, "points": ((75.005, 15.005), (75.02, 15.005))}, "SITES_PLAN_POINTS"),
        ({"milestones": (Milestone(CLEARED, date(2024, 1, 1)),)}, "SITES_PLAN_MILESTONES"),
        (
            {"milestones": (Milestone(CLEARED, date(2024, 9, 1)), Milestone(COMPLETE, date(2024, 3, 1)))},
            "SITES_PLAN_ORDER",
        ),
        ({"milestones": (Milestone(COMPLETE, date(2024, 3, 1), 1.2),)}, "SITES_PLAN_DRAWS"),
        ({"milestones": (Milestone(COMPLETE, date(2019, 3, 1)),)}, "SITES_PLAN_NO_IMAGERY"),
        ({"curve": ((date(2024, 3, 1), 0.4), (date(2024, 6, 1), 0.2))}, "SITES_PLAN_CURVE"),
        ({"kind": SiteType.HYDRO, "mounting": Mounting.FIXED}, "SITES_PLAN_MOUNTING"),
        ({"country": "XX"}, "SITES_PLAN_COUNTRY"),
        ({"country": "in"}, "SITES_PLAN_COUNTRY"),
    ],
)
def test_a_bad_plan_is_refused_with_its_row_and_a_remedy(changed: dict[str, object], code: str) -> None:
    faults = plan_faults([plan(3, **changed)], IMAGERY)
    assert [fault.code for fault in faults] == [code]
    assert faults[0].message.startswith("Row 3, site 'a'")
    assert faults[0].remedy


def test_sites_that_overlap_or_stand_twice_are_refused() -> None:
    faults = plan_faults([plan(1), plan(2, "b", west=75.005), plan(3, "a", west=76.0)], IMAGERY)
    assert [(fault.row, fault.code) for fault in faults] == [(2, "SITES_PLAN_OVERLAP"), (3, "SITES_PLAN_TWICE")]


def test_the_planned_share_never_falls_and_goes_from_nothing_to_all() -> None:
    days = np.arange("2023-12-01", "2025-01-31", 7, dtype="datetime64[D]")
    for one in (plan(), plan(curve=((date(2024, 2, 1), 0.1), (date(2024, 8, 1), 1.0)))):
        share = planned_share(one, days)
        assert share[0] == 0
        assert share[-1] == 1
        assert (np.diff(share) >= 0).all()
