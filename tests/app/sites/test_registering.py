from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import shapely
from sqlalchemy import Engine, func, insert, select, true
from sqlalchemy.orm import Session

from app.book.drawn.registering import Giver
from app.db.engine import writing
from app.db.tables import ContractPlot, EnergySite, Facility, Parcel, ParcelPeriod, SitePlanVersion
from app.sites.plans import planned_sites
from app.sites.registering import Taken, plan_hash, require_unit, take_plans
from geo.errors import InputError
from geo.sites import Mounting, SiteType
from scoring.sites.plan import Milestone, MilestoneKind, SitePlan
from tests.app.book.made_up_book import open_bank

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
DUE = (Milestone(MilestoneKind.CLEARED, date(2026, 4, 1), 0.25), Milestone(MilestoneKind.COMPLETE, date(2026, 12, 1)))
SOLAR = SitePlan(
    1, "s-1", SiteType.SOLAR, 40.0, shapely.box(103.50, 36.0, 103.52, 36.01), DUE, permits=("P 1",), built_ha=120.0
)
STATED = replace(SOLAR, mounting=Mounting.TRACKING, country="CN")
WIND = SitePlan(2, "w-1", SiteType.WIND, 9.0, shapely.MultiPoint([(103.6, 36.1), (103.61, 36.1)]), DUE)


@pytest.fixture
def giver(engine: Engine) -> Giver:
    bank = open_bank(engine)
    with engine.connect() as connection:
        return Giver.of(connection, bank.people["ada"].id, "001")


def take(engine: Engine, giver: Giver, *plans: SitePlan, now: datetime = NOW) -> Taken:
    with writing(engine) as connection:
        return take_plans(connection, plans, giver, "ab" * 32, now)


def count(engine: Engine, table: type) -> int:
    with engine.connect() as connection:
        return connection.scalars(select(func.count()).select_from(table)).one()


def test_plans_are_read_back_as_they_were_given(engine: Engine, giver: Giver) -> None:
    assert take(engine, giver, SOLAR, WIND).new == ("s-1", "w-1")
    with engine.connect() as connection:
        solar, wind = planned_sites(connection, NOW, true())
        assert planned_sites(connection, NOW - timedelta(seconds=1), true()) == []
    assert replace(solar.plan, row=1, outline=SOLAR.outline) == SOLAR
    assert solar.plan.outline.equals(SOLAR.outline)
    assert solar.area_ha == pytest.approx(200.1, rel=0.01)  # 0.02 x 0.01 degrees at 36 degrees north
    assert wind.plan.points == WIND.ground.points
    assert wind.area_ha == pytest.approx(2 * 3.14159 * 0.15**2 * 100, rel=0.01)  # two circles of 150 m


def test_the_same_file_again_writes_nothing(engine: Engine, giver: Giver) -> None:
    take(engine, giver, SOLAR, WIND)
    rows = [count(engine, table) for table in (EnergySite, SitePlanVersion, ParcelPeriod)]
    assert take(engine, giver, WIND, SOLAR, now=LATER) == Taken((), (), (), ("w-1", "s-1"))
    assert [count(engine, table) for table in (EnergySite, SitePlanVersion, ParcelPeriod)] == rows


def test_another_plan_and_another_border_hold_from_then_on(engine: Engine, giver: Giver) -> None:
    take(engine, giver, SOLAR)
    moved = replace(SOLAR, milestones=(DUE[0], replace(DUE[1], due=date(2027, 3, 1))))
    assert take(engine, giver, moved, now=LATER).replanned == ("s-1",)
    wider = replace(moved, outline=shapely.box(103.50, 36.0, 103.53, 36.01))
    assert take(engine, giver, wider, now=LATER + timedelta(days=1)).redrawn == ("s-1",)
    with engine.connect() as connection:
        told = [planned_sites(connection, at, true())[0] for at in (NOW, LATER, LATER + timedelta(days=1))]
    assert [site.plan.milestones[1].due for site in told] == [date(2026, 12, 1), date(2027, 3, 1), date(2027, 3, 1)]
    assert [round(site.area_ha) for site in told] == [200, 200, 300]


