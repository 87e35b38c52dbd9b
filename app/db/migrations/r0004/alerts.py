"""Watches, alerts with their history, and signals from outside."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

from app.db.migrations.r0001.shape import (
    CHOICE,
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
    primary,
    refers,
    unique,
)

TABLES: Final = (
    "watch",
    "alert",
    "alert_event",
    "outside_signal",
)


def create() -> None:
    """Create the tables and their indexes."""
    _watch()
    _alert()
    _alert_event()
    _outside_signal()
    _indexes()


def _watch() -> None:
    op.create_table(
        "watch",
        need("id", NAME),
        need("run_id", NAME),
        need("as_of", sa.Date()),
        need("season_id", sa.String(21)),
        need("rules_id", NAME),
        need("rules_hash", HASH),
        need("inputs_hash", HASH),
        need("code_version", NAME),
        need("counts", JSON),
        may("created_by_id", KEY),
        need("recorded_at", INSTANT),
        primary("watch", "id"),
        refers("watch", ["created_by_id"], "app_user", ["id"]),
        refers("watch", ["run_id"], "run", ["run_id"]),
    )


def _alert() -> None:
    op.create_table(
        "alert",
        need("id", KEY),
        need("key", HASH),
        need("parcel_id", NAME),
        need("cause", NAME),
        need("season_id", sa.String(21)),
        need("level", CHOICE),
        need("scope", CHOICE),
        may("severity", sa.Double()),
        may("probability", sa.Double()),
        need("opened_on", sa.Date()),
        may("event_on", sa.Date()),
        need("changed_on", sa.Date()),
        may("ended_on", sa.Date()),
        need("status", CHOICE),
        may("closed_at", INSTANT),
        may("assigned_to_id", KEY),
        need("run_id", NAME),
        need("rules_id", NAME),
        need("rules_hash", HASH),
        need("recorded_at", INSTANT),
        primary("alert", "id"),
        unique("alert", "key"),
        refers("alert", ["assigned_to_id"], "app_user", ["id"]),
        refers("alert", ["parcel_id"], "parcel", ["parcel_id"]),
        refers("alert", ["run_id"], "run", ["run_id"]),
        one_of("alert", "alertlevel", "level", "info", "watch", "warning", "action"),
        one_of("alert", "alertscope", "scope", "own", "regional", "unclear"),
        one_of("alert", "alertstatus", "status", "open", "acknowledged", "visited", "closed", "false_alarm"),
        check("alert", "closed_has_instant", "(status IN ('closed', 'false_alarm')) = (closed_at IS NOT NULL)"),
        check("alert", "opened_on_changed_on", "changed_on IS NULL OR changed_on >= opened_on"),
        check("alert", "opened_on_ended_on", "ended_on IS NULL OR ended_on >= opened_on"),
        check("alert", "probability_share", "probability >= 0 AND probability <= 1"),
        check("alert", "severity_share", "severity >= 0 AND severity <= 1"),
    )


def _alert_event() -> None:
    op.create_table(
        "alert_event",
        need("id", KEY),
        need("alert_id", KEY),
        need("kind", CHOICE),
        need("happened_on", sa.Date()),
        need("level", CHOICE),
        need("evidence", JSON),
        may("watch_id", NAME),
        may("by_id", KEY),
        may("note", sa.Text()),
        need("recorded_at", INSTANT),
        primary("alert_event", "id"),
        refers("alert_event", ["alert_id"], "alert", ["id"]),
        refers("alert_event", ["by_id"], "app_user", ["id"]),
        refers("alert_event", ["watch_id"], "watch", ["id"]),
        one_of(
            "alert_event",
            "alerteventkind",
            "kind",
            "opened",
            "raised",
            "lowered",
            "ended",
            "withdrawn",
            "reopened",
            "acknowledged",
            "assigned",
            "visited",
            "closed",
            "false_alarm",
            "noted",
        ),
        one_of("alert_event", "alertlevel", "level", "info", "watch", "warning", "action"),
        check("alert_event", "somebody_did_it", "watch_id IS NOT NULL OR by_id IS NOT NULL"),
    )


def _outside_signal() -> None:
    op.create_table(
        "outside_signal",
        need("id", KEY),
        need("kind", CHOICE),
        need("external_id", NAME),
        may("parcel_id", NAME),
        may("party_id", KEY),
        may("area", sa.LargeBinary()),
        may("level", CHOICE),
        need("said", sa.Text()),
        need("starts_on", sa.Date()),
        may("ends_on", sa.Date()),
        need("content_hash", HASH),
        need("recorded_at", INSTANT),
        need("source", NAME),
        need("as_of", sa.Date()),
        may("expires_on", sa.Date()),
        may("consent_id", KEY),
        primary("outside_signal", "id"),
        unique("outside_signal", "source", "external_id"),
        refers("outside_signal", ["consent_id"], "consent", ["id"]),
        refers("outside_signal", ["parcel_id"], "parcel", ["parcel_id"]),
        refers("outside_signal", ["party_id"], "party", ["id"]),
        check("outside_signal", "about_something", "parcel_id IS NOT NULL OR party_id IS NOT NULL OR area IS NOT NULL"),
        one_of("outside_signal", "alertlevel", "level", "info", "watch", "warning", "action"),
        one_of(
            "outside_signal",
            "signalkind",
            "kind",
            "weather_warning",
            "litigation",
            "insurance",
            "pest",
            "market",
            "other",
        ),
        check("outside_signal", "starts_on_ends_on", "ends_on IS NULL OR ends_on >= starts_on"),
    )


def _indexes() -> None:
    index("watch", "as_of")
    index("watch", "created_by_id")
    index("watch", "run_id")
    index("alert", "assigned_to_id")
    _only_where("alert", "ix_alert_one_open", ["parcel_id", "cause"], "ended_on IS NULL")
    index("alert", "opened_on")
    index("alert", "parcel_id")
    index("alert", "run_id")
    index("alert", "status", "level")
    index("alert_event", "alert_id")
    index("alert_event", "by_id")
    _only_where("alert_event", "ix_alert_event_once", ["alert_id", "kind", "happened_on"], "watch_id IS NOT NULL")
    index("alert_event", "watch_id")
    index("outside_signal", "consent_id")
    index("outside_signal", "kind")
    index("outside_signal", "parcel_id")
    index("outside_signal", "party_id")


def _only_where(table: str, name: str, columns: list[str], condition: str) -> None:
    """Unique index over the rows that meet a condition."""
    where = sa.text(condition)
    op.create_index(op.f(name), table, columns, unique=True, sqlite_where=where, postgresql_where=where)
