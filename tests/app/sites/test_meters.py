"""Meter readings: all or none, once, corrected by a later word only."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import shapely
from sqlalchemy import Engine, delete, update
from sqlalchemy.exc import DBAPIError

from app.book.decisions.people import NewUser, Person, add_unit, add_user
from app.book.drawn.registering import Giver
from app.db.engine import writing
from app.db.tables import MeterReading
from app.db.tables.kinds import OrgKind, UserRole
from app.sites.meters import GivenReading, TakenReadings, take_readings
from app.sites.readings import KnownReading, readings_of
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


def read(engine: Engine, said_by: date | None = None) -> list[KnownReading]:
    with engine.connect() as connection:
        return readings_of(connection, "s-1", said_by)


def kept(engine: Engine, site: str = "s-1") -> list[tuple[date, date, float, date]]:
    with engine.connect() as connection:
        return [(one.starts_on, one.ends_on, one.energy_kwh, one.as_of) for one in readings_of(connection, site)]


def test_readings_are_written_once_and_a_year_may_hold_its_months(engine: Engine, people: dict[str, Person]) -> None:
    year = replace(JANUARY, row=3, starts_on=date(2025, 3, 1), ends_on=date(2026, 2, 28), as_of=date(2026, 3, 1))
    other = replace(FEBRUARY, row=4, starts_on=date(2026, 1, 15), source="grid")
    assert take(engine, people["olga"], FEBRUARY, JANUARY, year, other) == TakenReadings(new=4)
    assert take(engine, people["olga"], JANUARY, FEBRUARY) == TakenReadings(unchanged=2)
    assert [one[0] for one in kept(engine)] == [year.starts_on, JANUARY.starts_on, other.starts_on, FEBRUARY.starts_on]


def test_a_later_word_holds_and_the_earlier_ones_stay(engine: Engine, people: dict[str, Person]) -> None:
    take(engine, people["olga"], JANUARY)
    mended = replace(JANUARY, energy_kwh=3_900_000.0, as_of=date(2026, 2, 20))
    assert take(engine, people["rita"], mended) == TakenReadings(corrected=1)
    (held,) = read(engine)
    assert (held.energy_kwh, held.as_of, held.recorded_by, held.recorded_at) == (
        *(3_900_000.0, date(2026, 2, 20)),
        *("rita", NOW),
    )
    (before,) = held.earlier
    assert (before.energy_kwh, before.as_of, before.recorded_by) == (4_000_000.0, JANUARY.as_of, "olga")
    assert take(engine, people["olga"], JANUARY, mended_again := replace(mended, row=2, source="grid")) == (
        TakenReadings(new=1, unchanged=1)
    )
    assert {one.source: one.energy_kwh for one in read(engine)} == {
        "operator": mended.energy_kwh,
        "grid": mended_again.energy_kwh,
    }


def test_what_was_said_by_a_day_is_read_back(engine: Engine, people: dict[str, Person]) -> None:
    days = (date(2026, 2, 3), date(2026, 2, 20), date(2026, 2, 27))
    for day, energy in zip(days, (4e6, 3.9e6, 3.8e6), strict=True):
        take(engine, people["olga"], replace(JANUARY, as_of=day, energy_kwh=energy))
    said = [[one.energy_kwh for one in read(engine, by)] for by in (date(2026, 2, 2), *days, None)]
    assert said == [[], [4e6], [3.9e6], [3.8e6], [3.8e6]]
    assert [one.energy_kwh for one in read(engine)[0].earlier] == [3.9e6, 4e6]


def test_a_word_that_comes_late_does_not_hold(engine: Engine, people: dict[str, Person]) -> None:
    """Files may be taken in in any order: the day on which something was said counts."""
    last = replace(JANUARY, energy_kwh=3.9e6, as_of=date(2026, 2, 20))
    take(engine, people["olga"], last)
    assert take(engine, people["olga"], JANUARY) == TakenReadings(older=1)
    assert kept(engine) == [(JANUARY.starts_on, JANUARY.ends_on, 3.9e6, date(2026, 2, 20))]


def test_a_word_that_is_said_again_holds_against_one_between(engine: Engine, people: dict[str, Person]) -> None:
    take(engine, people["olga"], JANUARY)
    again = replace(JANUARY, as_of=date(2026, 2, 25))
    assert take(engine, people["olga"], again) == TakenReadings(repeated=1)
    assert read(engine)[0].earlier == ()  # nothing was corrected
    between = replace(JANUARY, energy_kwh=3.9e6, as_of=date(2026, 2, 20))
    assert take(engine, people["olga"], between) == TakenReadings(older=1)
    (held,) = read(engine)
    assert (held.energy_kwh, [one.energy_kwh for one in held.earlier]) == (4e6, [3.9e6, 4e6])


def test_the_same_day_stated_otherwise_is_refused(engine: Engine, people: dict[str, Person]) -> None:
    take(engine, people["olga"], JANUARY)
    take(engine, people["olga"], replace(JANUARY, energy_kwh=3.9e6, as_of=date(2026, 2, 20)))
    for day in (JANUARY.as_of, date(2026, 2, 20)):
        with pytest.raises(InputError) as refused:
            take(engine, people["olga"], replace(JANUARY, energy_kwh=3.7e6, as_of=day))
        assert refused.value.code == "METER_CLASH"


def test_a_reading_on_record_is_never_changed(engine: Engine, people: dict[str, Person]) -> None:
    take(engine, people["olga"], JANUARY)
    for statement in (update(MeterReading).values(energy_kwh=0.0), delete(MeterReading)):
        with pytest.raises(DBAPIError, match="never change"), writing(engine) as connection:
            connection.execute(statement)


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
