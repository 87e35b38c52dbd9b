"""Signing in: sessions, and tries."""

from __future__ import annotations

from alembic import op

from app.db.migrations.r0005 import access

revision = "r0005"
down_revision = "r0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    access.create()


def downgrade() -> None:
    """Drop the tables; whoever is signed in signs in again."""
    for table in reversed(access.TABLES):
        op.drop_table(table)
