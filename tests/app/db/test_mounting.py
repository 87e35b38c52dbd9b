"""Databases with plans of sites that state neither mounting nor country."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, column, delete, insert, select, table, update
from sqlalchemy.exc import DatabaseError

from app.db.base import UtcDateTime
from app.db.migrate import downgrade, upgrade
from app.db.migrations.r0001.shape import JSON

_SINCE = datetime(2026, 1, 1, tzinfo=UTC)
_STATED = ("milestones", "curve", "points", "permits", "levels")
_BY = {"recorded_by_id": 1, "recorded_at": _SINCE}
_OLD_PLAN: dict[str, Any] = {"parcel_id": "s-1", "plan_hash": "ab", "capacity_mw": 40, **{name: [] for name in _STATED}}
_PEOPLE = (
    ("org_unit", {"id": 1, "code": "001", "name": "Head office", "kind": "head_office", "valid_from": _SINCE}),
    (
        "app_user",
        {"id": 1, "org_unit_id": 1, "login": "ada", "display_name": "Ada", "role": "admin", "language": "en"}
        | {"active": True, "valid_from": _SINCE},
    ),
    ("parcel", {"parcel_id": "s-1"}),
    ("energy_site", {"parcel_id": "s-1", "kind": "solar", "recorded_by_id": 1}),
)


@pytest.fixture
def planned(empty_database_url: str, make_engine: Callable[[str], Engine]) -> Engine:
    """A database of the revision before, with a plan."""
    upgrade(empty_database_url, "r0007")
    engine = make_engine(empty_database_url)
    for name, row in _PEOPLE:
        _insert(engine, name, {**row, "recorded_at": _SINCE})
    _plan(engine, id=1)
    return engine


def _plan(engine: Engine, **more: Any) -> None:
    _insert(engine, "site_plan", {**_OLD_PLAN, **_BY, **more})


def _insert(engine: Engine, name: str, row: dict[str, Any]) -> None:
    kinds: dict[type, Any] = {datetime: UtcDateTime(), list: JSON}
    columns: list[Any] = [column(each, kinds.get(type(value))) for each, value in row.items()]
    with engine.begin() as connection:
        connection.execute(insert(table(name, *columns)).values(row))


def _plans(engine: Engine, *names: str) -> list[tuple[object, ...]]:
    wanted: Any = select(*map(column, names)).select_from(table("site_plan")).order_by(column("id"))
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(wanted)]


def test_plans_stay_and_state_neither(planned: Engine, empty_database_url: str) -> None:
    upgrade(empty_database_url, "r0008")
    assert _plans(planned, "id", "plan_hash", "capacity_mw", "mounting", "country") == [(1, "ab", 40, None, None)]
    downgrade(empty_database_url, "r0007")
    assert _plans(planned, "id", "plan_hash", "capacity_mw") == [(1, "ab", 40)]


def test_plans_are_guarded_before_and_after(planned: Engine, empty_database_url: str) -> None:
    plans = table("site_plan", column("plan_hash"))
    for move, revision in ((upgrade, "r0008"), (downgrade, "r0007")):
        move(empty_database_url, revision)
        for change in (update(plans).values(plan_hash="cd"), delete(plans)):
            with pytest.raises(DatabaseError, match=r"never change|refuse"), planned.begin() as connection:
                connection.execute(change)
        assert _plans(planned, "plan_hash") == [("ab",)]


def test_only_known_words_and_codes_are_kept(planned: Engine, empty_database_url: str) -> None:
    upgrade(empty_database_url, "r0008")
    _plan(planned, id=2, mounting="tracking", country="IN")
    assert _plans(planned, "mounting", "country")[1] == ("tracking", "IN")
    for wrong in ({"mounting": "roof", "country": "IN"}, {"mounting": "fixed", "country": "I"}):
        with pytest.raises(DatabaseError):
            _plan(planned, id=3, **wrong)
