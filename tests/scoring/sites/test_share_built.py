from __future__ import annotations

from datetime import timedelta

import pytest

from geo.sites import Mounting, SiteMeasure, SiteType
from scoring.sites.known import known_of
from scoring.sites.milestones import Reached
from scoring.sites.plan import MilestoneKind, SitePlan
from scoring.sites.share_built import Whole, milestones_known, progress_known, whole_of
from tests.scoring.sites.plans import plan
from tests.scoring.sites.site_looks import SITE, day, looks, together

AREA_M2 = 1_200_000.0
FARM = plan(kind=SiteType.WIND, capacity_mw=8.0, points=((75.001, 15.001), (75.008, 15.008)))
DAM = plan(kind=SiteType.HYDRO, built_ha=10.0, points=((75.001, 15.001),))


def between(reached: Reached) -> tuple[object, object]:
    return reached.after.item(), reached.by.item()


def test_the_whole_is_what_the_plan_states() -> None:
    assert whole_of(plan(built_ha=80.0), AREA_M2) == Whole(8e5, 8e5, 8e5, "built_ha")
    assert whole_of(FARM, AREA_M2) == Whole(2, 2, 2, "points")
    assert whole_of(DAM, AREA_M2) == Whole(1e5, 1e5, 1e5, "built_ha")


@pytest.mark.parametrize("kind", [SiteType.HYDRO, SiteType.RESERVOIR])
def test_water_without_a_planned_area_is_a_share_of_nothing(kind: SiteType) -> None:
    assert whole_of(plan(kind=kind), AREA_M2) is None


def test_ground_is_reckoned_from_capacity_within_the_border() -> None:
    whole = whole_of(plan(), AREA_M2)  # 50 MW at 0.87 to 0.59 MW a hectare
    assert whole is not None
    assert (whole.least, whole.most, whole.basis) == pytest.approx((574_713, 847_458, "capacity"), abs=1)
    assert whole.least < whole.usual < whole.most
    assert whole_of(plan(), 6e5) == Whole(whole.least, pytest.approx((whole.least * 6e5) ** 0.5), 6e5, "capacity")


def test_a_stated_mounting_says_more_surely_how_much_ground_a_capacity_takes() -> None:
    named = (Mounting.UNKNOWN, Mounting.FIXED, Mounting.TRACKING)
    unknown, fixed, tracking = (whole_of(plan(mounting=mounting), AREA_M2) for mounting in named)
    if unknown is None or fixed is None or tracking is None:
        raise AssertionError(unknown, fixed, tracking)
    assert (fixed.usual, tracking.usual) == pytest.approx((500_000 / 0.87, 500_000 / 0.59))
    assert fixed.most / fixed.least < unknown.most / unknown.least
    assert fixed.least < unknown.least < fixed.most < tracking.least < unknown.most < tracking.most


def test_an_unsure_whole_widens_the_interval() -> None:
    known = known_of(looks(SiteMeasure.PANELS, [0.0, 2e5, 3e5], 4_000.0), SITE)
    sure = progress_known(SiteType.SOLAR, Whole(7e5, 7e5, 7e5, "built_ha"), known, day(2))
    unsure = progress_known(SiteType.SOLAR, Whole(6e5, 7e5, 8e5, "capacity"), known, day(2))
    assert sure is not None
    assert unsure is not None
    assert unsure.share[0] == sure.share[0] == pytest.approx(3 / 7, abs=0.01)
    assert unsure.low[0] == pytest.approx(sure.low[0] * 7 / 8, abs=0.01)
    assert unsure.high[0] == pytest.approx(sure.high[0] * 7 / 6, abs=0.01)


def test_without_a_look_there_is_no_progress() -> None:
    known = known_of(looks(SiteMeasure.CLEARED, [1.0], 1.0), SITE)
    assert progress_known(SiteType.SOLAR, Whole(1, 1, 1, "built_ha"), known, day(5)) is None


def test_a_farm_is_told_of_on_the_last_day_that_shows_pads_and_towers() -> None:
    pads = looks(SiteMeasure.PADS, [0.0, 1.0, 2.0], 0.1)
    towers = looks(SiteMeasure.TURBINES, [0.0, 0.0, 0.0, 0.0, 1.0], 0.1)
    known, whole = known_of(together(pads, towers), SITE), whole_of(FARM, AREA_M2)
    assert whole is not None
    told = progress_known(SiteType.WIND, whole, known, day(4))
    assert told is not None
    assert told.seen_on[0].item() == day(2)
    later = looks(SiteMeasure.TURBINES, [None] * 8 + [2.0], 0.1)
    further = progress_known(SiteType.WIND, whole, known_of(together(pads, towers, later), SITE), day(8))
    assert further is not None
    assert further.seen_on[0].item() == day(8)
    assert further.share[0] == pytest.approx(1.0, abs=0.01)  # a tower has its pad


