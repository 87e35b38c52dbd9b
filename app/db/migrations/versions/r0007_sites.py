"""Energy sites: their plans, red lines, what was seen, what was said, what meters say."""

from __future__ import annotations

from typing import Final

from alembic import op

from app.db.migrations.r0007 import plans, seen

revision = "r0007"
down_revision = "r0006"
branch_labels = None
depends_on = None

_NEVER_CHANGED: Final = ("site_plan", "site_look", "site_standing", "site_report")
_PARTS: Final = (plans, seen)


def upgrade() -> None:
    """Create the tables, their indexes and their guards."""
    for part in _PARTS:
        part.create()
    for table in _NEVER_CHANGED:
        _guard(table)


def downgrade() -> None:
    """Drop the tables, and with them what waits in them."""
    for part in reversed(_PARTS):
        for table in reversed(part.TABLES):
            op.drop_table(table)


def _guard(table: str) -> None:
    """Let the database refuse every change, as in r0004; the trigger goes with its table."""
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
