"""From the application to the loan account, and every person's part in it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Currency, Digest, Id, Json, Key, Minor, Temporal, choice, either, in_order, not_negative
from app.db.tables.kinds import (
    ApplicationStatus,
    DrawdownStatus,
    FacilityStatus,
    Outcome,
    RoleKind,
    SublimitPurpose,
)

#: Shares are counted in ten-thousandths, so that they add up without rounding.
WHOLE_SHARE = 10_000


class Application(Temporal, Base):
    """What a borrower asks for. policy_id: of the pack that it is weighed by; null where the core system brought it."""

    __tablename__ = "application"
    __table_args__ = not_negative("requested_minor")

    id: Mapped[Id]
    number: Mapped[Key] = mapped_column(unique=True)
    org_unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    product: Mapped[Key]
    policy_id: Mapped[str | None] = mapped_column(String(128))
    season_id: Mapped[str | None] = mapped_column(String(21))
    requested_minor: Mapped[Minor]
    currency: Mapped[Currency]
    status: Mapped[ApplicationStatus] = mapped_column(choice(ApplicationStatus), index=True)
    submitted_at: Mapped[datetime | None]


class Role(Temporal, Base):
    """A party's part in an application or a facility; the share is in ten-thousandths."""

    __tablename__ = "role"
    __table_args__ = (
        either("application_id", "facility_id", "one_subject"),
        CheckConstraint(f"share_parts BETWEEN 0 AND {WHOLE_SHARE}", name="share"),
    )

    id: Mapped[Id]
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    application_id: Mapped[int | None] = mapped_column(ForeignKey("application.id"), index=True)
    facility_id: Mapped[int | None] = mapped_column(ForeignKey("facility.id"), index=True)
    kind: Mapped[RoleKind] = mapped_column(choice(RoleKind))
    share_parts: Mapped[int | None]


class Decision(Base):
    """What was decided, by whom, on which proposal or application. Never changed: a new decision follows an old one.

    proposed_by_id is null where a batch made the proposal, decided_by_id where an authority let the program approve.
    reasons are the codes of the principal reasons; receipt_hash is that of the limit (scoring.replay.limit_bytes).
    """

    __tablename__ = "decision"
    __table_args__ = (
        CheckConstraint("proposal_id IS NOT NULL OR application_id IS NOT NULL", name="has_proposal"),
        CheckConstraint("proposed_by_id <> decided_by_id", name="maker_is_not_checker"),
        CheckConstraint("decided_by_id IS NOT NULL OR authority_id IS NOT NULL", name="decided_by_somebody"),
        CheckConstraint("outcome NOT IN ('approved', 'reduced') OR amount_minor IS NOT NULL", name="amount_given"),
        *not_negative("amount_minor"),
    )

    id: Mapped[Id]
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"), index=True)
    application_id: Mapped[int | None] = mapped_column(ForeignKey("application.id"), index=True)
    credit_subject_id: Mapped[int] = mapped_column(ForeignKey("credit_subject.id"), index=True)
    outcome: Mapped[Outcome] = mapped_column(choice(Outcome))
    amount_minor: Mapped[Minor | None]
    currency: Mapped[Currency]
    policy_id: Mapped[Key]
    policy_hash: Mapped[Digest]
    receipt_hash: Mapped[Digest | None]
    reasons: Mapped[Json]
    note: Mapped[str | None]
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    authority_id: Mapped[int | None] = mapped_column(ForeignKey("authority.id"), index=True)
    decided_at: Mapped[datetime]
    recorded_at: Mapped[datetime]


class DecisionParcel(Base):
    """The part of a decided amount that rests on one parcel; the parts add up. Never changed."""

    __tablename__ = "decision_parcel"
    __table_args__ = not_negative("amount_minor")

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), primary_key=True, autoincrement=False)
    parcel_id: Mapped[Key] = mapped_column(ForeignKey("parcel.parcel_id"), primary_key=True, index=True)
    amount_minor: Mapped[Minor]
    currency: Mapped[Currency]


class Override(Base):
    """A decision that leaves the policy's figure, with its reason and a second person's word."""

    __tablename__ = "override"
    __table_args__ = (
        CheckConstraint("made_by_id <> approved_by_id", name="maker_is_not_checker"),
        CheckConstraint("length(trim(reason)) > 0", name="has_reason"),
        *not_negative("from_minor", "to_minor"),
    )

    id: Mapped[Id]
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), index=True)
    from_minor: Mapped[Minor | None]
    to_minor: Mapped[Minor]
    currency: Mapped[Currency]
    reason_code: Mapped[Key]
    reason: Mapped[str]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    approved_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    recorded_at: Mapped[datetime]


class Facility(Temporal, Base):
    """A granted line, as its contract says. One that the core system brought has no decision here.

    limit_minor is the sanctioned amount and drawing_minor what of it may be drawn this year; null: not known.
    """

    __tablename__ = "facility"
    __table_args__ = (*not_negative("limit_minor", "drawing_minor"), in_order("starts_on", "ends_on"))

    id: Mapped[Id]
    number: Mapped[Key] = mapped_column(unique=True)
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"), index=True)
    product: Mapped[Key]
    limit_minor: Mapped[Minor | None]
    drawing_minor: Mapped[Minor | None]
    currency: Mapped[Currency]
    revolving: Mapped[bool]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    status: Mapped[FacilityStatus] = mapped_column(choice(FacilityStatus), index=True)


class Sublimit(Temporal, Base):
    """A part of a line with a purpose of its own; drawable tells whether money may be taken from it this year."""

    __tablename__ = "sublimit"
    __table_args__ = not_negative("limit_minor")

    id: Mapped[Id]
    facility_id: Mapped[int] = mapped_column(ForeignKey("facility.id"), index=True)
    purpose: Mapped[SublimitPurpose] = mapped_column(choice(SublimitPurpose))
    limit_minor: Mapped[Minor]
    currency: Mapped[Currency]
    drawable: Mapped[bool]


class Drawdown(Temporal, Base):
    """A tranche: asked for, approved by a second person, paid."""

    __tablename__ = "drawdown"
    __table_args__ = (
        CheckConstraint("proposed_by_id <> approved_by_id", name="maker_is_not_checker"),
        CheckConstraint(
            "status NOT IN ('approved', 'paid') OR approved_by_id IS NOT NULL", name="approved_by_somebody"
        ),
        CheckConstraint("(status = 'paid') = (paid_at IS NOT NULL)", name="paid_has_instant"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
    )

    id: Mapped[Id]
    sublimit_id: Mapped[int] = mapped_column(ForeignKey("sublimit.id"), index=True)
    amount_minor: Mapped[Minor]
    currency: Mapped[Currency]
    status: Mapped[DrawdownStatus] = mapped_column(choice(DrawdownStatus), index=True)
    requested_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
