"""Loan accounts as the core system knows them, and what secures and insures them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import (
    Base,
    Currency,
    Digest,
    Id,
    Json,
    Key,
    Minor,
    OutsideFact,
    Temporal,
    choice,
    in_order,
    not_negative,
)
from app.db.tables.kinds import ClaimOutcome, GuaranteeKind, InsuranceKind, LoanClass


class LoanAccount(OutsideFact, Temporal, Base):
    """An account in the core system, as of a day. The rate is in millionths a year (7 % = 70,000).

    It hangs on a tranche, or on the facility where the core system knows no tranches. What its file lacks is null.
    """

    __tablename__ = "loan_account"
    __table_args__ = (
        *not_negative("principal_minor", "outstanding_minor", "overdue_minor", "days_overdue", "rate_ppm"),
        CheckConstraint("drawdown_id IS NOT NULL OR facility_id IS NOT NULL", name="has_contract"),
        in_order("opened_on", "due_on"),
    )

    id: Mapped[Id]
    drawdown_id: Mapped[int | None] = mapped_column(ForeignKey("drawdown.id"), index=True)
    facility_id: Mapped[int | None] = mapped_column(ForeignKey("facility.id"), index=True)
    account_number: Mapped[Key] = mapped_column(index=True)
    product: Mapped[Key]
    currency: Mapped[Currency]
    principal_minor: Mapped[Minor | None]
    outstanding_minor: Mapped[Minor | None]
    overdue_minor: Mapped[Minor | None]
    days_overdue: Mapped[int | None]
    rate_ppm: Mapped[int | None]
    opened_on: Mapped[date]
    due_on: Mapped[date | None] = mapped_column(index=True)
    loan_class: Mapped[LoanClass | None] = mapped_column(choice(LoanClass), index=True)


class Guarantee(OutsideFact, Temporal, Base):
    """Security for a facility: a party's word, or a thing."""

    __tablename__ = "guarantee"
    __table_args__ = (*not_negative("amount_minor"), in_order("starts_on", "ends_on"))

    id: Mapped[Id]
    facility_id: Mapped[int] = mapped_column(ForeignKey("facility.id"), index=True)
    guarantor_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"), index=True)
    kind: Mapped[GuaranteeKind] = mapped_column(choice(GuaranteeKind))
    amount_minor: Mapped[Minor | None]
    currency: Mapped[Currency]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


class Insurance(OutsideFact, Temporal, Base):
    """A policy that covers a crop, income, goods or a life: of a party, or of whoever a facility is for."""

    __tablename__ = "insurance"
    __table_args__ = (
        *not_negative("insured_minor", "premium_minor"),
        CheckConstraint("party_id IS NOT NULL OR facility_id IS NOT NULL", name="covers_somebody"),
        in_order("starts_on", "ends_on"),
    )

    id: Mapped[Id]
    party_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"), index=True)
    facility_id: Mapped[int | None] = mapped_column(ForeignKey("facility.id"), index=True)
    parcel_id: Mapped[str | None] = mapped_column(String(128), ForeignKey("parcel.parcel_id"), index=True)
    kind: Mapped[InsuranceKind] = mapped_column(choice(InsuranceKind))
    insurer: Mapped[Key]
    policy_number: Mapped[str | None] = mapped_column(String(128), index=True)
    crop: Mapped[str | None] = mapped_column(String(64))
    insured_minor: Mapped[Minor | None]
    premium_minor: Mapped[Minor | None]
    currency: Mapped[Currency]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]


class InsuranceClaim(OutsideFact, Temporal, Base):
    """A claim on a policy: what happened, when, and what became of it."""

    __tablename__ = "insurance_claim"
    __table_args__ = (*not_negative("paid_minor"), in_order("starts_on", "ends_on"))

    id: Mapped[Id]
    insurance_id: Mapped[int] = mapped_column(ForeignKey("insurance.id"), index=True)
    event: Mapped[Key]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    outcome: Mapped[ClaimOutcome | None] = mapped_column(choice(ClaimOutcome))
    paid_minor: Mapped[Minor | None]
    currency: Mapped[Currency]


class LoanImport(Base):
    """One core loan file taken in: its hash, and the counts and sums that the book must reconcile with.

    totals: {currency: {"loans": n, "sanctioned_minor": n, "outstanding_minor": n}}.
    """

    __tablename__ = "loan_import"
    __table_args__ = (UniqueConstraint("source", "file_hash", "as_of"),)

    id: Mapped[Id]
    source: Mapped[Key]
    as_of: Mapped[date]
    file_hash: Mapped[Digest]
    mapping_hash: Mapped[Digest]
    loans: Mapped[int]
    totals: Mapped[Json]
    imported_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    recorded_at: Mapped[datetime]