def test_what_a_later_look_shows_of_towers_bounds_the_day_that_pads_were_seen() -> None:
    in_turns = [None if number % 2 else 2.0 for number in range(8)]
    pads, whole = looks(SiteMeasure.PADS, in_turns, 0.1), whole_of(FARM, AREA_M2)
    towers = looks(SiteMeasure.TURBINES, [0.0 if number % 2 else None for number in range(8)], 0.1)
    known = known_of(together(pads, towers), SITE)
    assert whole is not None
    for number in (5, 6, 7):  # pads were seen last on the even ones, towers on the odd ones
        told = progress_known(SiteType.WIND, whole, known, day(number))
        assert told is not None
        assert told.share[0] == pytest.approx(0.5, abs=0.01)
        assert told.high[0] < 0.65, "no tower was seen, before or after"


def test_what_became_known_later_is_not_told() -> None:
    known = known_of(looks(SiteMeasure.PANELS, [0.0, 7e5], 4_000.0, late=timedelta(days=15)), SITE)
    told = progress_known(SiteType.SOLAR, Whole(7e5, 7e5, 7e5, "built_ha"), known, day(2))
    assert told is not None
    assert told.seen_on[0].item() == day(0)


FILLED = [0.0, 0.0, 2e4, 6e4, 1e5, 1e5, 5e4, 1e5, 1e5, 1e5, 1e5, 1e5]


def milestones(given: SitePlan, *parts: object) -> dict[MilestoneKind, tuple[object, object]]:
    whole = whole_of(given, AREA_M2)
    assert whole is not None
    known = known_of(together(*parts), SITE)  # type: ignore[arg-type]
    return {kind: between(one) for kind, one in milestones_known(given, whole, known, AREA_M2, day(40)).items()}


def test_milestones_of_a_reservoir_that_was_drawn_down_once() -> None:
    bare = looks(SiteMeasure.CLEARED, [0.0, 2_000.0, 9_000.0, 9_000.0, 9_000.0], 300.0)
    assert milestones(DAM, bare, looks(SiteMeasure.WATER, FILLED, 1_000.0)) == {
        MilestoneKind.CLEARED: (day(1), day(2)),
        MilestoneKind.BUILDING: (day(1), day(2)),
        MilestoneKind.COMPLETE: (day(3), day(4)),
        MilestoneKind.STEADY: (day(9), day(10)),
    }


def test_a_reservoir_without_its_dam_has_no_clearing() -> None:
    bare = looks(SiteMeasure.CLEARED, [9_000.0], 300.0)
    reservoir = plan(kind=SiteType.RESERVOIR, built_ha=10.0)
    assert MilestoneKind.CLEARED not in milestones(reservoir, bare, looks(SiteMeasure.WATER, FILLED, 1_000.0))


def test_milestones_of_a_farm() -> None:
    pads = looks(SiteMeasure.PADS, [0.0, 1.0, 2.0, 2.0, 2.0, 2.0], 0.05)
    towers = looks(SiteMeasure.TURBINES, [0.0, 0.0, 0.0, 1.0, 2.0, 2.0], 0.05)
    assert milestones(FARM, pads, towers) == {
        MilestoneKind.CLEARED: (day(0), day(1)),
        MilestoneKind.BUILDING: (day(0), day(1)),
        MilestoneKind.COMPLETE: (day(3), day(4)),
        MilestoneKind.STEADY: (day(5), None),
    }


def test_milestones_of_solar_take_the_border_for_clearing() -> None:
    bare = looks(SiteMeasure.CLEARED, [0.0, 0.4 * AREA_M2, 0.8 * AREA_M2, 0.8 * AREA_M2], 9_000.0)
    panels = looks(SiteMeasure.PANELS, [0.0, 0.0, 1e5, 8e5], 6_000.0)
    found = milestones(plan(built_ha=80.0), bare, panels)
    assert found[MilestoneKind.CLEARED] == (day(1), day(2))
    assert found[MilestoneKind.COMPLETE] == (day(2), day(3))
    assert found[MilestoneKind.STEADY][1] is None
