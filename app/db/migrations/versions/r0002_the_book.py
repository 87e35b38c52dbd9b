"""The book: subjects, batches of proposals, decisions that rest on them, the chain, loans of the core system."""

from __future__ import annotations

from alembic import op

from app.db.migrations.r0002 import book, changes, decision, further, guards

revision = "r0002"
down_revision = "r0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of the book, change those that they meet, and guard what never changes."""
    for change in changes.changes():
        changes.make(change)
    book.create()
    decision.make()
    further.create()
    guards.make()


def downgrade() -> None:
    """Drop the tables of the book; fails where a row needs what the first schema lacks."""
    guards.take_back()
    for table in reversed(further.TABLES):
        op.drop_table(table)
    decision.take_back()
    for table in reversed(book.TABLES):
        op.drop_table(table)
    for change in reversed(changes.changes()):
        changes.take_back(change)
