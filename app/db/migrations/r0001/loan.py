"""Accounts, security and insurance."""

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
    outside_fact,
    primary,
    refers,
    temporal,
)

TABLES = (
    "guarantee",
    "insurance",
    "loan_account",
)


def create() -> None:
    """Create the tables and their indexes."""
    _guarantee()
    _insurance()
    _loan_account()
    _indexes()


def _guarantee() -> None:
    op.create_table(
        "guarantee",
        need("id", KEY),
        need("facility_id", KEY),
        may("guarantor_id", KEY),
        need("kind", CHOICE),
        may("amount_minor", sa.BigInteger()),
        need("currency", CURRENCY),
        need("starts_on", sa.Date()),
        may("ends_on", sa.Date()),
        *outside_fact(),
        *temporal(),
        primary("guarantee", "id"),
        refers("guarantee", ["consent_id"], "consent", ["id"]),
        refers("guarantee", ["facility_id"], "facility", ["id"]),
        refers("guarantee", ["guarantor_id"], "party", ["id"]),
        check("guarantee", "amount_minor_not_negative", "amount_minor >= 0"),
        check("guarantee", "starts_on_ends_on", "ends_on IS NULL OR ends_on >= starts_on"),
        check("guarantee", "valid", "valid_to IS NULL OR valid_to > valid_from"),
        one_of(
            "guarantee",
            "guaranteekind",
            "kind",
            "personal",
            "joint_liability",
            "institution",
            "mortgage",
            "pledge",
            "hypothecation",
        ),
    )


def _insurance() -> None:
    op.create_table(
        "insurance",
        need("id", KEY),
        need("party_id", KEY),
        may("facility_id", KEY),
        may("parcel_id", NAME),
        need("kind", CHOICE),
        need("insurer", NAME),
        need("policy_number", NAME),
        may("crop", sa.String(64)),
        need("insured_minor", sa.BigInteger()),
        need("premium_minor", sa.BigInteger()),
        need("currency", CURRENCY),
        need("starts_on", sa.Date()),
        need("ends_on", sa.Date()),
        *outside_fact(),
        *temporal(),
        primary("insurance", "id"),
        *_insurance_rules(),
    )


def _insurance_rules() -> tuple[sa.Constraint, ...]:
    return (
        refers("insurance", ["consent_id"], "consent", ["id"]),
        refers("insurance", ["facility_id"], "facility", ["id"]),
        refers("insurance", ["parcel_id"], "parcel", ["parcel_id"]),
        refers("insurance", ["party_id"], "party", ["id"]),
        check("insurance", "insured_minor_not_negative", "insured_minor >= 0"),
        check("insurance", "premium_minor_not_negative", "premium_minor >= 0"),
        check("insurance", "starts_on_ends_on", "ends_on IS NULL OR ends_on >= starts_on"),
        check("insurance", "valid", "valid_to IS NULL OR valid_to > valid_from"),
        one_of("insurance", "insurancekind", "kind", "crop", "income", "asset", "life", "accident"),
    )


def _loan_account() -> None:
    op.create_table(
        "loan_account",
        need("id", KEY),
        need("drawdown_id", KEY),
        need("account_number", NAME),
        need("product", NAME),
        need("currency", CURRENCY),
        need("principal_minor", sa.BigInteger()),
        need("outstanding_minor", sa.BigInteger()),
        need("overdue_minor", sa.BigInteger()),
        need("days_overdue", sa.Integer()),
        need("rate_ppm", sa.Integer()),
        need("opened_on", sa.Date()),
        need("due_on", sa.Date()),
        need("loan_class", CHOICE),
        *outside_fact(),
        *temporal(),
        primary("loan_account", "id"),
        *_loan_account_rules(),
    )


def _loan_account_rules() -> tuple[sa.Constraint, ...]:
    return (
        refers("loan_account", ["consent_id"], "consent", ["id"]),
        refers("loan_account", ["drawdown_id"], "drawdown", ["id"]),
        check("loan_account", "days_overdue_not_negative", "days_overdue >= 0"),
        check("loan_account", "opened_on_due_on", "due_on IS NULL OR due_on >= opened_on"),
        check("loan_account", "outstanding_minor_not_negative", "outstanding_minor >= 0"),
        check("loan_account", "overdue_minor_not_negative", "overdue_minor >= 0"),
        check("loan_account", "principal_minor_not_negative", "principal_minor >= 0"),
        check("loan_account", "rate_ppm_not_negative", "rate_ppm >= 0"),
        check("loan_account", "valid", "valid_to IS NULL OR valid_to > valid_from"),
        one_of(
            "loan_account", "loanclass", "loan_class", "normal", "special_mention", "substandard", "doubtful", "loss"
        ),
    )


def _indexes() -> None:
    index("guarantee", "consent_id")
    index("guarantee", "facility_id")
    index("guarantee", "guarantor_id")
    index("insurance", "consent_id")
    index("insurance", "facility_id")
    index("insurance", "parcel_id")
    index("insurance", "party_id")
    index("insurance", "policy_number")
    index("loan_account", "account_number")
    index("loan_account", "consent_id")
    index("loan_account", "drawdown_id")
    index("loan_account", "due_on")
    index("loan_account", "loan_class")