def test_mounting_and_country_are_part_of_a_plan(engine: Engine, giver: Giver) -> None:
    take(engine, giver, SOLAR, WIND)
    assert take(engine, giver, STATED, replace(WIND, country="CN"), now=LATER).replanned == ("s-1", "w-1")
    assert take(engine, giver, STATED, now=LATER).unchanged == ("s-1",)
    with engine.connect() as connection:
        before, _ = planned_sites(connection, NOW, true())
        after, wind = planned_sites(connection, LATER, true())
    assert (before.plan.mounting, before.plan.country) == (Mounting.UNKNOWN, "")
    assert (after.plan.mounting, after.plan.country) == (Mounting.TRACKING, "CN")
    told = [(one.as_dict()["mounting"], one.as_dict()["country"]) for one in (before, after, wind)]
    assert told == [(None, None), ("tracking", "CN"), (None, "CN")]


def test_plans_that_state_neither_keep_the_hash_of_before() -> None:
    before = "36a7e37afbca8e52"
    assert plan_hash(SOLAR)[:16] == before
    others = [STATED, replace(SOLAR, mounting=Mounting.TRACKING), replace(SOLAR, country="CN")]
    assert len({plan_hash(one) for one in (SOLAR, *others)}) == 4


def test_a_site_backs_its_facility_once(engine: Engine, giver: Giver) -> None:
    dated = {"starts_on": NOW.date(), "valid_from": NOW, "recorded_at": NOW}
    with Session(engine) as session:
        plain = {"product": "project", "currency": "CNY", "revolving": False, "status": "active"}
        session.add(Facility(number="F-9", **plain, **dated))
        session.commit()
    backed = replace(SOLAR, facility="F-9")
    take(engine, giver, backed)
    take(engine, giver, backed, now=LATER)
    assert count(engine, ContractPlot) == 1
    with engine.connect() as connection:
        assert planned_sites(connection, LATER, true())[0].plan.facility == "F-9"


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        (replace(SOLAR, facility="F-0"), "SITES_FACILITY"),
        (replace(SOLAR, site_id="field"), "PARCEL_TAKEN"),
        (replace(SOLAR, outline=shapely.box(100, 30, 101, 31)), "SITES_OUTLINE"),
        (
            replace(SOLAR, outline=shapely.Polygon([(103, 36), (103.1, 36.1), (103.1, 36), (103, 36.1)])),
            "SITES_OUTLINE",
        ),
    ],
)
def test_what_cannot_be_taken_leaves_nothing_behind(engine: Engine, giver: Giver, plan: SitePlan, code: str) -> None:
    with writing(engine) as connection:
        connection.execute(insert(Parcel), [{"parcel_id": "field", "recorded_at": NOW}])
    with pytest.raises(InputError) as refused:
        take(engine, giver, WIND, plan)
    assert refused.value.code == code
    assert count(engine, EnergySite) == 0


def test_a_site_is_called_as_its_latest_plan_that_names_it(engine: Engine, giver: Giver) -> None:
    take(engine, giver, SOLAR, replace(WIND, name="North ridge"))
    assert take(engine, giver, replace(SOLAR, name="Dune field"), WIND, now=LATER) == Taken(
        (), (), (), ("w-1",), ("s-1",)
    )
    assert take(engine, giver, replace(SOLAR, name="Dune field"), now=LATER).unchanged == ("s-1",)
    with engine.connect() as connection:
        assert [site.plan.name for site in planned_sites(connection, LATER, true())] == ["Dune field", "North ridge"]


def test_levels_of_a_reservoir_are_kept_and_another_curve_is_another_plan(engine: Engine, giver: Giver) -> None:
    dam = replace(SOLAR, kind=SiteType.RESERVOIR, capacity_mw=None, levels=((620.0, 0.0), (640.0, 12.5)))
    take(engine, giver, dam)
    raised = replace(dam, levels=((620.0, 0.0), (641.0, 13.5)))
    assert take(engine, giver, raised, now=LATER).replanned == ("s-1",)
    with engine.connect() as connection:
        told = [planned_sites(connection, at, true())[0].plan.levels for at in (NOW, LATER)]
    assert told == [dam.levels, raised.levels]


def test_a_site_does_not_become_one_of_another_type(engine: Engine, giver: Giver) -> None:
    take(engine, giver, SOLAR)
    with pytest.raises(InputError) as refused:
        take(engine, giver, replace(SOLAR, kind=SiteType.RESERVOIR), now=LATER)
    assert refused.value.code == "SITES_TYPE"


def test_people_name_their_own_unit_or_one_below(engine: Engine) -> None:
    bank = open_bank(engine)
    with engine.connect() as connection:
        require_unit(connection, bank.people["ada"], "001")
        with pytest.raises(InputError, match="no unit '999'"):
            require_unit(connection, bank.people["ada"], "999")
