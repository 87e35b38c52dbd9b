"""How panels of a plan are held, and the country that its site lies in."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

from app.db.migrations.r0001.shape import CHOICE, check, may, one_of
from app.db.migrations.r0006 import guards

revision = "r0008"
down_revision = "r0007"
branch_labels = None
depends_on = None

_TABLE: Final = "site_plan"


def upgrade() -> None:
    """Add the two columns; plans that are there state neither. SQLite makes the table anew, guards and all."""
    guards.take_away(_TABLE)
    with op.batch_alter_table(_TABLE) as batch:
        batch.add_column(may("mounting", CHOICE))
        batch.add_column(may("country", sa.CHAR(2)))
        for each in _checks():
            batch.create_check_constraint(op.f(str(each.name)), str(each.sqltext))
    guards.guard(_TABLE)


def downgrade() -> None:
    """Take the two columns away, and what plans say in them."""
    guards.take_away(_TABLE)
    with op.batch_alter_table(_TABLE) as batch:
        for each in _checks():
            batch.drop_constraint(op.f(str(each.name)), type_="check")
        batch.drop_column("mounting")
        batch.drop_column("country")
    guards.guard(_TABLE)


def _checks() -> tuple[sa.CheckConstraint, ...]:
    return (
        one_of(_TABLE, "mounting", "mounting", "fixed", "tracking", "unknown"),
        check(_TABLE, "country", "length(country) = 2"),
    )
