"""Meter readings: all or none, once, corrected by a later word only."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import shapely
from sqlalchemy import Engine

from app.book.decisions.people import NewUser, Person, add_unit, add_user
from app.book.drawn.registering import Giver
from app.db.engine import writing
from app.db.tables.kinds import OrgKind, UserRole
from app.sites.meters import GivenReading, TakenReadings, readings_of, take_readings
from app.sites.registering import take_plans
from geo.errors import InputError
from geo.sites import SiteType
from scoring.sites.plan import Milestone, MilestoneKind, SitePlan
from tests.app.book.made_up_book import NOW as OPENED
from tests.app.book.made_up_book import open_bank

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
DUE = (Milestone(MilestoneKind.COMPLETE, date(2026, 12, 1)),)
SITES = (
    SitePlan(1, "s-1", SiteType.SOLAR, 40.0, shapely.box(103.50, 36.0, 103.52, 36.01), DUE),
    SitePlan(2, "r-1", SiteType.RESERVOIR, None, shapely.box(103.60, 36.0, 103.62, 36.01), DUE),
)
JANUARY = GivenReading(1, "s-1", date(2026, 1, 1), date(2026, 1, 31), 4_000_000.0, "operator", date(2026, 2, 3))
FEBRUARY = replace(JANUARY, row=2, starts_on=date(2026, 2, 1), ends_on=date(2026, 2, 28), as_of=date(2026, 3, 1))


@pytest.fixture
def people(engine: Engine) -> dict[str, Person]:
    bank = open_bank(engine)
    with writing(engine) as connection:
        take_plans(connection, SITES, Giver.of(connection, bank.people["ada"].id, "001"), "ab" * 32, NOW)
        add_unit(connection, "002", "Branch", OrgKind.BRANCH, "001", OPENED)
        bob = add_user(connection, NewUser("bob", "Bob", UserRole.OFFICER, "002", "en"), bank.people["ada"], OPENED)
    return {**bank.people, "bob": bob}


def take(engine: Engine, by: Person, *given: GivenReading) -> TakenReadings:
    with writing(engine) as connection:
        return take_readings(connection, given, by, NOW)


def kept(engine: Engine, site: str = "s-1") -> list[tuple[date, date, float, date]]:
    with engine.connect() as connection:
        return [(one.starts_on, one.ends_on, one.energy_kwh, one.as_of) for one in readings_of(connection, site)]


def test_readings_are_written_once_and_a_year_may_hold_its_months(engine: Engine, people: dict[str, Person]) -> None:
    year = replace(JANUARY, row=3, starts_on=date(2025, 3, 1), ends_on=date(2026, 2, 28), as_of=date(2026, 3, 1))
    other = replace(FEBRUARY, row=4, starts_on=date(2026, 1, 15), source="grid")
    assert take(engine, people["olga"], FEBRUARY, JANUARY, year, other) == TakenReadings(4, 0, 0)
    assert take(engine, people["olga"], JANUARY, FEBRUARY) == TakenReadings(0, 0, 2)
    assert [one[0] for one in kept(engine)] == [year.starts_on, JANUARY.starts_on, other.starts_on, FEBRUARY.starts_on]


def test_a_later_word_takes_the_place_of_an_earlier_one(engine: Engine, people: dict[str, Person]) -> None:
    take(engine, people["olga"], JANUARY)
    mended = replace(JANUARY, energy_kwh=3_900_000.0, as_of=date(2026, 2, 20))
    assert take(engine, people["olga"], mended) == TakenReadings(0, 1, 0)
    assert kept(engine) == [(JANUARY.starts_on, JANUARY.ends_on, 3_900_000.0, date(2026, 2, 20))]
    with pytest.raises(InputError) as refused:
        take(engine, people["olga"], JANUARY)
    assert refused.value.code == "METER_CLASH"


def test_a_reservoir_without_capacity_may_deliver_anything(engine: Engine, people: dict[str, Person]) -> None:
    take(engine, people["olga"], replace(JANUARY, site_id="r-1", energy_kwh=1e12))
    assert kept(engine, "r-1")[0][2] == 1e12


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"site_id": "s-9"}, "SITE_UNKNOWN"),
        ({"source": " "}, "METER_SOURCE"),
        ({"ends_on": date(2026, 1, 31)}, "METER_DAYS"),
        ({"as_of": date(2026, 2, 27)}, "METER_DAYS"),
        ({"as_of": date(2026, 3, 3)}, "METER_DAYS"),
        ({"energy_kwh": -1.0}, "METER_ENERGY"),
        ({"energy_kwh": float("nan")}, "METER_ENERGY"),
        ({"energy_kwh": 1.25 * 40_000 * 24 * 28}, "METER_ENERGY"),
        ({"starts_on": date(2026, 1, 1), "ends_on": date(2026, 1, 31)}, "METER_TWICE"),
        ({"starts_on": date(2026, 1, 31)}, "METER_OVERLAP"),
    ],
)
def test_a_reading_that_cannot_be_is_named_by_its_row_and_none_is_taken(
    engine: Engine, people: dict[str, Person], changed: dict[str, object], code: str
) -> None:
    with pytest.raises(InputError) as refused:
        take(engine, people["olga"], JANUARY, replace(FEBRUARY, **changed))
    assert refused.value.code == code
    assert refused.value.message.startswith("Row 2")
    assert kept(engine) == []


def test_people_of_a_branch_do_not_reach_sites_of_head_office(engine: Engine, people: dict[str, Person]) -> None:
    with pytest.raises(InputError) as refused:
        take(engine, people["bob"], JANUARY)
    assert refused.value.code == "NOT_IN_UNIT"
