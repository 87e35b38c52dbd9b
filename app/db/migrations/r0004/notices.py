"""Notices that go out."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

from app.db.migrations.r0001.shape import (
    CHOICE,
    HASH,
    INSTANT,
    KEY,
    NAME,
    check,
    index,
    may,
    need,
    one_of,
    primary,
    refers,
    unique,
)

TABLES: Final = (
    "notice_channel",
    "notice",
)


def create() -> None:
    """Create the tables and their indexes."""
    _notice_channel()
    _notice()
    _indexes()


def _notice_channel() -> None:
    op.create_table(
        "notice_channel",
        need("id", KEY),
        need("code", NAME),
        need("kind", CHOICE),
        need("target", sa.Text()),
        need("least_level", CHOICE),
        may("org_unit_id", KEY),
        need("language", NAME),
        need("active", sa.Boolean()),
        need("created_by_id", KEY),
        need("recorded_at", INSTANT),
        primary("notice_channel", "id"),
        unique("notice_channel", "code"),
        refers("notice_channel", ["created_by_id"], "app_user", ["id"]),
        refers("notice_channel", ["org_unit_id"], "org_unit", ["id"]),
        one_of("notice_channel", "alertlevel", "least_level", "info", "watch", "warning", "action"),
        one_of("notice_channel", "channelkind", "kind", "webhook", "email"),
    )


def _notice() -> None:
    op.create_table(
        "notice",
        need("id", KEY),
        need("channel_id", KEY),
        need("alert_event_id", KEY),
        need("idempotency_key", HASH),
        need("status", CHOICE),
        need("attempts", sa.Integer()),
        may("next_attempt_at", INSTANT),
        may("sent_at", INSTANT),
        may("last_error", sa.Text()),
        need("recorded_at", INSTANT),
        primary("notice", "id"),
        unique("notice", "channel_id", "alert_event_id"),
        unique("notice", "idempotency_key"),
        refers("notice", ["alert_event_id"], "alert_event", ["id"]),
        refers("notice", ["channel_id"], "notice_channel", ["id"]),
        check("notice", "attempts_not_negative", "attempts >= 0"),
        one_of("notice", "noticestatus", "status", "pending", "sent", "failed"),
        check("notice", "sent_has_instant", "(status = 'sent') = (sent_at IS NOT NULL)"),
    )


def _indexes() -> None:
    index("notice_channel", "created_by_id")
    index("notice_channel", "org_unit_id")
    index("notice", "alert_event_id")
    index("notice", "status", "next_attempt_at")
