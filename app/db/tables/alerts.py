"""Alerts after the loan is paid out: what watches found, what became of each, and signals from outside."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Digest, Id, Json, Key, OutsideFact, choice, in_order
from app.db.tables.alert_kinds import AlertEventKind, AlertLevel, AlertScope, AlertStatus, SignalKind


class Watch(Base):
    """One look over a run's parcels as of a day. Never changed.

    id is a hash of all that the watch rests on, so that the same watch is the same row. created_by_id is null where a
    timer started it. counts: parcels, judged, opened, raised, lowered, ended, withdrawn, by number.
    """

    __tablename__ = "watch"

    id: Mapped[Key] = mapped_column(primary_key=True)
    run_id: Mapped[Key] = mapped_column(ForeignKey("run.run_id"), index=True)
    as_of: Mapped[date] = mapped_column(index=True)
    season_id: Mapped[str] = mapped_column(String(21))
    rules_id: Mapped[Key]
    rules_hash: Mapped[Digest]
    inputs_hash: Mapped[Digest]
    code_version: Mapped[Key]
    counts: Mapped[Json]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    recorded_at: Mapped[datetime]


class Alert(Base):
    """One cause on one parcel, from the day it was first found to the day it is no longer seen.

    key is a hash of season, parcel, cause and opened_on: the same alert in every replay. ended_on is null while the
    imagery still shows it; status is what people made of it. severity and probability are 0..1; see scoring.alerts.
    """

    __tablename__ = "alert"
    __table_args__ = (
        CheckConstraint("severity >= 0 AND severity <= 1", name="severity_share"),
        CheckConstraint("probability >= 0 AND probability <= 1", name="probability_share"),
        CheckConstraint("(status IN ('closed', 'false_alarm')) = (closed_at IS NOT NULL)", name="closed_has_instant"),
        in_order("opened_on", "ended_on"),
        in_order("opened_on", "changed_on"),
        Index(
            "ix_alert_one_open",
            "parcel_id",
            "cause",
            unique=True,
            sqlite_where=text("ended_on IS NULL"),
            postgresql_where=text("ended_on IS NULL"),
        ),
        Index("ix_alert_status_level", "status", "level"),
    )

    id: Mapped[Id]
    key: Mapped[Digest] = mapped_column(unique=True)
    parcel_id: Mapped[Key] = mapped_column(ForeignKey("parcel.parcel_id"), index=True)
    cause: Mapped[Key]
    season_id: Mapped[str] = mapped_column(String(21))
    level: Mapped[AlertLevel] = mapped_column(choice(AlertLevel))
    scope: Mapped[AlertScope] = mapped_column(choice(AlertScope))
    severity: Mapped[float | None]
    probability: Mapped[float | None]
    opened_on: Mapped[date] = mapped_column(index=True)
    event_on: Mapped[date | None]
    changed_on: Mapped[date]
    ended_on: Mapped[date | None]
    status: Mapped[AlertStatus] = mapped_column(choice(AlertStatus))
    closed_at: Mapped[datetime | None]
    assigned_to_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    run_id: Mapped[Key] = mapped_column(ForeignKey("run.run_id"), index=True)
    rules_id: Mapped[Key]
    rules_hash: Mapped[Digest]
    recorded_at: Mapped[datetime]


class AlertEvent(Base):
    """One line of an alert's history. Never changed.

    happened_on is the day as of which it held, for what people did the day on which they said so. evidence is that of
    app.alerts.watches.evidence for what a watch found; for people's acts it names the visit, or who was assigned.
    note is text of a person.
    """

    __tablename__ = "alert_event"
    __table_args__ = (
        CheckConstraint("watch_id IS NOT NULL OR by_id IS NOT NULL", name="somebody_did_it"),
        Index(
            "ix_alert_event_once",
            "alert_id",
            "kind",
            "happened_on",
            unique=True,
            sqlite_where=text("watch_id IS NOT NULL"),
            postgresql_where=text("watch_id IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id"), index=True)
    kind: Mapped[AlertEventKind] = mapped_column(choice(AlertEventKind))
    happened_on: Mapped[date]
    level: Mapped[AlertLevel] = mapped_column(choice(AlertLevel))
    evidence: Mapped[Json]
    watch_id: Mapped[str | None] = mapped_column(String(128), ForeignKey("watch.id"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    note: Mapped[str | None]
    recorded_at: Mapped[datetime]


class OutsideSignal(OutsideFact, Base):
    """A signal from outside: whom or where it is about, what it says, and who says so.

    external_id is the source's own number. A warning for an area has its outline (WKB, EPSG:4326).
    """

    __tablename__ = "outside_signal"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        CheckConstraint("parcel_id IS NOT NULL OR party_id IS NOT NULL OR area IS NOT NULL", name="about_something"),
        in_order("starts_on", "ends_on"),
    )

    id: Mapped[Id]
    kind: Mapped[SignalKind] = mapped_column(choice(SignalKind), index=True)
    external_id: Mapped[Key]
    parcel_id: Mapped[str | None] = mapped_column(String(128), ForeignKey("parcel.parcel_id"), index=True)
    party_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"), index=True)
    area: Mapped[bytes | None] = mapped_column(LargeBinary)
    level: Mapped[AlertLevel | None] = mapped_column(choice(AlertLevel))
    said: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    content_hash: Mapped[Digest]
    recorded_at: Mapped[datetime]
