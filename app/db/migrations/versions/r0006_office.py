"""The office: jobs, requests for overrides, applications, given outlines, villages, keys, sign-in by the bank."""

from __future__ import annotations

from typing import Final

from alembic import op

from app.db.migrations.r0006 import applying, ground, keys, work
from app.db.migrations.r0006.guards import guard

revision = "r0006"
down_revision = "r0005"
branch_labels = None
depends_on = None

_NEVER_CHANGED: Final = ("application_event", "parcel_origin", "book_export")
_PARTS: Final = (work, applying, ground, keys)


def upgrade() -> None:
    """Create the tables, their indexes and their guards."""
    for part in _PARTS:
        part.create()
    for table in _NEVER_CHANGED:
        guard(table)


def downgrade() -> None:
    """Drop the tables, and with them what waits in them."""
    ground.forget()
    keys.forget()
    for part in reversed(_PARTS):
        for table in reversed(part.TABLES):
            op.drop_table(table)
    applying.forget()
