"""Privacy: erasures, numbers that must not come back, and who looked at personal data."""

from __future__ import annotations

from alembic import op

from app.db.migrations.r0003 import privacy

revision = "r0003"
down_revision = "r0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    privacy.create()


def downgrade() -> None:
    """Drop the tables; numbers that were erased may then come back with a run."""
    for table in reversed(privacy.TABLES):
        op.drop_table(table)
