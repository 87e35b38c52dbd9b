"""Whom limits are for, batches and their proposals, and the chain."""

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
    unique,
)

TABLES = (
    "credit_subject",
    "limit_batch",
    "proposal",
    "proposal_parcel",
    "chain_entry",
)


def create() -> None:
    """Create the tables and their indexes."""
    _credit_subject()
    _limit_batch()
    _proposal()
    _proposal_parcel()
    _chain_entry()
    _indexes()


def _credit_subject() -> None:
    op.create_table(
        "credit_subject",
        need("id", KEY),
        need("kind", CHOICE),
        may("subject_id", NAME),
        may("salt", sa.LargeBinary()),
        need("subject_hash", HASH),
        may("party_id", KEY),
        need("recorded_at", INSTANT),
        may("erased_at", INSTANT),
        primary("credit_subject", "id"),
        unique("credit_subject", "kind", "subject_id"),
        unique("credit_subject", "subject_hash"),
        refers("credit_subject", ["party_id"], "party", ["id"]),
        check("credit_subject", "erased_has_no_name", "(subject_id IS NULL) = (erased_at IS NOT NULL)"),
        check("credit_subject", "erased_has_no_salt", "(salt IS NULL) = (erased_at IS NOT NULL)"),
        one_of("credit_subject", "subjectkind", "kind", "parcel", "farmer"),
    )


def _limit_batch() -> None:
    op.create_table(
        "limit_batch",
        need("id", NAME),
        need("as_of", sa.Date()),
        need("season_id", sa.String(21)),
        need("stage", CHOICE),
        need("run_id", NAME),
        may("previous_id", NAME),
        need("policy_id", NAME),
        need("policy_hash", HASH),
        need("inputs_hash", HASH),
        need("code_version", NAME),
        need("currency", CURRENCY),
        need("parcels", sa.Integer()),
        need("subjects", sa.Integer()),
        need("decided_again", sa.Integer()),
        need("proposals", sa.Integer()),
        need("before_minor", sa.BigInteger()),
        need("after_minor", sa.BigInteger()),
        need("status", CHOICE),
        need("held_for", JSON),
        may("created_by_id", KEY),
        may("released_by_id", KEY),
        may("release_reason", sa.Text()),
        may("released_at", INSTANT),
        need("recorded_at", INSTANT),
        primary("limit_batch", "id"),
        *_limit_batch_rules(),
    )


def _limit_batch_rules() -> tuple[sa.Constraint, ...]:
    return (
        refers("limit_batch", ["created_by_id"], "app_user", ["id"]),
        refers("limit_batch", ["previous_id"], "limit_batch", ["id"]),
        refers("limit_batch", ["released_by_id"], "app_user", ["id"]),
        refers("limit_batch", ["run_id"], "run", ["run_id"]),
        check("limit_batch", "after_minor_not_negative", "after_minor >= 0"),
        one_of("limit_batch", "batchstatus", "status", "open", "held", "released", "withdrawn"),
        check("limit_batch", "before_minor_not_negative", "before_minor >= 0"),
        check("limit_batch", "has_reason", "released_by_id IS NULL OR length(trim(release_reason)) > 0"),
        check("limit_batch", "maker_is_not_checker", "created_by_id <> released_by_id"),
        check("limit_batch", "released_by_somebody", "(status = 'released') = (released_by_id IS NOT NULL)"),
        one_of("limit_batch", "seasonstage", "stage", "before", "in_season", "after"),
    )


