"""Parts of decisions by parcel, repayment capacity, claims, loan files and findings on the ground."""

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
    outside_fact,
    primary,
    refers,
    temporal,
    unique,
)

TABLES = (
    "decision_parcel",
    "repayment_capacity",
    "insurance_claim",
    "loan_import",
    "ground_finding",
)


def create() -> None:
    """Create the tables and their indexes."""
    _decision_parcel()
    _repayment_capacity()
    _insurance_claim()
    _loan_import()
    _ground_finding()
    _indexes()


def _decision_parcel() -> None:
    op.create_table(
        "decision_parcel",
        need("decision_id", KEY),
        need("parcel_id", NAME),
        need("amount_minor", sa.BigInteger()),
        need("currency", CURRENCY),
        primary("decision_parcel", "decision_id", "parcel_id"),
        refers("decision_parcel", ["decision_id"], "decision", ["id"]),
        refers("decision_parcel", ["parcel_id"], "parcel", ["parcel_id"]),
        check("decision_parcel", "amount_minor_not_negative", "amount_minor >= 0"),
    )


def _repayment_capacity() -> None:
    op.create_table(
        "repayment_capacity",
        need("id", KEY),
        need("party_id", KEY),
        need("capacity_minor", sa.BigInteger()),
        need("currency", CURRENCY),
        need("method", NAME),
        *outside_fact(),
        *temporal(),
        primary("repayment_capacity", "id"),
        refers("repayment_capacity", ["consent_id"], "consent", ["id"]),
        refers("repayment_capacity", ["party_id"], "party", ["id"]),
        check("repayment_capacity", "capacity_minor_not_negative", "capacity_minor >= 0"),
        check("repayment_capacity", "valid", "valid_to IS NULL OR valid_to > valid_from"),
    )


def _insurance_claim() -> None:
    op.create_table(
        "insurance_claim",
        need("id", KEY),
        need("insurance_id", KEY),
        need("event", NAME),
        may("starts_on", sa.Date()),
        may("ends_on", sa.Date()),
        may("outcome", CHOICE),
        may("paid_minor", sa.BigInteger()),
        need("currency", CURRENCY),
        *outside_fact(),
        *temporal(),
        primary("insurance_claim", "id"),
        refers("insurance_claim", ["consent_id"], "consent", ["id"]),
        refers("insurance_claim", ["insurance_id"], "insurance", ["id"]),
        one_of("insurance_claim", "claimoutcome", "outcome", "open", "paid", "refused", "withdrawn"),
        check("insurance_claim", "paid_minor_not_negative", "paid_minor >= 0"),
        check("insurance_claim", "starts_on_ends_on", "ends_on IS NULL OR ends_on >= starts_on"),
        check("insurance_claim", "valid", "valid_to IS NULL OR valid_to > valid_from"),
    )


def _loan_import() -> None:
    op.create_table(
        "loan_import",
        need("id", KEY),
        need("source", NAME),
        need("as_of", sa.Date()),
        need("file_hash", HASH),
        need("mapping_hash", HASH),
        need("loans", sa.Integer()),
        need("totals", JSON),
        may("imported_by_id", KEY),
        need("recorded_at", INSTANT),
        primary("loan_import", "id"),
        unique("loan_import", "source", "file_hash", "as_of"),
        refers("loan_import", ["imported_by_id"], "app_user", ["id"]),
    )


def _ground_finding() -> None:
    op.create_table(
        "ground_finding",
        need("id", KEY),
        need("first_plot_id", KEY),
        need("second_plot_id", KEY),
        need("overlap_ha", sa.Double()),
        need("share_of_smaller", sa.Double()),
        need("starts_on", sa.Date()),
        may("ends_on", sa.Date()),
        need("status", CHOICE),
        may("reason", sa.Text()),
        may("decided_by_id", KEY),
        may("decided_at", INSTANT),
        need("recorded_at", INSTANT),
        primary("ground_finding", "id"),
        unique("ground_finding", "first_plot_id", "second_plot_id"),
        refers("ground_finding", ["decided_by_id"], "app_user", ["id"]),
        refers("ground_finding", ["first_plot_id"], "contract_plot", ["id"]),
        refers("ground_finding", ["second_plot_id"], "contract_plot", ["id"]),
        check("ground_finding", "decided_at", "(decided_by_id IS NULL) = (decided_at IS NULL)"),
        check("ground_finding", "decided_by_somebody", "(status = 'open') = (decided_by_id IS NULL)"),
        one_of("ground_finding", "findingstatus", "status", "open", "confirmed", "dismissed"),
        check("ground_finding", "overlap_ha_not_negative", "overlap_ha >= 0"),
        check("ground_finding", "starts_on_ends_on", "ends_on IS NULL OR ends_on >= starts_on"),
        check("ground_finding", "two_plots", "first_plot_id < second_plot_id"),
    )


def _indexes() -> None:
    index("decision_parcel", "parcel_id")
    index("repayment_capacity", "consent_id")
    index("repayment_capacity", "party_id")
    index("insurance_claim", "consent_id")
    index("insurance_claim", "insurance_id")
    index("loan_import", "imported_by_id")
    index("ground_finding", "decided_by_id")
    index("ground_finding", "second_plot_id")
    index("ground_finding", "status")
