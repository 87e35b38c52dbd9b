"""Run by alembic: migrates over the connection that app.db.migrate hands in."""

from __future__ import annotations

from alembic import context

from app.db import tables
from app.db.base import Base

__all__ = ["tables"]  # importing it fills the metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
    transaction_per_migration=False,
)
context.run_migrations()
