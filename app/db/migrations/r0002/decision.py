"""Decisions rest on proposals and name nobody; their chain is a table of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.migrations.r0001 import credit
from app.db.migrations.r0001.shape import (
    CHOICE,
    CURRENCY,
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
)
from geo.errors import DataError

#: Tables that refer to decisions.
_DEPENDENTS = ("facility", "override")


def make() -> None:
    """Put the new table in the place of the old one."""
    _drop("of an Acreline before the book")
    _create()
    _refer()


def take_back() -> None:
    """Put the old table in the place of the new one."""
    _drop("of the book")
    credit.decision()
    credit.decision_indexes()
    _refer()


def _drop(whose: str) -> None:
    if op.get_bind().execute(sa.text("SELECT 1 FROM decision")).first() is not None:
        raise DataError(
            "DATABASE_DECISIONS",
            f"The database holds decisions {whose}, which this change would lose.",
            "Keep the database as it is and begin a new one.",
        )
    if op.get_bind().dialect.name != "sqlite":
        for table in _DEPENDENTS:
            op.drop_constraint(op.f(f"fk_{table}_decision_id"), table, type_="foreignkey")
    op.drop_table("decision")


def _refer() -> None:
    # SQLite keeps the words of the keys, which hold for the new table as they did for the old one.
    if op.get_bind().dialect.name != "sqlite":
        for table in _DEPENDENTS:
            op.create_foreign_key(op.f(f"fk_{table}_decision_id"), table, "decision", ["decision_id"], ["id"])


def _create() -> None:
    op.create_table(
        "decision",
        need("id", KEY),
        may("proposal_id", KEY),
        may("application_id", KEY),
        need("credit_subject_id", KEY),
        need("outcome", CHOICE),
        may("amount_minor", sa.BigInteger()),
        need("currency", CURRENCY),
        need("policy_id", NAME),
        need("policy_hash", HASH),
        may("receipt_hash", HASH),
        need("reasons", JSON),
        may("note", sa.Text()),
        may("proposed_by_id", KEY),
        may("decided_by_id", KEY),
        may("authority_id", KEY),
        need("decided_at", INSTANT),
        need("recorded_at", INSTANT),
        primary("decision", "id"),
        *_rules(),
    )
    for column in _KEYS:
        index("decision", column)


_KEYS = {
    "application_id": "application",
    "authority_id": "authority",
    "credit_subject_id": "credit_subject",
    "decided_by_id": "app_user",
    "proposal_id": "proposal",
    "proposed_by_id": "app_user",
}


def _rules() -> tuple[sa.Constraint, ...]:
    return (
        *(refers("decision", [column], table, ["id"]) for column, table in _KEYS.items()),
        check("decision", "amount_given", "outcome NOT IN ('approved', 'reduced') OR amount_minor IS NOT NULL"),
        check("decision", "amount_minor_not_negative", "amount_minor >= 0"),
        check("decision", "decided_by_somebody", "decided_by_id IS NOT NULL OR authority_id IS NOT NULL"),
        check("decision", "has_proposal", "proposal_id IS NOT NULL OR application_id IS NOT NULL"),
        check("decision", "maker_is_not_checker", "proposed_by_id <> decided_by_id"),
        one_of("decision", "outcome", "outcome", "approved", "reduced", "refused", "returned"),
    )
