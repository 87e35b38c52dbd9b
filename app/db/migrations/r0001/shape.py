"""Short words for columns and constraints, with the names that the house gives them."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

KEY: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT: Final = sa.DateTime(timezone=True)
JSON: Final = sa.JSON().with_variant(JSONB(), "postgresql")
CHOICE: Final = sa.String(32)
NAME: Final = sa.String(128)
HASH: Final = sa.String(80)
CURRENCY: Final = sa.CHAR(3)


def need(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    """Column that every row fills."""
    return sa.Column(name, kind, nullable=False)


def may(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    """Column that may be empty."""
    return sa.Column(name, kind, nullable=True)


def temporal() -> tuple[sa.Column[Any], ...]:
    """When a row holds, and since when it is known."""
    return need("valid_from", INSTANT), may("valid_to", INSTANT), need("recorded_at", INSTANT)


def outside_fact() -> tuple[sa.Column[Any], ...]:
    """Who vouches for a fact, as of when, until when, and under which consent."""
    return need("source", NAME), need("as_of", sa.Date()), may("expires_on", sa.Date()), may("consent_id", KEY)


def primary(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    """Primary key."""
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def unique(table: str, *columns: str) -> sa.UniqueConstraint:
    """Columns whose values together differ."""
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    """Condition that every row meets."""
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def one_of(table: str, name: str, column: str, *values: str) -> sa.CheckConstraint:
    """Closed list of a column's values."""
    listed = ", ".join(f"'{value}'" for value in values)
    return check(table, name, f"{column} IN ({listed})")


def refers(table: str, columns: list[str], target: str, keys: list[str], name: str = "") -> sa.ForeignKeyConstraint:
    """Foreign key."""
    return sa.ForeignKeyConstraint(
        columns, [f"{target}.{key}" for key in keys], name=op.f(name or f"fk_{table}_{'_'.join(columns)}")
    )


def index(table: str, *columns: str, name: str = "") -> None:
    """Create an index."""
    op.create_index(op.f(name or f"ix_{table}_{'_'.join(columns)}"), table, list(columns))
