from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from geo.sites import SITES_SEASON, SiteMeasure, SiteType
from scoring.alerts.levels import Level
from scoring.alerts.rules import AlertRules, load_rules
from scoring.sites.following import Followed, LandSaid
from scoring.sites.judging import Before, Judged, judge
from scoring.sites.milestones import Reached
from scoring.sites.operation import Footprint, SiteCause, land_findings
from scoring.sites.plan import Milestone, MilestoneKind, SitePlan, planned_share
from tests.scoring.sites.plans import plan
from tests.scoring.sites.site_looks import SITE, day, looks, no_places, together

AREA_M2 = 1_200_000.0
BUILT = plan(built_ha=80.0)
#: From March to December; what is built is half of that by the end.
SLOW = looks(SiteMeasure.PANELS, [0.0] * 10 + [4e4 * n for n in range(1, 11)] + [4e5] * 15, 8_000.0)
LAST = day(34)


@cache
def rules() -> AlertRules:
    return load_rules("sites-1")


def followed(given: SitePlan = BUILT, *plans: tuple[date, SitePlan]) -> Followed:
    return Followed(given, plans or ((date(2023, 1, 1), given),), AREA_M2, rules())


def judged(rows: pd.DataFrame = SLOW, as_of: date = LAST, site: Followed | None = None, **more: object) -> Judged:
    return judge(site or followed(), together(rows), no_places(), as_of, **more)  # type: ignore[arg-type]


def lines(changes: pa.Table) -> list[tuple[str, date, date, str, str]]:
    names = ("cause", "opened_on", "day", "kind", "level")
    return [tuple(row[name] for name in names) for row in changes.to_pylist()]  # type: ignore[misc]


def test_a_site_that_is_built_slowly_falls_behind_step_by_step() -> None:
    found = judged()
    assert (found.seen_on, found.level, found.lacks) == (LAST, Level.ACTION, "")
    assert found.share == pytest.approx(0.5, abs=0.01)
    assert found.low is not None
    assert found.high is not None
    assert found.low <= 0.5 <= found.high
    assert found.planned == pytest.approx(planned_share(BUILT, np.array([np.datetime64(LAST)]))[0])
    told = lines(found.changes)
    assert [(kind, level) for _, _, _, kind, level in told] == [
        ("opened", "watch"), ("raised", "warning"), ("raised", "action"),
    ]  # fmt: skip
    assert {(cause, opened) for cause, opened, *_ in told} == {("behind_plan", told[0][1])}
    assert found.changes["season_id"].to_pylist() == [SITES_SEASON.id] * 3


def test_evidence_is_the_share_that_was_reported_on_the_look() -> None:
    opened = judged().changes.to_pylist()[0]
    assert opened["evidence_dates"] == [opened["look_day"]]
    assert opened["evidence_values"] == pytest.approx([opened["value"]])
    assert opened["expected_low"] > opened["value"]


@pytest.mark.parametrize("number", [12, 18, 21, 30])
def test_a_later_watch_tells_what_an_earlier_one_told(number: int) -> None:
    earlier, later = judged(as_of=day(number)), judged()
    until = [line for line in lines(later.changes) if line[2] <= day(number)]
    assert lines(earlier.changes) == until
    assert later.detail["curve"][: len(earlier.detail["curve"])] == earlier.detail["curve"]


def test_no_report_states_less_than_one_before() -> None:
    rng = np.random.default_rng(7)
    noisy = SLOW.assign(value=np.clip(SLOW["value"] + rng.normal(0, 40_000, len(SLOW)), 0, None), error=40_000.0)
    curve = judged(noisy).detail["curve"]
    shares = [share for _, _, share, _ in curve]
    assert len(shares) == 35
    assert all(a <= b for a, b in itertools.pairwise(shares))
    assert all(low <= share <= high for _, low, share, high in curve)


def test_what_was_reported_before_is_not_taken_back() -> None:
    by = Reached(np.datetime64(day(20)), np.datetime64(day(21)))
    before = Before(0.7, {MilestoneKind.COMPLETE: by, MilestoneKind.BUILDING: by})
    found, alone = judged(before=before), judged()
    assert (found.share, found.seen_on) == (0.7, alone.seen_on)
    assert found.high is not None
    assert found.high >= 0.7
    assert found.milestones[MilestoneKind.COMPLETE] == by
    assert found.milestones[MilestoneKind.BUILDING] == alone.milestones[MilestoneKind.BUILDING] != by
    assert lines(found.changes) == lines(alone.changes)


def test_each_day_is_judged_by_the_plan_of_the_day() -> None:
    later = replace(BUILT, milestones=(Milestone(MilestoneKind.COMPLETE, date(2026, 12, 1)),))
    moved = followed(later, (date(2023, 1, 1), BUILT), (day(28), later))
    told = lines(judged(site=moved).changes)
    assert told[:2] == lines(judged().changes)[:2]
    assert [kind for _, _, _, kind, _ in told[2:]][-1] == "ended"
    assert judged(site=moved).level is Level.NONE
    assert lines(judged(site=followed(later)).changes) == []  # without the first plan nothing was ever late


def test_a_plan_that_came_after_the_looks_judges_them_all() -> None:
    assert lines(judged(site=followed(BUILT, (day(34), BUILT))).changes) == lines(judged().changes)


def test_a_site_without_a_look_is_not_seen() -> None:
    found = judge(followed(), together(SLOW).head(1), no_places(), LAST)
    assert (found.seen_on, found.planned, found.low, found.share, found.high) == (None,) * 5
    assert (found.level, found.changes.num_rows, found.detail["measures"]) == (Level.NONE, 0, {})


