"""Tables of the first schema that change: facilities, accounts and insurance of the core system, authorities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.db.migrations.r0001.shape import KEY, NAME, check, may


@dataclass(frozen=True, slots=True)
class Change:
    """What changes about a table.

    Attributes:
        table: its name.
        freed: columns that may be empty from now on.
        added: (column, type); all may be empty.
        keys: (column, table it refers to by id) of added columns, which get an index too.
        checks: new checks.
    """

    table: str
    freed: tuple[str, ...]
    checks: tuple[sa.CheckConstraint, ...] = ()
    added: tuple[tuple[str, sa.types.TypeEngine[Any]], ...] = ()
    keys: tuple[tuple[str, str], ...] = ()


def changes() -> tuple[Change, ...]:
    """All changes, in order."""
    return (_facility(), _loan_account(), _insurance(), _authority())


def make(change: Change) -> None:
    """Change a table; what it holds stays."""
    with op.batch_alter_table(change.table) as batch:
        for name, kind in change.added:
            batch.add_column(may(name, kind))
        for name in change.freed:
            batch.alter_column(name, nullable=True)
        for name, target in change.keys:
            batch.create_foreign_key(op.f(f"fk_{change.table}_{name}"), target, [name], ["id"])
        for each in change.checks:
            batch.create_check_constraint(op.f(str(each.name)), str(each.sqltext))
    for name, _ in change.keys:
        op.create_index(op.f(f"ix_{change.table}_{name}"), change.table, [name])


def take_back(change: Change) -> None:
    """Make the table what it was; fails where a row needs what it then lacks."""
    for name, _ in change.keys:
        op.drop_index(op.f(f"ix_{change.table}_{name}"), change.table)
    with op.batch_alter_table(change.table) as batch:
        for each in change.checks:
            batch.drop_constraint(op.f(str(each.name)), type_="check")
        for name, _ in change.keys:
            batch.drop_constraint(op.f(f"fk_{change.table}_{name}"), type_="foreignkey")
        for name in change.freed:
            batch.alter_column(name, nullable=False)
        for name, _ in change.added:
            batch.drop_column(name)


def _facility() -> Change:
    return Change(
        "facility",
        freed=("decision_id", "limit_minor", "ends_on"),
        added=(("drawing_minor", sa.BigInteger()),),
        checks=(check("facility", "drawing_minor_not_negative", "drawing_minor >= 0"),),
    )


def _loan_account() -> Change:
    amounts = ("principal_minor", "outstanding_minor", "overdue_minor", "days_overdue", "rate_ppm")
    return Change(
        "loan_account",
        freed=("drawdown_id", *amounts, "due_on", "loan_class"),
        added=(("facility_id", KEY),),
        keys=(("facility_id", "facility"),),
        checks=(check("loan_account", "has_contract", "drawdown_id IS NOT NULL OR facility_id IS NOT NULL"),),
    )


def _insurance() -> Change:
    return Change(
        "insurance",
        freed=("party_id", "policy_number", "insured_minor", "premium_minor", "starts_on", "ends_on"),
        checks=(check("insurance", "covers_somebody", "party_id IS NOT NULL OR facility_id IS NOT NULL"),),
    )


def _authority() -> Change:
    dated = "user_id IS NOT NULL OR (granted_by_id IS NOT NULL AND valid_to IS NOT NULL AND policy_id IS NOT NULL)"
    return Change(
        "authority",
        freed=("user_id",),
        added=(("policy_id", NAME),),
        checks=(
            check("authority", "granted_by_another", "granted_by_id <> user_id"),
            check("authority", "automatic_is_dated", dated),
        ),
    )
