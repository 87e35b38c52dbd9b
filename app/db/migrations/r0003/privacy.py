"""Erasures, numbers that must not come back, and who looked."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

from app.db.migrations.r0001.shape import HASH, INSTANT, JSON, KEY, NAME, check, index, need, primary, refers

TABLES: Final = ("erasure", "erased_number", "personal_view")
_NEVER_CHANGED: Final = ("erasure", "personal_view")


def create() -> None:
    """Create the tables, their indexes and their guards."""
    _erasure()
    _erased_number()
    _personal_view()
    for table in _NEVER_CHANGED:
        _guard(table)


def _erasure() -> None:
    op.create_table(
        "erasure",
        need("id", KEY),
        need("party_id", KEY),
        need("erased_by_id", KEY),
        need("reason", sa.Text()),
        need("counts", JSON),
        need("erased_at", INSTANT),
        primary("erasure", "id"),
        refers("erasure", ["party_id"], "party", ["id"]),
        refers("erasure", ["erased_by_id"], "app_user", ["id"]),
        check("erasure", "has_reason", "length(trim(reason)) > 0"),
    )
    index("erasure", "party_id")
    index("erasure", "erased_by_id")


def _erased_number() -> None:
    op.create_table(
        "erased_number",
        need("number_hash", HASH),
        need("salt", sa.LargeBinary()),
        need("erased_at", INSTANT),
        primary("erased_number", "number_hash"),
    )


def _personal_view() -> None:
    op.create_table(
        "personal_view",
        need("id", KEY),
        need("party_id", KEY),
        need("viewed_by_id", KEY),
        need("what", NAME),
        need("reason", sa.Text()),
        need("viewed_at", INSTANT),
        primary("personal_view", "id"),
        refers("personal_view", ["party_id"], "party", ["id"]),
        refers("personal_view", ["viewed_by_id"], "app_user", ["id"]),
        check("personal_view", "has_reason", "length(trim(reason)) > 0"),
    )
    index("personal_view", "party_id")
    index("personal_view", "viewed_by_id")


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
