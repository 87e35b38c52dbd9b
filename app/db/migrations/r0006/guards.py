"""Rows that never change, as in r0004: the database refuses every change of them."""

from __future__ import annotations

from alembic import op


def guard(table: str) -> None:
    """Let the database refuse every change; the trigger goes with its table."""
    if _is_postgresql():
        op.execute(
            f"CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION acreline_refuse_change()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_refuses_{change.lower()} BEFORE {change} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, 'rows of {table} never change'); END"
        )


def take_away(table: str) -> None:
    """Let a table be made anew."""
    if _is_postgresql():
        op.execute(f"DROP TRIGGER {table}_refuses_change ON {table}")
        return
    for change in ("update", "delete"):
        op.execute(f"DROP TRIGGER {table}_refuses_{change}")


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
