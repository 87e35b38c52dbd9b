"""First schema: the bank, people, land, observations, credit and loans."""

from __future__ import annotations

from alembic import op

from app.db.migrations.r0001 import PARTS

revision = "r0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create all tables."""
    for part in PARTS:
        part.create()


def downgrade() -> None:
    """Drop all tables, those that refer first."""
    for part in reversed(PARTS):
        for table in reversed(part.TABLES):
            op.drop_table(table)
