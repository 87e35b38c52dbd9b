"""Sessions of people who sign in, and tries to sign in."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

from app.db.migrations.r0001.shape import HASH, INSTANT, KEY, NAME, check, index, may, need, primary, refers, unique

TABLES: Final = ("user_session", "sign_in_attempt")


def create() -> None:
    """Create the tables and their indexes."""
    _user_session()
    _sign_in_attempt()


def _user_session() -> None:
    op.create_table(
        "user_session",
        need("id", KEY),
        need("user_id", KEY),
        need("token_hash", HASH),
        need("started_at", INSTANT),
        need("seen_at", INSTANT),
        need("ends_at", INSTANT),
        may("ended_at", INSTANT),
        primary("user_session", "id"),
        unique("user_session", "token_hash"),
        refers("user_session", ["user_id"], "app_user", ["id"]),
        check("user_session", "started_at_seen_at", "seen_at IS NULL OR seen_at >= started_at"),
        check("user_session", "started_at_ended_at", "ended_at IS NULL OR ended_at >= started_at"),
    )
    index("user_session", "user_id")
    index("user_session", "ends_at")


def _sign_in_attempt() -> None:
    op.create_table(
        "sign_in_attempt",
        need("id", KEY),
        need("login_hash", HASH),
        need("network", NAME),
        need("tried_at", INSTANT),
        need("succeeded", sa.Boolean()),
        primary("sign_in_attempt", "id"),
    )
    index("sign_in_attempt", "login_hash", "tried_at")
    index("sign_in_attempt", "network", "tried_at")
    index("sign_in_attempt", "tried_at")
