"""Parties and what is known about them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.migrations.r0001.shape import (
    CHOICE,
    CURRENCY,
    HASH,
    INSTANT,
    KEY,
    NAME,
    check,
    index,
    may,
    need,
    one_of,
    outside_fact,
    primary,
    refers,
    temporal,
    unique,
)

TABLES = (
    "retention",
    "party",
    "consent",
    "membership",
    "personal_data",
    "bureau_check",
)


def create() -> None:
    """Create the tables and their indexes."""
    _retention()
    _party()
    _consent()
    _membership()
    _personal_data()
    _bureau_check()
    _indexes()


def _retention() -> None:
    op.create_table(
        "retention",
        need("id", KEY),
        need("subject_table", sa.String(64)),
        need("subject_key", NAME),
        need("category", CHOICE),
        need("basis", sa.Text()),
        need("keep_until", sa.Date()),
        need("legal_hold", sa.Boolean()),
        need("recorded_at", INSTANT),
        may("erased_at", INSTANT),
        primary("retention", "id"),
        one_of(
            "retention",
            "retentioncategory",
            "category",
            "personal",
            "credit_file",
            "location",
            "bureau_report",
            "image",
        ),
    )


def _party() -> None:
    op.create_table(
        "party",
        need("id", KEY),
        need("kind", CHOICE),
        may("org_unit_id", KEY),
        may("farmer_id", NAME),
        may("reference_hash", HASH),
        may("reference_key", NAME),
        *temporal(),
        primary("party", "id"),
        unique("party", "farmer_id"),
        unique("party", "reference_hash"),
        refers("party", ["org_unit_id"], "org_unit", ["id"]),
        check("party", "valid", "valid_to IS NULL OR valid_to > valid_from"),
        one_of("party", "partykind", "kind", "person", "household", "organisation", "joint_liability_group"),
    )


def _consent() -> None:
    op.create_table(
        "consent",
        need("id", KEY),
        need("party_id", KEY),
        need("purpose", CHOICE),
        need("text_version", NAME),
        need("language", sa.String(8)),
        may("evidence_hash", HASH),
        need("given_at", INSTANT),
        may("withdrawn_at", INSTANT),
        may("expires_on", sa.Date()),
        *temporal(),
        primary("consent", "id"),
        refers("consent", ["party_id"], "party", ["id"]),
        check("consent", "given_at_withdrawn_at", "withdrawn_at IS NULL OR withdrawn_at >= given_at"),
        check("consent", "valid", "valid_to IS NULL OR valid_to > valid_from"),
        one_of("consent", "consentpurpose", "purpose", "processing", "bureau", "location", "contact"),
    )


def _membership() -> None:
    op.create_table(
        "membership",
        need("id", KEY),
        need("group_id", KEY),
        need("member_id", KEY),
        need("kind", CHOICE),
        *temporal(),
        primary("membership", "id"),
        refers("membership", ["group_id"], "party", ["id"]),
        refers("membership", ["member_id"], "party", ["id"]),
        check("membership", "two_parties", "group_id <> member_id"),
        check("membership", "valid", "valid_to IS NULL OR valid_to > valid_from"),
        one_of("membership", "memberkind", "kind", "head", "spouse", "member", "representative"),
    )


def _personal_data() -> None:
    op.create_table(
        "personal_data",
        need("party_id", KEY),
        may("name", sa.Text()),
        may("phone", sa.String(64)),
        may("address", sa.Text()),
        may("id_number_ciphertext", sa.LargeBinary()),
        may("key_id", NAME),
        need("recorded_at", INSTANT),
        may("erased_at", INSTANT),
        primary("personal_data", "party_id"),
        refers("personal_data", ["party_id"], "party", ["id"]),
        check("personal_data", "ciphertext_has_key", "id_number_ciphertext IS NULL OR key_id IS NOT NULL"),
        check(
            "personal_data",
            "erased_is_empty",
            "erased_at IS NULL OR (name IS NULL AND phone IS NULL AND address IS NULL"
            " AND id_number_ciphertext IS NULL)",
        ),
    )


def _bureau_check() -> None:
    op.create_table(
        "bureau_check",
        need("id", KEY),
        need("party_id", KEY),
        need("outcome", CHOICE),
        may("debt_minor", sa.BigInteger()),
        may("overdue_minor", sa.BigInteger()),
        may("currency", CURRENCY),
        may("report_hash", HASH),
        *outside_fact(),
        *temporal(),
        primary("bureau_check", "id"),
        refers("bureau_check", ["consent_id"], "consent", ["id"]),
        refers("bureau_check", ["party_id"], "party", ["id"]),
        check(
            "bureau_check",
            "amounts_have_currency",
            "currency IS NOT NULL OR (debt_minor IS NULL AND overdue_minor IS NULL)",
        ),
        check("bureau_check", "debt_minor_not_negative", "debt_minor >= 0"),
        check("bureau_check", "overdue_minor_not_negative", "overdue_minor >= 0"),
        check("bureau_check", "unavailable_has_no_debt", "outcome <> 'unavailable' OR debt_minor IS NULL"),
        check("bureau_check", "valid", "valid_to IS NULL OR valid_to > valid_from"),
        one_of("bureau_check", "bureauoutcome", "outcome", "clear", "adverse", "no_record", "unavailable"),
    )


def _indexes() -> None:
    index("retention", "keep_until")
    index("retention", "subject_table", "subject_key", name="ix_retention_subject")
    index("party", "org_unit_id")
    index("consent", "party_id")
    index("membership", "group_id")
    index("membership", "member_id")
    index("bureau_check", "consent_id")
    index("bureau_check", "party_id")
