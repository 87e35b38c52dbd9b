from __future__ import annotations

from collections.abc import Callable

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import CheckConstraint, Engine, Enum, UniqueConstraint, inspect, text

from app.db import tables
from app.db.base import Base
from app.db.engine import open_engine
from app.db.migrate import check_current, downgrade, newest_revision, revision_of, upgrade
from geo.errors import DataError

assert tables  # fills the metadata


def test_the_migrated_database_is_the_declared_one(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_checks_and_keys_carry_the_declared_names(engine: Engine) -> None:
    found = inspect(engine)
    for table in Base.metadata.sorted_tables:
        checks = {str(c.name) for c in table.constraints if isinstance(c, CheckConstraint)}
        assert {check["name"] for check in found.get_check_constraints(table.name)} == checks
        keys = {str(key.name) for key in table.foreign_key_constraints}
        assert {key["name"] for key in found.get_foreign_keys(table.name)} == keys
        assert found.get_pk_constraint(table.name)["constrained_columns"] == [c.name for c in table.primary_key]


def test_conditions_are_the_declared_ones(sqlite_database: str, make_engine: Callable[[str], Engine]) -> None:
    # SQLite gives a condition back as it was written; PostgreSQL rewrites it.
    upgrade(sqlite_database)
    found = inspect(make_engine(sqlite_database))
    for table in Base.metadata.sorted_tables:
        conditions = {check["name"]: check["sqltext"] for check in found.get_check_constraints(table.name)}
        for check in table.constraints:
            if isinstance(check, CheckConstraint) and not any(isinstance(c.type, Enum) for c in check.columns):
                assert conditions[check.name] == str(check.sqltext)


def test_lists_of_values_are_the_declared_ones(engine: Engine) -> None:
    found = inspect(engine)
    for table in Base.metadata.sorted_tables:
        conditions = {check["name"]: check["sqltext"] for check in found.get_check_constraints(table.name)}
        for column in table.columns:
            if isinstance(column.type, Enum):
                condition = conditions[f"ck_{table.name}_{column.type.name}"]
                assert condition.count("'") == 2 * len(column.type.enums)
                assert all(f"'{value}'" in condition for value in column.type.enums)


def test_every_foreign_key_has_an_index() -> None:
    for table in Base.metadata.sorted_tables:
        leading = [[c.name for c in index.columns] for index in table.indexes]
        leading += [[c.name for c in table.primary_key]]
        leading += [[c.name for c in u.columns] for u in table.constraints if isinstance(u, UniqueConstraint)]
        for key in table.foreign_key_constraints:
            columns = [c.name for c in key.columns]
            assert any(start[: len(columns)] == columns for start in leading), (table.name, columns)


def test_no_amount_is_a_float() -> None:
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if column.name.endswith("_minor"):
                assert column.type.python_type is int
                assert "currency" in table.columns


def test_upgrade_twice_and_back(empty_database_url: str, make_engine: Callable[[str], Engine]) -> None:
    upgrade(empty_database_url)
    upgrade(empty_database_url)
    engine = make_engine(empty_database_url)
    assert revision_of(engine) == newest_revision()
    downgrade(empty_database_url, "base")
    assert set(inspect(engine).get_table_names()) == {"alembic_version"}
    with pytest.raises(DataError, match="revision none"):
        check_current(engine)
    upgrade(empty_database_url)
    check_current(engine)


def test_a_failed_upgrade_leaves_nothing(sqlite_database: str, make_engine: Callable[[str], Engine]) -> None:
    engine = make_engine(sqlite_database)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE loan_account (id INTEGER)"))
    with pytest.raises(Exception, match="loan_account"):
        upgrade(sqlite_database)
    assert inspect(engine).get_table_names() == ["loan_account"]


def test_a_newer_database_is_refused(empty_database_url: str, make_engine: Callable[[str], Engine]) -> None:
    upgrade(empty_database_url)
    engine = make_engine(empty_database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'r9999'"))
    for step in (lambda: upgrade(empty_database_url), lambda: downgrade(empty_database_url, "base")):
        with pytest.raises(DataError, match="r9999"):
            step()


def test_broken_keys_are_found_before_commit(sqlite_database: str) -> None:
    upgrade(sqlite_database)
    loose = open_engine(sqlite_database, foreign_keys=False)
    with loose.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO parcel_lineage (parent_id, child_id, kind, happened_at, recorded_at)"
                " VALUES ('a', 'b', 'split', '2026-01-01 00:00:00.000000', '2026-01-01 00:00:00.000000')"
            )
        )
    loose.dispose()
    with pytest.raises(DataError, match="parcel_lineage"):
        upgrade(sqlite_database)


def _first_schema(url: str, make_engine: Callable[[str], Engine]) -> Engine:
    upgrade(url, "r0001")
    engine = make_engine(url)
    with engine.begin() as connection:
        for statement in _ROWS:
            connection.execute(text(statement), _DAYS)
    return engine


_DAYS = {"day": "2026-01-01 00:00:00+00"}
_ROWS = (
    "INSERT INTO org_unit VALUES (1, NULL, '001', 'Head office', 'head_office', :day, NULL, :day)",
    (
        "INSERT INTO app_user (id, org_unit_id, login, display_name, role, language, active, valid_from, recorded_at)"
        " VALUES (1, 1, 'li', 'Li', 'officer', 'zh', true, :day, :day)"
    ),
    (
        "INSERT INTO app_user (id, org_unit_id, login, display_name, role, language, active, valid_from, recorded_at)"
        " VALUES (2, 1, 'wang', 'Wang', 'reviewer', 'zh', true, :day, :day)"
    ),
    (
        "INSERT INTO authority (id, user_id, up_to_minor, currency, may_override, valid_from, recorded_at)"
        " VALUES (1, 1, 500, 'CNY', false, :day, :day)"
    ),
)


def test_a_database_of_the_first_schema_keeps_what_it_holds(
    empty_database_url: str, make_engine: Callable[[str], Engine]
) -> None:
    engine = _first_schema(empty_database_url, make_engine)
    for step in (lambda: upgrade(empty_database_url), lambda: downgrade(empty_database_url, "r0001")):
        step()
        with engine.connect() as connection:
            assert connection.execute(text("SELECT user_id, up_to_minor FROM authority")).one() == (1, 500)
            assert connection.execute(text("SELECT count(*) FROM app_user")).scalar() == 2
    assert revision_of(engine) == "r0001"


def test_decisions_that_would_be_lost_stop_the_upgrade(
    empty_database_url: str, make_engine: Callable[[str], Engine]
) -> None:
    engine = _first_schema(empty_database_url, make_engine)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO application (id, number, org_unit_id, created_by_id, product, requested_minor, currency,"
                " status, valid_from, recorded_at)"
                " VALUES (1, 'A', 1, 1, 'planting', 1, 'CNY', 'decided', :day, :day)"
            ),
            _DAYS,
        )
        connection.execute(
            text(
                "INSERT INTO decision (id, application_id, outcome, currency, policy_id, policy_hash, reasons,"
                " proposed_by_id, decided_by_id, decided_at, record_hash, recorded_at)"
                " VALUES (1, 1, 'refused', 'CNY', 'p', 'h', '[]', 1, 2, :day, 'r', :day)"
            ),
            _DAYS,
        )
    with pytest.raises(DataError, match="would lose"):
        upgrade(empty_database_url)
    assert revision_of(engine) == "r0001"
