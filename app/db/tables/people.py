"""Parties, what is known about them, and what they agreed to. Personal data lies apart, so that it can be erased."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Currency, Digest, Id, Key, Minor, OutsideFact, Temporal, choice, in_order, not_negative
from app.db.tables.kinds import BureauOutcome, ConsentPurpose, MemberKind, PartyKind, RetentionCategory


class Party(Temporal, Base):
    """Who can owe, own or stand surety. Holds no personal data.

    reference_hash is a keyed hash of the identity number: it finds the same person again and tells nothing else;
    reference_key names the salt it was made with. farmer_id is the bank's own number, as observation tables carry it.
    """

    __tablename__ = "party"

    id: Mapped[Id]
    kind: Mapped[PartyKind] = mapped_column(choice(PartyKind))
    org_unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"), index=True)
    farmer_id: Mapped[str | None] = mapped_column(String(128), unique=True)
    reference_hash: Mapped[str | None] = mapped_column(String(80), unique=True)
    reference_key: Mapped[str | None] = mapped_column(String(128))


class PersonalData(Base):
    """Name and contact of a party. Erasing empties the row and keeps the day; nothing else refers to it."""

    __tablename__ = "personal_data"
    __table_args__ = (
        CheckConstraint(
            "erased_at IS NULL OR (name IS NULL AND phone IS NULL AND address IS NULL"
            " AND id_number_ciphertext IS NULL)",
            name="erased_is_empty",
        ),
        CheckConstraint("id_number_ciphertext IS NULL OR key_id IS NOT NULL", name="ciphertext_has_key"),
    )

    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), primary_key=True, autoincrement=False)
    name: Mapped[str | None]
    phone: Mapped[str | None] = mapped_column(String(64))
    address: Mapped[str | None]
    id_number_ciphertext: Mapped[bytes | None] = mapped_column(LargeBinary)
    key_id: Mapped[str | None] = mapped_column(String(128))
    recorded_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]


class Membership(Temporal, Base):
    """A party's place in a household, organisation or joint-liability group."""

    __tablename__ = "membership"
    __table_args__ = (CheckConstraint("group_id <> member_id", name="two_parties"),)

    id: Mapped[Id]
    group_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    kind: Mapped[MemberKind] = mapped_column(choice(MemberKind))


class Consent(Temporal, Base):
    """What a party agreed to, in which words, and whether it took that back."""

    __tablename__ = "consent"
    __table_args__ = (in_order("given_at", "withdrawn_at"),)

    id: Mapped[Id]
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    purpose: Mapped[ConsentPurpose] = mapped_column(choice(ConsentPurpose))
    text_version: Mapped[Key]
    language: Mapped[str] = mapped_column(String(8))
    evidence_hash: Mapped[Digest | None]
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    expires_on: Mapped[date | None]


class BureauCheck(OutsideFact, Temporal, Base):
    """A credit bureau's answer. A missing report stays missing: it is never a debt of zero."""

    __tablename__ = "bureau_check"
    __table_args__ = (
        *not_negative("debt_minor", "overdue_minor"),
        CheckConstraint("outcome <> 'unavailable' OR debt_minor IS NULL", name="unavailable_has_no_debt"),
        CheckConstraint(
            "currency IS NOT NULL OR (debt_minor IS NULL AND overdue_minor IS NULL)", name="amounts_have_currency"
        ),
    )

    id: Mapped[Id]
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    outcome: Mapped[BureauOutcome] = mapped_column(choice(BureauOutcome))
    debt_minor: Mapped[Minor | None]
    overdue_minor: Mapped[Minor | None]
    currency: Mapped[Currency | None]
    report_hash: Mapped[Digest | None]


class RepaymentCapacity(OutsideFact, Temporal, Base):
    """What a household can repay in a year, by the officer's own reckoning; missing is INCOMPLETE, never zero."""

    __tablename__ = "repayment_capacity"
    __table_args__ = not_negative("capacity_minor")

    id: Mapped[Id]
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    capacity_minor: Mapped[Minor]
    currency: Mapped[Currency]
    method: Mapped[Key]


class Retention(Base):
    """Until when a row must be kept and why; a legal hold outlasts the day."""

    __tablename__ = "retention"
    __table_args__ = (Index("ix_retention_subject", "subject_table", "subject_key"),)

    id: Mapped[Id]
    subject_table: Mapped[str] = mapped_column(String(64))
    subject_key: Mapped[Key]
    category: Mapped[RetentionCategory] = mapped_column(choice(RetentionCategory))
    basis: Mapped[str]
    keep_until: Mapped[date] = mapped_column(index=True)
    legal_hold: Mapped[bool]
    recorded_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]
