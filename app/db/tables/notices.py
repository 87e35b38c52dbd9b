"""Notices that go out of the bank's system: to whom, and whether they arrived."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Digest, Id, Key, choice, not_negative
from app.db.tables.alert_kinds import AlertLevel, ChannelKind, NoticeStatus


class NoticeChannel(Base):
    """Where notices go: a web address or mailbox, from which level on. What signs them is a setting, never a row."""

    __tablename__ = "notice_channel"

    id: Mapped[Id]
    code: Mapped[Key] = mapped_column(unique=True)
    kind: Mapped[ChannelKind] = mapped_column(choice(ChannelKind))
    target: Mapped[str]
    least_level: Mapped[AlertLevel] = mapped_column(choice(AlertLevel))
    org_unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"), index=True)
    language: Mapped[Key]
    active: Mapped[bool]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    recorded_at: Mapped[datetime]


class Notice(Base):
    """One event of an alert on its way to one channel; tried again until it arrives or is given up."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("channel_id", "alert_event_id"),
        CheckConstraint("(status = 'sent') = (sent_at IS NOT NULL)", name="sent_has_instant"),
        *not_negative("attempts"),
        Index("ix_notice_status_next_attempt_at", "status", "next_attempt_at"),
    )

    id: Mapped[Id]
    channel_id: Mapped[int] = mapped_column(ForeignKey("notice_channel.id"))
    alert_event_id: Mapped[int] = mapped_column(ForeignKey("alert_event.id"), index=True)
    idempotency_key: Mapped[Digest] = mapped_column(unique=True)
    status: Mapped[NoticeStatus] = mapped_column(choice(NoticeStatus))
    attempts: Mapped[int]
    next_attempt_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
    recorded_at: Mapped[datetime]
