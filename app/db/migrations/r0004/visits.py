"""Lists of visits, and visits."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

from app.db.migrations.r0001.shape import (
    CHOICE,
    CURRENCY,
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
    "visit_list",
    "visit_task",
    "visit",
)


def create() -> None:
    """Create the tables and their indexes."""
    _visit_list()
    _visit_task()
    _visit()
    _indexes()


def _visit_list() -> None:
    op.create_table(
        "visit_list",
        need("id", KEY),
        need("week", sa.Date()),
        need("as_of", sa.Date()),
        need("org_unit_id", KEY),
        need("capacity", sa.Integer()),
        need("random_share", sa.Double()),
        need("seed", HASH),
        need("candidates", sa.Integer()),
        need("method", NAME),
        need("drawn_by_id", KEY),
        need("recorded_at", INSTANT),
        primary("visit_list", "id"),
        unique("visit_list", "week", "org_unit_id"),
        refers("visit_list", ["drawn_by_id"], "app_user", ["id"]),
        refers("visit_list", ["org_unit_id"], "org_unit", ["id"]),
        check("visit_list", "candidates_not_negative", "candidates >= 0"),
        check("visit_list", "capacity_positive", "capacity > 0"),
        check("visit_list", "random_share", "random_share >= 0 AND random_share <= 1"),
    )


def _visit_task() -> None:
    op.create_table(
        "visit_task",
        need("id", KEY),
        need("list_id", KEY),
        need("rank", sa.Integer()),
        need("parcel_id", NAME),
        may("alert_id", KEY),
        need("drawn", CHOICE),
        may("probability", sa.Double()),
        may("severity", sa.Double()),
        may("exposure_minor", sa.BigInteger()),
        may("expected_loss_minor", sa.BigInteger()),
        may("currency", CURRENCY),
        may("assigned_to_id", KEY),
        primary("visit_task", "id"),
        unique("visit_task", "list_id", "parcel_id"),
        unique("visit_task", "list_id", "rank"),
        refers("visit_task", ["alert_id"], "alert", ["id"]),
        refers("visit_task", ["assigned_to_id"], "app_user", ["id"]),
        refers("visit_task", ["list_id"], "visit_list", ["id"]),
        refers("visit_task", ["parcel_id"], "parcel", ["parcel_id"]),
        one_of("visit_task", "drawnby", "drawn", "ranked", "random", "asked"),
        check("visit_task", "expected_loss_minor_not_negative", "expected_loss_minor >= 0"),
        check("visit_task", "exposure_minor_not_negative", "exposure_minor >= 0"),
        check("visit_task", "rank_positive", "rank > 0"),
    )


def _visit() -> None:
    op.create_table(
        "visit",
        need("id", KEY),
        need("parcel_id", NAME),
        may("alert_id", KEY),
        may("task_id", KEY),
        need("officer_id", KEY),
        need("second_officer_id", KEY),
        need("captured_at", INSTANT),
        may("longitude", sa.Double()),
        may("latitude", sa.Double()),
        may("accuracy_m", sa.Double()),
        may("distance_m", sa.Double()),
        need("outcome", CHOICE),
        may("cause_found", NAME),
        may("loss_share", sa.Double()),
        need("note", sa.Text()),
        may("photo_hash", HASH),
        need("recorded_at", INSTANT),
        primary("visit", "id"),
        refers("visit", ["alert_id"], "alert", ["id"]),
        refers("visit", ["officer_id"], "app_user", ["id"]),
        refers("visit", ["parcel_id"], "parcel", ["parcel_id"]),
        refers("visit", ["second_officer_id"], "app_user", ["id"]),
        refers("visit", ["task_id"], "visit_task", ["id"]),
        check("visit", "accuracy_m_not_negative", "accuracy_m >= 0"),
        check("visit", "distance_m_not_negative", "distance_m >= 0"),
        check("visit", "latitude", "latitude BETWEEN -90 AND 90"),
        check("visit", "longitude", "longitude BETWEEN -180 AND 180"),
        check("visit", "loss_share", "loss_share >= 0 AND loss_share <= 1"),
        check("visit", "position", "(longitude IS NULL) = (latitude IS NULL)"),
        check("visit", "two_officers", "officer_id <> second_officer_id"),
        one_of(
            "visit", "visitoutcome", "outcome", "confirmed", "partly", "not_confirmed", "other_cause", "not_reached"
        ),
    )


def _indexes() -> None:
    index("visit_list", "drawn_by_id")
    index("visit_list", "org_unit_id")
    index("visit_list", "week")
    index("visit_task", "alert_id")
    index("visit_task", "assigned_to_id")
    index("visit_task", "parcel_id")
    index("visit", "alert_id")
    index("visit", "officer_id")
    index("visit", "outcome")
    index("visit", "parcel_id")
    index("visit", "second_officer_id")
    index("visit", "task_id")
