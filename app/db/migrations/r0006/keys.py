"""People known to the bank's own sign-in service, keys of its other systems, and lists that people took out."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

from app.db.migrations.r0001.shape import (
    HASH,
    INSTANT,
    JSON,
    KEY,
    NAME,
    check,
    index,
    may,
    need,
    one_of,
    primary,
    refers,
    unique,
)
from app.db.migrations.r0006 import guards

TABLES: Final = (
    "user_identity",
    "sign_in_flow",
    "api_key",
    "book_export",
)


_VOUCHED: Final = (
    "decision", "batch", "release", "authority", "user", "consent", "erasure", "finding", "loan_import"
)  # fmt: skip


def create() -> None:
    """Create the tables and their indexes, and let the chain vouch for keys and links."""
    _vouch_for(*_VOUCHED, "api_key", "identity")
    _user_identity()
    _sign_in_flow()
    _api_key()
    _book_export()
    _indexes()


def forget() -> None:
    """Take the chain's new kinds away; fails where it has entries of them."""
    _vouch_for(*_VOUCHED)


def _vouch_for(*kinds: str) -> None:
    """Name the kinds of the chain's entries. SQLite makes the table anew for it, and its guards go with the old one."""
    closed = one_of("chain_entry", "entrykind", "kind", *kinds)
    guards.take_away("chain_entry")
    with op.batch_alter_table("chain_entry") as batch:
        batch.drop_constraint(op.f(str(closed.name)), type_="check")
        batch.create_check_constraint(op.f(str(closed.name)), str(closed.sqltext))
    guards.guard("chain_entry")


def _user_identity() -> None:
    op.create_table(
        "user_identity",
        need("id", KEY),
        need("user_id", KEY),
        need("issuer", sa.String(255)),
        need("subject", sa.String(255)),
        need("linked_by_id", KEY),
        need("recorded_at", INSTANT),
        may("ended_by_id", KEY),
        may("ended_at", INSTANT),
        primary("user_identity", "id"),
        refers("user_identity", ["ended_by_id"], "app_user", ["id"]),
        refers("user_identity", ["linked_by_id"], "app_user", ["id"]),
        refers("user_identity", ["user_id"], "app_user", ["id"]),
        check("user_identity", "recorded_at_ended_at", "ended_at IS NULL OR ended_at >= recorded_at"),
    )


def _sign_in_flow() -> None:
    op.create_table(
        "sign_in_flow",
        need("id", KEY),
        need("state_hash", HASH),
        need("nonce", NAME),
        need("code_verifier", NAME),
        need("started_at", INSTANT),
        primary("sign_in_flow", "id"),
        unique("sign_in_flow", "state_hash"),
    )


def _api_key() -> None:
    op.create_table(
        "api_key",
        need("id", KEY),
        need("label", NAME),
        need("prefix", sa.String(16)),
        need("key_hash", HASH),
        need("org_unit_id", KEY),
        need("scopes", JSON),
        need("created_by_id", KEY),
        need("created_at", INSTANT),
        need("expires_at", INSTANT),
        may("last_used_at", INSTANT),
        may("revoked_by_id", KEY),
        may("revoked_at", INSTANT),
        primary("api_key", "id"),
        unique("api_key", "key_hash"),
        unique("api_key", "label"),
        refers("api_key", ["created_by_id"], "app_user", ["id"]),
        refers("api_key", ["org_unit_id"], "org_unit", ["id"]),
        refers("api_key", ["revoked_by_id"], "app_user", ["id"]),
        check("api_key", "created_at_expires_at", "expires_at IS NULL OR expires_at >= created_at"),
        check("api_key", "created_at_revoked_at", "revoked_at IS NULL OR revoked_at >= created_at"),
    )


def _book_export() -> None:
    op.create_table(
        "book_export",
        need("id", KEY),
        need("made_by_id", KEY),
        need("what", NAME),
        need("asked", JSON),
        need("rows", sa.Integer()),
        need("made_at", INSTANT),
        primary("book_export", "id"),
        refers("book_export", ["made_by_id"], "app_user", ["id"]),
        check("book_export", "rows_not_negative", "rows >= 0"),
    )


def _indexes() -> None:
    where = sa.text("ended_at IS NULL")
    living = op.f("uq_user_identity_living")
    op.create_index(
        living, "user_identity", ["issuer", "subject"], unique=True, sqlite_where=where, postgresql_where=where
    )
    for column in ("user_id", "linked_by_id", "ended_by_id"):
        index("user_identity", column)
    index("sign_in_flow", "started_at")
    index("api_key", "created_by_id")
    index("api_key", "org_unit_id")
    index("api_key", "revoked_by_id")
    index("book_export", "made_by_id")
    index("book_export", "made_at")
