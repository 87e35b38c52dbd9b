"""Rows that never change: the database itself refuses to update or delete them."""

from __future__ import annotations

from typing import Final

from alembic import op

TABLES: Final = ("decision", "decision_parcel", "override", "proposal_parcel", "chain_entry")
_FUNCTION: Final = "acreline_refuse_change"


def make() -> None:
    """Set the guards."""
    if _is_sqlite():
        for table in TABLES:
            for change in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {_name(table, change)} BEFORE {change} ON {table}"
                    f" BEGIN SELECT RAISE(ABORT, 'rows of {table} never change'); END"
                )
        return
    op.execute(
        f"CREATE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'rows of % never change', TG_TABLE_NAME; END $$"
    )
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER {_name(table, 'change')} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {_FUNCTION}()"
        )


def take_back() -> None:
    """Take the guards away."""
    if _is_sqlite():
        for table in TABLES:
            for change in ("UPDATE", "DELETE"):
                op.execute(f"DROP TRIGGER IF EXISTS {_name(table, change)}")
        return
    op.execute(f"DROP FUNCTION IF EXISTS {_FUNCTION}() CASCADE")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _name(table: str, change: str) -> str:
    return f"{table}_refuses_{change.lower()}"