def test_looks_after_the_day_do_not_count() -> None:
    assert judged(as_of=day(0) - timedelta(days=1)).seen_on is None
    assert judged(as_of=day(11)).seen_on == day(11)


def test_water_whose_planned_area_nobody_stated_shows_its_area_alone() -> None:
    dam = followed(plan(kind=SiteType.RESERVOIR))
    found = judged(looks(SiteMeasure.WATER, [0.0, 5e4], 900.0), site=dam)
    assert (found.seen_on, found.share, found.lacks, found.level) == (None, None, "built_ha", Level.NONE)
    assert found.detail["measures"]["water_m2"]["value"] == 5e4
    assert found.detail["water"]["area_m2"] == 5e4
    assert found.detail["whole"] is None


def test_water_has_its_level_within_the_curve_only() -> None:
    dam = followed(plan(kind=SiteType.RESERVOIR, built_ha=10.0, levels=((600.0, 0.0), (610.0, 5.0), (620.0, 8.0))))
    inside = judged(looks(SiteMeasure.WATER, [5e4], 900.0), site=dam).detail["water"]
    assert inside["level_m"] == pytest.approx(610.0, abs=0.01)
    assert inside["level_low_m"] < 610.0 < inside["level_high_m"]
    beyond = judged(looks(SiteMeasure.WATER, [9e4], 900.0), site=dam).detail["water"]
    assert (beyond["level_m"], beyond["level_high_m"]) == (None, None)
    assert beyond["level_low_m"] == 620.0


def test_capacity_is_that_of_the_ground_that_is_seen_built() -> None:
    held = judged().detail["capacity"]
    panels = judged().detail["measures"]["panels_m2"]
    assert held["low"] == pytest.approx(panels["low"] / 1e4 * 0.37, abs=0.01)
    assert held["high"] == pytest.approx(panels["high"] / 1e4 * 0.87, abs=0.01)
    assert judged(looks(SiteMeasure.PANELS, [0.0], 8_000.0)).detail["capacity"] is None


FARM = plan(kind=SiteType.WIND, capacity_mw=8.0, points=((75.001, 15.001), (75.008, 15.008)))


def test_turbines_have_their_latest_chances() -> None:
    places = pd.DataFrame(
        [
            (SITE, 0, day(0), 0.2, None),
            (SITE, 0, day(1), 0.8, 0.3),
            (SITE, 0, day(2), None, None),
            (SITE, 1, day(9), 1, 1),
        ],
        columns=["site_id", "place", "date", "pad", "tower"],
    )
    pads = looks(SiteMeasure.PADS, [0.0, 1.0], 0.1)
    found = judge(followed(FARM), together(pads), places, day(3))
    assert found.detail["places"] == [
        {"lon": 75.001, "lat": 15.001, "pad": 0.8, "tower": 0.3},
        {"lon": 75.008, "lat": 15.008, "pad": None, "tower": None},
    ]
    assert found.detail["over_permit"] is None


def test_pads_where_none_is_planned_are_over_the_permit() -> None:
    pads, more = looks(SiteMeasure.PADS, [2.0], 0.1), looks(SiteMeasure.PADS_ELSEWHERE, [1.4], 0.1)
    assert judged(together(pads, more), site=followed(FARM)).detail["over_permit"] == [1, 1]


FIRE = looks(SiteMeasure.BURNT, [0.0, 0.0, 2e5, 2e5, 2e5, 0.0, 0.0, 0.0, 0.0], 500.0)


def test_a_site_that_burns_has_an_alert_until_it_is_green_again() -> None:
    told = [line for line in lines(judged(pd.concat([SLOW, FIRE])).changes) if line[0] == SiteCause.FIRE]
    assert (told[0][1:4], told[-1][3]) == ((day(2), day(2), "opened"), "ended")


def test_a_cause_that_the_rules_do_not_name_is_not_looked_for() -> None:
    mine = rules().model_copy(update={"causes": {"behind_plan": rules().cause("behind_plan")}})
    site = replace(followed(), rules=mine)
    assert {line[0] for line in lines(judged(pd.concat([SLOW, FIRE]), site=site).changes)} == {"behind_plan"}


def land(as_of: date, beyond_m2: float) -> LandSaid:
    footprint = Footprint(AREA_M2, {}, 0.0, {"farmland": beyond_m2}, as_of)
    return LandSaid.of(land_findings([footprint], frozenset(), as_of))


def test_a_red_line_opens_one_alert_that_later_watches_find_again() -> None:
    first = judged(as_of=day(20), land=land(day(20), 1e5))
    opened = [line for line in lines(first.changes) if line[0] == SiteCause.LAND_RULE]
    assert [line[1:4] for line in opened] == [(day(20), day(20), "opened")]
    before = Before(land=(land(day(20), 1e5),))
    again = judged(as_of=day(25), land=land(day(25), 1e5), before=before)
    assert [line for line in lines(again.changes) if line[0] == SiteCause.LAND_RULE] == opened
    gone = judged(as_of=day(25), land=land(day(25), 0.0), before=before)
    kinds = [line[3] for line in lines(gone.changes) if line[0] == SiteCause.LAND_RULE]
    assert kinds == ["opened", "ended"]


def test_ground_of_which_nothing_is_known_is_not_judged() -> None:
    nothing = LandSaid.of(land_findings([Footprint(AREA_M2, {}, 0.0, {}, LAST)], frozenset({"rice"}), LAST))
    assert (nothing.judged, nothing.raised, nothing.share, nothing.season_end) == (False, False, None, None)
    kept = judged(land=nothing, before=Before(land=(land(day(20), 1e5),)))
    assert [line[3] for line in lines(kept.changes) if line[0] == SiteCause.LAND_RULE] == ["opened"]
