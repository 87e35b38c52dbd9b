"""From the application to the tranche."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

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
    temporal,
    unique,
)

TABLES = (
    "application",
    "decision",
    "facility",
    "override",
    "role",
    "sublimit",
    "drawdown",
)


def create() -> None:
    """Create the tables and their indexes."""
    _application()
    decision()
    _facility()
    _override()
    _role()
    _sublimit()
    _drawdown()
    _indexes()


def _application() -> None:
    op.create_table(
        "application",
        need("id", KEY),
        need("number", NAME),
        need("org_unit_id", KEY),
        need("created_by_id", KEY),
        need("product", NAME),
        may("season_id", sa.String(21)),
        need("requested_minor", sa.BigInteger()),
        need("currency", CURRENCY),
        need("status", CHOICE),
        may("submitted_at", INSTANT),
        *temporal(),
        primary("application", "id"),
        unique("application", "number"),
        refers("application", ["created_by_id"], "app_user", ["id"]),
        refers("application", ["org_unit_id"], "org_unit", ["id"]),
        check("application", "requested_minor_not_negative", "requested_minor >= 0"),
        check("application", "valid", "valid_to IS NULL OR valid_to > valid_from"),
        one_of("application", "applicationstatus", "status", "draft", "submitted", "in_review", "decided", "withdrawn"),
    )


def decision() -> None:
    """Create the table of decisions."""
    op.create_table(
        "decision",
        need("id", KEY),
        need("application_id", KEY),
        may("run_id", NAME),
        may("subject_kind", CHOICE),
        may("subject_id", NAME),
        need("outcome", CHOICE),
        may("amount_minor", sa.BigInteger()),
        need("currency", CURRENCY),
        need("policy_id", NAME),
        need("policy_hash", HASH),
        need("reasons", JSON),
        need("proposed_by_id", KEY),
        need("decided_by_id", KEY),
        need("decided_at", INSTANT),
        may("previous_hash", HASH),
        need("record_hash", HASH),
        need("recorded_at", INSTANT),
        primary("decision", "id"),
        *_decision_rules(),
    )


def _decision_rules() -> tuple[sa.Constraint, ...]:
    return (
        unique("decision", "record_hash"),
        refers("decision", ["application_id"], "application", ["id"]),
        refers("decision", ["decided_by_id"], "app_user", ["id"]),
        refers("decision", ["proposed_by_id"], "app_user", ["id"]),
        refers(
            "decision",
            ["run_id", "subject_kind", "subject_id"],
            "credit_limit",
            ["run_id", "subject_kind", "subject_id"],
            name="fk_decision_credit_limit",
        ),
        check("decision", "amount_given", "outcome NOT IN ('approved', 'reduced') OR amount_minor IS NOT NULL"),
        check("decision", "amount_minor_not_negative", "amount_minor >= 0"),
        check("decision", "maker_is_not_checker", "proposed_by_id <> decided_by_id"),
        check(
            "decision",
            "whole_limit",
            "(run_id IS NULL) = (subject_kind IS NULL) AND (run_id IS NULL) = (subject_id IS NULL)",
        ),
        one_of("decision", "outcome", "outcome", "approved", "reduced", "refused", "returned"),
        one_of("decision", "subjectkind", "subject_kind", "parcel", "farmer"),
    )


def _facility() -> None:
    op.create_table(
        "facility",
        need("id", KEY),
        need("number", NAME),
        need("decision_id", KEY),
        need("product", NAME),
        need("limit_minor", sa.BigInteger()),
        need("currency", CURRENCY),
        need("revolving", sa.Boolean()),
        need("starts_on", sa.Date()),
        need("ends_on", sa.Date()),
        need("status", CHOICE),
        *temporal(),
        primary("facility", "id"),
        unique("facility", "number"),
        refers("facility", ["decision_id"], "decision", ["id"]),
        check("facility", "limit_minor_not_negative", "limit_minor >= 0"),
        check("facility", "starts_on_ends_on", "ends_on IS NULL OR ends_on >= starts_on"),
        check("facility", "valid", "valid_to IS NULL OR valid_to > valid_from"),
        one_of("facility", "facilitystatus", "status", "active", "suspended", "closed"),
    )


def _override() -> None:
    op.create_table(
        "override",
        need("id", KEY),
        need("decision_id", KEY),
        may("from_minor", sa.BigInteger()),
        need("to_minor", sa.BigInteger()),
        need("currency", CURRENCY),
        need("reason_code", NAME),
        need("reason", sa.Text()),
        need("made_by_id", KEY),
        need("approved_by_id", KEY),
        need("recorded_at", INSTANT),
        primary("override", "id"),
        refers("override", ["approved_by_id"], "app_user", ["id"]),
        refers("override", ["decision_id"], "decision", ["id"]),
        refers("override", ["made_by_id"], "app_user", ["id"]),
        check("override", "from_minor_not_negative", "from_minor >= 0"),
        check("override", "has_reason", "length(trim(reason)) > 0"),
        check("override", "maker_is_not_checker", "made_by_id <> approved_by_id"),
        check("override", "to_minor_not_negative", "to_minor >= 0"),
    )


def _role() -> None:
    op.create_table(
        "role",
        need("id", KEY),
        need("party_id", KEY),
        may("application_id", KEY),
        may("facility_id", KEY),
        need("kind", CHOICE),
        may("share_parts", sa.Integer()),
        *temporal(),
        primary("role", "id"),
        refers("role", ["application_id"], "application", ["id"]),
        refers("role", ["facility_id"], "facility", ["id"]),
        refers("role", ["party_id"], "party", ["id"]),
        check("role", "one_subject", "(application_id IS NULL) <> (facility_id IS NULL)"),
        check("role", "share", "share_parts BETWEEN 0 AND 10000"),
        check("role", "valid", "valid_to IS NULL OR valid_to > valid_from"),
        one_of("role", "rolekind", "kind", "borrower", "co_borrower", "spouse", "guarantor"),
    )


def _sublimit() -> None:
    op.create_table(
        "sublimit",
        need("id", KEY),
        need("facility_id", KEY),
        need("purpose", CHOICE),
        need("limit_minor", sa.BigInteger()),
        need("currency", CURRENCY),
        need("drawable", sa.Boolean()),
        *temporal(),
        primary("sublimit", "id"),
        refers("sublimit", ["facility_id"], "facility", ["id"]),
        check("sublimit", "limit_minor_not_negative", "limit_minor >= 0"),
        check("sublimit", "valid", "valid_to IS NULL OR valid_to > valid_from"),
        one_of(
            "sublimit",
            "sublimitpurpose",
            "purpose",
            "crop",
            "post_harvest",
            "consumption",
            "maintenance",
            "allied",
            "insurance",
            "term",
        ),
    )


def _drawdown() -> None:
    op.create_table(
        "drawdown",
        need("id", KEY),
        need("sublimit_id", KEY),
        need("amount_minor", sa.BigInteger()),
        need("currency", CURRENCY),
        need("status", CHOICE),
        need("requested_at", INSTANT),
        may("paid_at", INSTANT),
        need("proposed_by_id", KEY),
        may("approved_by_id", KEY),
        *temporal(),
        primary("drawdown", "id"),
        refers("drawdown", ["approved_by_id"], "app_user", ["id"]),
        refers("drawdown", ["proposed_by_id"], "app_user", ["id"]),
        refers("drawdown", ["sublimit_id"], "sublimit", ["id"]),
        check("drawdown", "amount_positive", "amount_minor > 0"),
        check("drawdown", "approved_by_somebody", "status NOT IN ('approved', 'paid') OR approved_by_id IS NOT NULL"),
        check("drawdown", "maker_is_not_checker", "proposed_by_id <> approved_by_id"),
        check("drawdown", "paid_has_instant", "(status = 'paid') = (paid_at IS NOT NULL)"),
        check("drawdown", "valid", "valid_to IS NULL OR valid_to > valid_from"),
        one_of("drawdown", "drawdownstatus", "status", "requested", "approved", "paid", "refused", "cancelled"),
    )


def _indexes() -> None:
    index("application", "created_by_id")
    index("application", "org_unit_id")
    index("application", "status")
    decision_indexes()
    index("facility", "decision_id")
    index("facility", "status")
    index("override", "approved_by_id")
    index("override", "decision_id")
    index("override", "made_by_id")
    index("role", "application_id")
    index("role", "facility_id")
    index("role", "party_id")
    index("sublimit", "facility_id")
    index("drawdown", "approved_by_id")
    index("drawdown", "proposed_by_id")
    index("drawdown", "status")
    index("drawdown", "sublimit_id")


def decision_indexes() -> None:
    """Create the indexes of decisions."""
    index("decision", "application_id")
    index("decision", "decided_by_id")
    index("decision", "run_id", "subject_kind", "subject_id", name="ix_decision_limit")
    index("decision", "proposed_by_id")
