"""Visits to parcels: the lists of a week, and what two officers found."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Currency, Digest, Id, Key, Minor, choice, not_negative
from app.db.tables.alert_kinds import DrawnBy, VisitOutcome


class VisitList(Base):
    """The visits of one week (its Monday) of one unit. Never changed.

    capacity is how many visits there is time for, random_share which part of them is drawn by chance, seed what chance
    rests on, and candidates how many parcels could have been drawn.
    """

    __tablename__ = "visit_list"
    __table_args__ = (
        UniqueConstraint("week", "org_unit_id"),
        CheckConstraint("capacity > 0", name="capacity_positive"),
        CheckConstraint("random_share >= 0 AND random_share <= 1", name="random_share"),
        *not_negative("candidates"),
    )

    id: Mapped[Id]
    week: Mapped[date] = mapped_column(index=True)
    as_of: Mapped[date]
    org_unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    capacity: Mapped[int]
    random_share: Mapped[float]
    seed: Mapped[Digest]
    candidates: Mapped[int]
    method: Mapped[Key]
    drawn_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    recorded_at: Mapped[datetime]


class VisitTask(Base):
    """One parcel on a list. expected_loss_minor is null where exposure or probability is not known."""

    __tablename__ = "visit_task"
    __table_args__ = (
        UniqueConstraint("list_id", "rank"),
        UniqueConstraint("list_id", "parcel_id"),
        CheckConstraint("rank > 0", name="rank_positive"),
        *not_negative("expected_loss_minor", "exposure_minor"),
    )

    id: Mapped[Id]
    list_id: Mapped[int] = mapped_column(ForeignKey("visit_list.id"))
    rank: Mapped[int]
    parcel_id: Mapped[Key] = mapped_column(ForeignKey("parcel.parcel_id"), index=True)
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("alert.id"), index=True)
    drawn: Mapped[DrawnBy] = mapped_column(choice(DrawnBy))
    probability: Mapped[float | None]
    severity: Mapped[float | None]
    exposure_minor: Mapped[Minor | None]
    expected_loss_minor: Mapped[Minor | None]
    currency: Mapped[Currency | None]
    assigned_to_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)


class Visit(Base):
    """What two officers saw on the ground. Never changed: a mistake is put right by another visit or a note.

    Position in degrees (WGS 84) with its error and its distance from the parcel's outline, both in metres; null where
    the phone gave none. loss_share is the officers' estimate, 0..1. The photo lies in a file named by its hash.
    """

    __tablename__ = "visit"
    __table_args__ = (
        CheckConstraint("officer_id <> second_officer_id", name="two_officers"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("(longitude IS NULL) = (latitude IS NULL)", name="position"),
        CheckConstraint("loss_share >= 0 AND loss_share <= 1", name="loss_share"),
        *not_negative("accuracy_m", "distance_m"),
    )

    id: Mapped[Id]
    parcel_id: Mapped[Key] = mapped_column(ForeignKey("parcel.parcel_id"), index=True)
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("alert.id"), index=True)
    task_id: Mapped[int | None] = mapped_column(ForeignKey("visit_task.id"), index=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    second_officer_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    captured_at: Mapped[datetime]
    longitude: Mapped[float | None]
    latitude: Mapped[float | None]
    accuracy_m: Mapped[float | None]
    distance_m: Mapped[float | None]
    outcome: Mapped[VisitOutcome] = mapped_column(choice(VisitOutcome), index=True)
    cause_found: Mapped[Key | None]
    loss_share: Mapped[float | None]
    note: Mapped[str]
    photo_hash: Mapped[Digest | None]
    recorded_at: Mapped[datetime]


class VisitUpload(Base):
    """A visit that a phone kept until it had a network again: its key there, so that sending twice is one visit."""

    __tablename__ = "visit_upload"

    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id"), primary_key=True, autoincrement=False)
    client_key: Mapped[Key] = mapped_column(unique=True)
    sent_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    recorded_at: Mapped[datetime]
