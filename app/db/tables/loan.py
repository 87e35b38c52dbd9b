"""Loan accounts as the core system knows them, and what secures and insures them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Currency, Id, Key, Minor, OutsideFact, Temporal, choice, in_order, not_negative
from app.db.tables.kinds import GuaranteeKind, InsuranceKind, LoanClass


class LoanAccount(OutsideFact, Temporal, Base):
    """An account in the core system, as of a day. The rate is in millionths a year (7 % = 70,000)."""

    __tablename__ = "loan_account"
    __table_args__ = (
        *not_negative("principal_minor", "outstanding_minor", "overdue_minor", "days_overdue", "rate_ppm"),
        in_order("opened_on", "due_on"),
    )

    id: Mapped[Id]
    drawdown_id: Mapped[int] = mapped_column(ForeignKey("drawdown.id"), index=True)
    account_number: Mapped[Key] = mapped_column(index=True)
    product: Mapped[Key]
    currency: Mapped[Currency]
    principal_minor: Mapped[Minor]
    outstanding_minor: Mapped[Minor]
    overdue_minor: Mapped[Minor]
    days_overdue: Mapped[int]
    rate_ppm: Mapped[int]
    opened_on: Mapped[date]
    due_on: Mapped[date] = mapped_column(index=True)
    loan_class: Mapped[LoanClass] = mapped_column(choice(LoanClass), index=True)


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
    """A policy that covers a party's crop, income, goods or life."""

    __tablename__ = "insurance"
    __table_args__ = (*not_negative("insured_minor", "premium_minor"), in_order("starts_on", "ends_on"))

    id: Mapped[Id]
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    facility_id: Mapped[int | None] = mapped_column(ForeignKey("facility.id"), index=True)
    parcel_id: Mapped[str | None] = mapped_column(String(128), ForeignKey("parcel.parcel_id"), index=True)
    kind: Mapped[InsuranceKind] = mapped_column(choice(InsuranceKind))
    insurer: Mapped[Key]
    policy_number: Mapped[Key] = mapped_column(index=True)
    crop: Mapped[str | None] = mapped_column(String(64))
    insured_minor: Mapped[Minor]
    premium_minor: Mapped[Minor]
    currency: Mapped[Currency]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
