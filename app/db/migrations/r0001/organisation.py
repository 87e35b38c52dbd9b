"""The bank itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.migrations.r0001.shape import (
    CHOICE,
    CURRENCY,
    KEY,
    NAME,
    check,
    index,
    may,
    need,
    one_of,
    primary,
    refers,
    temporal,
    unique,
)

TABLES = (
    "org_unit",
    "app_user",
    "authority",
)


def create() -> None:
    """Create the tables and their indexes."""
    _org_unit()
    _app_user()
    _authority()
    _indexes()


def _org_unit() -> None:
    op.create_table(
        "org_unit",
        need("id", KEY),
        may("parent_id", KEY),
        need("code", NAME),
        need("name", sa.Text()),
        need("kind", CHOICE),
        *temporal(),
        primary("org_unit", "id"),
        unique("org_unit", "code"),
        refers("org_unit", ["parent_id"], "org_unit", ["id"]),
        check("org_unit", "not_its_own_parent", "parent_id <> id"),
        check("org_unit", "valid", "valid_to IS NULL OR valid_to > valid_from"),
        one_of("org_unit", "orgkind", "kind", "head_office", "region", "branch", "outlet"),
    )


def _app_user() -> None:
    op.create_table(
        "app_user",
        need("id", KEY),
        need("org_unit_id", KEY),
        need("login", NAME),
        need("display_name", sa.Text()),
        need("role", CHOICE),
        may("password_hash", sa.Text()),
        need("language", sa.String(8)),
        need("active", sa.Boolean()),
        *temporal(),
        primary("app_user", "id"),
        unique("app_user", "login"),
        refers("app_user", ["org_unit_id"], "org_unit", ["id"]),
        check("app_user", "valid", "valid_to IS NULL OR valid_to > valid_from"),
        one_of("app_user", "userrole", "role", "officer", "reviewer", "risk", "admin"),
    )


def _authority() -> None:
    op.create_table(
        "authority",
        need("id", KEY),
        need("user_id", KEY),
        may("granted_by_id", KEY),
        may("product", NAME),
        need("up_to_minor", sa.BigInteger()),
        need("currency", CURRENCY),
        need("may_override", sa.Boolean()),
        *temporal(),
        primary("authority", "id"),
        refers("authority", ["granted_by_id"], "app_user", ["id"]),
        refers("authority", ["user_id"], "app_user", ["id"]),
        check("authority", "up_to_minor_not_negative", "up_to_minor >= 0"),
        check("authority", "valid", "valid_to IS NULL OR valid_to > valid_from"),
    )


def _indexes() -> None:
    index("org_unit", "parent_id")
    index("app_user", "org_unit_id")
    index("authority", "granted_by_id")
    index("authority", "user_id")
