"""Alerts: what watches found, visits, signals from outside and notices."""

from __future__ import annotations

from typing import Final

from alembic import op

from app.db.migrations.r0004 import alerts, notices, visits

revision = "r0004"
down_revision = "r0003"
branch_labels = None
depends_on = None

_NEVER_CHANGED: Final = ("watch", "alert_event", "visit_list", "visit")


def upgrade() -> None:
    """Create the tables, their indexes and their guards."""
    for part in (alerts, visits, notices):
        part.create()
    for table in _NEVER_CHANGED:
        _guard(table)


def downgrade() -> None:
    """Drop the tables, and with them what was found and done."""
    for part in (notices, visits, alerts):
        for table in reversed(part.TABLES):
            op.drop_table(table)


def _guard(table: str) -> None:
    """Let the database refuse every change, as in r0002; the trigger goes with its table."""
    if op.get_bind().dialect.name == "postgresql":
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