def _proposal() -> None:
    op.create_table(
        "proposal",
        need("id", KEY),
        may("batch_id", NAME),
        may("application_id", KEY),
        need("credit_subject_id", KEY),
        may("facility_number", NAME),
        may("run_id", NAME),
        may("amount_minor", sa.BigInteger()),
        may("low_minor", sa.BigInteger()),
        may("high_minor", sa.BigInteger()),
        may("before_minor", sa.BigInteger()),
        may("sanctioned_minor", sa.BigInteger()),
        may("drawing_minor", sa.BigInteger()),
        may("outstanding_minor", sa.BigInteger()),
        may("available_minor", sa.BigInteger()),
        need("currency", CURRENCY),
        need("needs_visit", sa.Boolean()),
        need("policy_id", NAME),
        need("policy_hash", HASH),
        need("inputs_hash", HASH),
        need("receipt_hash", HASH),
        need("reasons", JSON),
        may("made_by_id", KEY),
        need("status", CHOICE),
        need("recorded_at", INSTANT),
        may("closed_at", INSTANT),
        primary("proposal", "id"),
        *_proposal_rules(),
    )


def _proposal_rules() -> tuple[sa.Constraint, ...]:
    return (
        unique("proposal", "batch_id", "credit_subject_id"),
        refers("proposal", ["application_id"], "application", ["id"]),
        refers("proposal", ["batch_id"], "limit_batch", ["id"]),
        refers("proposal", ["credit_subject_id"], "credit_subject", ["id"]),
        refers("proposal", ["made_by_id"], "app_user", ["id"]),
        refers("proposal", ["run_id"], "run", ["run_id"]),
        check("proposal", "amount_minor_not_negative", "amount_minor >= 0"),
        check("proposal", "available_minor_not_negative", "available_minor >= 0"),
        check("proposal", "before_minor_not_negative", "before_minor >= 0"),
        check("proposal", "drawing_minor_not_negative", "drawing_minor >= 0"),
        check("proposal", "has_origin", "batch_id IS NOT NULL OR application_id IS NOT NULL"),
        check("proposal", "high_minor_not_negative", "high_minor >= 0"),
        check("proposal", "low_minor_not_negative", "low_minor >= 0"),
        check("proposal", "outstanding_minor_not_negative", "outstanding_minor >= 0"),
        one_of("proposal", "proposalstatus", "status", "held", "open", "decided", "superseded", "withdrawn"),
        check("proposal", "sanctioned_minor_not_negative", "sanctioned_minor >= 0"),
    )


def _proposal_parcel() -> None:
    op.create_table(
        "proposal_parcel",
        need("proposal_id", KEY),
        need("parcel_id", NAME),
        may("amount_minor", sa.BigInteger()),
        need("currency", CURRENCY),
        primary("proposal_parcel", "proposal_id", "parcel_id"),
        refers("proposal_parcel", ["parcel_id"], "parcel", ["parcel_id"]),
        refers("proposal_parcel", ["proposal_id"], "proposal", ["id"]),
        check("proposal_parcel", "amount_minor_not_negative", "amount_minor >= 0"),
    )


def _chain_entry() -> None:
    op.create_table(
        "chain_entry",
        need("seq", sa.BigInteger()),
        need("kind", CHOICE),
        need("row_key", NAME),
        need("content_hash", HASH),
        need("previous_hash", HASH),
        need("entry_hash", HASH),
        need("recorded_at", INSTANT),
        primary("chain_entry", "seq"),
        unique("chain_entry", "entry_hash"),
        one_of(
            "chain_entry",
            "entrykind",
            "kind",
            "decision",
            "batch",
            "release",
            "authority",
            "user",
            "consent",
            "erasure",
            "finding",
            "loan_import",
        ),
    )


def _indexes() -> None:
    index("credit_subject", "party_id")
    index("credit_subject", "subject_id")
    index("limit_batch", "as_of")
    index("limit_batch", "created_by_id")
    index("limit_batch", "previous_id")
    index("limit_batch", "released_by_id")
    index("limit_batch", "run_id")
    index("limit_batch", "status")
    index("proposal", "application_id")
    index("proposal", "facility_number")
    index("proposal", "made_by_id")
    index("proposal", "run_id")
    index("proposal", "status")
    index("proposal", "credit_subject_id", "status", name="ix_proposal_subject_status")
    index("proposal_parcel", "parcel_id")
    index("chain_entry", "kind", "row_key", name="ix_chain_entry_row")
