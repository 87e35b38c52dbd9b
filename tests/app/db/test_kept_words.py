"""Stops of sites and words of meters through the revision that keeps them, there and back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine, text

from app.db.migrate import downgrade, upgrade

DAYS = {
    "day": "2026-01-01 00:00:00.000000+00:00",
    "later": "2026-03-01 12:30:00.000000+00:00",
    "last": "2026-05-01 00:00:00.000000+00:00",
}
ROWS = (
    (
        "INSERT INTO org_unit (id, code, name, kind, valid_from, recorded_at)"
        " VALUES (1, '001', 'Head office', 'head_office', :day, :day)"
    ),
    (
        "INSERT INTO app_user (id, org_unit_id, login, display_name, role, language, active, valid_from, recorded_at)"
        " VALUES (1, 1, 'li', 'Li', 'risk', 'zh', true, :day, :day)"
    ),
    "INSERT INTO parcel (parcel_id, recorded_at) VALUES ('s-1', :day), ('s-2', :day)",
    (
        "INSERT INTO energy_site (parcel_id, kind, recorded_by_id, recorded_at, ended_at)"
        " VALUES ('s-1', 'solar', 1, :day, :later), ('s-2', 'wind', 1, :day, NULL)"
    ),
    (
        "INSERT INTO meter_reading (id, parcel_id, starts_on, ends_on, energy_kwh, recorded_at, source, as_of)"
        " VALUES (7, 's-1', '2026-01-01', '2026-01-31', 100, :day, 'operator', '2026-02-01')"
    ),
)
#: What is written after the upgrade: another stop that was ended and one that holds, and a later word of the meter.
AFTER = (
    (
        "INSERT INTO site_stop (id, parcel_id, stopped_at, stopped_by_id, reason)"
        " VALUES (50, 's-2', :day, 1, 'sold'), (51, 's-2', :later, 1, 'sold again')"
    ),
    "INSERT INTO site_resumption (stop_id, resumed_at, resumed_by_id) VALUES (50, :later, 1)",
    (
        "INSERT INTO meter_reading"
        " (id, parcel_id, starts_on, ends_on, energy_kwh, recorded_at, recorded_by_id, source, as_of)"
        " VALUES (8, 's-1', '2026-01-01', '2026-01-31', 90, :later, 1, 'operator', '2026-03-01'),"
        " (9, 's-1', '2026-01-01', '2026-01-31', 95, :last, 1, 'operator', '2026-02-15')"
    ),
)


@pytest.fixture
def before(empty_database_url: str, make_engine: Callable[[str], Engine]) -> Engine:
    """A database of the revision before, with a stopped site, a watched one and a reading."""
    upgrade(empty_database_url, "r0008")
    engine = make_engine(empty_database_url)
    write(engine, *ROWS)
    return engine


def write(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement), DAYS)


def rows(engine: Engine, statement: str) -> list[tuple[Any, ...]]:
    """Rows of a statement; instants are texts, as SQLite gives them back."""
    with engine.connect() as connection:
        found = connection.execute(text(statement)).all()
    return [tuple(str(each) if isinstance(each, datetime) else each for each in row) for row in found]


def test_a_stopped_site_and_its_readings_come_along_and_go_back(before: Engine, empty_database_url: str) -> None:
    upgrade(empty_database_url)
    stop = "SELECT parcel_id, stopped_by_id, reason FROM site_stop ORDER BY id"
    assert rows(before, stop) == [("s-1", None, None)]
    ((stopped_at,),) = rows(before, "SELECT stopped_at FROM site_stop")
    assert stopped_at.startswith("2026-03-01 12:30:00")
    assert rows(before, "SELECT id, energy_kwh, recorded_by_id FROM meter_reading") == [(7, 100.0, None)]
    write(before, *AFTER)
    downgrade(empty_database_url, "r0008")
    ended = rows(before, "SELECT parcel_id, ended_at FROM energy_site ORDER BY parcel_id")
    assert [(site, day[:16]) for site, day in ended] == [("s-1", "2026-03-01 12:30"), ("s-2", "2026-03-01 12:30")]
    assert rows(before, "SELECT id, energy_kwh FROM meter_reading") == [(8, 90.0)]
    upgrade(empty_database_url)
    assert [row[0] for row in rows(before, stop)] == ["s-1", "s-2"]
    assert rows(before, "SELECT id, energy_kwh FROM meter_reading") == [(8, 90.0)]
